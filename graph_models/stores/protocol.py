"""The seam between the graph and its users: read through ``view()``, write through ``writer()``.

A store holds the *published* graph of one snapshot: accounts, identifiers, one relation per account
and identifier, and the inference over it. The source rows behind a relation stay in the snapshot
(``ingest.observing.citations``). Answers are equal in every store (tests/contract).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from graph_models.inference import Community, Inference
from graph_models.lineage import Lineage
from graph_models.nodes import NodeRef
from graph_models.observations import Observations
from graph_models.stores.triage import Asked, Triage

if TYPE_CHECKING:  # compilers and statistics, which only explaining needs
    from graph_models.linking.served_layers import PairFacts

__all__ = ["Edge", "Entity", "Expansion", "GraphStore", "GraphView", "GraphWriter", "Published"]


@dataclass(frozen=True)
class Entity:
    """One node with its properties and its neighbours counted by kind.

    ``counts`` has one entry per kind of neighbour; ``private`` counts identifiers that only this
    account used (they are stored as counts, not as nodes). ``hub`` is True for context that never
    joins accounts: a value above its kind's limit, or one that may never link.
    """

    node: NodeRef
    properties: Mapping[str, Any]
    counts: Mapping[str, int]
    private: Mapping[str, int] = field(default_factory=dict)
    hub: bool = False


@dataclass(frozen=True)
class Edge:
    """One relation drawn: an account used an identifier, or two accounts are linked."""

    source: NodeRef
    target: NodeRef
    relation: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Expansion:
    """The neighbours of a node, honestly counted: shown + hidden + truncated = total.

    ``by_kind`` maps a kind to {"shown", "hidden", "truncated", "total"}; ``hidden_because`` says
    why ({"private", "filtered", "earlier pages"}). ``cursor`` continues where this page ended, or
    is None.
    """

    node: NodeRef
    nodes: Sequence[Entity]
    edges: Sequence[Edge]
    hidden: int
    truncated: int
    total: int
    by_kind: Mapping[str, Mapping[str, int]]
    hidden_because: Mapping[str, int]
    cursor: str | None

    @property
    def shown(self) -> int:
        """How many neighbours this page holds."""
        return len(self.nodes)

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 names for ``expand``."""
        return {
            "node": str(self.node),
            "nodes": self.nodes,
            "edges": self.edges,
            "shown": self.shown,
            "hidden": self.hidden,
            "truncated": self.truncated,
            "total": self.total,
            "by_kind": self.by_kind,
            "hidden_because": self.hidden_because,
            "cursor": self.cursor,
        }

    def __post_init__(self) -> None:
        if self.shown + self.hidden + self.truncated != self.total:
            raise ValueError(
                f"{self.shown} shown + {self.hidden} hidden + {self.truncated} truncated "
                f"is not {self.total}: an expansion must add up."
            )


@dataclass(frozen=True, eq=False)
class Published:
    """What a writer publishes: one snapshot's graph and, when analysed, the inference over it.

    ``lineage`` is the log of the store's earlier runs with that of this one added.
    """

    observations: Observations
    inference: Inference | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    lineage: Lineage = field(default_factory=Lineage)


class GraphView(Protocol):
    """Read-only answers about one published graph. Pages by a stable key, never by offset."""

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run, counts of nodes by kind, synthetic flag; for headers and ``doctor``."""

    def entity(self, node: NodeRef) -> Entity:
        """One node; raises UsageError with near names when there is none."""

    def expand(
        self, node: NodeRef, *, kind: str | None = None, limit: int = 25, after: str | None = None
    ) -> Expansion:
        """The neighbours of a node, a page at a time, in one fixed order.

        From an account: its identifiers, rarest first, ties by kind and value; then linked
        accounts, strongest first; then its communities; hubs last. From an identifier: its
        accounts by id. From a community: its members by tier and id. ``after`` is the cursor of the
        page before. Raises UsageError for an unknown node, kind or cursor, or a limit below 1.
        """

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among these nodes, sorted; nodes that are not in the graph are passed over.

        ``linked`` False leaves out links: a few hundred accounts have tens of thousands.
        """

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Entities whose value equals, or starts with, the text (or ``kind:prefix``).

        Nodes only: not what one account alone used, and no part from the middle of a value.
        """

    def matching(self, text: str) -> Mapping[str, int]:
        """How many nodes of each kind ``search`` would find without a limit, without the zeros."""

    def communities(self) -> Sequence[Community]:
        """All communities, in the order of triage; empty before analysis."""

    def community(self, community: str) -> Community:
        """One community; raises UsageError with near names when there is none."""

    def triage(self, asked: Asked) -> Triage:
        """One page of the communities in the order of triage, with the counts above it."""

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members (inference.MEMBER_COLUMNS) of one community or of all."""

    def lineage(self) -> Lineage:
        """What became of communities from run to run; empty before analysis."""

    def story(self, community: str) -> pd.DataFrame:
        """What became of the line that a community stands in now: its rows of the log.

        Columns as ``lineage.LOG_COLUMNS``, oldest first; none where no line is known.
        """

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account: columns account, millibits and one per family, strongest first."""

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        """What these accounts used that others used as well (``gathering.USE_COLUMNS``).

        All, or what is of one kind; by account, kind and value. Here and below, who is not in the
        graph is passed over.
        """

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers (``gathering.USE_COLUMNS``), in the same order."""

    def register(self, accounts: Sequence[str]) -> pd.DataFrame:
        """What is known of accounts themselves (``gathering.REGISTER_COLUMNS``), by id."""

    def values(self, kind: str, places: range) -> Sequence[str]:
        """The shared identifiers of a kind at some places in the order of their values.

        A view shows one publication, so places stand still. ``about()["nodes"]`` says how many
        there are. UsageError for an unknown kind.
        """

    def linked(self, accounts: Sequence[str]) -> pd.DataFrame:
        """The links of these accounts, strongest first (``gathering.LINKED_COLUMNS``).

        One row an asked account and a link: twice where both of its ends are asked for.
        """

    def pair(self, a: str, b: str) -> PairFacts | None:
        """What explaining two accounts needs; None where it must be read from the snapshot."""


class GraphWriter(Protocol):
    """Publishes whole graphs; a killed publish leaves the last good one."""

    def publish(self, graph: Published) -> None:
        """Write and switch atomically. Publishing the same graph twice changes nothing."""


class GraphStore(Protocol):
    """One place that holds a published graph."""

    url: str

    def published(self) -> bool:
        """Whether there is a graph to view."""

    def view(self) -> GraphView:
        """A reader pinned to the graph published now; raises UsageError when there is none."""

    def writer(self) -> AbstractContextManager[GraphWriter]:
        """A writer; only one at a time."""

    def engine(self) -> str:
        """Which software answers, with its version, for ``doctor``."""

    def altered(self) -> Sequence[str]:
        """What in the store is no longer as it was written; empty when all is well."""

    def close(self) -> None:
        """Release what the store holds."""
