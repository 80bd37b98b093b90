"""Competing explanations of a community: what else than a campaign it may be."""

from __future__ import annotations

from graph_models.assessment.assess import assess, assess_communities, parameters
from graph_models.assessment.background import Background
from graph_models.assessment.profile import CommunityProfile
from graph_models.assessment.profiling import profiles
from graph_models.assessment.settling import settled

__all__ = [
    "Background", "CommunityProfile", "assess", "assess_communities", "parameters", "profiles",
    "settled",
]  # fmt: skip
