"""How nodes join: edges among what is drawn and what is new, by a question or two."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from graph_models.families import FAMILIES
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.relations import LINKED
from workbench.scenes.graph import Graph
from workbench.scenes.layout import place_new
from workbench.scenes.model import CELL, Command, Edge, Node
from workbench.scenes.parts import edge_of, lane
from workbench.scenes.scene import Scene

__all__ = ["joins", "links_joining", "links_of", "placed", "unobstructed"]

OVERLAP = 24.0  # nearer than that two glyphs cover each other


def joins(graph: Graph, known: Iterable[Node], fresh: Iterable[Node]) -> list[Edge]:
    """Sightings and memberships among all these nodes of which at least one end is fresh."""
    new = {node.id for node in fresh}
    names = new | {node.id for node in known if node.kind != CELL}
    refs = [NodeRef.parse(name) for name in sorted(names)]
    found = [edge_of(edge) for edge in graph.subgraph(refs, linked=False)] if new else []
    return [edge for edge in found if edge.a in new or edge.b in new]


def links_joining(
    graph: Graph, scene: Scene, fresh: Iterable[Node], asked: Mapping[str, Sequence[str]]
) -> list[Edge]:
    """Links of accounts whose links were asked for, now or before, with what is here.

    Other links are not drawn: between any two accounts of a community they are a hairball.
    """
    new = {node.id for node in fresh if node.kind == ACCOUNT.name}
    here = new | {name for name, node in scene.held.items() if node.kind == ACCOUNT.name}
    now, before = links_asked(asked), links_asked(scene.expanded)
    found = [edge for name in sorted(now) for edge in links_of(graph, name, here)]
    if new and before:
        refs = [NodeRef.parse(name) for name in sorted(new | before)]
        edges = (edge_of(edge) for edge in graph.subgraph(refs))
        found += [e for e in edges if e.relation == LINKED and (e.a in before or e.b in before)]
    return found


def links_of(graph: Graph, account: str, among: Collection[str]) -> list[Edge]:
    """The links between one account and some others, as edges, by one question."""
    table = graph.links(account.partition(":")[2])
    families = [family.value for family in FAMILIES if family.value in table]
    names = [f"{ACCOUNT.name}:{value}" for value in table["account"]]
    rows = table[["millibits", *families]].to_numpy().tolist()
    return [
        _link(account, other, row, families)
        for other, row in zip(names, rows, strict=True)
        if other in among
    ]


def _link(account: str, other: str, row: Sequence[int], families: Sequence[str]) -> Edge:
    a, b = sorted((account, other))
    told = {name: bits / 1000 for name, bits in zip(families, row[1:], strict=True) if bits}
    return Edge(a=a, b=b, relation=LINKED, bits=row[0] / 1000, families=told)


def links_asked(asked: Mapping[str, Sequence[str]]) -> set[str]:
    """Accounts whose links were asked for."""
    return {
        name
        for name, kinds in asked.items()
        if ACCOUNT.name in kinds and name.startswith(f"{ACCOUNT.name}:")
    }


def placed(scene: Scene, anchors: Mapping[str, str], new: Sequence[Node]) -> tuple[Node, ...]:
    """New nodes in free places around their anchors; hubs in the lane where context is parked."""
    taken, found = dict(scene.taken), dict[str, tuple[float, float]]()
    for anchor in dict.fromkeys(anchors[node.id] for node in new):
        near = [node.id for node in new if not node.hub and anchors[node.id] == anchor]
        found |= place_new(taken, scene.shown_as.get(anchor, anchor), near)
        taken |= found
    found |= lane(taken, [node.id for node in new if node.hub])
    return tuple(replace(node, x=found[node.id][0], y=found[node.id][1]) for node in new)


def unobstructed(scene: Scene, command: Command) -> Command:
    """A command from another branch, its new nodes where nothing of this branch stands."""
    taken, nodes = dict(scene.taken), []
    for node in command.nodes:
        if node.id not in scene.held:
            if any(math.dist(at, (node.x, node.y)) < OVERLAP for at in taken.values()):
                x, y = place_new({**taken, node.id: (node.x, node.y)}, node.id, [node.id])[node.id]
                node = replace(node, x=x, y=y)
            taken[node.id] = (node.x, node.y)
        nodes.append(node)
    return replace(command, nodes=tuple(nodes))
