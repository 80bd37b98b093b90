"""Whether an operator's community stays the same one through enforcement: lineage kept.

The logs are cut at each enforcement round of the calendar, ingested and analysed as an analyst
would have done then, and once more at their end; every run adds to the log of the one store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd

from fixtures import Trial, synthesise
from workbench import Workbench
from workbench.grading import GUILTY_ROLES, Truth

__all__ = [
    "Kept", "Standing", "cut", "follow_rounds", "kept_through_rounds", "lineage_kept", "rounds",
]  # fmt: skip

WORLD = "waves"
_NOW = datetime(2026, 7, 1, tzinfo=UTC)  # what the log says of when; no figure depends on it
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
    """What became of the operators' accounts that were accused in some run but the last.

    ``one_line``: part of them that stood, when first accused, in the line that most accused members
    of their campaign stand in at the end. ``members``: part that stands in its first line in every
    later run (closed accounts leave a run that sees only a window). ``one_id``: as ``one_line`` for
    the ids of communities.
    """

    accounts: int
    one_line: float
    members: float
    one_id: float


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


def kept_through_rounds(trial: Trial) -> float | None:
    """``Kept.members`` of a trial made afresh; None for worlds that are not about enforcement."""
    if trial.world.partition(":")[0] != WORLD:
        return None
    with tempfile.TemporaryDirectory(prefix="lineage-") as name:
        folder = Path(name)
        synthesise(trial.sheet(), folder / "logs", seed=trial.seed, scale=trial.scale)
        found = follow_rounds(folder / "logs", folder / "workspace", now=_NOW)
        kept = lineage_kept(found, Truth.read(folder / "logs.truth"))
    # An operator whom no run accuses has no member that could keep a line.
    return 0.0 if kept is None else kept.members


def lineage_kept(found: Sequence[Standing], truth: Truth) -> Kept | None:
    """How far the operators' accused accounts kept their line; None when none was accused."""
    known = truth.accounts[truth.accounts["role"].isin(GUILTY_ROLES)]
    campaign = known.set_index("account_id")["campaign"]
    tables = [_with_campaign(standing.table, campaign) for standing in found]
    first = pd.concat(table[table["accused"]] for table in tables[:-1])
    first = first.drop_duplicates("account").set_index("account")
    if first.empty:
        return None
    last = tables[-1][tables[-1]["accused"]].groupby("campaign")
    parts = {
        name: float((first[name] == first["campaign"].map(last[name].agg(_most))).mean())
        for name in ("line", "community")
    }
    stays = pd.Series(data=True, index=first.index)
    for before, table in pairwise(tables):
        line = table.drop_duplicates("account").set_index("account")["line"].reindex(first.index)
        since = first.index.isin(before["account"])
        stays &= ~since | (line == first["line"])
    return Kept(len(first), parts["line"], float(stays.mean()), parts["community"])


def _with_campaign(table: pd.DataFrame, campaign: pd.Series) -> pd.DataFrame:
    told = table.assign(campaign=campaign.reindex(table["account"]).to_numpy())
    return told[told["campaign"].notna()]


def _most(values: pd.Series) -> str:
    """The most common value; the first in order among equals."""
    return str(values.mode().iloc[0])
