"""What two communities share: identifiers, accounts and links between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from graph_models.errors import UsageError
from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play
from workbench.plays.rarest_shared import node_names, uses_of_members

__all__ = ["BRIDGES"]

_COLUMNS = ["node", "what", "in_one", "in_other", "accounts", "bits"]


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    one, other = (
        asking.members(values[name])["account"].drop_duplicates() for name in ("one", "other")
    )
    if values["one"] == values["other"]:
        raise UsageError("Both are the same community.", fix="Name two different communities.")
    both = one[one.isin(other)]
    # A member of both is a bridge itself; what it used would join them through nobody else.
    ends = {"in_one": set(one) - {*both}, "in_other": set(other) - {*both}}
    # The smaller community first: of the larger one only what it shares is kept.
    fewer, more = sorted(ends, key=lambda name: (len(ends[name]), name))
    shared = _shared(asking, ends, fewer, more)
    shared = shared[(shared["in_one"] > 0) & (shared["in_other"] > 0)].copy()
    shared["node"] = node_names(shared)
    shared["bits"] = asking.bits(shared["kind"], shared["accounts"]).where(~shared["hub"], 0.0)
    shared["what"] = shared["hub"].map({True: "hub, context only", False: "identifier"})
    shared = shared.sort_values(["hub", "accounts", "node"])
    direct = _linked_over(asking, ends)
    rows = pd.concat([_accounts(both), direct, shared[_COLUMNS]], ignore_index=True)
    return Found(rows=rows, nodes=("node",), told=_told(both, direct, shared))


def _shared(asking: Asking, ends: Mapping[str, set[str]], fewer: str, more: str) -> pd.DataFrame:
    """Identifiers with members of either community, counted as far as the budget goes."""
    found = []
    for uses in uses_of_members(asking, [*sorted(ends[fewer]), *sorted(ends[more])]):
        for name in (fewer, more):
            uses[name] = uses["account"].isin(ends[name])
        found.append(_by_value(uses, fewer, more))
    return _by_value(pd.concat(found, ignore_index=True), fewer, more)


def _by_value(uses: pd.DataFrame, fewer: str, more: str) -> pd.DataFrame:
    by = uses.groupby(["kind", "value"], sort=False)
    told = by.agg(
        accounts=("accounts", "first"),
        hub=("hub", "first"),
        **{n: (n, "sum") for n in (fewer, more)},
    )
    return told.reset_index()


def _accounts(both: pd.Series) -> pd.DataFrame:
    """Members of both, each a row."""
    table = pd.DataFrame({"node": "account:" + both.sort_values().astype("str")})
    return table.assign(what="member of both", in_one=1, in_other=1, accounts=1, bits=0.0)[_COLUMNS]


def _linked_over(asking: Asking, ends: Mapping[str, set[str]]) -> pd.DataFrame:
    """Members of the smaller community that are linked into the other one."""
    fewer, more = sorted(ends, key=lambda name: (len(ends[name]), name))
    links = asking.linked(sorted(ends[fewer]))
    links = links[links["other"].isin(ends[more])]
    by = links.groupby("account")["millibits"].agg(["size", "max"]).reset_index()
    rows = pd.DataFrame({"node": "account:" + by["account"].astype("str")})
    rows = rows.assign(what="linked into the other", accounts=by["size"], bits=by["max"] / 1000)
    rows[fewer], rows[more] = 1, by["size"]
    return rows.sort_values(["bits", "node"], ascending=[False, True])[_COLUMNS]


def _told(both: pd.Series, direct: pd.DataFrame, shared: pd.DataFrame) -> tuple[str, ...]:
    hubs = int(shared["hub"].sum())
    return (
        (
            f"{len(both):,} members of both, {len(direct):,} members linked into the other "
            f"community, {len(shared) - hubs:,} shared identifiers; {hubs:,} hubs stand last as "
            "context and join nobody."
        ),
    )


BRIDGES = Play(
    name="bridges",
    title="Bridges between two communities",
    question="Which accounts, links and identifiers do these two communities have in common?",
    parameters=(
        Parameter(name="one", type="community", doc="A community (cm_…)."),
        Parameter(name="other", type="community", doc="Another community (cm_…)."),
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="Two customers of one reseller, or two offices behind one provider, share addresses "
    "and tools without sharing a hand. A bridge says where to look, not that the two are one; that "
    "they were kept apart means that all bridges together were too weak.",
    reads="The published graph: members of both, what they used, links of the smaller one.",
    budget=Budget(
        rows=12_000_000,
        questions=200,
        seconds=60.0,
        why="As for rarest-shared: 25,000 accounts that rotate addresses share 7 M uses.",
    ),
    ask=_ask,
)
