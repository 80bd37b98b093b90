"""The line of each community: what became of it from run to run, with a reason for each event.

Pure: the run, its clock and what was logged before are passed in, and the same run looked at again
adds nothing. ``graph_models.lineage`` says what the tables hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from graph_models.communities.draft import community_name
from graph_models.communities.succession import (
    SUCCESSION,
    heirs,
    overlaps,
    replaced,
    same_line,
)
from graph_models.lineage import LOG_COLUMNS, ROLL_COLUMNS, Lineage, Run

__all__ = ["WEIGHTS", "Ties", "follow"]

Ties = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]

# What a member's tier counts for when communities are compared: a possible member is a neighbour
# who may be in it by mistake, and must not carry a line from one community to another.
WEIGHTS: Mapping[str, float] = {"core": 1.0, "probable": 1.0, "possible": 0.25}
_CHANGED = 0.1
"""Part of its size by which a community must change before it is said to grow or shrink."""
_LISTED = 2
"""Core and probable members from which a community is listed at all, and so is followed."""
_LEAST_WEIGHT = 0.01
_Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Followed:
    """What was decided: the line of each community, and how it came to it.

    ``had`` and ``has``: the members of each line (also of those that no community had any more) and
    of each community. ``sources``: the standing line that most of a community comes from.
    """

    standing: frozenset[str]
    before: Mapping[str, str]
    had: Mapping[str, frozenset[str]]
    has: Mapping[str, frozenset[str]]
    pairs: pd.DataFrame
    lines: Mapping[str, str]
    origin: Mapping[str, str]
    sources: Mapping[str, str]


def follow(
    past: Lineage, run: Run, members: pd.DataFrame, *, lived: pd.DataFrame, ties: Ties
) -> Lineage:
    """Carry the lines of earlier communities on to those of a run, and log what became of them.

    Args:
        past: What the runs before left; the empty ``Lineage`` before the first one.
        run: The run that found ``members``.
        members: As ``inference.MEMBER_COLUMNS``.
        lived: As ``succession.lives``, of every account that is known.
        ties: ``succession.ties`` bound to observations; asked only where a line is left over.

    Returns:
        The log with the events of this run added, sorted by line within it, and the roll.
    """
    later = _standing(members)
    found = _followed(past, later, ties)
    rows = [*_of_communities(found, lived), *_of_lines(found)]
    rows = sorted(
        (row for row in rows if _tells(row, found)), key=lambda row: (row["line"], row["event"])
    )
    return Lineage(_logged(past.log, run, rows), _roll(past.roll, later, found.lines, lived))


def _standing(members: pd.DataFrame) -> pd.DataFrame:
    """community, account, weight: by tier and by how much of the account's traffic belongs."""
    firm = members[members["tier"] != "possible"].groupby("community").size()
    members = members[members["community"].isin(firm.index[firm >= _LISTED])]
    weight = members["tier"].map(WEIGHTS).astype("float64") * members["share"]
    table = members[["community", "account"]].assign(weight=weight.clip(lower=_LEAST_WEIGHT))
    return table.sort_values(["community", "account"], ignore_index=True)


def _followed(past: Lineage, later: pd.DataFrame, ties: Ties) -> _Followed:
    """The line of each community, new ones for those that inherit none."""
    roll = past.roll
    pairs = overlaps(roll[roll["stands"]], later)
    ways = _inherited(roll, later, pairs, ties)
    lines = {community: line for way in ways.values() for line, community in way.items()}
    sources = pairs[pairs["of_community"] > SUCCESSION.majority]
    return _Followed(
        standing=frozenset(roll.loc[roll["stands"], "line"]),
        before=dict(zip(roll["line"], roll["community"], strict=True)),
        had=_members_by(roll, "line"),
        has=_members_by(later, "community"),
        pairs=pairs,
        lines=_with_new(lines, set(later["community"]), {*roll["line"], *past.log["line"]}),
        origin={community: how for how, way in ways.items() for community in way.values()},
        sources=dict(zip(sources["community"], sources["line"], strict=True)),
    )


def _inherited(
    roll: pd.DataFrame, later: pd.DataFrame, pairs: pd.DataFrame, ties: Ties
) -> dict[str, dict[str, str]]:
    """Line to community by common members; of those left, older lines; then by replacement."""
    kept = heirs(same_line(pairs), "common")
    free = later[~later["community"].isin(kept.values())]
    older = overlaps(roll[~roll["stands"]], free)
    back = heirs(same_line(older, both=True), "common")
    free = free[~free["community"].isin(back.values())]
    elsewhere = pairs.loc[pairs["of_line"] > SUCCESSION.majority, "line"]
    left = roll[~roll["line"].isin({*kept, *back, *elsewhere})]
    taken = heirs(ties(left, free), "tied") if len(left) and len(free) else {}
    return {"kept": kept, "back": back, "taken": taken}


def _members_by(table: pd.DataFrame, name: str) -> dict[str, frozenset[str]]:
    return {str(key): frozenset(who) for key, who in table.groupby(name)["account"]}


