"""Where records begin and end in a block of bytes, and what is wrong with each: compiled loops.

One pass over the bytes, so that a broken record is known by its number and touches no other. The
CSV rules are RFC 4180 with LF, CRLF or CR; a quote opens a field only at its start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled

__all__ = [
    "BAD_QUOTE",
    "BAD_SHAPE",
    "DEPTH",
    "FOREIGN",
    "NONFINITE",
    "NUL",
    "SAME_KEY",
    "TRAILING_COMMA",
    "UNCLOSED",
    "scan_csv",
    "scan_json",
]

# Flags of a record.
NUL = 1  # holds a NUL byte
FOREIGN = 2  # holds bytes over 127: needs a UTF-8 check
BAD_QUOTE = 4  # CSV: text after a closing quote
UNCLOSED = 8  # CSV: the block ends within quotes
DEPTH = 16  # JSON: nested more than 64 deep
TRAILING_COMMA = 32  # JSON: a comma before a closing bracket
NONFINITE = 64  # JSON: NaN or Infinity
SAME_KEY = 128  # JSON: a top-level key occurs twice
BAD_SHAPE = 256  # JSON: does not begin with {

_MAX_DEPTH = 64
_KEYS = 512  # top-level keys of a record that are compared with each other

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


@compiled
def scan_csv(data: Bytes, delimiter: int, at_end: bool, out: Ints) -> tuple[int, int]:
    """Split a block into records: rows of ``out`` get (start, end, fields, flags).

    Returns:
        How many records, and the offset behind the last complete one. Blank lines are no records.
    """
    count, start, fields, flags, state = 0, 0, 1, 0, 0  # 0 field start, 1 bare, 2 quoted, 3 quote
    n, i = len(data), 0
    while i < n and count < len(out):
        sign = data[i]
        if sign == 0:
            flags |= 1
        elif sign > 127:
            flags |= 2
        if state == 2:
            if sign == 34:
                state = 3
        elif sign == 10 or sign == 13:
            if sign == 13 and i + 1 == n and not at_end:
                break  # an LF may follow in the next block
            if i > start:
                out[count, 0], out[count, 1], out[count, 2], out[count, 3] = start, i, fields, flags
                count += 1
            if sign == 13 and i + 1 < n and data[i + 1] == 10:
                i += 1
            start, fields, flags, state = i + 1, 1, 0, 0
        elif sign == delimiter:
            fields += 1
            state = 0
        elif sign == 34:
            state = 2 if state == 0 or state == 3 else state
        elif state == 3:
            flags |= 4
            state = 1
        elif state == 0:
            state = 1
        i += 1
    if at_end and i == n and start < n and count < len(out):
        flags |= 8 if state == 2 else 0
        out[count, 0], out[count, 1], out[count, 2], out[count, 3] = start, n, fields, flags
        count += 1
        start = n
    return count, start


@compiled
def scan_json(data: Bytes, newline: int, at_end: bool, out: Ints) -> tuple[int, int]:
    """Split a block into lines: rows of ``out`` get (start, end, shape, flags).

    ``shape`` is a hash of the top-level keys in their order, equal for records of one make.

    Returns:
        How many lines, and the offset behind the last complete one. Blank lines are no records.
    """
    keys = np.zeros(512, dtype=np.uint64)
    count, start, i, n = 0, 0, 0, len(data)
    while start < n and count < len(out):
        end = start
        while end < n and data[end] != newline:
            end += 1
        if end == n and not at_end:
            break
        depth, flags, found, in_string, escaped = 0, 0, 0, False, False
        last, shape, key, reading = 0, np.uint64(14695981039346656037), np.uint64(0), False
        for i in range(start, end):
            sign = data[i]
            if sign == 0:
                flags |= 1
            elif sign > 127:
                flags |= 2
            if in_string:
                if escaped:
                    escaped = False
                elif sign == 92:
                    escaped = True
                elif sign == 34:
                    in_string = False
                    last = 34
                    reading = False
                    continue
                if reading:
                    key = (key ^ np.uint64(sign)) * np.uint64(1099511628211)
                continue
            if sign == 32 or sign == 9 or sign == 13 or sign == 10:
                continue
            if last == 0 and sign != 123:
                flags |= 256
            if sign == 34:
                in_string = True
                if depth == 1 and (last == 123 or last == 44):
                    reading = True
                    key = np.uint64(14695981039346656037)
            elif sign == 58 and depth == 1:
                for other in range(min(found, 512)):
                    if keys[other] == key:
                        flags |= 128
                if found < 512:
                    keys[found] = key
                    found += 1
                shape = (shape ^ key) * np.uint64(1099511628211)
            elif sign == 123 or sign == 91:
                depth += 1
                if depth > 64:
                    flags |= 16
            elif sign == 125 or sign == 93:
                depth -= 1
                if last == 44:
                    flags |= 32
            elif sign == 78 or sign == 73 or sign == 105:
                flags |= 64
            elif sign == 97 and last == 110:
                flags |= 64
            last = sign
        if last != 0:
            out[count, 0], out[count, 1], out[count, 3] = start, end, flags
            out[count, 2] = np.int64(shape >> np.uint64(1))
            count += 1
        start = end + 1
    return count, min(start, n)
