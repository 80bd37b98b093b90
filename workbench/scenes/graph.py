"""What a scene asks of a graph, and one pinned view of a store that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity, Expansion, GraphView

__all__ = ["Graph", "Pinned"]


class Graph(Protocol):
    """Questions to the published graph."""

    def show(self, node: NodeRef | str) -> Entity:
        """One entity."""

    def expand(
        self,
        node: NodeRef | str,
        *,
        kind: str | None = None,
        limit: int = 25,
        after: str | None = None,
    ) -> Expansion:
        """A page of neighbours."""

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members of a community."""

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Entities by value or prefix."""


class Pinned:
    """One view of the store for a whole gesture: hundreds of questions, one published graph."""

    def __init__(self, view: GraphView) -> None:
        self._view = view

    def show(self, node: NodeRef | str) -> Entity:
        """One entity."""
        return self._view.entity(_ref(node))

    def expand(
        self,
        node: NodeRef | str,
        *,
        kind: str | None = None,
        limit: int = 25,
        after: str | None = None,
    ) -> Expansion:
        """A page of neighbours."""
        return self._view.expand(_ref(node), kind=kind, limit=limit, after=after)

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members of a community; UsageError when there is no such community."""
        return self._view.members(community)

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Entities by value or prefix."""
        return self._view.search(text, limit=limit)


def _ref(node: NodeRef | str) -> NodeRef:
    return node if isinstance(node, NodeRef) else NodeRef.parse(node)
