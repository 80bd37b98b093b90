"""Which later community inherits the line of an earlier one: by members, else by replacement.

Evolution of communities by overlap follows Greene, Doyle & Cunningham (2010) and MONIC
(Spiliopoulou et al. 2006); one line goes to one community, chosen by one optimal assignment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graph_models.families import Family
from graph_models.kinds import KINDS, policy_of
from graph_models.observations import Observations

__all__ = [
    "SUCCESSION", "SuccessionRule", "heirs", "lives", "overlaps", "replaced", "same_line", "ties",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SuccessionRule:
    """When a community is the same one as before."""

    majority: float
    least_part: float
    least_replaced: int
    soon_days: float
    silent_days: float
    exclusive: float
    tied: float
    families: int
    reason: str


SUCCESSION = SuccessionRule(
    majority=0.5,
    least_part=0.05,
    least_replaced=2,
    soon_days=14.0,
    silent_days=14.0,
    exclusive=0.8,
    tied=0.5,
    families=2,
    reason="More than half of the line's members, or of the community's, so that two strangers "
    "with one account in common stay strangers; and a twentieth of both, so that a campaign that "
    "swallows a household at its first sight does not take the household's name. Who replaces "
    "closed accounts does so in days; two weeks leave room for a slow start. Without common "
    "members only values that hardly anybody else used count, of two families at once: a flat let "
    "anew keeps its address, not its card.",
)
_DAY = pd.Timedelta(days=1)
_FAMILY: dict[str, Family] = {kind.name: kind.family for kind in KINDS}


def overlaps(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """What lines and communities have in common.

    Args:
        earlier: line, community (of the run before), account, weight.
        later: community, account, weight.

    Returns:
        One row a pair with a common account, sorted by (line, community): line, community, before,
        shared (accounts), common (their weight, the lesser of the two), of_line and of_community
        (that weight as part of each, 0..1).
    """
    both = earlier.rename(columns={"community": "before", "weight": "had"}).merge(
        later, on="account"
    )
    both["common"] = both[["had", "weight"]].min(axis=1)
    pairs = both.groupby(["line", "before", "community"], sort=True)["common"]
    found = pairs.agg(["count", "sum"]).reset_index()
    found = found.rename(columns={"count": "shared", "sum": "common"})
    had = earlier.groupby("line")["weight"].sum()
    has = later.groupby("community")["weight"].sum()
    found["of_line"] = found["common"] / had.reindex(found["line"]).to_numpy()
    found["of_community"] = found["common"] / has.reindex(found["community"]).to_numpy()
    return found


def same_line(pairs: pd.DataFrame, *, both: bool = False) -> pd.DataFrame:
    """The pairs of ``overlaps`` with enough in common for a line to be inherited.

    Args:
        pairs: As ``overlaps`` gives them.
        both: Ask for the majority of the line *and* of the community, as of lines long unseen.
    """
    parts = pairs[["of_line", "of_community"]]
    most = (parts.min(axis=1) if both else parts.max(axis=1)) > SUCCESSION.majority
    chosen: pd.DataFrame = pairs[most & (parts.min(axis=1) >= SUCCESSION.least_part)]
    return chosen


def heirs(pairs: pd.DataFrame, score: str) -> dict[str, str]:
    """Line to the one community that inherits it: the assignment with the largest total score.

    Args:
        pairs: Candidates, a row each: line, community, before and the column ``score``. Of equal
            totals the one wins that keeps more ids, then the one whose names come first.
        score: A column that is not negative.
    """
    if pairs.empty:
        return {}
    pairs = pairs.sort_values(["line", "community"], ignore_index=True)
    lines, line = np.unique(pairs["line"].to_numpy(dtype=object), return_inverse=True)
    names, name = np.unique(pairs["community"].to_numpy(dtype=object), return_inverse=True)
    size = len(lines) + len(names)
    links = coo_array((np.ones(len(pairs)), (line, len(lines) + name)), shape=(size, size))
    group = connected_components(links, directed=False)[1][line]
    worth = _with_ties_broken(pairs, score, line, name)
    count = np.bincount(group)
    alone = count[group] == 1  # most: nothing to choose from
    chosen = dict(zip(lines[line[alone]].tolist(), names[name[alone]].tolist(), strict=True))
    order = np.argsort(group, kind="stable")
    order = order[~alone[order]]
    for rows in np.split(order, np.cumsum(count[count > 1])[:-1]) if len(order) else ():
        for a, b in _assigned(line[rows], name[rows], worth[rows]):
            chosen[str(lines[a])] = str(names[b])
    return chosen


def _with_ties_broken(
    pairs: pd.DataFrame, score: str, line: NDArray[np.int64], name: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Scores in thousandths; all that is added to break ties stays below one of them."""
    worth = np.round(pairs[score].to_numpy(dtype=np.float64) * 1000)
    n = len(pairs) + 1
    kept = (pairs["before"] == pairs["community"]).to_numpy()
    place = (line * (name.max() + 1) + name) / ((line.max() + 1) * (name.max() + 1))
    added: NDArray[np.float64] = worth + 1.0 + kept / (2 * n) + (1 - place) / (4 * n * n)
    return added


