"""The inference layer: what a named, versioned model concluded from one snapshot.

Recomputed, never edited. Bits are integer millibits so that sums are exact and order-free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.families import FAMILIES, missing_from

if TYPE_CHECKING:  # linking reads this module
    from graph_models.linking.learned import Learned

__all__ = [
    "ASSESSMENTS",
    "LINK_COLUMNS",
    "MEMBER_COLUMNS",
    "TIERS",
    "Assessment",
    "Community",
    "Inference",
    "Reason",
    "TierSizes",
]

ASSESSMENTS: tuple[str, ...] = (
    "campaign", "reseller", "organisation", "household", "shared_network", "event", "unexplained",
)  # fmt: skip
TIERS: tuple[str, ...] = ("core", "probable", "possible")

# One row a link, a < b (account positions), sorted by (a, b); one column of millibits per family
# (after that family's caps), so that leaving a family out needs no rescoring.
LINK_COLUMNS: dict[str, str] = {
    "a": "int32",
    "b": "int32",
    "millibits": "int32",
    **{family.value: "int32" for family in FAMILIES},
}
# One row per member, sorted by (community, account). ``account`` is an id, not a position.
MEMBER_COLUMNS: dict[str, str] = {
    "account": "str",
    "community": "str",
    "cell": "str",
    "tier": "str",
    "member_confidence": "float64",
    "share": "float64",
}


@dataclass(frozen=True)
class TierSizes:
    """Members by tier; a size is a range, never one number."""

    core: int
    probable: int
    possible: int

    @property
    def accused(self) -> int:
        """Core and probable: the members to whom an assessment applies."""
        return self.core + self.probable


@dataclass(frozen=True)
class Reason:
    """One sentence for or against an assessment, in bits (negative: against)."""

    text: str
    bits: float
    family: str


@dataclass(frozen=True)
class Assessment:
    """Competing explanations of one community; probabilities sum to 1 over ASSESSMENTS."""

    probabilities: Mapping[str, float]
    confidence: str
    reasons: tuple[Reason, ...]
    innocent_explanations: tuple[str, ...]

    def __post_init__(self) -> None:
        if tuple(self.probabilities) != ASSESSMENTS:
            raise ValueError(f"An assessment names exactly {ASSESSMENTS}, in that order.")
        if abs(sum(self.probabilities.values()) - 1) > 1e-6:
            raise ValueError("The probabilities of an assessment must sum to 1.")
        if self.confidence not in ("low", "moderate", "high"):
            raise ValueError(f"Confidence is low, moderate or high, not {self.confidence!r}.")

    @property
    def assessed_as(self) -> str:
        """The top class when its probability is at least 0.8 and confidence is not low."""
        top = max(ASSESSMENTS, key=lambda name: self.probabilities[name])
        sure = self.probabilities[top] >= 0.8 and self.confidence != "low"
        return top if sure else "undecided"


@dataclass(frozen=True)
class Community:
    """Accounts joined by links above a stated threshold; ``community`` is a stable id (cm_…).

    ``robust_to`` names the families whose loss it survives: formed again as if no log had ever
    shown the family, at least half of its members still stand together.
    """

    community: str
    size: TierSizes
    exchanges: int
    first_seen: datetime | None
    last_seen: datetime | None
    assessment: Assessment
    held_together: float
    robust_to: tuple[str, ...]
    chance_p: float
    cells: tuple[str, ...]

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Families whose loss breaks it up, each on its own; the complement of ``robust_to``."""
        return missing_from(self.robust_to)

    @property
    def fragile(self) -> bool:
        """Whether losing some one family breaks it up: one source that errs, or is forged, may."""
        return bool(self.rests_on)

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 names for ``communities``."""
        return {
            "community": self.community,
            "size": asdict(self.size),
            "exchanges": self.exchanges,
            "first_seen": self.first_seen.isoformat() + "Z" if self.first_seen else None,
            "last_seen": self.last_seen.isoformat() + "Z" if self.last_seen else None,
            "assessment": dict(self.assessment.probabilities),
            "assessed_as": self.assessment.assessed_as,
            "confidence": self.assessment.confidence,
            "held_together": self.held_together,
            "robust_to": list(self.robust_to),
            "rests_on": list(self.rests_on),
            "fragile": self.fragile,
            "chance_p": self.chance_p,
            "reasons": [asdict(reason) for reason in self.assessment.reasons],
            "innocent_explanations": list(self.assessment.innocent_explanations),
            "cells": list(self.cells),
        }


@dataclass(frozen=True, eq=False)
class Inference:
    """Everything one run concluded; ``run`` is a hash of snapshot, models and parameters.

    ``learned``: what explaining a pair needs of the population, where it can be kept.
    """

    run: str
    snapshot: str
    seed: int
    candidate_pairs: int
    links: pd.DataFrame
    communities: tuple[Community, ...]
    members: pd.DataFrame
    lacking: tuple[str, ...] = ()
    learned: Learned | None = None
