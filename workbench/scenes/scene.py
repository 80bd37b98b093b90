"""One step of a scene: ``apply(scene, command) -> scene``.

A scene is the fold of its commands, so undo, redo, refresh and replay are the same thing. Nothing
here asks a store: a command carries all that it adds, positions included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from workbench.scenes.model import BUNDLE, CELL, Command, Edge, Filters, Fold, Node
from workbench.scenes.state import Scene, neighbours

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
