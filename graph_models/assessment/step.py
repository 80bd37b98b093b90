"""Whether members act in the same ten minutes more often than their habits explain."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.pool import Pool
from graph_models.communities.groups import entries
from graph_models.linking.rhythm import Rhythm

__all__ = ["in_step"]

PAIRS = 300  # pairs looked at in each community: enough for the ratio of two sums
LEAST_EXPECTED = 20.0  # coincidences that habit alone must explain before a ratio means anything
SEED = 7


def in_step(pool: Pool, rhythm: Rhythm | None) -> pd.DataFrame:
    """``step``: coincidences of members over what whole-day shifts leave; one when independent.

    The null keeps every member's hours of the day and number of days (SynchroTrap, with a
    rate-preserving null); pairs are a sample that depends on the members only.

    Args:
        pool: The communities.
        rhythm: Ten-minute buckets of all accounts, or None where times are unknown.

    Returns:
        A frame over communities, NaN where habit alone explains too little to compare with.
    """
    if rhythm is None or not len(pool.names):
        return pool.frame(step=np.full(len(pool.names), np.nan))
    code, a, b = _pairs(pool)
    some = (rhythm.active[a] > 0) & (rhythm.active[b] > 0)
    code, a, b = code[some], a[some], b[some]
    seen, expected, _ = _of(rhythm, a, b)
    whole = np.bincount(code, expected, minlength=len(pool.names))
    met = np.bincount(code, seen, minlength=len(pool.names))
    with np.errstate(invalid="ignore", divide="ignore"):
        return pool.frame(step=np.where(whole >= LEAST_EXPECTED, met / whole, np.nan))


def _pairs(pool: Pool) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Up to PAIRS random pairs of members of every community with two members."""
    start = np.concatenate([[0], np.cumsum(pool.size)])[:-1]
    large = np.flatnonzero(pool.size >= 2)
    code = np.repeat(large, np.minimum(PAIRS, pool.size[large] * (pool.size[large] - 1)))
    chance = np.random.default_rng([SEED, len(pool.table)])
    size = pool.size[code]
    first = (chance.random(len(code)) * size).astype(np.int64)
    second = (first + 1 + (chance.random(len(code)) * (size - 1)).astype(np.int64)) % size
    account = pool.table["account"].to_numpy(dtype=np.int32)
    return code, account[start[code] + first], account[start[code] + second]


def _of(
    rhythm: Rhythm, a: NDArray[np.int32], b: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """``Rhythm.coincidence`` of some pairs, in memory that grows with the pairs alone."""
    asked, at = np.unique(np.concatenate([a, b]), return_inverse=True)
    row, bucket = entries(rhythm.start, asked.astype(np.int64))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(asked)))])
    first, second = at.astype(np.int32).reshape(2, -1)
    return Rhythm(start.astype(np.int64), rhythm.bucket[bucket]).coincidence(first, second)
