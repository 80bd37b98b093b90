"""How a scene grows: what expanding a node, or adding one by name, brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity
from workbench.scenes.graph import Graph
from workbench.scenes.layout import place_new
from workbench.scenes.parts import lane, node_of
from workbench.scenes.scene import MAX_NODES, Command, Edge, Node, Scene

__all__ = ["add_node", "expand_node"]

PER_KIND = 25  # the popover says the same number
_LINKED = "LINKED"


def expand_node(
    graph: Graph, scene: Scene, name: str, kinds: Sequence[str], *, limit: int = PER_KIND
) -> Command:
    """Add up to ``limit`` new neighbours of each kind, and how they join what is drawn."""
    room = MAX_NODES - len(scene.nodes)
    if room <= 0:
        raise UsageError(
            f"The scene holds {MAX_NODES} nodes.",
            fix="Close a cell, collapse a node or remove some; nothing was added.",
        )
    new: dict[str, Node] = {}
    edges: list[Edge] = []
    for kind in sorted(set(kinds)):
        for entity, edge in _fresh(graph, scene, name, kind, min(limit, room - len(new))):
            new.setdefault(str(entity.node), node_of(entity))
            edges.append(edge)
    for node in new.values():
        edges += _joins(graph, node, scene.nodes.keys() | new.keys())
    placed = _placed(scene, name, list(new.values()))
    return Command(
        do="expand", node=name, names=tuple(sorted(set(kinds))), nodes=placed,
        edges=tuple({edge.id: edge for edge in edges}.values()),
    )  # fmt: skip


def add_node(graph: Graph, scene: Scene, name: str) -> Command:
    """Draw one more entity and how it joins what is drawn, in a free place near the middle."""
    if len(scene.nodes) >= MAX_NODES:
        raise UsageError(f"The scene holds {MAX_NODES} nodes.", fix="Remove some first.")
    node = node_of(graph.show(NodeRef.parse(name)))
    edges = _joins(graph, node, scene.nodes)
    anchor = edges[0].b if edges else scene.focus
    return Command(do="expand", node=name, nodes=_placed(scene, anchor, [node]), edges=tuple(edges))


def _fresh(
    graph: Graph, scene: Scene, name: str, kind: str, limit: int
) -> Iterable[tuple[Entity, Edge]]:
    """Neighbours not drawn yet; those drawn already only add their edge."""
    found, cursor = 0, None
    for _ in range(8):
        page = graph.expand(name, kind=kind, limit=100, after=cursor)
        for entity, edge in zip(page.nodes, page.edges, strict=True):
            drawn = str(entity.node) in scene.nodes
            if drawn or found < limit:
                found += not drawn
                bits = edge.properties.get("bits")
                relation = edge.relation if edge.relation == _LINKED else "USED"
                yield entity, Edge(a=name, b=str(entity.node), relation=relation, bits=bits)
        cursor = page.cursor
        if cursor is None or found >= limit:
            return


def _joins(graph: Graph, node: Node, drawn: Iterable[str]) -> list[Edge]:
    """Sightings between a new node and what is drawn; links are drawn only when asked for."""
    known = set(drawn)
    page = graph.expand(node.id, limit=60)
    return [
        Edge(a=node.id, b=str(other.node), relation="USED")
        for other, edge in zip(page.nodes, page.edges, strict=True)
        if str(other.node) in known and edge.relation not in (_LINKED, "MEMBER_OF")
    ]


def _placed(scene: Scene, anchor: str, new: Sequence[Node]) -> tuple[Node, ...]:
    fresh = [node for node in new if node.id not in scene.nodes]
    hubs = [node for node in fresh if node.hub]
    places = place_new(scene.places, anchor, [node.id for node in fresh if not node.hub])
    places |= lane(scene.places | places, [node.id for node in hubs])
    return tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in fresh)
