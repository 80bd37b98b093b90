"""Plain JSON records of a published graph, for stores that keep text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pandas as pd

from graph_models.inference import ASSESSMENTS, Assessment, Community, Reason, TierSizes
from graph_models.lineage import LOG_COLUMNS, ROLL_COLUMNS, Lineage

__all__ = ["LINEAGE", "about_of", "community_of", "lineage_of", "record_of"]

LINEAGE = ("lineage", "roll")
"""Names of the tables that a lineage is kept in: its log, and who stands in which line."""


def about_of(origin: Mapping[str, Any], about: Mapping[str, Any], digest: str) -> Mapping[str, Any]:
    """What ``GraphView.about`` answers: when and for whom it was made, what it holds, its name."""
    synthetic = bool(origin.get("synthetic") or origin.get("world"))
    return {**origin, "synthetic": synthetic, **about, "graph": digest}


def record_of(community: Community) -> dict[str, Any]:
    """Every field of a community as JSON values; times as ISO text without zone (UTC)."""
    record = asdict(community)
    record["assessment"]["probabilities"] = dict(community.assessment.probabilities)
    for name in ("first_seen", "last_seen"):
        moment = getattr(community, name)
        record[name] = moment.isoformat() if moment else None
    return record


def community_of(record: Mapping[str, Any]) -> Community:
    """The community that ``record_of`` described; equal to it in every field."""
    told = record["assessment"]
    assessment = Assessment(
        probabilities={name: told["probabilities"][name] for name in ASSESSMENTS},
        confidence=told["confidence"],
        reasons=tuple(Reason(**reason) for reason in told["reasons"]),
        innocent_explanations=tuple(told["innocent_explanations"]),
    )
    return Community(
        community=record["community"],
        size=TierSizes(**record["size"]),
        exchanges=record["exchanges"],
        first_seen=_moment(record["first_seen"]),
        last_seen=_moment(record["last_seen"]),
        assessment=assessment,
        held_together=record["held_together"],
        robust_to=tuple(record["robust_to"]),
        chance_p=record["chance_p"],
        cells=tuple(record["cells"]),
    )


def lineage_of(tables: Mapping[str, pd.DataFrame]) -> Lineage:
    """The lineage that the tables named in ``LINEAGE`` tell."""
    log, roll = (tables[name] for name in LINEAGE)
    return Lineage(
        log[list(LOG_COLUMNS)].astype(LOG_COLUMNS), roll[list(ROLL_COLUMNS)].astype(ROLL_COLUMNS)
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
