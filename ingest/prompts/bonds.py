"""The loops over what stands together in whole texts: what is bound to a unit, what they cover.

A unit is *bound* to another when it stands in most of the texts that hold the other. What is bound
to a unit, together with it, is the frame that these texts share as far as one unit can tell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled

__all__ = ["Bonds", "Present", "Spots", "bind", "held", "measure"]

Ints = NDArray[np.int32]
PARENTS, OWN = 2, 1  # marks of a token


class Present(NamedTuple):
    """The units of each text, one text after the other."""

    unit: Ints
    offsets: NDArray[np.int64]


class Spots(NamedTuple):
    """Where the shingles of each text stand: unit (-1: none), ``8 * first token + width``."""

    unit: Ints
    place: Ints
    offsets: NDArray[np.int64]


class Bonds(NamedTuple):
    """What is bound to unit ``u``: ``bound[starts[u]:starts[u + 1]]``, itself included.

    ``sample[u, :taken[u]]`` are texts that hold it.
    """

    starts: NDArray[np.int64]
    bound: Ints
    sample: Ints
    taken: Ints


@compiled
def _samples(present: Present, count: int, most: int) -> tuple[Ints, Ints]:
    """The first ``most`` texts of each unit; texts are in the order of their hash: at random."""
    taken = np.zeros(count, np.int32)
    sample = np.zeros((count, most), np.int32)
    for t in range(len(present.offsets) - 1):
        for k in range(present.offsets[t], present.offsets[t + 1]):
            unit = present.unit[k]
            if taken[unit] < most:
                sample[unit, taken[unit]] = t
                taken[unit] += 1
    return sample, taken


@compiled
def _meet(present: Present, texts: Ints, met: Ints, touched: Ints) -> int:
    """Count the units that stand in some texts; return how many different ones."""
    seen = 0
    for t in texts:
        for k in range(present.offsets[t], present.offsets[t + 1]):
            unit = present.unit[k]
            if met[unit] == 0:
                touched[seen] = unit
                seen += 1
            met[unit] += 1
    return seen


@compiled
def bind(present: Present, count: int, share: float, most: int) -> Bonds:
    """Bind to each of ``count`` units what stands in ``share`` of a sample of its texts."""
    sample, taken = _samples(present, count, most)
    met, touched = np.zeros(count, np.int32), np.zeros(count, np.int32)
    starts = np.zeros(count + 1, np.int64)
    bound = np.zeros(4 * count, np.int32)
    for u in range(count):
        seen = _meet(present, sample[u, : taken[u]], met, touched)
        n = starts[u]
        if n + seen > len(bound):
            bound = np.concatenate((bound, np.zeros(len(bound) + seen, np.int32)))
        for k in range(seen):
            if met[touched[k]] >= share * taken[u]:
                bound[n] = touched[k]
                n += 1
            met[touched[k]] = 0
        starts[u + 1] = n
    return Bonds(starts, bound[: starts[count]], sample, taken)


@compiled
def _own_part(bonds: Bonds, parent: Ints) -> NDArray[np.bool_]:
    """Which of ``bonds.bound`` are not bound to the unit's parent as well."""
    own = np.ones(len(bonds.bound), np.bool_)
    of = np.full(len(parent), -1, np.int32)
    for u in range(len(parent)):
        above = parent[u]
        if above < 0:
            continue
        for i in range(bonds.starts[above], bonds.starts[above + 1]):
            of[bonds.bound[i]] = u
        for i in range(bonds.starts[u], bonds.starts[u + 1]):
            own[i] = of[bonds.bound[i]] != u
    return own


