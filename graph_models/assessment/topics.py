"""What the members ask for, against random pools of accounts: capability mix and elicitation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.chance import POOLS, draws, null_by_size
from graph_models.assessment.pool import Pool

__all__ = ["topics"]

RARE = 0.95  # what this part of random pools stays below, chance explains


def topics(pool: Pool) -> pd.DataFrame:
    """Distance of the capability mix from everybody else's, and how often training data is asked.

    ``capability_kl``: Kullback-Leibler divergence in bits from everybody else's mix;
    ``capability_random``: what random pools of this size stay below nineteen times in twenty.
    ``elicited`` (share of exchanges that ask for reasoning, rubrics or safe rewriting),
    ``elicited_random`` likewise, and ``elicited_lift`` in bits above everybody else's rate.
    """
    if not pool.background.tasks:
        return pool.frame(capability_known=np.zeros(len(pool.names))).reindex(columns=_COLUMNS)
    everybody = pool.background.mix
    mine = _members(pool, *pool.mix)
    # All members are taken from everybody, also where some of them speak for all.
    found = _measures(mine * pool.grown[:, None], everybody.sum(axis=0) * pool.background.scale)
    random = _random(pool.size, everybody)
    total = pool.activity.groupby("community")["exchanges"].sum()
    known = pd.Series(mine[:, :-1].sum(axis=1)) / total.reindex(range(len(mine)))
    return pool.frame(capability_known=known, **found, **random)[list(_COLUMNS)]


_COLUMNS = (
    "capability_known", "capability_kl", "capability_random", "capability_top",
    "elicited", "elicited_random", "elicited_lift",
)  # fmt: skip


def _members(pool: Pool, who: NDArray[np.int64], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the members' rows, shape (communities, capabilities + 1)."""
    account = pool.table["account"].to_numpy(dtype=np.int64)
    row = np.searchsorted(who, account)
    row[row == len(who)] = 0
    has = who[row] == account if len(who) else np.zeros(len(account), np.bool_)
    sums = np.zeros((len(pool.names), table.shape[1]))
    np.add.at(sums, pool.table["community"].to_numpy()[has], table[row[has]])
    return sums


def _measures(mine: NDArray[np.float64], whole: NDArray[np.float64]) -> dict[str, pd.Series]:
    """Measures of pools given by their sums; the last column counts what was elicited."""
    mix, rest = mine[:, :-1], np.clip(whole[:-1] - mine[:, :-1], 0, None) + 1.0
    total = mix.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = mix / total[:, None]
        q = rest / rest.sum(axis=1, keepdims=True)
        kl = np.where(p > 0, p * np.log2(p / q), 0.0).sum(axis=1)
        rate = mine[:, -1] / total
    # One exchange in a thousand is the floor of what a lexicon finds by mistake.
    others = whole[:-1].sum() - total
    base = (np.clip(whole[-1] - mine[:, -1], 0, None) + 1.0) / np.maximum(others + 1000.0, 1.0)
    known = total > 0
    return {
        "capability_kl": pd.Series(np.where(known, kl, np.nan)),
        "capability_top": pd.Series(np.where(known, p.max(axis=1), np.nan)),
        "elicited": pd.Series(np.where(known, rate, np.nan)),
        "elicited_lift": pd.Series(np.log2((rate + 0.001) / (base + 0.001))),
    }


def _random(sizes: NDArray[np.int64], table: NDArray[np.float64]) -> dict[str, pd.Series]:
    """The RARE quantile of both measures over random pools of each community's size."""
    return {
        "capability_random": _reached(sizes, table, "capability_kl"),
        "elicited_random": _reached(sizes, table, "elicited"),
    }


def _reached(sizes: NDArray[np.int64], table: NDArray[np.float64], name: str) -> pd.Series:
    found = pd.Series(np.full(len(sizes), np.nan))
    for at, null in null_by_size(sizes, len(table), lambda size: _null(table, size)[name]):
        found.iloc[at] = np.nanquantile(null, RARE) if not np.isnan(null).all() else np.nan
    return found


def _null(table: NDArray[np.float64], size: int) -> dict[str, NDArray[np.float64]]:
    code, row = draws(size, len(table))
    sums = np.zeros((POOLS, table.shape[1]))
    np.add.at(sums, code, table[row])
    return {name: values.to_numpy() for name, values in _measures(sums, table.sum(axis=0)).items()}
