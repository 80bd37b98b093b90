"""The three inner loops of linking, compiled: they walk sorted rows and hold no rules.

A *row table* is (start, value): the values of account ``i`` are ``value[start[i]:start[i + 1]]``,
ascending and distinct.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["overlap", "reachable_pairs", "shared_edges"]

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


def _meet(a, rows, users, values, spread, bits, touched):  # type: ignore[no-untyped-def]
    start, value = rows
    user_start, user = users
    weight, cap, layer = values
    count = 0
    for i in range(start[a], start[a + 1]):
        v = value[i]
        for j in range(user_start[v], user_start[v + 1]):
            b = user[j]
            if b <= a:
                continue
            if bits[b] == 0.0:
                touched[count] = b
                count += 1
                bits[b] = 1e-9  # met, though it may say nothing
            says = weight[v] - max(spread[layer[v], a], spread[layer[v], b])
            bits[b] += min(cap[v], max(says, 0.0))
    return count


_meet_compiled = njit(cache=True)(_meet)


def _reach(rows, users, values, spread, floor, offset):  # type: ignore[no-untyped-def]
    accounts = len(rows[0]) - 1
    bits = np.zeros(accounts, np.float64)
    touched = np.empty(accounts, np.int64)
    found = np.zeros(accounts, np.int64)
    met = 0
    out_a = np.empty(offset[-1], np.int32)
    out_b = np.empty(offset[-1], np.int32)
    for a in range(accounts):
        count = _meet_compiled(a, rows, users, values, spread, bits, touched)
        met += count
        for t in range(count):
            b = touched[t]
            if bits[b] >= floor:
                if offset[a] < offset[a + 1]:  # the first pass only counts
                    out_a[offset[a] + found[a]] = a
                    out_b[offset[a] + found[a]] = b
                found[a] += 1
            bits[b] = 0.0
        out_b[offset[a] : offset[a + 1]].sort()
    return found, met, out_a, out_b


_overlap_compiled = njit(cache=True)(_overlap)
_fill_shared_compiled = njit(cache=True)(_fill_shared)
_reach_compiled = njit(cache=True)(_reach)


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


def reachable_pairs(
    rows: tuple[Ints, Ints],
    users: tuple[Ints, NDArray[np.int32]],
    values: tuple[NDArray[np.float64], NDArray[np.float64], Ints],
    spread: NDArray[np.float64],
    floor: float,
) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """All pairs a < b whose shared values may say at least ``floor`` bits (Gustavson's product).

    Args:
        rows: Row table account → values.
        users: Row table value → accounts.
        values: Per value its bits before activity, its cap in bits, its layer.
        spread: log2 of the distinct values of each account, shape (layers, accounts).
        floor: Bits below which a pair is met but not returned.

    Returns:
        a, b (sorted by a, then b) and how many pairs were met in all.
    """
    if not math.isfinite(floor):
        raise ValueError(f"floor must be finite, not {floor}.")
    args = (rows, users, values, spread, floor)
    found, met, _, _ = _reach_compiled(*args, np.zeros(len(rows[0]), np.int64))
    _, _, a, b = _reach_compiled(*args, _offsets(found))
    return a, b, int(met)
