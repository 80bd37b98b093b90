"""Who used an identifier in an hour, to the row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from graph_models.errors import UsageError
from graph_models.kinds import KINDS
from graph_models.nodes import NodeRef
from graph_models.text import inert
from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play

__all__ = ["SAME_HOUR"]

_ACCOUNTS_AT_A_TIME = 2_000


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    node = _identifier(values["node"])
    users = asking.users([node])[["account", "first", "last"]]
    if users.empty:  # no node of the graph: one account alone used it, or none did
        users = _private(asking, node)
    start = _start(users, values["at"])
    stop = start + timedelta(hours=values["hours"])
    there = users[(users["first"] < stop) & (users["last"] >= start)]
    cited = asking.desk.cited(asking.desk.snapshot())
    found = []
    accounts = there["account"].tolist()
    for chunk in asking.within(accounts, "accounts", step=_ACCOUNTS_AT_A_TIME):
        rows = cited.seen(node, chunk, start, stop)
        asking.count(len(rows))
        found.append(rows)
    rows = pd.concat(found, ignore_index=True) if found else cited.seen(node, [], start, stop)
    table = _by_account(asking, rows)
    told = (
        (
            f"From {start:%Y-%m-%d %H:%M} to {stop:%Y-%m-%d %H:%M} UTC: {len(table):,} accounts in "
            f"{len(rows):,} rows. {len(users):,} accounts ever used it; {len(there):,} of them "
            "between a first use before and a last use after, and their rows were read."
        ),
    )
    return Found(rows=table, nodes=("account",), told=told)


def _identifier(name: str) -> NodeRef:
    node = NodeRef.parse(name)
    known = {kind.name: kind for kind in KINDS}
    if node.kind not in known:
        raise UsageError(
            f"--node {inert(name, 80)!r} is no identifier.",
            fix=f"Name an identifier of kind {', '.join(known)}.",
        )
    return NodeRef(node.kind, known[node.kind].clean(node.value) or node.value)


def _private(asking: Asking, node: NodeRef) -> pd.DataFrame:
    """Who used what is no node of the graph; UsageError when nobody did."""
    users = asking.desk.cited(asking.desk.snapshot()).users(node)
    asking.count(len(users))
    if users.empty:
        asking.view.entity(node)  # refuses, with near names
    return users[["account", "first", "last"]]


def _start(users: pd.DataFrame, at: str) -> datetime:
    """The beginning of the hour that was asked for, or of the last one that it was used in."""
    moment = pd.Timestamp(at) if at else users["last"].max()
    return moment.to_pydatetime().replace(minute=0, second=0, microsecond=0)


def _by_account(asking: Asking, rows: pd.DataFrame) -> pd.DataFrame:
    by = rows.sort_values(["ts", "file", "row"]).groupby("account")
    table = by.agg(
        rows=("row", "size"),
        first=("ts", "min"),
        last=("ts", "max"),
        event=("event", "first"),
        file=("file", "first"),
        row=("row", "first"),
    )
    table = table.join(asking.memberships).fillna({"community": "", "tier": ""}).reset_index()
    table = table.sort_values(["first", "account"], ignore_index=True)
    table["account"] = "account:" + table["account"].astype("str")
    return table


SAME_HOUR = Play(
    name="same-hour",
    title="In the same hour",
    question="Who else used this device, address or card in that hour?",
    parameters=(
        Parameter(name="node", type="node", doc="The identifier (kind:value)."),
        Parameter(
            name="at",
            type="moment",
            default="",
            doc="A time within the hour, UTC; empty: the hour in which it was used last.",
        ),
        Parameter(name="hours", type="hours", default=1.0, doc="How many hours from there."),
        Parameter(name="limit", type="limit", default=100, doc="Rows at most."),
    ),
    misleads="An office, a campus or a VPN exit is used by many within any hour, and a busy hour "
    "brings strangers together more than a quiet one: compare with the hours beside it. Clocks of "
    "different logs may differ by minutes.",
    reads="The rows of those accounts that may have used it then, from the index of rows by "
    "account; one file names the first row of each.",
    budget=Budget(
        rows=5_000_000,
        questions=2_000,
        seconds=60.0,
        why="An address of 50,000 accounts is read in 25 steps of a day's rows.",
    ),
    ask=_ask,
)
