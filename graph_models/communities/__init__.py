"""From links to communities with cells, tiers, stability and a chance check."""

from __future__ import annotations

from graph_models.communities.chance import beyond_chance
from graph_models.communities.draft import Draft
from graph_models.communities.find import find_communities
from graph_models.communities.stability import support

__all__ = ["Draft", "beyond_chance", "find_communities", "support"]
