"""Accounts that moved to a new model soon after its release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play

if TYPE_CHECKING:
    from ingest.observing.moves import Moves

__all__ = ["MOVED_WITHIN"]

_COLUMNS = [
    "account", "share_after", "share_before", "on_it_after", "after", "before", "first_use",
    "hours", "community", "tier",
]  # fmt: skip
_CHOSEN = 20


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    from ingest.observing.moves import moves

    with moves(asking.desk.snapshot()) as asked:
        model, release = _release(asking, values["model"])
        counted = _counted(asking, asked, model, release, values)
    active = counted["after"] >= values["least"]
    table = _told_of(asking, counted[active].copy(), release)
    moved = table["share_after"] >= values["share"]
    mine = _inside(asking, table, values["community"])
    rows = table[moved & mine].sort_values(
        ["share_after", "hours", "account"], ascending=[False, True, True], ignore_index=True
    )
    rows["account"] = "account:" + rows["account"].astype("str")
    when = f"{release:%Y-%m-%d %H:%M} UTC"
    told = [
        (
            f"{inert(model, 60)} was released on {when}. Moved: at least {values['share']:.0%} of "
            f"{values['least']} or more exchanges in the first {values['hours']:g} hours."
        ),
        *_controls(moved, mine, some=bool(values["community"])),
        f"{int((~active).sum()):,} accounts with fewer exchanges in these hours say nothing.",
    ]
    return Found(rows=rows[_COLUMNS], nodes=("account",), told=tuple(told))


def _release(asking: Asking, model: str) -> tuple[str, datetime]:
    """The model and when it was released: the latest within the logged days if none is named."""
    from ingest.observing.citations import register

    calendar = register(asking.desk.snapshot(), "calendar")
    asking.count(len(calendar))
    releases = calendar[calendar["kind"] == "model_release"].sort_values(["ts", "name"])
    if releases.empty:
        raise UsageError(
            "The calendar knows no release of a model.",
            fix="Load a calendar file with kind model_release (see: workbench sources list).",
        )
    days = sorted(asking.desk.snapshot().manifest.of("exchange"))
    last = pd.Timestamp(days[-1]) + pd.Timedelta(days=1) if days else pd.Timestamp.max
    chosen = releases[releases["name"] == model] if model else releases[releases["ts"] < last]
    if chosen.empty:
        names = ", ".join(inert(name, 60) for name in releases["name"].unique()[:_CHOSEN])
        what = f"The calendar knows no release of {inert(model, 60)!r}" if model else (
            "No release lies within the logged days"
        )  # fmt: skip
        raise UsageError(f"{what}.", fix=f"Use --model with one of {names}.")
    row = chosen.iloc[-1]
    return str(row["name"]), row["ts"].to_pydatetime().replace(tzinfo=None)


def _counted(
    asking: Asking, asked: Moves, model: str, release: datetime, values: Mapping[str, Any]
) -> pd.DataFrame:
    """What accounts did after and before; the days after come first, then backwards."""
    end = release + timedelta(hours=values["hours"])
    begin = release - timedelta(days=values["days"])
    after = [(day, "after", (release, end)) for day in asked.days(release, end)]
    before = [(day, "before", (begin, release)) for day in asked.days(begin, release)]
    if not after:
        raise UsageError(
            f"No exchanges were logged in the hours after {release:%Y-%m-%d %H:%M} UTC.",
            fix="Choose another --model, or load the logs of those days.",
        )
    for steps in asking.within([*after, *before[::-1]], "days of exchanges"):
        for day, part, span in steps:
            asked.count(day, part, span, model)
            asking.count(asked.rows(day))
    return asked.counted()


def _told_of(asking: Asking, table: pd.DataFrame, release: datetime) -> pd.DataFrame:
    table["share_after"] = (table["on_it_after"] / table["after"]).round(3)
    table["share_before"] = (table["on_it_before"] / table["before"].clip(lower=1)).round(3)
    gone = (table["first_use"] - pd.Timestamp(release)).dt.total_seconds() / 3600
    table["hours"] = gone.round(1)
    return table.join(asking.memberships, on="account").fillna({"community": "", "tier": ""})


def _inside(asking: Asking, table: pd.DataFrame, community: str) -> pd.Series:
    """Which accounts were asked for: all, or the members of a community."""
    if not community:
        return pd.Series(True, index=table.index)
    return table["account"].isin(set(asking.members(community)["account"]))


def _controls(moved: pd.Series, mine: pd.Series, *, some: bool) -> list[str]:
    def part(chosen: pd.Series) -> str:
        hits, all_ = int(moved[chosen].sum()), int(chosen.sum())
        return f"{hits:,} of {all_:,}" + (f" ({hits / all_:.1%})" if all_ else "")

    if not some:
        return [f"{part(mine)} accounts moved so fast; ask about a community to compare it."]
    return [f"{part(mine)} active members moved so fast, and {part(~mine)} of all other accounts."]


MOVED_WITHIN = Play(
    name="moved-within",
    title="Moved to a new model",
    question="Who moved most of the traffic to a new model within hours of its release?",
    parameters=(
        Parameter(
            name="model",
            type="model",
            default="",
            doc="Name in the calendar; empty: the latest release within the logged days.",
        ),
        Parameter(name="hours", type="hours", default=24.0, doc="Hours after the release."),
        Parameter(
            name="share", type="share", default=0.5, doc="At least this share of the exchanges."
        ),
        Parameter(
            name="community", type="community", default="", doc="Only its members; empty: all."
        ),
        Parameter(name="least", type="count", default=5, doc="Exchanges in these hours at least."),
        Parameter(name="days", type="days", default=7.0, doc="Days before the release to compare."),
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="Enthusiasts, benchmarks, resellers and products that always take the newest model "
    "move as fast, and a service that switches a default moves everybody. Compare with the others "
    "before you read anything into it.",
    reads="A scan: all exchanges of the hours after and of the days before, a day at a time.",
    budget=Budget(
        rows=60_000_000,
        questions=100,
        seconds=90.0,
        why="Of a hundred million exchanges in 45 days, nine days are 20 M rows: some seconds.",
    ),
    ask=_ask,
)
