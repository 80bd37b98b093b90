"""Identifiers whose users follow each other: one stops, the next starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play
from workbench.plays.rarest_shared import node_names
from workbench.plays.scope import COMMUNITY_OR_ALL, KIND, NODE, Scope

__all__ = ["HANDOVER"]

_COLUMNS = [
    "node", "users", "handovers", "from_account", "stopped", "to_account", "started", "hours",
]  # fmt: skip


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    scope = Scope(asking, values)
    within = pd.Timedelta(days=float(values["days"]))
    found = [_handed_over(used, within) for used in scope.users() if len(used)]
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)
    few = rows["handovers"] < values["least"]
    kept = rows[~few].copy()
    kept["part"] = -kept["handovers"] / (kept["users"] - 1).clip(lower=1)
    kept["many"] = -kept["handovers"]
    kept = kept.sort_values(["part", "many", "node", "started"], ignore_index=True)
    return Found(
        rows=kept[_COLUMNS],
        nodes=("node", "from_account", "to_account"),
        because={f"fewer than {values['least']} hand-overs": int(few.sum())},
        told=(
            (
                f"{kept['node'].nunique():,} identifiers were handed over. First those on which "
                "every next user started after all earlier ones had stopped."
            ),
            *scope.told(),
        ),
    )


def _handed_over(used: pd.DataFrame, within: pd.Timedelta) -> pd.DataFrame:
    """Where a user starts after all earlier users of the identifier have stopped.

    The hand-over is from whoever of them stopped last.
    """
    table = used.sort_values(
        ["kind", "value", "first", "last", "account"], ignore_index=True
    ).reset_index(names="row")
    group = [table["kind"], table["value"]]
    until = table.groupby(group, sort=False)["last"].cummax()
    latest = pd.Series(np.where(table["last"] == until, table["row"], -1))
    latest = latest.groupby(group, sort=False).cummax().groupby(group, sort=False).shift()
    has = latest.notna().to_numpy()
    before = table.iloc[latest[has].astype("int64").to_numpy()].reset_index(drop=True)
    after = table[has].reset_index(drop=True)
    gap = after["first"] - before["last"]
    handed = (gap > pd.Timedelta(0)) & (gap <= within)
    rows = pd.DataFrame({
        "node": node_names(after),
        "users": after["accounts"],
        "from_account": "account:" + before["account"].astype("str"),
        "stopped": before["last"],
        "to_account": "account:" + after["account"].astype("str"),
        "started": after["first"],
        "hours": (gap.dt.total_seconds() / 3600).round(1),
    })[handed]  # fmt: skip
    rows["handovers"] = rows.groupby("node")["node"].transform("size").astype("int64")
    return rows[_COLUMNS]


HANDOVER = Play(
    name="handover",
    title="Handed over",
    question="On which cards or devices does the next user start just after the last one stopped?",
    parameters=(
        Parameter(name="days", type="days", default=7.0, doc="Days between stop and start."),
        Parameter(
            name="least", type="count", default=1, doc="Hand-overs that an identifier must have."
        ),
        KIND,
        COMMUNITY_OR_ALL,
        NODE,
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="A sold laptop, a reissued card and an address that the network gives to its next "
    "customer are handed over as well. A user who was seen once stops at once, so rarely used "
    "identifiers seem handed over; and what happened outside the logged days is unknown.",
    reads="The published graph: first and last use of each user of each identifier.",
    budget=Budget(
        rows=20_000_000,
        questions=1_000,
        seconds=60.0,
        why="As for born-after-closure: all cards or devices of a million accounts in seconds, of "
        "addresses as many as a minute allows.",
    ),
    ask=_ask,
)
