"""The loops over stored shingles: which ones stand together, and which frame a prompt fills.

A *unit* is a set of shingles that stand together; at first every shingle is its own. In a prompt,
the successor of a unit is the next unit whose support is compatible; what lies between them and is
much rarer or much commoner is a slot's content. Two units join when one is the successor of the
other in most of the prompts of both, so the partner is found by a majority vote (Boyer, Moore 1981)
in constant memory, and a verified vote does not depend on the order of prompts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled, mix

__all__ = [
    "Corpus",
    "Units",
    "code_of",
    "count_votes",
    "digests",
    "list_present",
    "supports",
    "vote",
]

Ints = NDArray[np.int32]
U = np.uint64


class Corpus(NamedTuple):
    """Shingle codes (-1: too rare) of all prompts, one after the other, in the order of text."""

    codes: Ints
    offsets: NDArray[np.int64]
    longest: int


class Units(NamedTuple):
    """The unit of each shingle code (-1: none), and of each unit size and support."""

    of: Ints
    sizes: Ints
    support: Ints


class Room(NamedTuple):
    """Scratch: the units of one prompt, how many shingles of each, where each stands in the row."""

    row: Ints
    counts: Ints
    at: Ints


@compiled
def _room(corpus: Corpus, units: Units) -> Room:
    longest, count = corpus.longest, len(units.sizes)
    return Room(
        np.zeros(longest, np.int32), np.zeros(longest, np.int32), np.full(count, -1, np.int32)
    )


@compiled
def code_of(
    shingles: NDArray[np.uint64], known: NDArray[np.uint64], codes: Ints, bits: int
) -> None:
    """Position of every shingle in the sorted ``known``, or -1, through a hash table."""
    size = np.int64(1) << bits
    table = np.full(size, -1, np.int32)
    for k in range(len(known)):
        slot = np.int64(known[k] >> U(64 - bits))
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = k
    for i in range(len(shingles)):
        slot = np.int64(shingles[i] >> U(64 - bits))
        codes[i] = -1
        while table[slot] >= 0:
            if known[table[slot]] == shingles[i]:
                codes[i] = table[slot]
                break
            slot = (slot + 1) & (size - 1)


@compiled
def _present(corpus: Corpus, p: int, units: Units, room: Room) -> int:
    """The units of which prompt ``p`` holds at least half, in order of appearance."""
    n = 0
    for i in range(corpus.offsets[p], corpus.offsets[p + 1]):
        code = corpus.codes[i]
        unit = -1 if code < 0 else units.of[code]
        if unit < 0:
            continue
        if room.at[unit] < 0:
            room.row[n], room.counts[n], room.at[unit] = unit, 0, n
            n += 1
        room.counts[room.at[unit]] += 1
    m = 0
    for k in range(n):
        room.at[room.row[k]] = -1
        if 2 * room.counts[k] >= units.sizes[room.row[k]]:
            room.row[m], room.counts[m] = room.row[k], room.counts[k]
            m += 1
    return m


@compiled
def supports(corpus: Corpus, units: Units) -> None:
    """Count in ``units.support`` in how many prompts each unit is present."""
    units.support[:] = 0
    room = _room(corpus, units)
    for p in range(len(corpus.offsets) - 1):
        for k in range(_present(corpus, p, units, room)):
            units.support[room.row[k]] += 1


@compiled
def _successor(row: Ints, n: int, k: int, support: Ints, share: float) -> int:
    own = support[row[k]]
    for j in range(k + 1, n):
        other = support[row[j]]
        if min(own, other) >= share * max(own, other):
            return int(row[j])
    return -1


@compiled
def vote(corpus: Corpus, units: Units, share: float) -> Ints:
    """For each unit the only one that can be its successor in most of its prompts, or -1."""
    leader = np.full(len(units.sizes), -1, np.int32)
    lead = np.zeros(len(units.sizes), np.int32)
    room = _room(corpus, units)
    for p in range(len(corpus.offsets) - 1):
        n = _present(corpus, p, units, room)
        for k in range(n):
            unit, successor = room.row[k], _successor(room.row, n, k, units.support, share)
            if lead[unit] == 0:
                leader[unit], lead[unit] = successor, 1
            else:
                lead[unit] += 1 if leader[unit] == successor else -1
    return leader


@compiled
def count_votes(corpus: Corpus, units: Units, share: float, leader: Ints) -> Ints:
    """In how many prompts ``leader[u]`` really is the successor of ``u``."""
    agreed = np.zeros(len(units.sizes), np.int32)
    room = _room(corpus, units)
    for p in range(len(corpus.offsets) - 1):
        n = _present(corpus, p, units, room)
        for k in range(n):
            if leader[room.row[k]] >= 0:
                successor = _successor(room.row, n, k, units.support, share)
                agreed[room.row[k]] += 1 if leader[room.row[k]] == successor else 0
    return agreed


@compiled
def list_present(
    corpus: Corpus, units: Units, prompts: NDArray[np.int32], found: Ints, matched: Ints
) -> int:
    """List (prompt, unit, matched shingles) of all units present; return how many.

    With empty arrays it only counts, so that the caller can make room.
    """
    n = 0
    room = _room(corpus, units)
    for p in range(len(corpus.offsets) - 1):
        for k in range(_present(corpus, p, units, room)):
            if len(found):
                prompts[n], found[n], matched[n] = p, room.row[k], room.counts[k]
            n += 1
    return n


@compiled
def digests(
    hashes: NDArray[np.uint64], offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """One hash over all shingles of each of some rows, never 0."""
    result = np.zeros(len(rows), np.uint64)
    for k in range(len(rows)):
        for i in range(offsets[rows[k]], offsets[rows[k] + 1]):
            result[k] = mix(result[k] ^ hashes[i])
        result[k] |= U(1)
    return result
