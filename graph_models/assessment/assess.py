"""Competing explanations of a community: a ledger of findings in bits, and the probabilities.

Naive Bayes over groups of findings that are capped together (methods §2.7), with one asymmetric
rule: a campaign may only lead when independent kinds of behaviour speak for it, because a false
accusation is the worst error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.findings import strengths
from graph_models.assessment.profile import CommunityProfile, profiles
from graph_models.assessment.rules import CONFIDENCE, GATE, GROUP_CAP, INNOCENT, PRIOR, RULES
from graph_models.communities.draft import Draft
from graph_models.families import Family
from graph_models.inference import ASSESSMENTS, Assessment, Reason
from graph_models.linking.context import LinkContext
from graph_models.observations import Observations

__all__ = ["Entry", "Standing", "assess", "assess_communities", "ledger"]

_CAMPAIGN = ASSESSMENTS.index("campaign")
_LEAST_BITS = 0.05  # findings that say less are not worth a line
_LEAD = 0.8


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the ledger: what a finding says for each of ASSESSMENTS, in bits."""

    name: str
    group: str
    family: Family
    text: str
    bits: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How firmly a community stands before its meaning is asked: chance, robustness."""

    chance_p: float = 0.0
    robust_to: tuple[str, ...] = ()


def assess_communities(
    obs: Observations,
    context: LinkContext,
    drafts: Sequence[Draft],
    members: pd.DataFrame,
    links: pd.DataFrame,
) -> dict[str, Assessment]:
    """Assess every draft community.

    Args:
        obs: The population.
        context: What linking knows of it (which inputs were lacking).
        drafts: The communities; each gets an assessment.
        members: As ``inference.MEMBER_COLUMNS``.
        links: As ``inference.LINK_COLUMNS``.

    Returns:
        Community id to assessment.
    """
    known = profiles(obs, members, links)
    lacking = len(context.lacking)
    return {
        draft.community: assess(
            known[draft.community],
            Standing(chance_p=draft.chance_p, robust_to=draft.robust_to),
            lacking=lacking,
        )
        for draft in drafts
    }
