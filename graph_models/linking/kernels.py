"""The inner loops of linking, compiled: they walk sorted rows and hold no rules.

A *row table* is (start, value): the values of account ``i`` are ``value[start[i]:start[i + 1]]``,
ascending and distinct.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["among_closest", "by_row", "overlap", "reachable_pairs", "shared_edges", "starts"]

Ints = NDArray[np.int64]
_RUNS = 32  # of accounts whose pairs are met one after the other


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


def _fill_shared(start, value, a, b, offset):  # type: ignore[no-untyped-def]
    edge_a = np.empty(offset[-1], np.int64)
    edge_b = np.empty(offset[-1], np.int64)
    for pair in range(len(a)):
        i, i_end = start[a[pair]], start[a[pair] + 1]
        j, j_end = start[b[pair]], start[b[pair] + 1]
        out = offset[pair]
        while i < i_end and j < j_end:
            if value[i] == value[j]:
                edge_a[out] = i
                edge_b[out] = j
                out += 1
                i += 1
                j += 1
            elif value[i] < value[j]:
                i += 1
            else:
                j += 1
    return edge_a, edge_b


def _meet(a, rows, users, touched, seen):  # type: ignore[no-untyped-def]
    start, value = rows[0], rows[1]
    user_start, user = users
    count = 0
    for i in range(start[a], start[a + 1]):
        v = value[i]
        for j in range(user_start[v], user_start[v + 1]):
            b = user[j]
            if b > a and not seen[b]:
                seen[b] = True
                touched[count] = b
                count += 1
    return count


_meet_compiled = njit(cache=True)(_meet)


def _weigh(a, b, rows, values, layers, spread, group):  # type: ignore[no-untyped-def]
    start, value, first, last, claimed = rows
    plain, learned, layer = values
    cap, of_group, dated, rest, group_cap, discount = layers
    group[:] = 0.0
    met = 0.0
    i, i_end = start[a], start[a + 1]
    j, j_end = start[b], start[b + 1]
    while i < i_end and j < j_end:
        v = value[i]
        if v < value[j]:
            i += 1
        elif v > value[j]:
            j += 1
        else:
            kind = layer[v]
            busier = max(spread[a, kind], spread[b, kind])
            met += min(cap[kind], max(plain[v] - busier, 0.0))
            says = learned[v] - busier
            if dated[kind]:
                gap = max(first[i], first[j]) - min(last[i], last[j])
                if gap > 0.0:
                    says -= math.log2(1.0 + gap)
            says = min(cap[kind], max(says, 0.0))
            says *= 1.0 - discount * max(claimed[i], claimed[j])
            at = of_group[kind]
            group[at, 0] = max(group[at, 0], says)
            group[at, 1] += says
            i += 1
            j += 1
    total = 0.0
    for at in range(len(group)):
        best, plus = group[at, 0], group[at, 1]
        total += min(best + rest[at] * (plus - best), group_cap[at])
    return met, total


_weigh_compiled = njit(cache=True)(_weigh)


def _reach(rows, users, values, layers, spread, floors, span):  # type: ignore[no-untyped-def]
    accounts = len(rows[0]) - 1
    seen = np.zeros(accounts, np.bool_)
    touched = np.empty(accounts, np.int32)
    group = np.zeros((len(layers[4]), 2))
    met = 0
    found = 0
    out_a = np.empty(1024, np.int32)
    out_b = np.empty(1024, np.int32)
    out_bits = np.empty(1024, np.float32)
    for a in range(span[0], span[1]):
        count = _meet_compiled(a, rows, users, touched, seen)
        met += count
        if found + count > len(out_a):
            room = max(2 * len(out_a), found + count)
            wide_a = np.empty(room, np.int32)
            wide_b = np.empty(room, np.int32)
            wide_bits = np.empty(room, np.float32)
            wide_a[:found] = out_a[:found]
            wide_b[:found] = out_b[:found]
            wide_bits[:found] = out_bits[:found]
            out_a, out_b, out_bits = wide_a, wide_b, wide_bits
        partner = np.sort(touched[:count])
        for b in partner:
            seen[b] = False
            plain, total = _weigh_compiled(a, b, rows, values, layers, spread, group)
            if plain >= floors[0] and total >= floors[1]:
                out_a[found] = a
                out_b[found] = b
                out_bits[found] = total
                found += 1
    return met, out_a[:found].copy(), out_b[:found].copy(), out_bits[:found].copy()


def _among_closest(a, b, rank, most):  # type: ignore[no-untyped-def]
    accounts = len(most)
    start = np.zeros(accounts + 1, np.int64)
    for pair in range(len(a)):
        start[a[pair] + 1] += 1
        start[b[pair] + 1] += 1
    for account in range(accounts):
        start[account + 1] += start[account]
    free = start[:-1].copy()
    of = np.empty(start[-1], np.int32)
    for pair in range(len(a)):
        of[free[a[pair]]] = pair
        free[a[pair]] += 1
        of[free[b[pair]]] = pair
        free[b[pair]] += 1
    among = np.zeros(len(a), np.bool_)
    for account in range(accounts):
        own = of[start[account] : start[account + 1]]
        if len(own) <= most[account]:
            among[own] = True
        else:
            last = np.partition(rank[own], most[account] - 1)[most[account] - 1]
            for pair in own:
                if rank[pair] <= last:
                    among[pair] = True
    return among


def _by_row(row, start):  # type: ignore[no-untyped-def]
    free = start[:-1].copy()
    order = np.empty(len(row), np.int64)
    for edge in range(len(row)):
        order[free[row[edge]]] = edge
        free[row[edge]] += 1
    return order


_overlap_compiled = njit(cache=True)(_overlap)
_fill_shared_compiled = njit(cache=True)(_fill_shared)
_reach_compiled = njit(cache=True)(_reach)
_by_row_compiled = njit(cache=True)(_by_row)
_among_closest_compiled = njit(cache=True)(_among_closest)


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def overlap(start: Ints, value: Ints, a: NDArray[np.int32], b: NDArray[np.int32]) -> Ints:
    """How many values the rows of each pair have in common, shape (pairs,)."""
    counts: Ints = _overlap_compiled(start, value, a, b)
    return counts


def shared_edges(
    start: Ints, value: Ints, a: NDArray[np.int32], b: NDArray[np.int32]
) -> tuple[Ints, Ints, Ints]:
    """The common values of each pair: (pair, index into ``value`` on a's side, on b's side)."""
    counts = overlap(start, value, a, b)
    edge_a, edge_b = _fill_shared_compiled(start, value, a, b, _offsets(counts))
    return np.repeat(np.arange(len(a)), counts), edge_a, edge_b


def starts(row: NDArray[Any], rows: int) -> Ints:
    """Where each row begins in a table that is sorted by row, shape (rows + 1,)."""
    return _offsets(np.bincount(row, minlength=rows))


def by_row(row: NDArray[Any], rows: int) -> Ints:
    """The stable order of edges by row (a counting sort: linear, unlike a comparison sort)."""
    order: Ints = _by_row_compiled(row, starts(row, rows))
    return order


def among_closest(
    a: NDArray[np.int32], b: NDArray[np.int32], rank: Ints, most: int, accounts: int
) -> NDArray[np.bool_]:
    """Which pairs are among the ``most`` of least rank of either account, shape (pairs,)."""
    limit = np.full(accounts, most, np.int64)
    among: NDArray[np.bool_] = _among_closest_compiled(a, b, rank, limit)
    return among


def reachable_pairs(
    rows: tuple[Any, ...],
    users: tuple[Ints, NDArray[np.int32]],
    values: tuple[Any, ...],
    layers: tuple[Any, ...],
    spread: NDArray[np.float64],
    floors: tuple[float, float],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], int]:
    """All pairs a < b that a walked value brings together and whose values say enough.

    Gustavson's product over the walked values; then all values of a pair are weighed.

    Args:
        rows: Row table account → values, and by edge the first and last day and the share claimed.
        users: Row table value → accounts, without accounts where a value is not walked.
        values: Per value its bits before activity, the same as learned, and its layer.
        layers: Per layer its cap in bits, its group, whether a gap in time counts; per group the
            part of the lesser values that counts and the cap; the discount of claimed values.
        spread: log2 of the distinct values of each account, shape (accounts, layers).
        floors: Least bits without and with gap, claims and what was learned.

    Returns:
        a, b (sorted by a, then b), their bits, and how many pairs were met in all.
    """
    if not all(map(math.isfinite, floors)):
        raise ValueError(f"floors must be finite, not {floors}.")
    # In runs of accounts, so that no array of all pairs has to grow and be copied.
    edges = np.linspace(0, len(rows[0]) - 1, _RUNS + 1).astype(np.int64)
    parts = [
        _reach_compiled(rows, users, values, layers, spread, floors, run)
        for run in pairwise(edges.tolist())
    ]
    a, b, bits = (np.concatenate([part[at] for part in parts]) for at in (1, 2, 3))
    return a, b, bits, sum(int(part[0]) for part in parts)
