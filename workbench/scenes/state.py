"""What is in a scene and what of it is drawn, as one value.

Nothing that came into a scene leaves it: what is removed, collapsed or folded is only not drawn, so
every count stays exact and whatever comes back stands where it stood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from workbench.scenes.model import CELL, Edge, Filters, Fold, Node, edge_id

__all__ = ["Scene", "neighbours"]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything drawn or put aside.

    ``held`` and ``ties`` are all nodes and edges that ever came in; ``nodes`` and ``edges`` are
    what of it is drawn, bundles as one node each. ``expanded`` maps a node to the kinds that were
    asked for, ``truncated`` counts what an opening left out. ``paths`` are marked.
    """

    focus: str = ""
    held: Mapping[str, Node] = field(default_factory=dict)
    ties: Mapping[str, Edge] = field(default_factory=dict)
    folds: Mapping[str, Fold] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    expanded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    truncated: Mapping[str, int] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    collapsed: frozenset[str] = frozenset()
    paths: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def shown_as(self) -> Mapping[str, str]:
        """Each node that is in sight, with the node or outermost bundle that is drawn for it."""
        inside = {name: fold for fold, one in self.folds.items() for name in one.members}
        gone = self.removed | self.collapsed
        return {
            name: _outermost(name, inside)
            for name, node in self.held.items()
            if name not in gone and not (node.kind == CELL and not self.in_cell[name])
        }

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """What is drawn, filters aside; a cell and a bundle with the size they still have."""
        sizes: Counter[str] = Counter()
        for name, drawn in self.shown_as.items():
            sizes[drawn] += self.in_cell.get(name, 1)
        return {name: self._drawn(name, size) for name, size in sizes.items()}

    @cached_property
    def edges(self) -> Mapping[str, Edge]:
        """Edges between what is drawn; those of a bundle are added up."""
        return self.drawn(self.ties.values())

    def drawn(self, ties: Iterable[Edge]) -> dict[str, Edge]:
        """Some of the ties as edges between what is drawn."""
        found: dict[str, Edge] = {}
        counts: Counter[str] = Counter()
        for edge in ties:
            a, b = self.shown_as.get(edge.a), self.shown_as.get(edge.b)
            count = edge.count - self.apart[edge.id]
            if a is None or b is None or a == b or count <= 0:
                continue
            bundled = (a, b) != (edge.a, edge.b)
            drawn = Edge(a=a, b=b, relation=edge.relation) if bundled else edge
            found.setdefault(drawn.id, drawn)
            counts[drawn.id] += count
        return {key: replace(one, count=counts[key]) for key, one in found.items()}

    @property
    def places(self) -> dict[str, tuple[float, float]]:
        """Where each drawn node stands."""
        return {name: (node.x, node.y) for name, node in self.nodes.items()}

    @property
    def taken(self) -> dict[str, tuple[float, float]]:
        """Every place where something stands or would stand again."""
        return {name: (node.x, node.y) for name, node in self.held.items()} | self.places

    @property
    def off(self) -> frozenset[str]:
        """The kinds that are switched off."""
        return self.filters.kinds

    @cached_property
    def in_cell(self) -> Mapping[str, int]:
        """Accounts of each closed cell that are not here one by one."""
        apart = Counter(n.cell for n in self.held.values() if n.kind == "account" and n.cell)
        return {
            name: max(0, node.size - apart[node.cell])
            for name, node in self.held.items()
            if node.kind == CELL
        }

    @cached_property
    def apart(self) -> Counter[str]:
        """Of each edge of a closed cell, the accounts whose own edge is here."""
        cells = {node.cell: name for name, node in self.held.items() if node.kind == CELL}
        apart: Counter[str] = Counter()
        for edge in self.ties.values() if cells else ():
            for one, other in ((edge.a, edge.b), (edge.b, edge.a)):
                node = self.held[one]
                if node.kind == "account" and node.cell in cells:
                    apart[edge_id(cells[node.cell], other, edge.relation)] += 1
        return apart

    def _drawn(self, name: str, size: int) -> Node:
        node = self.folds[name].node if name in self.folds else self.held[name]
        return node if node.size == size else replace(node, size=size)


def _outermost(name: str, inside: Mapping[str, str]) -> str:
    seen = {name}
    while name in inside and inside[name] not in seen:
        name = inside[name]
        seen.add(name)
    return name


def neighbours(scene: Scene) -> dict[str, set[str]]:
    """Names of the drawn neighbours of each drawn node."""
    near: dict[str, set[str]] = {name: set() for name in scene.nodes}
    for edge in scene.edges.values():
        near[edge.a].add(edge.b)
        near[edge.b].add(edge.a)
    return near
