"""Runs to look back on: members by community, who began and ended when, one run after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pandas as pd

from graph_models.communities.lineage import follow
from graph_models.inference import MEMBER_COLUMNS
from graph_models.lineage import Lineage, Run

AT = datetime(2026, 7, 1, tzinfo=UTC)
DAY_ZERO = pd.Timestamp("2026-05-01")
Groups = Mapping[str, Iterable[str]]


def members(groups: Groups, tier: str = "core") -> pd.DataFrame:
    rows = [(a, name, "ce_1", tier, 0.95, 1.0) for name, who in groups.items() for a in who]
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS)).astype(MEMBER_COLUMNS)


def lived(*groups: Groups, ended: Mapping[str, int] | None = None, **began: int) -> pd.DataFrame:
    """Everybody began on day 0 and lives, but for those named (days)."""
    who = sorted({account for each in groups for part in each.values() for account in part})
    table = pd.DataFrame({"began": DAY_ZERO, "ended": pd.NaT}, index=pd.Index(who))
    table = table.astype("datetime64[us]")
    for column, days in (("began", began), ("ended", ended or {})):
        for account, day in days.items():
            table.loc[account, column] = DAY_ZERO + pd.Timedelta(days=day)
    return table


def no_ties(_earlier: pd.DataFrame, _later: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"line": [], "before": [], "community": [], "tied": []})


def runs(*groups: Groups, known: pd.DataFrame | None = None, same_data: bool = False) -> Lineage:
    """The lineage after one run after the other."""
    lineage = Lineage()
    for number, each in enumerate(groups):
        run = Run(run=f"r{number}", snapshot=f"s{number}", at=AT, same_data=same_data)
        table = lived(*groups) if known is None else known
        lineage = follow(lineage, run, members(each), lived=table, ties=no_ties)
    return lineage


def last(lineage: Lineage) -> dict[str, str]:
    """Line to event of the last step."""
    log = lineage.log[lineage.log["step"] == lineage.log["step"].max()]
    return dict(zip(log["line"], log["event"], strict=True))
