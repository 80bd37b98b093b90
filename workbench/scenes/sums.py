"""How much of each kind a scene shows: shown + hidden + truncated = total, with why hidden."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph_models.kinds import ACCOUNT
from workbench.scenes.filters import hidden_nodes
from workbench.scenes.model import CELL
from workbench.scenes.scene import Scene

__all__ = ["WHY", "KindSum", "all_around", "around", "sums"]

WHY = {
    "filtered": "hidden by a filter",
    "folded": "in a bundle",
    "closed": "in a closed cell",
    "collapsed": "collapsed",
    "removed": "removed",
    "private": "used by this account only",
    "not asked": "not asked for",
}
_SHOWN, _TRUNCATED = "shown", "truncated"

Counts = dict[str, Counter[str]]  # by kind: how many in which state


@dataclass(frozen=True)
class KindSum:
    """How much of one kind is drawn; ``why`` tells what became of the hidden ones."""

    kind: str
    shown: int
    why: Mapping[str, int]
    truncated: int

    @property
    def hidden(self) -> int:
        """Everything that is known and neither drawn nor beyond a limit."""
        return sum(self.why.values())

    @property
    def total(self) -> int:
        """Everything that the scene knows of."""
        return self.shown + self.hidden + self.truncated

    def as_json(self) -> dict[str, Any]:
        """The line with its sums."""
        return {
            "kind": self.kind,
            "shown": self.shown,
            "hidden": self.hidden,
            "truncated": self.truncated,
            "total": self.total,
            "why": dict(self.why),
        }


def sums(scene: Scene) -> list[KindSum]:
    """One line a kind for the whole scene.

    Nodes are counted once. What is not here is counted at each expanded node that it is a neighbour
    of: nobody can know, without asking, which of them are the same.
    """
    states, near = _states(scene), _near(scene)
    found: Counts = defaultdict(Counter)
    for name, state in states.items():
        kind, count = _counted(scene, name)
        found[kind][state] += count
    for kind, count in scene.truncated.items():
        found[kind][_TRUNCATED] += count
    for name in scene.expanded:
        if name in scene.shown_as:
            _add_missing(found, scene, name, near[name])
    return _lines(found)


def around(scene: Scene, name: str) -> list[KindSum]:
    """One line a kind for the neighbours of one node; the totals are the store's."""
    return _around(scene, name, _states(scene), _near(scene))


def all_around(scene: Scene) -> dict[str, list[KindSum]]:
    """The neighbours of every drawn node, in one pass: what a canvas shows before it asks."""
    states, near = _states(scene), _near(scene)
    drawn = (name for name in scene.nodes if name in scene.held)
    return {name: _around(scene, name, states, near) for name in drawn}


def _around(
    scene: Scene, name: str, states: Mapping[str, str], near: Mapping[str, list[tuple[str, int]]]
) -> list[KindSum]:
    found: Counts = defaultdict(Counter)
    here = near.get(name, [])
    for other, count in here:
        found[_counted(scene, other)[0]][states[other]] += count
    _add_missing(found, scene, name, here)
    return _lines(found)


def _lines(found: Counts) -> list[KindSum]:
    return [
        KindSum(kind, states[_SHOWN], {w: states[w] for w in WHY if states[w]}, states[_TRUNCATED])
        for kind, states in sorted(found.items())
        if any(states.values())
    ]


def _states(scene: Scene) -> dict[str, str]:
    """Of every node that ever came in, what became of it."""
    hidden = hidden_nodes(scene)
    return {name: _state(scene, name, hidden) for name in scene.held}


def _state(scene: Scene, name: str, hidden: frozenset[str]) -> str:
    if name in scene.removed:
        return "removed"
    if name in scene.collapsed:
        return "collapsed"
    if scene.held[name].kind == CELL:
        return "closed"
    if scene.shown_as[name] != name:
        return "folded"
    return "filtered" if name in hidden else _SHOWN


def _counted(scene: Scene, name: str) -> tuple[str, int]:
    node = scene.held[name]
    return (ACCOUNT.name, scene.in_cell[name]) if node.kind == CELL else (node.kind, 1)


def _near(scene: Scene) -> dict[str, list[tuple[str, int]]]:
    """Of each node its neighbours here, in whatever state, and how many each stands for."""
    near: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for edge in scene.ties.values():
        count = edge.count - scene.apart[edge.id]
        if count > 0:
            near[edge.a].append((edge.b, count))
            near[edge.b].append((edge.a, count))
    return near


def _add_missing(found: Counts, scene: Scene, name: str, near: list[tuple[str, int]]) -> None:
    """Add the neighbours that never came in: private, beyond a limit, or not asked for."""
    node, asked = scene.held[name], scene.expanded.get(name, ())
    here: Counter[str] = Counter()
    for other, count in near:
        here[_counted(scene, other)[0]] += count
    for kind, count in node.private.items():
        found[kind]["private"] += count
    for kind, count in node.counts.items():
        missing = max(0, count - here[kind])
        found[kind][_TRUNCATED if kind in asked else "not asked"] += missing
