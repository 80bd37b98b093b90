"""The loops over stored shingles: which ones stand together, and which frame a prompt fills.

A *unit* is a set of shingles that stand together; at first every shingle is its own. In a prompt,
the successor of a unit is the next unit whose support is compatible; what lies between them and is
much rarer or much commoner is a slot's content. Two units join when one is the successor of the
other in most of the prompts of both, so the partner is found by a majority vote (Boyer, Moore 1981)
in constant memory, and a verified vote does not depend on the order of prompts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled
from ingest.prompts.shapes import KEPT

__all__ = ["best_frames", "code_of", "supports", "votes", "votes_for"]

Ints = NDArray[np.int32]
U = np.uint64


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
def _units_in(
    codes: Ints, first: int, last: int, unit_of: Ints, row: Ints, counts: Ints
) -> int:
    """The distinct units of one prompt in order of appearance, with how many shingles of each."""
    n = 0
    for i in range(first, last):
        if codes[i] < 0 or unit_of[codes[i]] < 0:
            continue
        unit = unit_of[codes[i]]
        at = 0
        while at < n and row[at] != unit:
            at += 1
        if at == n:
            row[n], counts[n] = unit, 0
            n += 1
        counts[at] += 1
    return n


@compiled
def _present(
    codes: Ints, first: int, last: int, unit_of: Ints, sizes: Ints, row: Ints, counts: Ints
) -> int:
    """As ``_units_in``, only those of which the prompt holds at least half."""
    n = _units_in(codes, first, last, unit_of, row, counts)
    m = 0
    for k in range(n):
        if 2 * counts[k] >= sizes[row[k]]:
            row[m], counts[m] = row[k], counts[k]
            m += 1
    return m


@compiled
def supports(codes: Ints, offsets: NDArray[np.int64], unit_of: Ints, sizes: Ints) -> Ints:
    """In how many prompts each unit is present."""
    support = np.zeros(len(sizes), np.int32)
    row, counts = np.zeros(KEPT, np.int32), np.zeros(KEPT, np.int32)
    for p in range(len(offsets) - 1):
        n = _present(codes, offsets[p], offsets[p + 1], unit_of, sizes, row, counts)
        for k in range(n):
            support[row[k]] += 1
    return support


@compiled
def _successor(row: Ints, n: int, k: int, support: Ints, share: float) -> int:
    own = support[row[k]]
    for j in range(k + 1, n):
        other = support[row[j]]
        if min(own, other) >= share * max(own, other):
            return row[j]
    return -1


@compiled
def votes(
    codes: Ints, offsets: NDArray[np.int64], unit_of: Ints, sizes: Ints, support: Ints, share: float
) -> Ints:
    """For each unit the only one that can be its successor in most of its prompts, or -1."""
    leader = np.full(len(sizes), -1, np.int32)
    lead = np.zeros(len(sizes), np.int32)
    row, counts = np.zeros(KEPT, np.int32), np.zeros(KEPT, np.int32)
    for p in range(len(offsets) - 1):
        n = _present(codes, offsets[p], offsets[p + 1], unit_of, sizes, row, counts)
        for k in range(n):
            unit = row[k]
            next_unit = _successor(row, n, k, support, share)
            if lead[unit] == 0:
                leader[unit], lead[unit] = next_unit, 1
            elif leader[unit] == next_unit:
                lead[unit] += 1
            else:
                lead[unit] -= 1
    return leader
