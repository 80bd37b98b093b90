"""Who is strongly linked to a community and accused of nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.plays.asking import ACCUSED, Asking
from workbench.plays.play import Budget, Found, Parameter, Play

__all__ = ["QUIET_NEIGHBOURS"]

_MEMBERS_AT_A_TIME = 1_000  # some 100,000 links: a step takes a fifth of a second


def _ask(asking: Asking, values: Mapping[str, Any]) -> Found:
    table = asking.members(values["community"])
    mine = set(table["account"])
    accused = table[table["tier"].isin(ACCUSED)]["account"].drop_duplicates().tolist()
    found = [asking.linked([])[["account", "other", "millibits"]]]
    for chunk in asking.within(accused, "core and probable members", step=_MEMBERS_AT_A_TIME):
        links = asking.linked(chunk)[["account", "other", "millibits"]]
        strong = links["millibits"] >= 1000 * values["bits"]
        found.append(links[strong & ~links["other"].isin(mine)])
    links = pd.concat(found, ignore_index=True)
    by = links.groupby("other")["millibits"].agg(["size", "max", "idxmax"]).reset_index()
    rows = pd.DataFrame({
        "account": "account:" + by["other"].astype("str"),
        "linked_members": by["size"],
        "bits": by["max"] / 1000,
        "strongest": "account:" + links["account"].reindex(by["idxmax"]).astype("str").to_numpy(),
    })  # fmt: skip
    rows = rows.assign(other=by["other"]).join(asking.memberships, on="other")
    suspect = rows["tier"].isin(ACCUSED) & rows["community"].isin(_campaigns(asking, rows))
    kept = rows[~suspect].fillna({"community": "", "tier": ""})
    kept = kept.sort_values(["linked_members", "bits", "account"], ascending=[False, False, True])
    return Found(
        rows=kept[["account", "linked_members", "bits", "strongest", "community", "tier"]],
        nodes=("account", "strongest"),
        because={"accused elsewhere": int(suspect.sum())},
        told=(
            (
                f"{(kept['community'] == '').sum():,} of the {len(kept):,} are in no community "
                "at all; the others are in one that is assessed as no campaign, or "
                "only possible members."
            ),
        ),
    )


def _campaigns(asking: Asking, rows: pd.DataFrame) -> set[str]:
    """Those of the rows' communities that are assessed as campaigns."""
    names = rows[rows["tier"].isin(ACCUSED)]["community"].dropna().unique()
    told = map(asking.community, sorted(names))
    return {item.community for item in told if item.assessment.assessed_as == "campaign"}


QUIET_NEIGHBOURS = Play(
    name="quiet-neighbours",
    title="Quiet neighbours",
    question="Who is strongly linked to members of this community and yet accused of nothing?",
    parameters=(
        Parameter(name="community", type="community", doc="The community (cm_…)."),
        Parameter(name="bits", type="bits", default=6.0, doc="Links of at least so many bits."),
        Parameter(name="limit", type="limit", default=50, doc="Rows at most."),
    ),
    misleads="A link to one member is what a flatmate, a colleague or a victim of card theft has "
    "as well. They were left out because their links do not hold the community together; look "
    "before you add one, and count how many members each is linked to.",
    reads="The published graph: links of the core and probable members, memberships.",
    budget=Budget(
        rows=12_000_000,
        questions=5_000,
        seconds=60.0,
        why="25,000 members with 320 links each are 8 M rows; each neighbouring community is asked "
        "once what it is assessed as.",
    ),
    ask=_ask,
)
