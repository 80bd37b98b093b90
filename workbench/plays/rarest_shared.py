"""The rarest identifiers that members of a community share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play, kinds_choices

__all__ = ["MEMBERS_AT_A_TIME", "RAREST_SHARED", "node_names", "uses_of_members"]

MEMBERS_AT_A_TIME = 2_000  # some 40,000 uses: a step takes a tenth of a second


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    members = asking.members(values["community"])["account"].drop_duplicates().tolist()
    uses = uses_of_members(asking, members)
    if values["kind"]:
        uses = uses[uses["kind"] == values["kind"]]
    by = uses.groupby(["kind", "value"], sort=False)
    shared = by.agg(
        members=("account", "size"),
        accounts=("accounts", "first"),
        hub=("hub", "first"),
        exchanges=("count", "sum"),
        first=("first", "min"),
        last=("last", "max"),
    ).reset_index()
    alone = shared["members"] < 2
    hub = shared["hub"] & ~alone
    kept = shared[~alone & ~hub].copy()
    kept.insert(0, "node", node_names(kept))
    kept["outside"] = kept["accounts"] - kept["members"]
    kept["bits"] = asking.bits(kept["kind"], kept["accounts"])
    kept = kept.sort_values(
        ["accounts", "bits", "members", "node"], ascending=[True, False, False, True]
    )
    columns = ["node", "members", "outside", "accounts", "bits", "exchanges", "first", "last"]
    return Found(
        rows=kept[columns],
        nodes=("node",),
        because={"used by one member": int(alone.sum()), "hub": int(hub.sum())},
        told=(f"The community has {len(members):,} members in all tiers.",),
    )


def uses_of_members(asking: Asking, members: list[str]) -> pd.DataFrame:
    """What members used that others used as well, as far as the budget goes."""
    found = [
        asking.uses(chunk) for chunk in asking.within(members, "members", step=MEMBERS_AT_A_TIME)
    ]
    return pd.concat(found, ignore_index=True) if found else asking.uses([])


def node_names(table: pd.DataFrame) -> pd.Series:
    """``kind:value`` of each row."""
    return table["kind"].astype("str") + ":" + table["value"].astype("str")


RAREST_SHARED = Play(
    name="rarest-shared",
    title="Rarest shared identifiers",
    question="Which rare identifiers do several members of this community share, and who else "
    "uses them?",
    parameters=(
        Parameter(name="community", type="community", doc="The community (cm_…)."),
        Parameter(
            name="kind",
            type="kind",
            default="",
            choices=kinds_choices(),
            doc="Only this kind of identifier; empty: all.",
        ),
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="A rare value is rare among the accounts that were logged, not in the world: a small "
    "office or a family is rare too. Members were joined partly by these very values, so they are "
    "no second proof. The bits are the most that the value may say.",
    reads="The published graph: one question for 2,000 members.",
    budget=Budget(
        rows=4_000_000,
        questions=200,
        seconds=60.0,
        why="A community of 100,000 members with 20 shared identifiers each is 2 M rows.",
    ),
    ask=_ask,
)