def _assigned(
    line: NDArray[np.int64], name: NDArray[np.int64], worth: NDArray[np.float64]
) -> Iterable[tuple[int, int]]:
    """The best one-to-one choice within one component; only candidates are chosen."""
    rows, row = np.unique(line, return_inverse=True)
    columns, column = np.unique(name, return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    table[row, column] = worth
    for a, b in zip(*linear_sum_assignment(table, maximize=True), strict=True):
        if table[a, b] > 0:
            yield int(rows[a]), int(columns[b])


def lives(accounts: pd.DataFrame) -> pd.DataFrame:
    """When each account began and ended.

    Args:
        accounts: As ``observations.COLUMNS["accounts"]``.

    Returns:
        Indexed by account id: ``began`` (made, else first seen) and ``ended`` (closed; where no
        log tells closures, last seen if it has been silent since); NaT where unknown or alive.
    """
    ended = accounts["closed_at"]
    if ended.isna().all():
        seen = accounts["last_seen"]
        silent = seen < seen.max() - SUCCESSION.silent_days * _DAY
        ended = seen.where(silent)
    began = accounts["created_at"].fillna(accounts["first_seen"])
    index = pd.Index(accounts["account"], name="account")
    return pd.DataFrame({"began": began.to_numpy(), "ended": ended.to_numpy()}, index=index)


def replaced(lived: pd.DataFrame, members: Iterable[str], newcomers: Iterable[str]) -> int:
    """How many newcomers took the place of a member: made within ``soon_days`` after one ended.

    One end is answered by one newcomer at most: a crowd that grows while somebody leaves it
    replaces nobody but him.
    """
    ended = np.sort(lived["ended"].reindex(list(members)).dropna().to_numpy())
    began = np.sort(lived["began"].reindex(list(newcomers)).dropna().to_numpy())
    if not len(ended) or not len(began):
        return 0
    soon = (SUCCESSION.soon_days * _DAY).to_timedelta64()
    last, following = np.searchsorted(ended, began, "right") - 1, np.searchsorted(began, ended)
    answering = (last >= 0) & (began - ended[np.maximum(last, 0)] <= soon)
    known = following < len(began)
    answered = known & (began[np.minimum(following, len(began) - 1)] - ended <= soon)
    return int(min(np.count_nonzero(answering), np.count_nonzero(answered)))


def ties(obs: Observations, earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Communities that took the place of ended lines, by values hardly anybody else used.

    Args:
        obs: Everything observed, also of accounts that stand in no community any more.
        earlier: line, community, account of lines that no community inherits yet.
        later: community, account of communities without a line.

    Returns:
        Candidates for ``heirs``, sorted by (line, community): line, before, community, tied
        (later accounts made after some of the line had ended that share such values), families
        (how many). Only those that pass ``SUCCESSION``.
    """
    met = _met(obs, earlier, later)
    found = met[_exclusive(met)].groupby(["line", "before", "community"], sort=True)
    told = found.agg(tied=("account", "nunique"), families=("family", "nunique")).reset_index()
    size = later.groupby("community")["account"].nunique().reindex(told["community"]).to_numpy()
    enough = (told["tied"] >= SUCCESSION.least_replaced) & (told["tied"] > SUCCESSION.tied * size)
    passed: pd.DataFrame = told[enough & (told["families"] >= SUCCESSION.families)]
    return passed.reset_index(drop=True)


def _met(obs: Observations, earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Ended members (``account_had``) and accounts made since that used the same identifier."""
    uses = _uses(obs, pd.concat([earlier["account"], later["account"]]))
    lived = lives(obs.accounts)
    gone = earlier[earlier["account"].isin(lived.index[lived["ended"].notna()])]
    gone = gone.assign(ended=lived["ended"].reindex(gone["account"]).to_numpy())
    first_end = gone.groupby("line")["ended"].min()
    had = gone.merge(uses, on="account").rename(columns={"community": "before"})
    has = later.merge(uses[["account", "identifier"]], on="account")
    met = had.merge(has, on="identifier", suffixes=("_had", ""))
    began = lived["began"].reindex(met["account"]).to_numpy()
    since: pd.DataFrame = met[began >= first_end.reindex(met["line"]).to_numpy()]
    return since


def _uses(obs: Observations, accounts: pd.Series) -> pd.DataFrame:
    """Which linkable, rare identifiers these accounts used: account, identifier, family, degree."""
    population = len(obs.accounts)
    kinds = obs.identifiers["kind"]
    limit = {kind: policy_of(kind).hub_at(population) for kind in kinds.unique()}
    family = kinds.map({kind: _FAMILY.get(kind, kind) for kind in limit}).to_numpy(dtype=object)
    degree = obs.identifiers["accounts"].to_numpy()
    rare = obs.identifiers["linkable"].to_numpy(bool) & (degree > 1)
    rare &= degree <= kinds.map(limit).to_numpy()
    wanted = obs.accounts["account"].isin(set(accounts)).to_numpy()
    rows = obs.sightings[rare[obs.sightings["identifier"]] & wanted[obs.sightings["account"]]]
    return pd.DataFrame({
        "account": obs.accounts["account"].to_numpy(dtype=object)[rows["account"]],
        "identifier": rows["identifier"].to_numpy(),
        "family": family[rows["identifier"]],
        "degree": degree[rows["identifier"]],
    })  # fmt: skip


def _exclusive(met: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the line and the community together are nearly all who used the identifier."""
    pair = met.groupby(["line", "community", "identifier"])
    inside = pair["account_had"].transform("nunique") + pair["account"].transform("nunique")
    within: NDArray[np.bool_] = (inside >= SUCCESSION.exclusive * met["degree"]).to_numpy(bool)
    return within
