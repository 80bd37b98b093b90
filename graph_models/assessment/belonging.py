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

from graph_models.assessment.background import Background
from graph_models.assessment.chosen import to_read
from graph_models.assessment.conduct import own_frames
from graph_models.assessment.halves import Halves
from graph_models.assessment.pool import Pool
from graph_models.assessment.runs import distinct
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
    obs: Observations,
    members: pd.DataFrame,
    *,
    without: frozenset[Family] = frozenset(),
    background: Background | None = None,
) -> pd.Series:
    """How much more the conduct of each member is like the others' than like anybody's.

    Args:
        obs: The population.
        members: As ``inference.MEMBER_COLUMNS``, of the communities to judge.
        without: Families to leave out.
        background: What was read before. Of a large population hours are then known of the members
            that were read; the others are judged by their share of the common frames alone.

    Returns:
        Bits by (community, account), for core and probable members of communities of ten or more;
        NaN where nothing of a member's conduct is known.
    """
    pool = Pool.of(obs, members, background)
    if not pool.names:
        empty = pd.MultiIndex.from_arrays([[], []], names=["community", "account"])
        return pd.Series(np.zeros(0), index=empty)
    reading, account = pool.background.reading, pool.table["account"].to_numpy()
    if not pool.background.whole and not reading.holds(account).any():
        reading.read(to_read(pool, members)[0])
    return _conduct(pool, without)


def _conduct(pool: Pool, without: frozenset[Family]) -> pd.Series:
    found = pd.Series(np.nan, index=pd.MultiIndex.from_frame(pool.table))
    for values in _features(pool, without):
        found = found.add(_bits(pool, values), fill_value=0.0)
    large = pool.size[found.index.get_level_values("community").to_numpy()] >= MEMBERS
    found = found[large]
    names = np.array(pool.names, dtype=object)
    ids = pool.obs.accounts["account"].to_numpy(dtype=object)
    code, account = (found.index.get_level_values(level).to_numpy() for level in range(2))
    index = pd.MultiIndex.from_arrays([names[code], ids[account]], names=["community", "account"])
    return pd.Series(found.to_numpy(), index=index)


_Column = NDArray[np.float64]
_Sides = list[tuple[_Column, _Column]]
_Ints = NDArray[np.int64]


def _features(pool: Pool, without: frozenset[Family]) -> Iterator[_Sides]:
    """By feature: for each community its members' values and those of all other accounts."""
    if Family.PROMPTS not in without:
        yield _frame_shares(pool)
    if Family.LIFECYCLE not in without:
        yield _paces(pool)
    for name, halves in pool.features.items():
        usual = pool.background.features.get(name)
        if name in APART and APART[name] not in without and usual is not None:
            yield [_apart(who, halves, usual) for who in _parts(pool)]


def _parts(pool: Pool) -> list[_Ints]:
    """Accounts of each community."""
    account = pool.table["account"].to_numpy(dtype=np.int64)
    return np.split(account, np.cumsum(pool.size)[:-1])


def _others(who: _Ints, among: _Ints) -> NDArray[np.bool_]:
    """Which of some accounts are no members."""
    return ~np.isin(among, who)


def _paces(pool: Pool) -> _Sides:
    """log2 exchanges an active day."""
    mine, usual = _pace(pool.hours), _pace(pool.background.activity)
    known = usual.index.to_numpy(dtype=np.int64)
    return [
        (mine.reindex(who).to_numpy(), usual.to_numpy()[_others(who, known)])
        for who in _parts(pool)
    ]


def _pace(activity: pd.DataFrame) -> pd.Series:
    """log2 exchanges an active day, by account, where enough days are known."""
    rows = activity[activity["hour"].notna()]
    account = rows["account"].to_numpy(dtype=np.int64)
    day = rows["hour"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    span = int(day.max(initial=0)) + 1
    days = np.bincount(distinct(account * span + day) // span)
    made = np.bincount(account, rows["exchanges"].to_numpy(dtype=np.float64), minlength=len(days))
    known = np.flatnonzero(days >= PACE_DAYS)
    return pd.Series(np.log2(made[known] / days[known]), index=known)


def _frame_shares(pool: Pool) -> _Sides:
    """Share of each account's exchanges in the frames that are a community's own."""
    made = pool.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.float64)
    sample = pool.obs.sample.astype(np.int64)
    account, count = (pool.obs.sightings[name].to_numpy() for name in ("account", "count"))
    identifier = pool.obs.sightings["identifier"].to_numpy()
    own = own_frames(pool)[["community", "identifier"]].drop_duplicates()
    frames = dict(iter(own.groupby("community")["identifier"]))
    sides = []
    for code, who in enumerate(_parts(pool)):
        if code not in frames:
            sides.append((np.full(len(who), np.nan), np.zeros(0)))
            continue
        asked = frames[code].to_numpy()
        low, high = (np.searchsorted(identifier, asked, side) for side in ("left", "right"))
        size = high - low
        row = np.repeat(low - np.cumsum(size) + size, size) + np.arange(size.sum())
        used = np.bincount(account[row], count[row], minlength=len(made))
        share = np.where(made > 0, np.minimum(used / np.maximum(made, 1), 1.0), np.nan)
        sides.append((share[who], share[sample[_others(who, sample)]]))
    return sides


def _apart(who: _Ints, halves: Halves, usual: Halves) -> tuple[_Column, _Column]:
    """Squared distance of accounts from the community's mean, without their own noise."""
    row = np.searchsorted(halves.account, who)
    row[row == len(halves)] = 0
    has = halves.account[row] == who
    mine = np.full(len(who), np.nan)
    if has.sum() < MEMBERS:
        return mine, np.zeros(0)
    # The median of the members: intruders do not move it.
    centre = np.median(halves.whole[row[has]], axis=0)
    mine[has] = _distance(halves, centre)[row[has]]
    return mine, _distance(usual, centre)[_others(who, usual.account)]


def _distance(halves: Halves, centre: _Column) -> _Column:
    return np.asarray(np.einsum("ij,ij->i", halves.even - centre, halves.odd - centre))


def _bits(pool: Pool, sides: _Sides) -> pd.Series:
    """log2 of the histograms' ratio at each member's value, capped; NaN where it is unknown."""
    parts = []
    for mine, others in sides:
        known = others[~np.isnan(others)]
        enough = (~np.isnan(mine)).sum() >= MEMBERS and len(known) >= BINS
        parts.append(_ratio(mine, known) if enough else np.full(len(mine), np.nan))
    return pd.Series(np.concatenate(parts), index=pd.MultiIndex.from_frame(pool.table))


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
