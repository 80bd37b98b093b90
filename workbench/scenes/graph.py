"""What a scene asks of a graph, and one pinned view of a store that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Edge, Entity, Expansion, GraphView

__all__ = ["Gathering", "Graph", "Pinned"]


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

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among the given nodes, or all but links."""

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account, strongest first."""

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run and counts of the published graph."""


class Gathering(Graph, Protocol):
    """A graph that answers for hundreds of nodes at once: what opening a scene asks."""

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        """What these accounts used that others used as well (``gathering.USE_COLUMNS``)."""

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers (``gathering.USE_COLUMNS``)."""


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

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among the given nodes, or all but links."""
        return self._view.subgraph(nodes, linked=linked)

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account, strongest first."""
        return self._view.links(account)

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run and counts of the published graph."""
        return self._about

    @cached_property
    def _about(self) -> Mapping[str, Any]:
        return self._view.about()

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        """What these accounts used that others used as well."""
        return self._view.uses(accounts, kind=kind)

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers."""
        return self._view.users(nodes)


def _ref(node: NodeRef | str) -> NodeRef:
    return node if isinstance(node, NodeRef) else NodeRef.parse(node)
