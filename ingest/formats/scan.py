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
    "ESCAPED_KEY",
    "FOREIGN",
    "NONFINITE",
    "NUL",
    "SAME_KEY",
    "TRAILING_COMMA",
    "UNCLOSED",
    "WIDE",
    "is_utf8",
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
SAME_KEY = 128  # JSON: a key occurs twice in one object, at any depth
BAD_SHAPE = 256  # JSON: does not begin with {
ESCAPED_KEY = 512  # JSON: a key holds a backslash, so its bytes do not tell which key it is
WIDE = 1024  # JSON: more top-level keys than a table may have columns

MAX_DEPTH = 64
MAX_KEYS = 10_000  # top-level keys; as many as ``headers.MAX_COLUMNS``
# Slots for the keys of one record; the shortest member takes 5 bytes, and a record has a megabyte.
SLOTS = 1 << 19
SHORTEST_MEMBER = 5

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
        if data[i] == BACKSLASH:
            flags |= ESCAPED_KEY  # for a value the caller takes this back
            i += 1
        if i < end:
            flags |= BYTE_FLAGS[data[i]]
            key = (key ^ np.uint64(data[i])) * FNV_STEP
        i += 1
    return i, int(key >> np.uint64(1)), flags


@compiled
def _repeats(table: Ints, owners: Ints, line: int, key: int, mask: int) -> int:
    """The flag of a key that its object had before; puts it into the table if not.

    ``owners`` says for which line a slot was filled, so that nothing has to be cleared.
    """
    slot = key & mask
    while owners[slot] == line:
        if table[slot] == key:
            return SAME_KEY
        slot = (slot + 1) & mask
    table[slot], owners[slot] = key, line
    return 0


@compiled
def _mask_for(length: int) -> int:
    """Slots for twice the keys that a line of this length can hold, less one."""
    size = 64
    while size < SLOTS and size * SHORTEST_MEMBER < 2 * length:
        size *= 2
    return size - 1


@compiled
def _lower_pair(first: int, second: int) -> int:
    return (first | 32) * 256 + (second | 32)


@compiled
def _sign_flags(data: Bytes, i: int, end: int, last: int, depth: int) -> int:
    """What is wrong with a sign outside of strings; ``depth`` is that behind it."""
    sign = data[i]
    flags = BYTE_FLAGS[sign] | DEPTH * int(depth > MAX_DEPTH)
    flags |= TRAILING_COMMA * int(last == COMMA and NESTING[sign] < 0)
    if BEFORE_VALUE[last] and i + 1 < end:
        flags |= NONFINITE * int(_lower_pair(sign, data[i + 1]) in (NA, IN))
    return int(flags)


@compiled
def _in_object(key: int, within: int) -> int:
    """The hash of a key together with the number of its object."""
    return int(((np.uint64(key) ^ np.uint64(within)) * FNV_STEP) >> np.uint64(1))


@compiled
def _json_line(
    data: Bytes, start: int, end: int, line: int, tables: tuple[Ints, Ints, Ints]
) -> tuple[int, int]:
    """The shape and the flags of one line; the flags of a blank line are -1."""
    inside = tables[2]  # for each depth the number of the object, 0 for a list
    depth, flags, found, top, last, objects, i = 0, 0, 0, 0, NOTHING, 0, start
    shape, mask = FNV_START, _mask_for(end - start)
    inside[0] = 0
    while i < end:
        sign = data[i]
        if not BLANK[sign]:
            flags |= BAD_SHAPE * int(last == NOTHING and sign != OPEN)
            if sign == QUOTE:
                i, key, seen = _string(data, i, end)
                within = inside[min(max(depth, 0), MAX_DEPTH)]
                is_key = last in (OPEN, COMMA) and within > 0
                flags |= seen if is_key else seen & ~ESCAPED_KEY
                if is_key and found < SLOTS // 2:
                    found += 1
                    flags |= _repeats(tables[0], tables[1], line, _in_object(key, within), mask)
                    if within == 1:
                        shape, top = (shape ^ np.uint64(key)) * FNV_STEP, top + 1
            else:
                depth += NESTING[sign]
                objects += int(sign == OPEN)
                if NESTING[sign] > 0 and depth <= MAX_DEPTH:
                    inside[depth] = objects if sign == OPEN else 0
                flags |= _sign_flags(data, i, end, last, depth)
            last = sign
        i += 1
    flags |= WIDE * int(top > MAX_KEYS)
    return int(shape >> np.uint64(1)), -1 if last == NOTHING else flags


@compiled
def scan_json(data: Bytes, newline: int, at_end: int, out: Ints) -> tuple[int, int]:
    """Split a block into lines: rows of ``out`` get (start, end, shape, flags).

    ``shape`` is a hash of the top-level keys in their order, equal for records of one make.

    Returns:
        How many lines, and the offset behind the last complete one. Blank lines are no records.
    """
    tables = (
        np.zeros(SLOTS, dtype=np.int64),
        np.zeros(SLOTS, dtype=np.int64),
        np.zeros(MAX_DEPTH + 1, dtype=np.int64),
    )
    count, line, start, n = 0, 0, 0, len(data)
    while start < n and count < len(out):
        end = start
        while end < n and data[end] != newline:
            end += 1
        if end == n and not at_end:
            break
        line += 1
        shape, flags = _json_line(data, start, end, line, tables)
        if flags >= 0:
            count = _put(out, count, start, end, shape, flags)
        start = end + 1
    return count, min(start, n)


def is_utf8(data: NDArray[np.uint8]) -> bool:
    """Whether bytes are UTF-8."""
    try:
        data.tobytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
