"""How two nodes hang together: the shortest ways between them, never over a hub.

Breadth first from both ends, level by level, so that the first ways found are the shortest of what
was asked. Questions, steps and neighbours are bounded, and an answer names the bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.relations import COMMUNITY
from workbench import wording
from workbench.scenes.bundles import with_room
from workbench.scenes.graph import Graph
from workbench.scenes.joining import joins, placed
from workbench.scenes.model import Command, Edge, Node
from workbench.scenes.parts import edge_of, node_of, population
from workbench.scenes.scene import Scene

__all__ = ["BUDGET", "Budget", "NoPath", "Paths", "draw_paths", "find_paths"]


@dataclass(frozen=True)
class Budget:
    """How far a search may go; what was beyond a bound is told."""

    steps: int = 6  # three shared identifiers away: further, anybody is joined with anybody
    questions: int = 150  # about a second in the embedded store, a few in a distant one
    neighbours: int = 100  # of one node, rarest and strongest first
    paths: int = 3  # so many of equal length are drawn


BUDGET = Budget()
_LISTED = 200  # ways of equal length that are compared; more than that differ in little


@dataclass(frozen=True)
class Paths:
    """The shortest ways found, each as the names of its nodes, with what is needed to draw them."""

    ways: tuple[tuple[str, ...], ...]
    nodes: Mapping[str, Node]
    edges: Mapping[frozenset[str], Edge]
    questions: int
    cut: bool

    @property
    def steps(self) -> int:
        """How many relations lie between the ends."""
        return len(self.ways[0]) - 1


@dataclass(frozen=True)
class NoPath:
    """Nothing found, and how much was asked; ``all_seen``: there is none, at any length."""

    steps: int
    questions: int
    all_seen: bool

    @property
    def words(self) -> str:
        """The answer for people."""
        if self.all_seen:
            asked = wording.plural(self.questions, "question")
            return f"No path at all, hubs aside: everything in reach was asked ({asked})."
        return f"No path within {self.steps} steps and {self.questions} questions."


@dataclass
class _Side:
    """What is known from one end: by level the nodes before each node."""

    before: dict[str, list[str]]
    level: list[str]
    depth: int = 0


@dataclass
class _Search:
    graph: Graph
    budget: Budget
    among: int
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[frozenset[str], Edge] = field(default_factory=dict)
    questions: int = 0
    cut: bool = False

    def widen(self, side: _Side, other: _Side) -> None:
        """Ask one more level of one side; hubs are seen but not gone through."""
        after: dict[str, list[str]] = {}
        for name in side.level:
            if self.questions >= self.budget.questions:
                self.cut = True
                break
            for found in self._around(name):
                hub = self.nodes[found].hub and found not in other.before
                if found not in side.before and not hub:
                    after.setdefault(found, []).append(name)
        side.before |= after
        side.level = sorted(after)
        side.depth += 1

    def _around(self, name: str) -> list[str]:
        self.questions += 1
        page = self.graph.expand(name, limit=self.budget.neighbours)
        self.cut |= page.truncated > 0
        found = []
        for entity, edge in zip(page.nodes, page.edges, strict=True):
            if entity.node.kind == COMMUNITY:  # an inference about both, not a way between them
                continue
            key = str(entity.node)
            self.nodes.setdefault(key, node_of(entity, self.among))
            self.edges.setdefault(frozenset((name, key)), edge_of(edge))
            found.append(key)
        return found


def find_paths(graph: Graph, a: str, b: str, *, budget: Budget = BUDGET) -> Paths | NoPath:
    """The shortest ways between two nodes, the most telling of them first.

    Raises:
        UsageError: one of the two is not in the graph.
    """
    search = _Search(graph, budget, population(graph))
    for name in (a, b):
        search.nodes[name] = node_of(graph.show(NodeRef.parse(name)), search.among)
    left, right = _Side({a: []}, [a]), _Side({b: []}, [b])
    while left.level and right.level and left.depth + right.depth < budget.steps:
        side, other = (left, right) if len(left.level) <= len(right.level) else (right, left)
        search.widen(side, other)
        meeting = sorted(left.before.keys() & right.before.keys())
        if meeting:
            return _found(search, _ways(left, right, meeting))
        if search.questions >= budget.questions:
            break
    dry = not (left.level and right.level) and not search.cut
    return NoPath(left.depth + right.depth, search.questions, dry)


def _ways(left: _Side, right: _Side, meeting: list[str]) -> Iterator[tuple[str, ...]]:
    for middle in meeting:
        for start in _back(left, middle):
            for end in _back(right, middle):
                yield (*start, *end[::-1][1:])


def _back(side: _Side, name: str) -> Iterator[tuple[str, ...]]:
    if not side.before[name]:
        yield (name,)
    for one in sorted(side.before[name]):
        for way in _back(side, one):
            yield (*way, name)


def _found(search: _Search, ways: Iterator[tuple[str, ...]]) -> Paths:
    listed = [way for way, _ in zip(ways, range(_LISTED), strict=False)]
    shortest = min(len(way) for way in listed)
    chosen = sorted(
        (way for way in listed if len(way) == shortest),
        key=lambda way: (sum(_common(search.nodes[name]) for name in way), way),
    )
    return Paths(
        tuple(chosen[: search.budget.paths]),
        search.nodes,
        search.edges,
        search.questions,
        search.cut,
    )


def _common(node: Node) -> int:
    """How many accounts an identifier stands for: the fewer, the more a way over it says."""
    return 0 if node.kind == ACCOUNT.name else node.counts.get(ACCOUNT.name, 0)


def draw_paths(graph: Graph, scene: Scene, found: Paths) -> Command:
    """Add the nodes of the ways between their neighbours on the way, and mark the ways."""
    names = list(dict.fromkeys(name for way in found.ways for name in way))
    fresh = [found.nodes[name] for name in names if name not in scene.held]
    along = [pair for way in found.ways for pair in pairwise(way)]
    edges = {edge.id: edge for edge in (found.edges[frozenset(pair)] for pair in along)}
    edges |= {edge.id: edge for edge in joins(graph, scene.held.values(), fresh)}
    anchors = {after: before for before, after in reversed(along)}
    anchors = {node.id: anchors.get(node.id, scene.focus) for node in fresh}
    command = Command(
        do="path",
        node=found.ways[0][0],
        names=tuple(names),
        nodes=placed(scene, anchors, fresh),
        edges=tuple(edge for key, edge in sorted(edges.items()) if key not in scene.ties),
        paths=found.ways,
    )
    return with_room(scene, command, {})