def _with_new(lines: dict[str, str], communities: set[str], known: set[str]) -> dict[str, str]:
    """New lines for the others, named after their first community unless an older line is."""
    named = dict(lines)
    for community in sorted(communities - set(lines)):
        name, number = "ln_" + community.removeprefix("cm_"), 1
        while name in known:
            number += 1
            name = community_name("ln_", f"{community} {number}")
        named[community] = name
        known.add(name)
    return named


def _of_communities(found: _Followed, lived: pd.DataFrame) -> list[_Row]:
    """One event for each community of the run."""
    rows = []
    for community, line in found.lines.items():
        source = found.sources.get(community, "")
        came_from = line if community in found.origin else source
        were, are = found.had.get(came_from, frozenset()), found.has[community]
        row = _counted(were, are) | {
            "line": line,
            "before": found.before.get(came_from, ""),
            "community": community,
            "other": "" if source == line else source,
            "replaced": replaced(lived, were, are - were) if were and are - were else 0,
        }
        event, reason = _what(found.origin.get(community, ""), row)
        rows.append(row | {"event": event, "reason": reason})
    return rows


def _of_lines(found: _Followed) -> list[_Row]:
    """One event for each line that stood and that no community inherits."""
    most = found.pairs[found.pairs["of_line"] > SUCCESSION.majority]
    into = dict(zip(most["line"], most["community"], strict=True))
    rows = []
    for line in found.standing - set(found.lines.values()):
        community = into.get(line, "")
        row = _counted(found.had[line], found.has.get(community, frozenset())) | {
            "line": line,
            "before": found.before[line],
            "community": community,
            "other": found.lines.get(community, ""),
            "replaced": 0,
        }
        event = "merge" if community else "gone"
        rows.append(row | {"event": event, "reason": _WORDS[event].format(**row)})
    return rows


def _counted(were: frozenset[str], are: frozenset[str]) -> _Row:
    shared = len(were & are)
    return {
        "earlier": len(were),
        "later": len(are),
        "shared": shared,
        "joined": len(are) - shared,
        "left": len(were) - shared,
    }


_WORDS: Mapping[str, str] = {
    "new": "{later} members; no earlier line has most of them",
    "split": "{shared} of its {later} members stood in {other}, which another community inherits",
    "merge": "{shared} of {earlier} members stand in {community}, which is {other}",
    "gone": "no community has most of its {earlier} members",
    "kept": "{shared} of {earlier} members stand in it; {joined} joined, {left} left",
    "back": "{shared} of the {earlier} members it last had stand together again; {joined} joined",
    "taken": "{shared} of {earlier} members stand in it, but most of its {later} were made after "
    "some of those ended, and share with them what hardly anybody else uses",
    "respawn": "; {replaced} of those who joined were made within days after a member was closed",
    "moved": "; the earliest of its core members is another one, so its id is too",
}


def _what(origin: str, row: _Row) -> tuple[str, str]:
    """Event and reason of a community that came to its line in that way."""
    if origin == "taken":
        return "respawn", _WORDS["taken"].format(**row)
    if not origin or (origin == "back" and row["other"]):
        event = "split" if row["other"] else "new"
        return event, _WORDS[event].format(**row)
    reason = _WORDS[origin]
    event = _sized(row)
    if row["replaced"] >= max(
        SUCCESSION.least_replaced, row["joined"] / 2, _CHANGED * row["earlier"]
    ):
        event, reason = "respawn", reason + _WORDS["respawn"]
    if row["before"] != row["community"]:
        reason += _WORDS["moved"]
    return event, reason.format(**row)


def _sized(row: _Row) -> str:
    change = row["later"] - row["earlier"]
    if abs(change) <= _CHANGED * row["earlier"]:
        return "continue"
    return "grow" if change > 0 else "shrink"


def _tells(row: _Row, found: _Followed) -> bool:
    """Whether anything became other than it was in the run before."""
    same = row["before"] == row["community"] and not row["joined"] and not row["left"]
    return row["event"] != "continue" or not same or row["line"] not in found.standing


def _logged(log: pd.DataFrame, run: Run, rows: list[_Row]) -> pd.DataFrame:
    """The log with these rows added as one step."""
    if not rows:
        return log
    about = {
        "step": int(log["step"].max()) + 1 if len(log) else 1,
        "at": run.at.isoformat(),
        "run": run.run,
        "snapshot": run.snapshot,
    }
    added = pd.DataFrame([about | row for row in rows])
    if run.same_data:
        added["reason"] += _SAME_DATA
    added = added[list(LOG_COLUMNS)].astype(LOG_COLUMNS)
    return pd.concat([log, added], ignore_index=True)


_SAME_DATA = ". No new data: the window, the families in use, the parameters or the model changed"


def _roll(
    roll: pd.DataFrame, later: pd.DataFrame, lines: Mapping[str, str], lived: pd.DataFrame
) -> pd.DataFrame:
    """Who stands in each line now, and who did in those that nothing inherits, while known."""
    now = later.assign(line=later["community"].map(lines), stands=True)
    older = roll[~roll["line"].isin(set(lines.values())) & roll["account"].isin(lived.index)]
    table = pd.concat([older.assign(stands=False), now], ignore_index=True)
    table = table[list(ROLL_COLUMNS)].astype(ROLL_COLUMNS)
    return table.sort_values(["line", "account"], ignore_index=True)
