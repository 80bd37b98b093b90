"""The loop over text: tokens, masks, shingles and cue scores of one prompt after the other.

A token is a run of letters; numbers, links, quoted strings and code are masked to one token each,
because they are what fills a template's slots. Everything is linear in the length of the text,
whatever the text is. Hashes are 64-bit and unkeyed; ``keys.permute`` hides them afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled
from ingest.prompts.shapes import AT_END, AT_START, FLAGS, KEPT, LABELLED, Output, Tables

__all__ = ["hash_words", "mix", "sketch_rows"]

HEAD, TAIL = 64, 32  # tokens looked at: a frame states its task first, its form of answer last
WIDTH = 4  # tokens in a shingle
QUOTE_LIMIT, APOSTROPHE_LIMIT = 2000, 80  # characters; a longer "quotation" is two stray marks

HEAD_KEPT, MIDDLE_KEPT, TAIL_KEPT, LABELS = 10, 12, 6, 4
assert HEAD_KEPT + MIDDLE_KEPT + TAIL_KEPT + LABELS == KEPT

U = np.uint64
SEED, PRIME = U(0xCBF29CE484222325), U(0x9E3779B97F4A7C15)
START, END = U(0x5354415254000001), U(0x454E440000000002)
NUMBER, LINK, QUOTED, CODE = U(1), U(2), U(3), U(4)  # masks; a hashed word is never so small
COLON = U(5)  # what stands before it is a label, what follows a slot
ROW_SALT, LABEL_SALT = U(0xD6E8FEB86659FD93), U(0xA5A3564E27F88600)
NONE = U(0xFFFFFFFFFFFFFFFF)
S27, S30, S31, S32 = U(27), U(30), U(31), U(32)
M1, M2 = U(0xBF58476D1CE4E5B9), U(0x94D049BB133111EB)


@compiled
def mix(h: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    h = (h ^ (h >> S30)) * M1
    h = (h ^ (h >> S27)) * M2
    return h ^ (h >> S31)


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
def _word(
    data: NDArray[np.uint8], i: int, end: int, tables: Tables, masked: bool
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
    if masked and i + 3 <= end and data[i] == 58 and data[i + 1] == 47 and data[i + 2] == 47:
        while i < end and data[i] > 32 and data[i] != 34 and data[i] != 60 and data[i] != 62:
            i += 1
        return LINK, i
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
    return _after_quote(data, i + 1, end, 96)


@compiled
def _next(
    data: NDArray[np.uint8], i: int, end: int, tables: Tables, masked: bool
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
    masked: bool,
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
def _sequence(window: NDArray[np.uint64], count: int, line: NDArray[np.uint64]) -> tuple[int, int]:
    """START, head, tail, END into ``line``; return its length and the seam (or the length)."""
    head = min(count, HEAD)
    tail = min(count - head, TAIL)
    line[0] = START
    line[1 : head + 1] = window[:head]
    first = (count - HEAD) % TAIL if count > HEAD + TAIL else 0
    for k in range(tail):
        line[head + 1 + k] = window[HEAD + (first + k) % TAIL]
    line[head + tail + 1] = END
    length = head + tail + 2
    return length, (head + 1 if count > HEAD + TAIL else length)


@compiled
def _shingle(line: NDArray[np.uint64], first: int, last: int) -> np.uint64:
    """Hash of some tokens; the lowest three bits say what they are (see ``shapes``)."""
    h, flags = SEED, U(0)
    for k in range(first, last):
        h = (h ^ line[k]) * PRIME
        h ^= h >> S32
        flags |= AT_START if line[k] == START else AT_END if line[k] == END else U(0)
        flags |= LABELLED if line[k] == COLON else U(0)
    return (mix(h) & ~FLAGS) | flags


@compiled
def _all_shingles(
    line: NDArray[np.uint64], length: int, seam: int, found: NDArray[np.uint64]
) -> int:
    """Hashes of all windows of four tokens that do not cross the seam; short text: of the whole."""
    if length < WIDTH:
        found[0] = _shingle(line, 0, length)
        return 1
    n = 0
    for first in range(length - WIDTH + 1):
        if first + WIDTH <= seam or first >= seam:
            found[n] = _shingle(line, first, first + WIDTH)
            n += 1
    return n


@compiled
def _label_shingles(
    line: NDArray[np.uint64], length: int, labels: NDArray[np.uint64], row: NDArray[np.uint64]
) -> int:
    """Hashes of three labels in turn ("Title: … Review: … Answer:"), whatever stands between."""
    labels[0], m = START, 1
    for k in range(2, length):
        if line[k] == COLON and line[k - 1] > COLON and m < LABELS + 1:
            labels[m] = line[k - 1] ^ LABEL_SALT
            m += 1
    if m < 3:
        return 0
    labels[m] = END
    for k in range(m - 1):
        row[k] = _shingle(labels, k, k + 3) | LABELLED
    return m - 1


@compiled
def _limit(found: NDArray[np.uint64], first: int, last: int, room: int) -> np.uint64:
    """The hash up to which the ``room`` smallest of ``found[first:last]`` reach."""
    smallest = np.full(MIDDLE_KEPT, NONE, np.uint64)
    for k in range(first, last):
        at = room - 1
        if found[k] < smallest[at]:
            while at > 0 and found[k] < smallest[at - 1]:
                smallest[at] = smallest[at - 1]
                at -= 1
            smallest[at] = found[k]
    return smallest[room - 1]


@compiled
def _keep(found: NDArray[np.uint64], n: int, row: NDArray[np.uint64]) -> int:
    """Both ends, where frames are, and of the middle a bottom-k sample (Cohen, Kaplan 2007).

    All are kept in the order of text, each once.
    """
    limit = NONE
    if n > HEAD_KEPT + MIDDLE_KEPT + TAIL_KEPT:
        limit = _limit(found, HEAD_KEPT, n - TAIL_KEPT, MIDDLE_KEPT)
    kept = 0
    for k in range(n):
        if found[k] > limit and HEAD_KEPT <= k < n - TAIL_KEPT:
            continue
        known = False
        for j in range(kept):
            known = known or row[j] == found[k]
        if not known:
            row[kept] = found[k]
            kept += 1
    return kept


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
def _score(
    line: NDArray[np.uint64], length: int, seam: int, tables: Tables, scores: NDArray[np.int32]
) -> None:
    """Add the weight of every cue of one, two or three words that occurs in ``line``."""
    last_slot = len(tables.cues) - 1
    for first in range(1, length - 1):
        h = SEED
        for k in range(first, min(first + 3, length - 1)):
            if k == seam and k != first:
                break
            h = mix((h ^ line[k]) * PRIME)
            slot = np.int64(h & U(last_slot))
            while tables.cues[slot] != U(0):
                if tables.cues[slot] == h:
                    scores[tables.cue_class[slot]] += tables.cue_weight[slot]
                    break
                slot = (slot + 1) & last_slot


@compiled
def hash_words(data: NDArray[np.uint8], tables: Tables) -> np.uint64:
    """The hash under which ``_score`` looks up a cue of one to three words."""
    window = np.zeros(HEAD + TAIL, np.uint64)
    count, _ = _tokenise(data, (0, len(data)), tables, True, window)
    h = SEED
    for k in range(count):
        h = mix((h ^ window[k]) * PRIME)
    return h


@compiled
def sketch_rows(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], tables: Tables, out: Output
) -> None:
    """Sketch the texts ``data[offsets[r]:offsets[r + 1]]`` into row ``r`` of ``out``."""
    window = np.zeros(HEAD + TAIL, np.uint64)
    line = np.zeros(HEAD + TAIL + 2, np.uint64)
    found = np.zeros(HEAD + TAIL + 2, np.uint64)
    for row in range(len(offsets) - 1):
        span = (offsets[row], offsets[row + 1])
        out.prompt_key[row] = _text_key(data, span[0], span[1])
        count, words = _tokenise(data, span, tables, True, window)
        if words == 0:  # nothing but numbers, quotations and code: then they are the text
            count, words = _tokenise(data, span, tables, False, window)
        out.tokens[row] = count
        if count > 0:
            length, seam = _sequence(window, count, line)
            n = _all_shingles(line, length, seam, found)
            kept = _keep(found, n, out.shingles[row])
            kept += _label_shingles(line, length, found, out.shingles[row, kept:])
            out.kept[row] = kept
            _score(line, length, seam, tables, out.scores[row])
