"""What random pools of accounts of the same size are like: the null of every pooled measure.

A measure over few members strays far by chance, and how far depends on the population; so no
measure is compared with a number of ours but with pools drawn from the same logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["POOLS", "draws", "null_by_size"]

POOLS = 199
SMALLEST, LARGEST = 3, 256  # larger pools are not drawn: theirs would stray less still
SEED = 20_260_624  # random pools are the same in every run

Null = Callable[[int], NDArray[np.float64]]


def draws(size: int, among: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Members of POOLS random pools: the number of the pool and a row 0..among-1 of each."""
    chance = np.random.default_rng([SEED, size, among])
    return np.repeat(np.arange(POOLS), size), chance.integers(0, among, POOLS * size)


def null_by_size(
    sizes: NDArray[np.int64], among: int, null: Null
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Groups that may be compared with one null, and its values.

    Pools are drawn for a few sizes; a group is compared with the next smaller ones, which stray
    further by chance, never less.

    Args:
        sizes: Members by group, shape (groups,).
        among: How many accounts may be drawn.
        null: From a size to the measure of random pools of that size.

    Yields:
        Positions of groups and the sorted values of the null, shape (POOLS,).
    """
    steps = np.unique(np.round(SMALLEST * 2 ** (np.arange(16) / 2)).astype(np.int64))
    steps = steps[steps <= min(LARGEST, among)]
    which = np.searchsorted(steps, sizes, side="right") - 1
    for step in np.unique(which[which >= 0]):
        yield np.flatnonzero(which == step), np.sort(null(int(steps[step])))
