"""The words of a scene as values: nodes, edges, bundles, filters, and the logged command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graph_models.families import families_named
from workbench.scenes.canonical import canonical

__all__ = ["BUNDLE", "CELL", "DOES", "Command", "Edge", "Filters", "Fold", "Node", "edge_id"]

CELL = "cell"  # the kind of a closed cell: accounts that were never asked for one by one
BUNDLE = "bundle"  # the kind of a fold: nodes that are here, drawn as one until it opens again

DOES = (
    "open", "expand", "collapse", "remove", "move", "switch", "open_cell", "close_cell",
    "pin", "unpin", "path", "fold", "unfold", "filter",
)  # fmt: skip

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One thing in a scene.

    ``counts`` are its neighbours by kind in the store, ``private`` those that only it used;
    ``size`` is the number of accounts in a closed cell, or of nodes in a bundle. ``bits`` is what
    sharing this identifier says (None: no identifier); ``first`` and ``last`` are days, empty where
    the store tells none. ``pinned`` nodes are neither folded nor collapsed.
    """

    id: str
    kind: str
    label: str
    x: float = 0.0
    y: float = 0.0
    cell: str = ""
    tier: str = ""
    community: str = ""
    hub: bool = False
    pinned: bool = False
    size: int = 1
    bits: float | None = None
    first: str = ""
    last: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    private: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The node as canonical JSON."""
        return canonical(self)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A relation between two nodes.

    ``bits`` and ``families`` (bits by family) are a link's; ``first`` and ``last`` (days) and
    ``sightings`` are those of an account and an identifier. ``count`` is the number of accounts
    behind the edge of a cell or bundle.
    """

    a: str
    b: str
    relation: str = ""
    bits: float | None = None
    count: int = 1
    first: str = ""
    last: str = ""
    sightings: int = 0
    families: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """A key that does not depend on direction."""
        return edge_id(self.a, self.b, self.relation)

    @cached_property
    def text(self) -> str:
        """The edge as canonical JSON."""
        return canonical(self)


def edge_id(a: str, b: str, relation: str) -> str:
    """The key of a relation between two nodes, whichever is named first."""
    return "\x1f".join((*sorted((a, b)), relation))


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is put out of sight, not out of the scene: each part is a chip that can be taken off.

    ``kinds`` and ``families`` are switched off; ``since`` and ``until`` are days (both inclusive);
    ``bits`` hides links, and identifiers, that say less.
    """

    kinds: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""
    bits: float = 0.0

    def __post_init__(self) -> None:
        families_named(self.families)
        for day in (self.since, self.until):
            if day and not _DAY.fullmatch(day):
                raise ValueError(f"{day!r} is no day; write YYYY-MM-DD.")
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"{self.since} is after {self.until}.")
        if not 0 <= self.bits < 1000:
            raise ValueError(f"{self.bits} bits is no threshold; use 0 to 1000.")


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Nodes drawn as one: ``node`` stands for them, and they keep places, edges and names."""

    node: Node
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One step of an investigation, with all that it adds: replaying it asks no store.

    ``node`` is what the step is about, ``names`` the nodes it acts on. ``asked`` tells which kinds
    were asked of which nodes. Fields that a step does not need stay empty.
    """

    do: str
    node: str = ""
    names: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    folds: tuple[Fold, ...] = ()
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    truncated: Mapping[str, int] = field(default_factory=dict)
    filters: Filters | None = None
    paths: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.do not in DOES:
            raise ValueError(f"{self.do!r} is no step of a scene; known: {DOES}.")
