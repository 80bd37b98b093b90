"""How alike the members' lives are: what differs between them as a share of what differs at large.

Accounts that one hand runs are draws of one process; people who share an address, a card or a
reseller keep lives of their own. For a feature x of an account, measured on even days (A) and on
odd days (B), the between-account variance of a group is

    V = mean_i <x_iA, x_iB> - mean_{i != j} <x_i, x_j>

which is free of the noise within accounts because both halves are measured apart (a split-half
estimate of a variance component). ``differ`` = V of the members / V of everybody: 0 when they are
copies of each other, 1 when they differ as strangers do. It transfers to other populations, and
``rarity`` (how seldom random pools of the same size are that alike) tells it from a small sample's
luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.chance import POOLS, draws, null_by_size
from graph_models.assessment.halves import Halves
from graph_models.assessment.pool import Pool

__all__ = ["alike", "between", "rarity"]

ENOUGH_ACCOUNTS = 5  # members with enough activity: fewer have no variance to speak of
COLUMNS = (
    "hours_differ", "hours_rarity", "volume_differ", "volume_rarity", "work_differ", "work_rarity",
    "day_shape",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Groups:
    """Usable members: group ``code`` and row of the feature, sorted by group."""

    code: NDArray[np.int64]
    row: NDArray[np.int64]
    count: int

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.bincount(self.code, minlength=self.count).astype(np.int64)


def alike(pool: Pool) -> pd.DataFrame:
    """``differ`` and ``rarity`` of days, volumes and kinds of work, and how pronounced days are.

    ``day_shape``: 24 sum(p²) - 1 over the hours of the day, the mean of the members over the mean
    of everybody: 0 is flat round the clock, 1 what an ordinary account's day is like.
    """
    columns: dict[str, pd.Series | NDArray[np.float64]] = {
        name: np.full(len(pool.names), np.nan) for name in COLUMNS
    }
    for name, everybody in pool.background.features.items():
        if name not in pool.features:
            continue
        halves = pool.features[name]
        groups = _members(pool, halves)
        everyone = np.arange(len(everybody))
        whole = float(between(everybody, np.zeros_like(everyone), everyone, 1)[0])
        found = between(halves, groups.code, groups.row, groups.count)
        columns[f"{name}_differ"] = found / whole if whole > 0 else np.full(len(found), np.nan)
        columns[f"{name}_rarity"] = rarity(everybody, found, groups.sizes)
        if name == "hours":
            columns["day_shape"] = _shape(halves, groups, float(everybody.own.mean()))
    return pool.frame(**columns)


def _members(pool: Pool, halves: Halves) -> _Groups:
    row = halves.row_of(len(pool.obs.accounts))[pool.table["account"].to_numpy()]
    keep = row >= 0
    code = pool.table["community"].to_numpy(dtype=np.int64)[keep]
    return _Groups(code, row[keep], len(pool.names))


def between(
    halves: Halves, code: NDArray[np.int64], row: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Between-account variance of each group, NaN where it has too few usable accounts.

    Args:
        halves: The feature.
        code: Group of each member, 0..groups-1.
        row: Row of ``halves`` of each member.
        groups: How many groups there are.

    Returns:
        V by group, shape (groups,).
    """
    n = np.bincount(code, minlength=groups).astype(np.float64)
    whole = halves.whole[row]
    sums = np.zeros((groups, whole.shape[1]))
    np.add.at(sums, code, whole)
    lengths = np.bincount(code, np.einsum("ij,ij->i", whole, whole), minlength=groups)
    own = np.bincount(code, halves.own[row], minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        cross = (np.einsum("ij,ij->i", sums, sums) - lengths) / (n * (n - 1))
        return np.where(n >= ENOUGH_ACCOUNTS, own / n - cross, np.nan)


def rarity(
    halves: Halves, found: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Share of random pools of the same size whose members are at least that alike.

    Args:
        halves: The feature.
        found: V by group, NaN where unknown.
        sizes: Usable members by group.

    Returns:
        Randomisation p by group (Davison & Hinkley 1997, (1 + b) / (1 + B)), NaN where unknown.
    """
    p = np.full(len(found), np.nan)
    known = np.where(np.isnan(found), 0, sizes)
    for at, null in null_by_size(known, len(halves), lambda size: _null(halves, size)):
        p[at] = (1 + np.searchsorted(null, found[at], side="right")) / (1 + POOLS)
    return p


def _null(halves: Halves, size: int) -> NDArray[np.float64]:
    code, row = draws(size, len(halves))
    return between(halves, code, row, POOLS)


def _shape(hours: Halves, groups: _Groups, usual: float) -> NDArray[np.float64]:
    """``usual``: mean over everybody of the squared length of the hours of a day."""
    slots = hours.even.shape[1]
    ordinary = slots * usual - 1
    own = np.bincount(groups.code, hours.own[groups.row], minlength=groups.count)
    with np.errstate(invalid="ignore", divide="ignore"):
        shape = (slots * own / groups.sizes - 1) / (ordinary if ordinary > 0 else np.nan)
        return np.where(groups.sizes >= ENOUGH_ACCOUNTS, shape, np.nan)
