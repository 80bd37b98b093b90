"""What became of each planted campaign: its main community, before and after assessment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from graph_models.inference import Community, Inference
from workbench.grading import GUILTY_ROLES, Truth

__all__ = ["grouped", "main_communities", "mistakes", "of_main", "pivots"]

_HALF = 0.5
_SHOWN = 40  # accounts of each kind of mistake


def main_communities(truth: Truth, found: Inference) -> list[dict[str, Any]]:
    """For each planted campaign the community that holds most of its accounts."""
    table = truth.accounts
    guilty = table[table["role"].isin(GUILTY_ROLES) & (table["campaign"] != "")]
    rows = found.members[found.members["tier"].isin(["core", "probable"])]
    by_name = {c.community: c for c in found.communities}
    mains = []
    for campaign, mine in guilty.groupby("campaign"):
        held = rows[rows["account"].isin(mine["account_id"])]["community"].value_counts()
        held = held.sort_index().sort_values(ascending=False, kind="stable")
        row: dict[str, Any] = {"campaign": str(campaign), "size": len(mine), "held": 0}
        if len(held):
            row |= {"held": int(held.iloc[0])} | _told(by_name[str(held.index[0])])
        mains.append(row)
    return mains


def _told(community: Community) -> dict[str, Any]:
    """What a run says of one community."""
    return {
        "community": community.community,
        "accounts": community.size.accused,
        "assessed_as": community.assessment.assessed_as,
        "confidence": community.assessment.confidence,
        "p_campaign": round(community.assessment.probabilities["campaign"], 4),
        "chance_p": community.chance_p,
        "robust_to": list(community.robust_to),
        "reasons": [reason.text for reason in community.assessment.reasons],
    }


def of_main(mains: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """How campaigns ended that stand in one community at least in part."""
    seen = [main for main in mains if main["held"] > 1]
    doubted = [main["assessed_as"] == "undecided" for main in seen]
    return {
        "undecided": float(np.mean(doubted)) if doubted else None,
        "campaign_p": max((main["chance_p"] for main in seen), default=None),
    }


def grouped(found: Inference, guilty: pd.Series) -> dict[str, float | None]:
    """What linking and communities reached before any assessment.

    Args:
        found: One run.
        guilty: Whether each account carries campaign traffic, indexed by account id.
    """
    rows = found.members[found.members["tier"].isin(["core", "probable"])]
    own = guilty.reindex(rows["account"]).to_numpy(dtype=bool)
    share = pd.Series(own).groupby(rows["community"].to_numpy()).transform("mean").to_numpy()
    inside = share >= _HALF
    return {
        "grouped_precision": float(own[inside].mean()) if inside.any() else None,
        "grouped_recall": float(own[inside].sum() / guilty.sum()) if guilty.any() else None,
        "communities": float(len(found.communities)),
    }


def mistakes(truth: Truth, found: Inference) -> dict[str, list[list[str]]]:
    """Who was accused and is innocent, and who was missed: [account, kind, community], first 40."""
    campaigns = {c.community for c in found.communities if c.assessment.assessed_as == "campaign"}
    rows = found.members[found.members["tier"].isin(["core", "probable"])]
    at = rows.drop_duplicates("account").set_index("account")["community"]
    accused = set(rows.loc[rows["community"].isin(campaigns), "account"])
    table = truth.accounts
    guilty = table["role"].isin(GUILTY_ROLES).to_numpy(dtype=bool)
    said = table["account_id"].isin(list(accused)).to_numpy(dtype=bool)
    told = [
        [str(account), str(kind), str(at.get(account, ""))]
        for account, kind in zip(table["account_id"], table["kind"], strict=True)
    ]
    return {
        name: [told[i] for i in np.flatnonzero(which)[:_SHOWN]]
        for name, which in (("accused", said & ~guilty), ("missed", guilty & ~said))
    }


def pivots(mains: Sequence[Mapping[str, Any]], calendar: pd.DataFrame, truth: Path) -> float | None:
    """Share of the operators that jumped to a released model whose move is told.

    Told: one reason names the model, the day it came out, and a share of traffic that is at least
    half of what the world's dial moved. None where no operator jumped.
    """
    dials = json.loads((truth / "world.json").read_text(encoding="utf-8"))["dials"]
    inside = {
        entry["name"]
        for entry in dials["calendar"]
        if entry["kind"] == "model_release" and 0 < entry["day"] < dials["days"]
    }
    days = {
        str(name): pd.Timestamp(when).date().isoformat()
        for name, when in zip(calendar["name"], calendar["ts"], strict=True)
        if name in inside
    }
    jumped = {
        operator["name"]: operator["pivot"]
        for operator in dials["operators"]
        if operator.get("pivot", 0) > 0 and operator.get("adoption", "jump") == "jump"
    }
    asked = [main for main in mains if main["campaign"] in jumped]
    if not days or not asked:
        return None
    told = [_tells(main.get("reasons", ()), days, jumped[main["campaign"]]) for main in asked]
    return float(np.mean(told))


def _tells(reasons: Sequence[str], days: Mapping[str, str], share: float) -> bool:
    return any(
        model in text
        and day in text
        and any(float(number) / 100 >= share / 2 for number in re.findall(r"(\d+) ?%", text))
        for text in reasons
        for model, day in days.items()
    )
