"""Whole texts → their shingles that recur, with places, in two passes over the text.

The first pass counts hashes in a table of bytes (a counting Bloom filter with one hash), the second
keeps what was counted often enough. Nothing is sampled, so that a frame between two long slots is
seen as well as one at an edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled, mix
from ingest.prompts.shapes import AT_END, AT_START, COLON, FLAGS, LABELLED
from ingest.prompts.shingles import END, LABEL_SALT, PRIME, SEED, START, WIDTH, U, shingle

__all__ = ["LONGEST", "Features", "Room", "count_features", "empty_room", "keep_features"]

EDGES = (2, 3, 5, 6, 7)  # and at both edges, where short frames stand
LONGEST = 1 << 16  # tokens of a text that are read
LABELS = 32  # labels of a text that are read
EXTRA = 6 + LABELS + 2 * len(EDGES)


class Features(NamedTuple):
    """Hashes and places (``8 * first token + width``); ``offsets`` has one entry a text more.

    ``digest`` is a hash of all shingles of a text: of the text without its masked slots; 0: none.
    """

    hashes: NDArray[np.uint64]
    places: NDArray[np.int32]
    offsets: NDArray[np.int64]
    digest: NDArray[np.uint64]


class Room(NamedTuple):
    """Scratch for one text: its tokens between START and END, its shingles, its labels."""

    line: NDArray[np.uint64]
    hashes: NDArray[np.uint64]
    places: NDArray[np.int32]
    labels: NDArray[np.uint64]
    label_at: NDArray[np.int32]


def empty_room() -> Room:
    """Room for the longest text."""
    longest = LONGEST + 2 + EXTRA
    return Room(
        np.zeros(LONGEST + 2, np.uint64),
        np.zeros(longest, np.uint64),
        np.zeros(longest, np.int32),
        np.zeros(LABELS + 2, np.uint64),
        np.zeros(LABELS + 2, np.int32),
    )


@compiled
def _read_labels(room: Room, length: int) -> int:
    """Collect START, the words before colons and END; return how many, or 0 if there are few."""
    room.labels[0], m = START, 1
    for k in range(2, length):
        if room.line[k] == COLON and room.line[k - 1] > COLON and m < LABELS + 1:
            room.labels[m] = room.line[k - 1] ^ LABEL_SALT
            room.label_at[m] = k - 1
            m += 1
    room.labels[m] = END
    return m + 1 if m > 1 else 0


@compiled
def _put(room: Room, n: int, value: np.uint64, place: int) -> int:
    room.hashes[n], room.places[n] = value, place
    return n + 1


@compiled
def _put_edges(room: Room, length: int, n: int, at_end: int) -> int:
    """Add the shorter and the longer shingles of one edge."""
    for width in EDGES:
        if width <= length:
            first = (length - width) * at_end
            n = _put(room, n, shingle(room.line, first, first + width), 8 * first + width)
    return n


@compiled
def _put_pairs(room: Room, length: int, labels: int, n: int) -> int:
    """Add what names a frame whose parts are all common: its first and last words, its labels."""
    first, last = shingle(room.line, 0, 3), shingle(room.line, length - 3, length)
    n = _put(room, n, (mix(first ^ last * PRIME) & ~FLAGS) | AT_START | AT_END, 0)
    if labels:
        row = SEED
        for k in range(labels):
            row = mix(row ^ room.labels[k])
        n = _put(room, n, (mix(first ^ row) & ~FLAGS) | LABELLED | AT_START, 0)
        n = _put(room, n, (mix(last ^ row) & ~FLAGS) | LABELLED | AT_END, 0)
    return n


@compiled
def _features(room: Room, length: int) -> int:
    """All shingles of ``room.line[:length]`` and labels in turn; return how many."""
    if length < WIDTH:
        return _put(room, 0, shingle(room.line, 0, length), length)
    labels = _read_labels(room, length)
    n = _put_pairs(room, length, labels, _put_edges(room, length, 0, 0))
    for first in range(length - WIDTH + 1):
        n = _put(room, n, shingle(room.line, first, first + WIDTH), 8 * first + WIDTH)
    n = _put_edges(room, length, n, 1)
    for k in range(1, labels - 1):
        label = shingle(room.labels, k - 1, k + 2) | LABELLED
        n = _put(room, n, label, 8 * room.label_at[k] + 2)
    return n


@compiled
def _read(tokens: NDArray[np.uint64], first: int, last: int, room: Room) -> int:
    """The shingles of ``tokens[first:last]`` into ``room``; return how many."""
    if first == last:
        return 0
    count = last - first
    room.line[0], room.line[count + 1] = START, END
    room.line[1 : count + 1] = tokens[first:last]
    return _features(room, count + 2)


@compiled
def count_features(
    tokens: NDArray[np.uint64], ends: NDArray[np.int64], room: Room, seen: NDArray[np.uint8]
) -> None:
    """Count the shingles of each text in ``seen``, a table of a power of two of slots."""
    shift = U(64) - U(np.log2(len(seen)))
    for row in range(len(ends) - 1):
        for k in range(_read(tokens, ends[row], ends[row + 1], room)):
            slot = room.hashes[k] >> shift
            if seen[slot] < 255:
                seen[slot] += 1


@compiled
def keep_features(
    tokens: NDArray[np.uint64],
    ends: NDArray[np.int64],
    room: Room,
    seen: NDArray[np.uint8],
    least: int,
) -> Features:
    """The shingles of each text that were counted ``least`` times or more."""
    shift = U(64) - U(np.log2(len(seen)))
    rows = len(ends) - 1
    most = ends[rows] + EXTRA * rows
    hashes, places = np.zeros(most, np.uint64), np.zeros(most, np.int32)
    offsets, digest = np.zeros(rows + 1, np.int64), np.zeros(rows, np.uint64)
    total = 0
    for row in range(rows):
        n = _read(tokens, ends[row], ends[row + 1], room)
        for k in range(n):
            digest[row] = mix(digest[row] ^ room.hashes[k]) | U(1)
            if seen[room.hashes[k] >> shift] >= least:
                hashes[total], places[total] = room.hashes[k], room.places[k]
                total += 1
        offsets[row + 1] = total
    return Features(hashes[:total].copy(), places[:total].copy(), offsets, digest)
