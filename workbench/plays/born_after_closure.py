"""Accounts that were born soon after another account on the same identifier was closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play
from workbench.plays.rarest_shared import node_names
from workbench.plays.scope import COMMUNITY_OR_ALL, KIND, NODE, Scope

__all__ = ["BORN_AFTER_CLOSURE"]

_COLUMNS = [
    "account", "born", "closed_account", "closed", "close_reason", "hours", "node", "accounts",
    "first_use",
]  # fmt: skip


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    scope = Scope(asking, values)
    within = pd.Timedelta(days=float(values["days"]))
    found = [_pairs(asking, used, within) for used in scope.users()]
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)
    rows = rows.sort_values(["hours", "account", "node"], ignore_index=True)
    people = rows["account"].nunique()
    return Found(
        rows=rows,
        nodes=("account", "closed_account", "node"),
        told=(
            (
                f"{people:,} accounts were born within {values['days']:g} d of a closure; each row "
                "names the latest closure before the birth."
            ),
            *scope.told(),
        ),
    )


def _pairs(asking: Asking, used: pd.DataFrame, within: pd.Timedelta) -> pd.DataFrame:
    """Births on an identifier with the latest closure before each."""
    known = asking.view.register(used["account"].drop_duplicates().tolist())
    asking.count(len(known))
    known = known[["account", "created_at", "closed_at", "close_reason"]]
    told = used[["account", "kind", "value", "accounts", "first"]].merge(known, on="account")
    # A register that closes an account before it opens it tells no closure.
    ended = told[told["closed_at"] > told["created_at"]]
    closed = ended[["kind", "value", "account", "closed_at", "close_reason"]]
    closed = closed.rename(columns={"account": "closed_account"})
    born = told.drop(columns=["closed_at", "close_reason"]).dropna(subset="created_at")
    pairs = pd.merge_asof(
        born.sort_values(["created_at", "account"]),
        closed.sort_values(["closed_at", "closed_account"]),
        left_on="created_at",
        right_on="closed_at",
        by=["kind", "value"],
        tolerance=within,
    ).dropna(subset="closed_at")
    pairs = pairs.rename(
        columns={"created_at": "born", "closed_at": "closed", "first": "first_use"}
    )
    pairs["node"] = node_names(pairs)
    pairs["hours"] = ((pairs["born"] - pairs["closed"]).dt.total_seconds() / 3600).round(1)
    for name in ("account", "closed_account"):
        pairs[name] = "account:" + pairs[name].astype("str")
    return pairs[_COLUMNS]


BORN_AFTER_CLOSURE = Play(
    name="born-after-closure",
    title="Born after a closure",
    question="Which accounts were born soon after another account on the same card was closed?",
    parameters=(
        Parameter(name="days", type="days", default=1.0, doc="Days from the closure to the birth."),
        KIND,
        COMMUNITY_OR_ALL,
        NODE,
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="People close an account and open another, families and firms share cards, and in a "
    "large population some births fall after some closure by chance; on shared addresses many do. "
    "The order of the two says nothing about why the first was closed: read the reason.",
    reads="The published graph: users of each identifier, and the register's dates of each user.",
    budget=Budget(
        rows=20_000_000,
        questions=1_000,
        seconds=60.0,
        why="A million accounts share some 25,000 cards or 16,000 devices, which are read in "
        "seconds; of their millions of addresses as many as a minute allows.",
    ),
    ask=_ask,
)
