"""How nodes join: all edges among what is drawn and what is new, by one question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.relations import LINKED
from workbench.scenes.graph import Graph
from workbench.scenes.layout import place_new
from workbench.scenes.model import CELL, Edge, Node
from workbench.scenes.parts import edge_of, lane
from workbench.scenes.scene import Scene

__all__ = ["joins", "links_asked", "placed"]


def joins(
    graph: Graph, known: Iterable[Node], fresh: Iterable[Node], *, linked: Collection[str] = ()
) -> list[Edge]:
    """Edges among all these nodes of which one end is fresh, or that are links of ``linked``.

    Links are drawn only where they were asked for: between any two accounts they are a hairball.
    """
    new = {node.id for node in fresh}
    names = sorted(new | {node.id for node in known if node.kind != CELL})
    found = [edge_of(edge) for edge in graph.subgraph([NodeRef.parse(name) for name in names])]
    return [
        edge
        for edge in found
        if {edge.a, edge.b} & (set(linked) if edge.relation == LINKED else new)
    ]


def links_asked(scene: Scene, asked: Mapping[str, Sequence[str]]) -> set[str]:
    """Accounts whose links were asked for, now or before."""
    both = [*scene.expanded.items(), *asked.items()]
    return {name for name, kinds in both if ACCOUNT.name in kinds and name.startswith("account:")}


def placed(scene: Scene, anchors: Mapping[str, str], new: Sequence[Node]) -> tuple[Node, ...]:
    """New nodes in free places around their anchors; hubs in the lane where context is parked."""
    taken, found = dict(scene.taken), dict[str, tuple[float, float]]()
    for anchor in dict.fromkeys(anchors[node.id] for node in new):
        near = [node.id for node in new if not node.hub and anchors[node.id] == anchor]
        found |= place_new(taken, scene.shown_as.get(anchor, anchor), near)
        taken |= found
    found |= lane(taken, [node.id for node in new if node.hub])
    return tuple(replace(node, x=found[node.id][0], y=found[node.id][1]) for node in new)
