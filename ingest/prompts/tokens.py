"""Text → tokens: the loop over the bytes of one prompt after the other.

A token is a run of letters; numbers, links, quoted strings and code are masked to one token each,
because they are what fills a template's slots. Everything is linear in the length of the text,
whatever the text is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled, mix
from ingest.prompts.shapes import CODE, COLON, HEAD, LINK, NUMBER, QUOTED, TAIL, Tables, Windows

__all__ = ["text_keys", "tokenise_rows", "tokenise_whole"]

QUOTE_LIMIT, APOSTROPHE_LIMIT = 2000, 80  # characters; a longer "quotation" is two stray marks

U = np.uint64
SEED, PRIME = U(0xCBF29CE484222325), U(0x9E3779B97F4A7C15)
ROW_SALT = U(0xD6E8FEB86659FD93)
S32 = U(32)


@compiled
def _rune(data: NDArray[np.uint8], i: int, end: int) -> tuple[int, int]:
    """Code point and width at ``i``; a byte that is no UTF-8 stands for itself."""
    lead = int(data[i])
    width = 1 if lead < 0xC2 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if width == 1 or lead > 0xF4 or i + width > end:
        return lead, 1
    point = lead & (0x7F >> width)
    for k in range(1, width):
        follow = int(data[i + k])
        if follow & 0xC0 != 0x80:
            return lead, 1
        point = (point << 6) | (follow & 0x3F)
    return point, width


@compiled
def _kind(point: int, kinds: NDArray[np.uint8]) -> int:
    if point < 65536:
        return int(kinds[point])
    if point < 0x1F000:
        return 1  # letters of rare scripts
    if point < 0x20000:
        return 0  # emoji
    return 4 if point < 0xE0000 else 3  # ideographs; tag characters hide nothing


@compiled
def _after_link(data: NDArray[np.uint8], i: int, end: int) -> int:
    """The next blank, quotation mark or angle bracket."""
    while i < end and data[i] > 32 and data[i] != 34 and data[i] != 60 and data[i] != 62:
        i += 1
    return i


@compiled
def _word(
    data: NDArray[np.uint8], i: int, end: int, tables: Tables, masked: int
) -> tuple[np.uint64, int]:
    """The word (letters, digits) that starts at ``i``: its token and where it ends."""
    h, digits = SEED, 0
    kinds, folds = tables.kinds, tables.folds
    while i < end:
        point, width = int(data[i]), 1
        if point >= 128:
            point, width = _rune(data, i, end)
        kind = _kind(point, kinds)
        if kind == 1 or kind == 2:
            digits |= kind
            folded = U(folds[point]) if point < 65536 else U(point)
            h = (h ^ folded) * PRIME
            h ^= h >> S32
        elif kind == 5 and (point == 0x27 or point == 0x2019) and i + width < end:
            after, _ = _rune(data, i + width, end)
            if _kind(after, kinds) != 1:
                break
        elif kind != 3:
            break
        i += width
    if masked and i + 2 < end and data[i] == 58 and data[i + 1] == 47 and data[i + 2] == 47:
        return LINK, _after_link(data, i, end)
    return (NUMBER if masked and digits >= 2 else mix(h) | U(16)), i


@compiled
def _after_quote(data: NDArray[np.uint8], i: int, end: int, mark: int) -> int:
    """Where the quotation that opens before ``i`` ends, or -1. Never crosses an empty line."""
    if i >= end or data[i] <= 32:
        return -1
    single = mark == 0x27 or mark == 0x2019
    close = (
        0x201D if mark == 0x201C else 0xBB if mark == 0xAB else 0x300D if mark == 0x300C else mark
    )
    last = 0
    for _ in range(APOSTROPHE_LIMIT if single else QUOTE_LIMIT):
        if i >= end:
            return -1
        point, width = _rune(data, i, end)
        if point == close:
            inside = i + 1 < end and data[i + 1] > 64
            if not (single and inside):
                return i + width
        elif point == mark or (point == 10 and (last == 10 or single)):
            return -1
        last = point
        i += width
    return -1


@compiled
def _after_ticks(data: NDArray[np.uint8], i: int, end: int) -> int:
    """Where the code that opens with back-ticks at ``i`` ends; an open fence runs to the end."""
    if i + 2 < end and data[i + 1] == 96 and data[i + 2] == 96:
        i += 3
        while i + 2 < end:
            if data[i] == 96 and data[i + 1] == 96 and data[i + 2] == 96:
                return i + 3
            i += 1
        return end
    return _after_quote(data, i + 1, end, int(data[i]))


@compiled
def _next(
    data: NDArray[np.uint8], i: int, end: int, tables: Tables, masked: int
) -> tuple[np.uint64, int]:
    """The token at ``i`` (0: none) and where to go on."""
    point, width = _rune(data, i, end)
    kind = _kind(point, tables.kinds)
    if kind == 1 or kind == 2:
        return _word(data, i, end, tables, masked)
    if kind == 4:
        return mix(U(point) * PRIME) | U(16), i + width
    if masked and kind == 5:
        close = _after_quote(data, i + width, end, point)
        if close > 0:
            return QUOTED, close
    if masked and kind == 6:
        close = _after_ticks(data, i, end)
        if close > 0:
            return CODE, close
    if point == 58 and (i + 1 == end or data[i + 1] <= 34):
        return COLON, i + 1
    return U(0), i + width


@compiled
def _tokenise(
    data: NDArray[np.uint8],
    span: tuple[int, int],
    tables: Tables,
    masked: int,
    window: NDArray[np.uint64],
) -> tuple[int, int]:
    """Fill ``window`` (head, then a ring of the tail); return the counts of tokens and of words."""
    i, end = span
    count, words, previous = 0, 0, U(0)
    while i < end:
        if data[i] == 32:
            i += 1
            continue
        token, i = _next(data, i, end, tables, masked)
        if token == U(0) or (token < U(16) and token == previous):
            continue  # a list of numbers or of quotations is one slot
        previous = token
        words += 1 if token >= U(16) else 0
        window[count if count < HEAD else HEAD + (count - HEAD) % TAIL] = token
        count += 1
    return count, words


@compiled
def _text_key(data: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """Hash of the exact bytes, eight at a time."""
    h = U(end - start) * PRIME ^ ROW_SALT
    i = start
    while i < end:
        word = U(0)
        for k in range(min(8, end - i)):
            word |= U(data[i + k]) << U(8 * k)
        h = mix(h ^ word) + PRIME
        i += 8
    return mix(h)


@compiled
def tokenise_rows(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], tables: Tables, out: Windows
) -> None:
    """Tokenise the texts ``data[offsets[r]:offsets[r + 1]]`` into row ``r`` of ``out``."""
    for row in range(len(offsets) - 1):
        span = (offsets[row], offsets[row + 1])
        out.prompt_key[row] = _text_key(data, span[0], span[1])
        for masked in range(1, -1, -1):
            count, words = _tokenise(data, span, tables, masked, out.tokens[row])
            out.length[row] = count
            if words > 0:  # else nothing but numbers, quotations and code: they are the text
                break


@compiled
def _tokenise_whole(
    data: NDArray[np.uint8],
    span: tuple[int, int],
    tables: Tables,
    masked: int,
    line: NDArray[np.uint64],
) -> tuple[int, int]:
    """Fill ``line`` as far as it reaches; return the counts of tokens and of words."""
    i, end = span
    count, words, previous = 0, 0, U(0)
    while i < end and count < len(line):
        if data[i] == 32:
            i += 1
            continue
        token, i = _next(data, i, end, tables, masked)
        if token == U(0) or (token < U(16) and token == previous):
            continue
        previous = token
        words += 1 if token >= U(16) else 0
        line[count] = token
        count += 1
    return count, words


@compiled
def tokenise_whole(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], tables: Tables, longest: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """All tokens of some texts, at most ``longest`` of each, and where each text ends."""
    ends = np.zeros(len(offsets), np.int64)
    line = np.zeros(longest, np.uint64)
    tokens = np.zeros((offsets[-1] - offsets[0]) // 4 + longest, np.uint64)
    for row in range(len(offsets) - 1):
        span = (offsets[row], offsets[row + 1])
        count = 0
        for masked in range(1, -1, -1):
            count, words = _tokenise_whole(data, span, tables, masked, line)
            if words > 0:
                break
        first = ends[row]
        if first + count > len(tokens):
            tokens = np.concatenate((tokens, np.zeros(len(tokens) + count, np.uint64)))
        tokens[first : first + count] = line[:count]
        ends[row + 1] = first + count
    return tokens[: ends[len(offsets) - 1]], ends


@compiled
def text_keys(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The hash of each text, as ``tokenise_rows`` gives it."""
    keys = np.zeros(len(offsets) - 1, np.uint64)
    for row in range(len(keys)):
        keys[row] = _text_key(data, offsets[row], offsets[row + 1])
    return keys
