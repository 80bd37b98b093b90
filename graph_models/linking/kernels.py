"""The inner loops of linking, compiled: they walk sorted rows and hold no rules.

A *row table* is (start, value): the values of account ``i`` are ``value[start[i]:start[i + 1]]``,
ascending and distinct.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "add_up",
    "by_row",
    "least",
    "overlap",
    "shared_edges",
    "starts",
]

Ints = NDArray[np.int64]


def _overlap(start, value, a, b):  # type: ignore[no-untyped-def]
    counts = np.zeros(len(a), np.int64)
    for pair in range(len(a)):
        i, i_end = start[a[pair]], start[a[pair] + 1]
        j, j_end = start[b[pair]], start[b[pair] + 1]
        while i < i_end and j < j_end:
            if value[i] == value[j]:
                counts[pair] += 1
                i += 1
                j += 1
            elif value[i] < value[j]:
                i += 1
            else:
                j += 1
    return counts


def _shared(start, value, a, b):  # type: ignore[no-untyped-def]
    of = np.empty(1024, np.int64)
    edge_a = np.empty(1024, np.int64)
    edge_b = np.empty(1024, np.int64)
    out = 0
    for pair in range(len(a)):
        i, i_end = start[a[pair]], start[a[pair] + 1]
        j, j_end = start[b[pair]], start[b[pair] + 1]
        if out + min(i_end - i, j_end - j) > len(of):
            room = 2 * len(of) + min(i_end - i, j_end - j)
            wide, wide_a, wide_b = np.empty((3, room), np.int64)
            wide[:out] = of[:out]
            wide_a[:out] = edge_a[:out]
            wide_b[:out] = edge_b[:out]
            of, edge_a, edge_b = wide, wide_a, wide_b
        while i < i_end and j < j_end:
            if value[i] == value[j]:
                of[out] = pair
                edge_a[out] = i
                edge_b[out] = j
                out += 1
                i += 1
                j += 1
            elif value[i] < value[j]:
                i += 1
            else:
                j += 1
    return of[:out].copy(), edge_a[:out].copy(), edge_b[:out].copy()


def _least(low, at, values):  # type: ignore[no-untyped-def]
    for entry in range(len(at)):
        low[at[entry]] = min(low[at[entry]], values[entry])


def _add_up(pair, millibits, best, plus, minus):  # type: ignore[no-untyped-def]
    for entry in range(len(pair)):
        says = millibits[entry]
        at = pair[entry]
        if says > 0:
            best[at] = max(best[at], says)
            plus[at] += says
        else:
            minus[at] += says


def _by_row(row, start):  # type: ignore[no-untyped-def]
    free = start[:-1].copy()
    order = np.empty(len(row), np.int64)
    for edge in range(len(row)):
        order[free[row[edge]]] = edge
        free[row[edge]] += 1
    return order


_overlap_compiled = njit(cache=True)(_overlap)
_shared_compiled = njit(cache=True)(_shared)
_least_compiled = njit(cache=True)(_least)
_add_up_compiled = njit(cache=True)(_add_up)
_by_row_compiled = njit(cache=True)(_by_row)


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def overlap(start: Ints, value: Ints, a: NDArray[np.int32], b: NDArray[np.int32]) -> Ints:
    """How many values the rows of each pair have in common, shape (pairs,)."""
    counts: Ints = _overlap_compiled(start, value, a, b)
    return counts


def shared_edges(
    start: Ints, value: NDArray[np.int32], a: NDArray[np.int32], b: NDArray[np.int32]
) -> tuple[Ints, Ints, Ints]:
    """The common values of each pair: (pair, index into ``value`` on a's side, on b's side)."""
    found: tuple[Ints, Ints, Ints] = _shared_compiled(start, value, a, b)
    return found


def least(low: NDArray[np.float64], at: Ints, values: NDArray[np.float64]) -> None:
    """Lower each ``low[at]`` to the least of its values, in place."""
    _least_compiled(low, at, values)


def add_up(pair: NDArray[Any], millibits: NDArray[Any], sums: tuple[Ints, Ints, Ints]) -> None:
    """Add entries to the strongest, the sum of the gains and the sum of the losses by pair.

    Args:
        pair: The pair of each entry, shape (entries,).
        millibits: What each says.
        sums: Arrays of shape (pairs,), changed in place.
    """
    _add_up_compiled(pair, millibits, *sums)


def starts(row: NDArray[Any], rows: int) -> Ints:
    """Where each row begins in a table that is sorted by row, shape (rows + 1,)."""
    return _offsets(np.bincount(row, minlength=rows))


def by_row(row: NDArray[Any], rows: int) -> Ints:
    """The stable order of edges by row (a counting sort: linear, unlike a comparison sort)."""
    order: Ints = _by_row_compiled(row, starts(row, rows))
    return order
