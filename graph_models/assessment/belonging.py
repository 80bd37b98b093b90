"""Which members act like the rest: who only shares a trace with others is not accused with them.

An innocent's card may be charged once by an operator, a decoy may be planted, a server may serve
two masters. Links alone cannot tell; conduct can. For every member of a community the bits of

    log2 P(conduct | a member of it) / P(conduct | anybody)

are summed over what is known of it: use of the community's own prompt frames, kinds of work, hours
of the day, pace. Both probabilities are read off the accounts themselves, as histograms over
quantiles; a member who lacks a feature is judged by the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.conduct import own_frames
from graph_models.assessment.halves import Halves, features
from graph_models.assessment.pool import Pool
from graph_models.families import Family
from graph_models.observations import Observations

__all__ = ["BELONGS_BITS", "conduct_bits"]

BELONGS_BITS = 0.5
"""Below this an accused member is no more than possible: the doubt is his who shares but a trace.

On five tuning worlds (quickstart:hard and sampled) it parts 10 of 14 innocents from a campaign and
6 of 987 guilty accounts."""
MEMBERS = 10  # fewer have no common conduct to compare with
BINS = 10
FEATURE_CAP = 4.0
APART = {"hours": Family.TIMING, "work": Family.PROMPTS}
PACE_DAYS = 2  # active days that an account needs before it has a pace


def conduct_bits(
    obs: Observations, members: pd.DataFrame, *, without: frozenset[Family] = frozenset()
) -> pd.Series:
    """How much more the conduct of each member is like the others' than like anybody's.

    Args:
        obs: The population.
        members: As ``inference.MEMBER_COLUMNS``, of the communities to judge.
        without: Families to leave out.

    Returns:
        Bits by (community, account), for core and probable members of communities of ten or more;
        NaN where nothing of a member's conduct is known.
    """
    pool = Pool.of(obs, members)
    found = pd.Series(np.nan, index=pd.MultiIndex.from_frame(pool.table))
    for _, values in _features(pool, without):
        found = found.add(_bits(pool, values), fill_value=0.0)
    large = pool.size[found.index.get_level_values("community").to_numpy()] >= MEMBERS
    found = found[large]
    names = np.array(pool.names, dtype=object)
    ids = obs.accounts["account"].to_numpy(dtype=object)
    code, account = (found.index.get_level_values(level).to_numpy() for level in range(2))
    index = pd.MultiIndex.from_arrays([names[code], ids[account]], names=["community", "account"])
    return pd.Series(found.to_numpy(), index=index)


_Column = NDArray[np.float64]


def _features(pool: Pool, without: frozenset[Family]) -> Iterator[tuple[str, list[_Column]]]:
    """By feature: for each community its value for every account of the population, or NaN."""
    if Family.PROMPTS not in without:
        yield "frames", _frame_shares(pool)
    if Family.LIFECYCLE not in without:
        pace = _pace(pool.obs)
        yield "pace", [pace for _ in pool.names]
    for name, halves in features(pool.obs).items():
        if name in APART and APART[name] not in without:
            yield name, [_apart(pool, halves, code) for code in range(len(pool.names))]


def _pace(obs: Observations) -> _Column:
    """log2 exchanges an active day of every account."""
    days = obs.activity["hour"].dt.floor("D")
    each = obs.activity.groupby(["account", days])["exchanges"].sum().groupby(level=0)
    known = each.mean()[each.size() >= PACE_DAYS]
    column = np.full(len(obs.accounts), np.nan)
    column[known.index.to_numpy()] = np.log2(known.to_numpy(dtype=np.float64))
    return column


def _frame_shares(pool: Pool) -> list[_Column]:
    """Share of each account's exchanges in the frames that are a community's own."""
    made = pool.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.float64)
    seen = pool.obs.sightings
    own = own_frames(pool)[["community", "identifier"]].drop_duplicates()
    columns = []
    for code in range(len(pool.names)):
        frames = own.loc[own["community"] == code, "identifier"]
        if not len(frames):
            columns.append(np.full(len(made), np.nan))
            continue
        rows = seen[seen["identifier"].isin(frames)]
        used = np.bincount(rows["account"], rows["count"], minlength=len(made))
        columns.append(np.where(made > 0, np.minimum(used / np.maximum(made, 1), 1.0), np.nan))
    return columns


def _apart(pool: Pool, halves: Halves, code: int) -> _Column:
    """Squared distance of each account from the community's mean, without its own noise."""
    column = np.full(len(pool.obs.accounts), np.nan)
    who = pool.table.loc[pool.table["community"] == code, "account"].to_numpy()
    row = halves.row_of(len(column))[who]
    if (row >= 0).sum() < MEMBERS:
        return column
    # The median of the members: intruders do not move it.
    centre = np.median(halves.whole[row[row >= 0]], axis=0)
    column[halves.account] = np.einsum("ij,ij->i", halves.even - centre, halves.odd - centre)
    return column


def _bits(pool: Pool, columns: list[_Column]) -> pd.Series:
    """log2 of the histograms' ratio at each member's value, capped; NaN where it is unknown."""
    parts = []
    for code, column in enumerate(columns):
        who = pool.table.loc[pool.table["community"] == code, "account"].to_numpy()
        inside = np.zeros(len(column), dtype=np.bool_)
        inside[who] = True
        known = ~np.isnan(column)
        bits = np.full(len(who), np.nan)
        if (known & inside).sum() >= MEMBERS and (known & ~inside).sum() >= BINS:
            bits = _ratio(column[who], column[known & ~inside])
        index = pd.MultiIndex.from_arrays(
            [np.full(len(who), code), who], names=["community", "account"]
        )
        parts.append(pd.Series(bits, index=index))
    return pd.concat(parts)


def _ratio(mine: _Column, others: _Column) -> _Column:
    # Quantiles of either side: where nearly nobody is but members, members still differ.
    parts = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = np.unique(np.concatenate([np.quantile(others, parts), np.nanquantile(mine, parts)]))
    here, there = np.searchsorted(edges, mine), np.searchsorted(edges, others)
    known = ~np.isnan(mine)
    bins = len(edges) + 1
    p = (np.bincount(here[known], minlength=bins) + 0.5) / (known.sum() + 0.5 * bins)
    q = (np.bincount(there, minlength=bins) + 0.5) / (len(others) + 0.5 * bins)
    bits = np.clip(np.log2(p / q), -FEATURE_CAP, FEATURE_CAP)
    return np.where(known, bits[np.minimum(here, bins - 1)], np.nan)
