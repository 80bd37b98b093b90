"""Tokens → shingles and cue scores, one prompt after the other.

Hashes are 64-bit and unkeyed; ``keys.permute`` hides them afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled, mix
from ingest.prompts.shapes import (
    AT_END,
    AT_START,
    COLON,
    FLAGS,
    HEAD,
    KEPT,
    LABELLED,
    TAIL,
    Output,
    Tables,
    Windows,
)

__all__ = [
    "END",
    "LABEL_SALT",
    "PRIME",
    "SEED",
    "START",
    "WIDTH",
    "U",
    "cue_hashes",
    "shingle",
    "sketch_rows",
]

WIDTH = 4  # tokens in a shingle
HEAD_KEPT, MIDDLE_KEPT, TAIL_KEPT, LABELS = 10, 12, 6, 4
assert HEAD_KEPT + MIDDLE_KEPT + TAIL_KEPT + LABELS == KEPT

U = np.uint64
SEED, PRIME = U(0xCBF29CE484222325), U(0x9E3779B97F4A7C15)
START, END = U(0x5354415254000001), U(0x454E440000000002)
LABEL_SALT = U(0xA5A3564E27F88600)
NONE = U(0xFFFFFFFFFFFFFFFF)
S32 = U(32)


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
def shingle(line: NDArray[np.uint64], first: int, last: int) -> np.uint64:
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
        found[0] = shingle(line, 0, length)
        return 1
    n = 0
    for first in range(length - WIDTH + 1):
        if first + WIDTH <= seam or first >= seam:
            found[n] = shingle(line, first, first + WIDTH)
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
        row[k] = shingle(labels, k, k + 3) | LABELLED
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
    largest: np.uint64 = smallest[room - 1]
    return largest


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
def cue_hashes(windows: Windows) -> NDArray[np.uint64]:
    """The hashes under which ``_score`` looks up cues of one to three words."""
    hashes = np.full(len(windows.length), SEED, np.uint64)
    for row in range(len(hashes)):
        for k in range(windows.length[row]):
            hashes[row] = mix((hashes[row] ^ windows.tokens[row, k]) * PRIME)
    return hashes


@compiled
def sketch_rows(windows: Windows, tables: Tables, out: Output) -> None:
    """Fill ``out`` from the tokens of each row."""
    line = np.zeros(HEAD + TAIL + 2, np.uint64)
    found = np.zeros(HEAD + TAIL + 2, np.uint64)
    for row in range(len(windows.length)):
        if windows.length[row] > 0:
            length, seam = _sequence(windows.tokens[row], windows.length[row], line)
            n = _all_shingles(line, length, seam, found)
            kept = _keep(found, n, out.shingles[row])
            out.kept[row] = kept + _label_shingles(line, length, found, out.shingles[row, kept:])
            _score(line, length, seam, tables, out.scores[row])
