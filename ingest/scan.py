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
UNCLOSED = 8  # CSV: the file ends within quotes
DEPTH = 16  # JSON: nested more than 64 deep
TRAILING_COMMA = 32  # JSON: a comma before a closing bracket
NONFINITE = 64  # JSON: NaN or Infinity
SAME_KEY = 128  # JSON: a top-level key occurs twice
BAD_SHAPE = 256  # JSON: does not begin with {

MAX_DEPTH = 64
KEYS = 512  # top-level keys of a record that are compared with each other

LF, CR, QUOTE, BACKSLASH = 10, 13, 34, 92
COMMA, OPEN = 44, 123
NOTHING = 32  # before the first sign of a line: a blank, which is no sign
NA, IN = ord("n") * 256 + ord("a"), ord("i") * 256 + ord("n")  # of NaN and of Infinity
FNV_START, FNV_STEP = np.uint64(14695981039346656037), np.uint64(1099511628211)

# CSV by table: the state before a sign, and what kind of sign it is.
FIELD_START, BARE, QUOTED, AFTER_QUOTE = 0, 1, 2, 3
OTHER, DELIMITER, QUOTE_SIGN, LINE_END = 0, 1, 2, 3
CSV_NEXT = np.array(
    [
        # other  delimiter    quote        line end
        [BARE, FIELD_START, QUOTED, FIELD_START],  # at the start of a field
        [BARE, FIELD_START, BARE, FIELD_START],  # in a bare field a quote is a sign like others
        [QUOTED, QUOTED, AFTER_QUOTE, QUOTED],  # within quotes
        [BARE, FIELD_START, QUOTED, FIELD_START],  # behind a quote: its double, or the end
    ],
    dtype=np.int64,
)

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


def _byte_table(values: dict[int, int], *, foreign: int = 0) -> Ints:
    table = np.zeros(256, dtype=np.int64)
    table[128:] = foreign
    for sign, value in values.items():
        table[sign] = value
    return table


BYTE_FLAGS = _byte_table({0: NUL}, foreign=FOREIGN)
NESTING = _byte_table({ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1})
BEFORE_VALUE = _byte_table({ord(":"): 1, ord(","): 1, ord("["): 1, ord("-"): 1})
BLANK = _byte_table({9: 1, 10: 1, 13: 1, 32: 1})
CSV_KINDS = _byte_table({QUOTE: QUOTE_SIGN, LF: LINE_END, CR: LINE_END})


@compiled
def _put(out: Ints, count: int, start: int, end: int, third: int, flags: int) -> int:
    out[count, 0] = start
    out[count, 1] = end
    out[count, 2] = third
    out[count, 3] = flags
    return count + 1


@compiled
def scan_csv(data: Bytes, delimiter: int, at_end: int, out: Ints) -> tuple[int, int]:
    """Split a block into records: rows of ``out`` get (start, end, fields, flags).

    Returns:
        How many records, and the offset behind the last complete one. Blank lines are no records.
    """
    kinds = CSV_KINDS.copy()
    kinds[delimiter] = DELIMITER
    count, start, fields, flags, state = 0, 0, 1, 0, FIELD_START
    i, n = 0, len(data)
    while i < n and count < len(out):
        sign = data[i]
        kind = kinds[sign]
        flags |= BYTE_FLAGS[sign]
        if state == AFTER_QUOTE and kind == OTHER:
            flags |= BAD_QUOTE
        if kind == LINE_END and state != QUOTED:
            if sign == CR and i + 1 == n and not at_end:
                break  # an LF may follow in the next block
            if i > start:
                count = _put(out, count, start, i, fields, flags)
            i += int(sign == CR and i + 1 < n and data[i + 1] == LF)
            start, fields, flags = i + 1, 1, 0
        fields += int(kind == DELIMITER and state != QUOTED)
        state = CSV_NEXT[state, kind]
        i += 1
    if at_end and i == n and start < n and count < len(out):
        flags |= UNCLOSED * int(state == QUOTED)
        count = _put(out, count, start, n, fields, flags)
        start = n
    return count, start


@compiled
def _string(data: Bytes, start: int, end: int) -> tuple[int, int, int]:
    """Read a JSON string from its quote on: offset of its end, hash of its bytes, flags."""
    key, flags, i = FNV_START, 0, start + 1
    while i < end and data[i] != QUOTE:
        i += int(data[i] == BACKSLASH)
        if i < end:
            flags |= BYTE_FLAGS[data[i]]
            key = (key ^ np.uint64(data[i])) * FNV_STEP
        i += 1
    return i, int(key >> np.uint64(1)), flags


@compiled
def _repeats(keys: Ints, found: int) -> int:
    """The flag of a key, the last of ``found``, that occurred before."""
    for other in range(found - 1):
        if keys[other] == keys[found - 1]:
            return SAME_KEY
    return 0


@compiled
def _lower_pair(first: int, second: int) -> int:
    return (first | 32) * 256 + (second | 32)


@compiled
def _json_line(data: Bytes, start: int, end: int, keys: Ints) -> tuple[int, int]:
    """The shape and the flags of one line; the flags of a blank line are -1."""
    depth, flags, found, last, i = 0, 0, 0, NOTHING, start
    shape = FNV_START
    while i < end:
        sign = data[i]
        if not BLANK[sign]:
            flags |= BAD_SHAPE * int(last == NOTHING and sign != OPEN)
            if sign == QUOTE:
                i, key, seen = _string(data, i, end)
                flags |= seen
                if depth == 1 and last in (OPEN, COMMA) and found < KEYS:
                    keys[found] = key
                    found += 1
                    flags |= _repeats(keys, found)
                    shape = (shape ^ np.uint64(key)) * FNV_STEP
            else:
                depth += NESTING[sign]
                flags |= BYTE_FLAGS[sign] | DEPTH * int(depth > MAX_DEPTH)
                flags |= TRAILING_COMMA * int(last == COMMA and NESTING[sign] < 0)
                if BEFORE_VALUE[last] and i + 1 < end:
                    flags |= NONFINITE * int(_lower_pair(sign, data[i + 1]) in (NA, IN))
            last = sign
        i += 1
    return int(shape >> np.uint64(1)), -1 if last == NOTHING else flags


@compiled
def scan_json(data: Bytes, newline: int, at_end: int, out: Ints) -> tuple[int, int]:
    """Split a block into lines: rows of ``out`` get (start, end, shape, flags).

    ``shape`` is a hash of the top-level keys in their order, equal for records of one make.

    Returns:
        How many lines, and the offset behind the last complete one. Blank lines are no records.
    """
    keys = np.zeros(KEYS, dtype=np.int64)
    count, start, n = 0, 0, len(data)
    while start < n and count < len(out):
        end = start
        while end < n and data[end] != newline:
            end += 1
        if end == n and not at_end:
            break
        shape, flags = _json_line(data, start, end, keys)
        if flags >= 0:
            count = _put(out, count, start, end, shape, flags)
        start = end + 1
    return count, min(start, n)
