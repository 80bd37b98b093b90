"""One scene being worked on: gestures and buttons become commands, commands become history.

Canvas, table and keyboard all end here, so whatever one of them can do, the others can do too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench import wording
from workbench.scenes import cells, growing, opening
from workbench.scenes.gesture import Gesture
from workbench.scenes.graph import Graph
from workbench.scenes.log import History, SceneLog
from workbench.scenes.parts import label_of
from workbench.scenes.scene import Command, Node, Scene

__all__ = ["Investigation", "default_kinds"]


@dataclass
class Investigation:
    """A scene's log, the graph it asks, and the clock that dates its steps."""

    graph: Graph
    log: SceneLog
    clock: Callable[[], datetime]

    def history(self) -> History:
        """All steps so far."""
        return self.log.history()

    def open(self, focus: str) -> History:
        """The history of this scene; its first step is drawn when there is none yet."""
        history = self.log.history()
        if history.head:
            return history
        community = focus.removeprefix("community:")
        if focus.startswith("community:"):
            command = opening.open_community(self.graph, community)
        else:
            command = opening.open_node(self.graph, focus)
        return self.log.add(command, f"Opened {inert(community, 40)}", now=self.clock())

    def do(self, gesture: Gesture) -> str:
        """Carry out a gesture; returns what happened, in a few words."""
        scene = self.history().scene()
        command, label = _STEPS[gesture.do](self.graph, scene, gesture)
        if not _changes(command, scene):
            return "Nothing new to draw."
        self.log.add(command, label, now=self.clock())
        return label

    def go(self, number: int | None) -> str:
        """Undo, redo, or a click on the history."""
        if number is None:
            return "There is no such step."
        history = self.log.go(number)
        return f"At: {history.by_number[number].label}"

    def add(self, name: str) -> str:
        """Draw one entity that a search found, beside what is drawn."""
        scene = self.history().scene()
        if name in scene.nodes:
            return "It is drawn already."
        command, label = growing.add_node(self.graph, scene, name), f"Added {_named(name)}"
        self.log.add(command, label, now=self.clock())
        return label


def default_kinds(node: Node) -> tuple[str, ...]:
    """The kinds that an expansion asks for unless told otherwise: identifiers before links."""
    others = tuple(sorted(kind for kind in node.counts if kind != "account"))
    return others or tuple(sorted(node.counts))


def _changes(command: Command, scene: Scene) -> bool:
    if command.do != "expand":
        return True
    fresh_edges = [edge for edge in command.edges if edge.id not in scene.edges]
    return bool(command.nodes or fresh_edges)


def _known(scene: Scene, name: str) -> Node:
    if name not in scene.nodes:
        raise UsageError("That node is no longer drawn.", fix="Select it again.")
    return scene.nodes[name]


def _named(name: str) -> str:
    kind, _, value = name.partition(":")
    return label_of(kind, value)


def _expand(graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    node = _known(scene, gesture.node)
    kinds = [kind for kind in gesture.names if kind in node.counts] or default_kinds(node)
    command = growing.expand_node(graph, scene, node.id, kinds)
    return command, f"Expanded {node.label}: {len(command.nodes)} added"


def _collapse(_graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    node = _known(scene, gesture.node)
    return Command(do="collapse", node=node.id), f"Collapsed {node.label}"


def _remove(_graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    names: Sequence[str] = [name for name in gesture.names if name in scene.nodes]
    if not names:
        raise UsageError("Nothing that is drawn was selected.")
    one = scene.nodes[names[0]].label
    label = one if len(names) == 1 else wording.plural(len(names), "node")
    return Command(do="remove", names=tuple(sorted(names))), f"Removed {label}"


def _move(_graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    places = {k: v for k, v in (gesture.places or {}).items() if k in scene.nodes}
    if not places:
        raise UsageError("Nothing that is drawn was moved.")
    return Command(do="move", places=places), f"Moved {wording.plural(len(places), 'node')}"


def _switch(_graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    kind = gesture.names[0] if gesture.names else ""
    word = "Showed" if kind in scene.off else "Hid"
    return Command(do="switch", names=gesture.names[:1]), f"{word} {inert(kind, 30)}"


def _open_cell(graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    bundle = _known(scene, gesture.node)
    command = cells.open_cell(graph, scene, bundle.id)
    return command, f"Opened a cell of {wording.plural(bundle.size, 'account')}"


def _close_cell(_graph: Graph, scene: Scene, gesture: Gesture) -> tuple[Command, str]:
    command = cells.close_cell(scene, gesture.node)
    return command, f"Closed a cell of {wording.plural(command.nodes[0].size, 'account')}"


_STEPS: dict[str, Callable[[Graph, Scene, Gesture], tuple[Command, str]]] = {
    "expand": _expand,
    "collapse": _collapse,
    "remove": _remove,
    "move": _move,
    "switch": _switch,
    "open_cell": _open_cell,
    "close_cell": _close_cell,
}
