"""What is in a scene, as a value: ``apply(scene, command) -> scene``.

A scene is the fold of its commands, so undo, redo, refresh and replay are the same thing. Nothing
here asks a store: a command carries all that it adds, positions included. Nothing that came into a
scene leaves it: what is removed, collapsed or folded is only not drawn, so every count stays exact
and whatever comes back stands where it stood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from workbench.scenes.model import BUNDLE, CELL, Command, Edge, Filters, Fold, Node, edge_id

__all__ = [
    "BUNDLE",
    "CELL",
    "Command",
    "Edge",
    "Filters",
    "Fold",
    "Node",
    "Scene",
    "apply",
    "neighbours",
]


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


def apply(scene: Scene, command: Command) -> Scene:
    """The scene after one command. No node that stays is moved, except by ``move`` itself.

    A command may have been made on another branch: names that are not here are passed over.
    """
    return _STEPS[command.do](scene, command)


def _open(_scene: Scene, command: Command) -> Scene:
    off = Filters(kinds=frozenset(command.names))
    opened = Scene(focus=command.node, truncated=dict(command.truncated), filters=off)
    return _grown(opened, command)


def _expand(scene: Scene, command: Command) -> Scene:
    known = {name: kinds for name, kinds in command.asked.items() if name in scene.held}
    asked = {
        name: tuple(sorted({*scene.expanded.get(name, ()), *kinds}))
        for name, kinds in known.items()
    }
    return replace(_grown(scene, command), expanded={**scene.expanded, **asked})


def _path(scene: Scene, command: Command) -> Scene:
    return replace(_grown(scene, command), paths=command.paths)


def _grown(scene: Scene, command: Command) -> Scene:
    """Add what is not here yet, bring what is named into sight, then fold; nothing moves."""
    held = {**{node.id: node for node in command.nodes}, **scene.held}
    ties = {edge.id: edge for edge in command.edges if edge.a in held and edge.b in held}
    back = {*command.names, *(node.id for node in command.nodes)}
    grown = replace(
        scene,
        held=held,
        ties={**ties, **scene.ties},
        removed=scene.removed - back,
        collapsed=scene.collapsed - back,
        folds=_left(scene.folds, set(command.names)),
    )
    return _with_folds(grown, command.folds)


def _collapse(scene: Scene, command: Command) -> Scene:
    """Put aside what hangs on this node alone, but not what is pinned; the node itself stays."""
    near = neighbours(scene)
    leaves = {
        name
        for name in near.get(command.node, ())
        if near[name] <= {command.node} and not scene.nodes[name].pinned and name != scene.focus
    }
    shed = {name for name, drawn in scene.shown_as.items() if drawn in leaves}
    kinds = {k: v for k, v in scene.expanded.items() if k not in shed and k != command.node}
    return replace(scene, expanded=kinds, collapsed=scene.collapsed | shed)


def _remove(scene: Scene, command: Command) -> Scene:
    names = {*command.names, *_inside(scene, command.names)}
    out = {name for name in names if name in scene.held}
    kinds = {name: kinds for name, kinds in scene.expanded.items() if name not in out}
    left = replace(
        scene, expanded=kinds, removed=scene.removed | out, collapsed=scene.collapsed - out
    )
    folds = {key: one for key, one in scene.folds.items() if key not in names}
    return replace(left, folds=_left(folds, names))


def _inside(scene: Scene, names: Iterable[str]) -> set[str]:
    """Everything in the bundles among these names, bundles in bundles too."""
    found: set[str] = set()
    waiting = [name for name in names if name in scene.folds]
    while waiting:
        members = set(scene.folds[waiting.pop()].members) - found
        found |= members
        waiting += [name for name in sorted(members) if name in scene.folds]
    return found


def _left(folds: Mapping[str, Fold], out: set[str]) -> dict[str, Fold]:
    """The bundles without some members; an empty one is none."""
    kept = {
        key: replace(one, members=tuple(name for name in one.members if name not in out))
        for key, one in folds.items()
    }
    return {key: one for key, one in kept.items() if one.members}


def _move(scene: Scene, command: Command) -> Scene:
    moved = {
        name: _at(scene.held[name], place)
        for name, place in command.places.items()
        if name in scene.held
    }
    folds = {
        key: replace(one, node=_at(one.node, command.places[key]))
        for key, one in scene.folds.items()
        if key in command.places
    }
    return replace(scene, held={**scene.held, **moved}, folds={**scene.folds, **folds})


def _at(node: Node, place: tuple[float, float]) -> Node:
    return replace(node, x=place[0], y=place[1])


def _switch(scene: Scene, command: Command) -> Scene:
    kinds = scene.filters.kinds ^ frozenset(command.names)
    return replace(scene, filters=replace(scene.filters, kinds=kinds))


def _filter(scene: Scene, command: Command) -> Scene:
    return replace(scene, filters=command.filters or Filters())


def _open_cell(scene: Scene, command: Command) -> Scene:
    held = {name: node for name, node in scene.held.items() if name != command.node}
    ties = {k: e for k, e in scene.ties.items() if command.node not in (e.a, e.b)}
    cut = Counter(scene.truncated) + Counter(command.truncated)
    opened = replace(scene, held=held, ties=ties, truncated=dict(cut))
    return _grown(replace(opened, folds=_left(scene.folds, {command.node})), command)


def _fold(scene: Scene, command: Command) -> Scene:
    return _with_folds(scene, command.folds)


def _with_folds(scene: Scene, folds: Iterable[Fold]) -> Scene:
    """Draw nodes as one. A member of another bundle moves to the new one."""
    for fold in folds:
        known = [name for name in fold.members if name in scene.held or name in scene.folds]
        members = tuple(name for name in known if name != fold.node.id)
        if members and fold.node.id not in _inside(scene, members):
            new = {fold.node.id: replace(fold, members=members)}
            scene = replace(scene, folds={**_left(scene.folds, {*members}), **new})
    return scene


def _unfold(scene: Scene, command: Command) -> Scene:
    """Draw the members again; bundles in a bundle are drawn as they were inside it."""
    out = set(command.names)
    return replace(scene, folds={key: one for key, one in scene.folds.items() if key not in out})


def _pin(scene: Scene, command: Command) -> Scene:
    return _pinned(scene, command.names, pinned=True)


def _unpin(scene: Scene, command: Command) -> Scene:
    return _pinned(scene, command.names, pinned=False)


def _pinned(scene: Scene, names: Iterable[str], *, pinned: bool) -> Scene:
    known = [name for name in names if name in scene.held]
    changed = {name: replace(scene.held[name], pinned=pinned) for name in known}
    return replace(scene, held={**scene.held, **changed})


_STEPS = {
    "open": _open,
    "expand": _expand,
    "collapse": _collapse,
    "remove": _remove,
    "move": _move,
    "switch": _switch,
    "open_cell": _open_cell,
    "close_cell": _fold,
    "pin": _pin,
    "unpin": _unpin,
    "path": _path,
    "fold": _fold,
    "unfold": _unfold,
    "filter": _filter,
}


def neighbours(scene: Scene) -> dict[str, set[str]]:
    """Names of the drawn neighbours of each drawn node."""
    near: dict[str, set[str]] = {name: set() for name in scene.nodes}
    for edge in scene.edges.values():
        near[edge.a].add(edge.b)
        near[edge.b].add(edge.a)
    return near
