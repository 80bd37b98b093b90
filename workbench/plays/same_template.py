"""Accounts outside a community that used its prompt clusters most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.nodes import NodeRef
from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play
from workbench.plays.rarest_shared import uses_of_members

__all__ = ["SAME_TEMPLATE"]

_CLUSTERS_AT_A_TIME = 200  # of up to some thousand accounts each


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    members = asking.members(values["community"])["account"].drop_duplicates().tolist()
    parts = uses_of_members(asking, members, PROMPT_CLUSTER.name, part=0.5)
    uses = pd.concat(list(parts), ignore_index=True)
    by = uses.groupby("value").agg(
        members=("account", "size"), accounts=("accounts", "first"), hub=("hub", "first")
    )
    own = by[(by["members"] >= values["members"]) & ~by["hub"]]
    names = own.index.tolist()
    found = []
    for chunk in asking.within(names, "prompt clusters", step=_CLUSTERS_AT_A_TIME):
        used = asking.users([NodeRef(PROMPT_CLUSTER.name, name) for name in chunk])
        found.append(used[~used["account"].isin(members)])
    outside = pd.concat(found, ignore_index=True) if found else uses.head(0)
    rows = _by_account(asking, outside)
    told = (
        (
            f"{len(own):,} prompt clusters are used by at least {values['members']} members; "
            f"{int(by['hub'].sum()):,} that everybody uses are context and were left out."
        ),
    )
    return Found(rows=rows, nodes=("account", "rarest"), told=told)


def _by_account(asking: Asking, used: pd.DataFrame) -> pd.DataFrame:
    used = used.sort_values(["account", "accounts", "value"])
    by = used.groupby("account").agg(
        clusters=("value", "size"),
        exchanges_with_them=("count", "sum"),
        rarest=("value", "first"),
        users_of_rarest=("accounts", "first"),
        first=("first", "min"),
        last=("last", "max"),
    )
    known = asking.view.register(by.index.tolist()).set_index("account")["exchanges"]
    asking.count(len(known))
    by["exchanges"] = known.reindex(by.index).fillna(0).astype("int64")
    by["share"] = (by["exchanges_with_them"] / by["exchanges"].clip(lower=1)).clip(upper=1).round(3)
    by = by.join(asking.memberships).fillna({"community": "", "tier": ""}).reset_index()
    by = by.sort_values(
        ["clusters", "exchanges_with_them", "account"], ascending=[False, False, True]
    )
    by["account"] = "account:" + by["account"].astype("str")
    by["rarest"] = f"{PROMPT_CLUSTER.name}:" + by["rarest"].astype("str")
    columns = ["account", "clusters", "exchanges_with_them", "exchanges", "share", "rarest"]
    return by[[*columns, "users_of_rarest", "first", "last", "community", "tier"]]


SAME_TEMPLATE = Play(
    name="same-template",
    title="Same prompt clusters elsewhere",
    question="Who outside this community sent prompts of the clusters that its members use?",
    parameters=(
        Parameter(name="community", type="community", doc="The community (cm_…)."),
        Parameter(
            name="members",
            type="count",
            default=2,
            doc="Only clusters that at least so many members used.",
        ),
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="Public templates, course material and the examples of a framework reach strangers "
    "who never met; a cluster holds alike prompts, not the same author. Few clusters with much "
    "traffic, or many with a little, are different findings.",
    reads="The published graph: what members used, then the users of each of their clusters.",
    budget=Budget(
        rows=4_000_000,
        questions=500,
        seconds=60.0,
        why="100,000 members with 20 shared identifiers each, and 10,000 clusters of 200 accounts.",
    ),
    ask=_ask,
)
