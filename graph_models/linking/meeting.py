"""How pairs are met, compiled: Gustavson's product over shared values, weighed as it goes.

A *row table* is (start, value, …): account ``i`` has ``value[start[i]:start[i + 1]]``, ascending
and distinct; what follows belongs to the same edges.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["among_closest", "reachable_pairs"]

_RUNS = 32  # of accounts whose pairs are met one after the other


def _says(kind, i, j, raw, rows, users, layers):  # type: ignore[no-untyped-def]
    first, last, claimed = rows[2], rows[3], rows[4]
    first_of, last_of, claimed_of = users[2], users[3], users[4]
    cap, _, dated, _, _, discount = layers
    if dated[kind]:
        gap = max(first[i], first_of[j]) - min(last[i], last_of[j])
        if gap > 0.0:
            raw -= math.log2(1.0 + gap)
    fair = min(cap[kind], max(raw, 0.0))
    return fair * (1.0 - discount * max(claimed[i], claimed_of[j]))


_says_compiled = njit(cache=True)(_says)


def _meet(a, rows, users, values, layers, spread, met):  # type: ignore[no-untyped-def]
    start, value = rows[0], rows[1]
    user_start, user, busy = users[0], users[1], users[-1]
    plain, learned, layer = values
    cap, of_group = layers[0], layers[1]
    place, partner, bits, group = met
    count = 0
    for i in range(start[a], start[a + 1]):
        v = value[i]
        kind = layer[v]
        at = of_group[kind]
        for j in range(user_start[v], user_start[v + 1]):
            b = user[j]
            if b <= a:
                continue
            # Partners are few: their sums lie together, and only their place is far away.
            p = place[b]
            if p < 0:
                p = place[b] = count
                partner[p] = b
                bits[p] = 0.0
                group[p] = 0.0
                count += 1
            busier = max(spread[a, kind], busy[j])
            bits[p] += min(cap[kind], max(plain[v] - busier, 0.0))
            says = _says_compiled(kind, i, j, learned[v] - busier, rows, users, layers)
            group[p, at, 0] = max(group[p, at, 0], says)
            group[p, at, 1] += says
    return count


def _add(a, b, rest, values, layers, spread, group):  # type: ignore[no-untyped-def]
    start, value = rest[0], rest[1]
    plain, learned, layer = values
    cap, of_group = layers[0], layers[1]
    i, i_end = start[a], start[a + 1]
    j, j_end = start[b], start[b + 1]
    met = 0.0
    while i < i_end and j < j_end:
        v = value[i]
        if v == value[j]:
            kind = layer[v]
            busier = max(spread[a, kind], spread[b, kind])
            met += min(cap[kind], max(plain[v] - busier, 0.0))
            says = _says_compiled(kind, i, j, learned[v] - busier, rest, rest, layers)
            at = of_group[kind]
            group[at, 0] = max(group[at, 0], says)
            group[at, 1] += says
            i += 1
            j += 1
        elif v < value[j]:
            i += 1
        else:
            j += 1
    return met


def _fuse(group, layers):  # type: ignore[no-untyped-def]
    rest, cap = layers[3], layers[4]
    total = 0.0
    for at in range(len(group)):
        best, plus = group[at, 0], group[at, 1]
        total += min(best + rest[at] * (plus - best), cap[at])
    return total


_meet_compiled = njit(cache=True)(_meet)
_add_compiled = njit(cache=True)(_add)
_fuse_compiled = njit(cache=True)(_fuse)


def _reach(rows, users, rest, values, layers, spread, floors, span):  # type: ignore[no-untyped-def]
    accounts = len(rows[0]) - 1
    place = np.full(accounts, -1, np.int32)
    partner = np.empty(accounts, np.int32)
    bits = np.empty(accounts, np.float64)
    group = np.empty((accounts, len(layers[4]), 2), np.float32)
    met = 0
    found = 0
    out_a = np.empty(1024, np.int32)
    out_b = np.empty(1024, np.int32)
    out_bits = np.empty(1024, np.float32)
    for a in range(span[0], span[1]):
        own = (place, partner, bits, group)
        count = _meet_compiled(a, rows, users, values, layers, spread, own)
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
        for p in np.argsort(partner[:count]):
            b = partner[p]
            total = _fuse_compiled(group[p], layers)
            if bits[p] < floors[0] or total < floors[1]:
                bits[p] += _add_compiled(a, b, rest, values, layers, spread, group[p])
                total = _fuse_compiled(group[p], layers)
            if bits[p] >= floors[0] and total >= floors[1]:
                out_a[found] = a
                out_b[found] = b
                out_bits[found] = total
                found += 1
            place[b] = -1
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


_reach_compiled = njit(cache=True)(_reach)
_among_closest_compiled = njit(cache=True)(_among_closest)


def among_closest(
    a: NDArray[np.int32], b: NDArray[np.int32], rank: NDArray[np.int64], most: int, accounts: int
) -> NDArray[np.bool_]:
    """Which pairs are among the ``most`` of least rank of either account, shape (pairs,)."""
    limit = np.full(accounts, most, np.int64)
    among: NDArray[np.bool_] = _among_closest_compiled(a, b, rank, limit)
    return among


def reachable_pairs(
    tables: tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]],
    values: tuple[Any, ...],
    layers: tuple[Any, ...],
    spread: NDArray[np.float64],
    floors: tuple[float, float],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], int]:
    """All pairs a < b that a walked value brings together and whose values say enough.

    Gustavson's product over the walked values; the others are looked up where these do not suffice.

    Args:
        tables: Three row tables: account → walked values, walked value → accounts, and account →
            values that are not walked; each with first day, last day and claimed share by edge, the
            second also with the ``spread`` of its accounts.
        values: Per value its bits before activity, the same as learned, and its layer.
        layers: Per layer its cap in bits, its group, whether a gap in time counts; per group the
            part of the lesser values that counts and the cap; the discount of claimed values.
        spread: log2 of the distinct values of each account, shape (accounts, layers).
        floors: Least bits without and with gap, claims and what was learned.

    Returns:
        a, b (sorted by a, then b), bits with gap and claims (at least: where the walked values
        suffice, of these), and how many pairs were met in all.
    """
    if not all(map(math.isfinite, floors)):
        raise ValueError(f"floors must be finite, not {floors}.")
    # In runs of accounts, so that no array of all pairs has to grow and be copied.
    edges = np.linspace(0, len(tables[0][0]) - 1, _RUNS + 1).astype(np.int64)
    parts = [
        _reach_compiled(*tables, values, layers, spread, floors, run)
        for run in pairwise(edges.tolist())
    ]
    a, b, bits = (np.concatenate([part[at] for part in parts]) for at in (1, 2, 3))
    return a, b, bits, sum(int(part[0]) for part in parts)
