"""Whether an operator's community stays the same one through enforcement: lineage kept.

The logs are cut at each enforcement round of the calendar, ingested and analysed as an analyst
would have done then, and once more at their end; every run adds to the log of the one store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from workbench import Workbench
from workbench.grading import GUILTY_ROLES, Truth

__all__ = ["Kept", "Standing", "cut", "follow_rounds", "lineage_kept", "rounds"]

_TIMES = ("ts", "created_at")
_UNCUT = ("calendar.parquet", "indicators.parquet")  # plans and knowledge from outside
_CLOSING = {"status": "active", "closed_at": pd.NaT, "close_reason": None}


@dataclass(frozen=True, eq=False)
class Standing:
    """One run: account, community, line, accused (core or probable of a campaign)."""

    cut: pd.Timestamp | None
    table: pd.DataFrame


@dataclass(frozen=True)
class Kept:
    """Of the operator's accounts accused in some run but the last, how many kept their line.

    ``always``: in all later runs, also those between. ``lines``: how many lines accused ones had.
    """

    accounts: int
    at_the_end: float | None
    always: float | None
    lines: int


def rounds(logs: Path) -> list[pd.Timestamp]:
    """When the calendar names a round of enforcement, in order."""
    calendar = pd.read_parquet(logs / "calendar.parquet")
    return sorted(calendar.loc[calendar["kind"] == "ban_wave", "ts"])


def cut(logs: Path, out: Path, at: pd.Timestamp) -> None:
    """Write the logs as they stood at a moment: nothing later, no closure that is yet to come."""
    for path in sorted(logs.rglob("*.parquet")):
        name, rows = path.relative_to(logs), pd.read_parquet(path)
        if name.name not in _UNCUT:
            rows = rows[rows[next(column for column in _TIMES if column in rows)] < at].copy()
        if "closed_at" in rows:
            yet_open = ~(rows["closed_at"] < at)
            for column, value in _CLOSING.items():
                rows.loc[yet_open, column] = value
        if len(rows):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            rows.to_parquet(out / name, index=False)


def follow_rounds(logs: Path, workspace: Path, *, now: datetime) -> list[Standing]:
    """Ingest and analyse up to each round and to the end, in one workspace, seed 0."""
    desk = Workbench.open(workspace, create=True, clock=lambda: now)
    found = []
    for number, moment in enumerate([*rounds(logs), None]):
        known = logs
        if moment is not None:
            known = workspace.with_name(f"{workspace.name}.cut") / str(number)
            cut(logs, known, moment)
        desk.ingest([known]).raise_for_refused()
        desk.analyse()
        found.append(Standing(moment, _table(desk)))
    return found


def _table(desk: Workbench) -> pd.DataFrame:
    members = desk.members()
    members = members[members["tier"].isin(["core", "probable"])]
    campaigns = [c.community for c in desk.communities() if c.assessment.assessed_as == "campaign"]
    return members[["account", "community"]].assign(
        line=members["community"].map(desk.store.view().lineage().lines),
        accused=members["community"].isin(campaigns),
    )


def lineage_kept(found: Sequence[Standing], truth: Truth) -> Kept:
    """How many of the operator's accused accounts stand in the line that they stood in first."""
    known = truth.accounts
    guilty = set(known.loc[known["role"].isin(GUILTY_ROLES), "account_id"])
    runs = [_lines(standing.table) for standing in found]
    first = pd.Series(dtype="object")
    always = pd.Series(dtype="bool")
    for number, standing in enumerate(found[:-1]):
        named = _lines(standing.table[standing.table["accused"]])
        fresh = named[named.index.isin(guilty) & ~named.index.isin(first.index)]
        same = [later.reindex(fresh.index) == fresh for later in runs[number + 1 :]]
        always = pd.concat([always, pd.concat(same, axis=1).all(axis=1)])
        first = pd.concat([first, fresh])
    if first.empty:
        return Kept(0, None, None, 0)
    last = runs[-1].reindex(first.index) == first
    return Kept(len(first), float(last.mean()), float(always.mean()), first.nunique())


def _lines(table: pd.DataFrame) -> pd.Series:
    """Line by account; the first where an account stands in several."""
    return table.drop_duplicates("account").set_index("account")["line"]
