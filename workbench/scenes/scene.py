"""What is drawn, as a value: ``apply(scene, command) -> scene``, and counts that add up.

A scene is the fold of its commands, so undo, redo, refresh and replay are the same thing. Nothing
here asks a store: a command carries all that it adds, positions included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = [
    "CELL",
    "MAX_NODES",
    "Command",
    "Edge",
    "Node",
    "Scene",
    "apply",
    "command_of",
    "neighbours",
    "visible",
]

MAX_NODES = 300  # more is a hairball, and a canvas that answers in seconds (measured, ui.md §3)
CELL = "cell"  # the kind of a closed cell: many accounts drawn as one bundle

DOES = (
    "open", "expand", "collapse", "remove", "move", "switch", "open_cell", "close_cell",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Node:
    """One thing drawn.

    ``counts`` are its neighbours by kind in the store, ``private`` those that only it used;
    ``size`` is the number of accounts in a closed cell.
    """

    id: str
    kind: str
    label: str
    x: float = 0.0
    y: float = 0.0
    cell: str = ""
    tier: str = ""
    hub: bool = False
    size: int = 1
    first: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    private: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A relation drawn between two nodes; ``count`` is the accounts behind a bundle's edge."""

    a: str
    b: str
    relation: str = ""
    bits: float | None = None
    count: int = 1

    @property
    def id(self) -> str:
        """A key that does not depend on direction."""
        return "\x1f".join((*sorted((self.a, self.b)), self.relation))


@dataclass(frozen=True, kw_only=True)
class Command:
    """One step of an investigation. Fields that a step does not need stay empty."""

    do: str
    node: str = ""
    names: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    truncated: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.do not in DOES:
            raise ValueError(f"{self.do!r} is no step of a scene; known: {DOES}.")

    def as_json(self) -> dict[str, Any]:
        """The command as plain JSON values, without its empty fields."""
        return {key: value for key, value in asdict(self).items() if value not in ("", (), {})}


def command_of(record: Mapping[str, Any]) -> Command:
    """The command that ``as_json`` described."""
    told = dict(record)
    told["names"] = tuple(told.get("names", ()))
    told["nodes"] = tuple(Node(**node) for node in told.get("nodes", ()))
    told["edges"] = tuple(Edge(**edge) for edge in told.get("edges", ()))
    told["places"] = {name: (x, y) for name, (x, y) in told.get("places", {}).items()}
    return Command(**told)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything drawn or put aside.

    ``expanded`` maps a node to the kinds that were asked for, ``truncated`` counts what the opening
    left out, ``gone`` what a person removed.
    """

    focus: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    expanded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    truncated: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, tuple[float, float]]:
        """Where each node stands."""
        return {name: (node.x, node.y) for name, node in self.nodes.items()}


def apply(scene: Scene, command: Command) -> Scene:
    """The scene after one command. No node that stays is moved, except by ``move`` itself."""
    return _STEPS[command.do](scene, command)


def _open(_scene: Scene, command: Command) -> Scene:
    off = frozenset(command.names)
    opened = Scene(focus=command.node, truncated=dict(command.truncated), off=off)
    return _with(opened, command.nodes, command.edges)


def _expand(scene: Scene, command: Command) -> Scene:
    kinds = tuple(sorted({*scene.expanded.get(command.node, ()), *command.names}))
    grown = _with(scene, command.nodes, command.edges)
    if not kinds:  # one entity was added by name: nothing was asked of its neighbours
        return grown
    return replace(grown, expanded={**grown.expanded, command.node: kinds})


def _collapse(scene: Scene, command: Command) -> Scene:
    """Take away what hangs on this node alone; the node itself stays."""
    near = neighbours(scene)
    leaves = {
        name
        for name in near.get(command.node, ())
        if name != scene.focus and near[name] <= {command.node}
    }
    left = _without(scene, leaves)
    kinds = {k: v for k, v in left.expanded.items() if k not in leaves and k != command.node}
    shed = {**left.gone, **{name: scene.nodes[name].kind for name in leaves}}
    return replace(left, expanded=kinds, gone=shed)


def _remove(scene: Scene, command: Command) -> Scene:
    names = {name for name in command.names if name in scene.nodes}
    left = _without(scene, names)
    kinds = {name: kinds for name, kinds in left.expanded.items() if name not in names}
    shed = {**left.gone, **{name: scene.nodes[name].kind for name in names}}
    return replace(left, expanded=kinds, gone=shed)


def _move(scene: Scene, command: Command) -> Scene:
    moved = {
        name: replace(scene.nodes[name], x=x, y=y)
        for name, (x, y) in command.places.items()
        if name in scene.nodes
    }
    return replace(scene, nodes={**scene.nodes, **moved})


def _switch(scene: Scene, command: Command) -> Scene:
    return replace(scene, off=scene.off ^ frozenset(command.names))


def _open_cell(scene: Scene, command: Command) -> Scene:
    opened = _without(scene, {command.node})
    cut = Counter(scene.truncated) + Counter(command.truncated)
    return replace(_with(opened, command.nodes, command.edges), truncated=dict(cut))


def _close_cell(scene: Scene, command: Command) -> Scene:
    """Draw the accounts of a cell as one bundle, with their edges to the rest."""
    bundle = command.nodes[0]
    inside = {n.id for n in scene.nodes.values() if n.kind == "account" and n.cell == bundle.cell}
    joins = Counter(
        other
        for edge in scene.edges.values()
        for one, other in ((edge.a, edge.b), (edge.b, edge.a))
        if one in inside and other not in inside
    )
    edges = tuple(Edge(a=bundle.id, b=other, count=count) for other, count in joins.items())
    return _with(_without(scene, inside), (bundle,), edges)


_STEPS = {
    "open": _open,
    "expand": _expand,
    "collapse": _collapse,
    "remove": _remove,
    "move": _move,
    "switch": _switch,
    "open_cell": _open_cell,
    "close_cell": _close_cell,
}


def _with(scene: Scene, nodes: Iterable[Node], edges: Iterable[Edge]) -> Scene:
    """Add what is not drawn yet; a node that is drawn keeps its place."""
    all_nodes = {**{node.id: node for node in nodes}, **scene.nodes}
    known = {edge.id: edge for edge in edges if edge.a in all_nodes and edge.b in all_nodes}
    gone = {name: kind for name, kind in scene.gone.items() if name not in all_nodes}
    return replace(scene, nodes=all_nodes, edges={**known, **scene.edges}, gone=gone)


def _without(scene: Scene, names: set[str]) -> Scene:
    nodes = {name: node for name, node in scene.nodes.items() if name not in names}
    edges = {
        key: edge
        for key, edge in scene.edges.items()
        if edge.a not in names and edge.b not in names
    }
    return replace(scene, nodes=nodes, edges=edges)


def neighbours(scene: Scene) -> dict[str, set[str]]:
    """Names of the drawn neighbours of each drawn node."""
    near: dict[str, set[str]] = {name: set() for name in scene.nodes}
    for edge in scene.edges.values():
        near[edge.a].add(edge.b)
        near[edge.b].add(edge.a)
    return near


def visible(scene: Scene) -> tuple[list[Node], list[Edge]]:
    """Nodes whose kind is on and the edges between them, sorted: a rerun sends the same."""
    nodes = [node for _, node in sorted(scene.nodes.items()) if node.kind not in scene.off]
    drawn = {node.id for node in nodes}
    edges = [edge for _, edge in sorted(scene.edges.items()) if {edge.a, edge.b} <= drawn]
    return nodes, edges