@compiled
def held(present: Present, bonds: Bonds, parent: Ints, sizes: Ints) -> NDArray[np.float32]:
    """For each row of ``present`` the share of the unit's own part that the text holds.

    The own part is what is bound to the unit and not to its parent; ``sizes`` weigh what is bound.
    """
    own, last = _own_part(bonds, parent), np.full(len(parent), -1, np.int64)
    shares = np.ones(len(present.unit), np.float32)
    for t in range(len(present.offsets) - 1):
        first, end = present.offsets[t], present.offsets[t + 1]
        for k in range(first, end):
            last[present.unit[k]] = t
        for k in range(first, end):
            here, whole = 0, 0
            for i in range(bonds.starts[present.unit[k]], bonds.starts[present.unit[k] + 1]):
                weight = sizes[bonds.bound[i]] if own[i] else 0
                whole += weight
                here += weight if last[bonds.bound[i]] == t else 0
            shares[k] = here / max(whole, 1) if whole else 1.0
    return shares


@compiled
def _cover(spots: Spots, text: int, mark: NDArray[np.int8], token: NDArray[np.int8]) -> int:
    """Mark the tokens of a text that stand under marked units; return how far they reach."""
    reach = 0
    for i in range(spots.offsets[text], spots.offsets[text + 1]):
        unit = spots.unit[i]
        if unit < 0 or mark[unit] == 0:
            continue
        first, width = spots.place[i] >> 3, spots.place[i] & 7
        for t in range(first, first + width):
            token[t] = max(token[t], mark[unit])
        reach = max(reach, first + width)
    return reach


@compiled
def _span(token: NDArray[np.int8], reach: int) -> tuple[int, int]:
    """The first and the last token of the parent; the mark before the text is no word."""
    first, last = reach, 0
    for t in range(1, reach):
        if token[t] == PARENTS:
            first, last = min(first, t), t
    return first, last


@compiled
def _tally(token: NDArray[np.int8], reach: int, to_end: int, sums: NDArray[np.float32]) -> None:
    """Add up the tokens of one text (see ``measure``) and clear them."""
    first, last = _span(token, reach)
    t = 0
    while t < reach:
        begin = t
        while t < reach and token[t] == OWN:
            t += 1
        if t == begin:
            sums[0] += 1 if token[t] == PARENTS else 0
            t += 1
            continue
        before = begin == 0 or token[begin - 1] == PARENTS
        after = token[t] == PARENTS if t < reach else to_end > 0
        sums[0] += t - begin
        sums[1] += t - begin
        sums[2] += t - begin if before and after else 0
        sums[3] += t - begin if first < begin and t <= last else 0
    token[:reach] = 0


@compiled
def _set(mark: NDArray[np.int8], bonds: Bonds, unit: int, value: int) -> None:
    for k in range(bonds.starts[unit], bonds.starts[unit + 1]):
        mark[bonds.bound[k]] = value


@compiled
def measure(
    spots: Spots, bonds: Bonds, parent: Ints, to_end: NDArray[np.uint8], longest: int
) -> NDArray[np.float32]:
    """Count tokens in the sampled texts of each unit; one column a unit, means over its sample.

    Args:
        spots: where shingles stand.
        bonds: what is bound to each unit.
        parent: a wider frame in whose texts the unit stands, or -1.
        to_end: for each unit, whether it ends its texts.
        longest: tokens of the longest text.

    Returns:
        Four rows: tokens under the unit and all that is bound to it; of these, those that the
        parent does not cover; of these, those in runs that fill a gap of the parent from edge to
        edge; and those in runs with words of the parent on both sides, near or far.
    """
    count = len(bonds.taken)
    mark, token = np.zeros(count, np.int8), np.zeros(longest + 8, np.int8)
    sums = np.zeros((count, 4), np.float32)
    for u in range(count):
        _set(mark, bonds, u, OWN)
        if parent[u] >= 0:
            _set(mark, bonds, parent[u], PARENTS)
        for s in range(bonds.taken[u]):
            reach = _cover(spots, bonds.sample[u, s], mark, token)
            _tally(token, reach, to_end[u], sums[u])
        _set(mark, bonds, u, 0)
        if parent[u] >= 0:
            _set(mark, bonds, parent[u], 0)
        sums[u] /= max(bonds.taken[u], 1)
    return sums.T
