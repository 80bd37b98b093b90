"""The rarest identifiers that members of a community share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from workbench.plays.asking import Asking
from workbench.plays.play import Budget, Found, Parameter, Play, kinds_choices

__all__ = ["MEMBERS_AT_A_TIME", "RAREST_SHARED", "node_names", "uses_of_members"]

MEMBERS_AT_A_TIME = 2_000  # up to 500,000 uses of accounts that rotate addresses: about a second


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    members = asking.members(values["community"])["account"].drop_duplicates().tolist()
    shared = _counted(uses_of_members(asking, members, values["kind"]))
    alone = shared["members"] < 2
    hub = shared["hub"] & ~alone
    kept = shared[~alone & ~hub].rename(columns={"count": "sightings"})
    kept.insert(0, "node", node_names(kept))
    kept["outside"] = kept["accounts"] - kept["members"]
    kept["bits"] = asking.bits(kept["kind"], kept["accounts"])
    kept = kept.sort_values(
        ["accounts", "bits", "members", "node"], ascending=[True, False, False, True]
    )
    columns = ["node", "members", "outside", "accounts", "bits", "sightings", "first", "last"]
    return Found(
        rows=kept[columns],
        nodes=("node",),
        because={"used by one member": int(alone.sum()), "hub": int(hub.sum())},
        told=(f"The community has {len(members):,} members in all tiers.",),
    )


def _counted(parts: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """Members by identifier; added up part by part, because the uses of all would not fit."""
    found = [_by_value(part.assign(members=1)) for part in parts]
    return _by_value(pd.concat(found, ignore_index=True))


def _by_value(uses: pd.DataFrame) -> pd.DataFrame:
    by = uses.groupby(["kind", "value"], sort=False)
    return by.agg(
        members=("members", "sum"),
        accounts=("accounts", "first"),
        hub=("hub", "first"),
        count=("count", "sum"),
        first=("first", "min"),
        last=("last", "max"),
    ).reset_index()


def uses_of_members(
    asking: Asking, members: list[str], kind: str = "", *, part: float = 1.0
) -> Iterator[pd.DataFrame]:
    """What members used that others used as well, some members at a time, as the budget goes."""
    yield asking.uses([], kind)
    for chunk in asking.within(members, "members", step=MEMBERS_AT_A_TIME, part=part):
        yield asking.uses(chunk, kind)


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
        rows=12_000_000,
        questions=200,
        seconds=60.0,
        why="A campaign of 25,000 accounts that rotate addresses shares 7 M uses; a minute is what "
        "an investigator waits for.",
    ),
    ask=_ask,
)
