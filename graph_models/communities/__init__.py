"""From links to communities with cells, tiers, stability and a chance check."""

from __future__ import annotations

from graph_models.communities.draft import Draft
from graph_models.communities.extent import extents_of
from graph_models.communities.find import Formed, find_communities, formed
from graph_models.communities.stability import support
from graph_models.communities.tight import Tight, scenes, tight_communities

__all__ = [
    "Draft", "Formed", "Tight", "extents_of", "find_communities", "formed", "scenes", "support",
    "tight_communities",
]  # fmt: skip
