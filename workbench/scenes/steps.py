"""From a gesture to a command and the words that stand in the history."""

from __future__ import annotations

from collections.abc import Callable

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench import wording
from workbench.scenes import bundles, cells, filters, growing, paths
from workbench.scenes.gesture import Gesture
from workbench.scenes.graph import Gathering
from workbench.scenes.growing import PER_KIND, Asking
from workbench.scenes.model import CELL, Command, Fold, Node
from workbench.scenes.parts import label_of
from workbench.scenes.scene import Scene

__all__ = ["STEPS", "Answer", "changes"]

Made = tuple[Command, str]


class Answer(Exception):  # noqa: N818 – no error: the question was answered, and nothing is drawn
    """What a gesture found out when there is nothing to draw."""


def changes(command: Command, scene: Scene) -> bool:
    """False for an expansion that brings nothing which is not drawn already."""
    if command.do not in ("expand", "path"):
        return True
    fresh = any(edge.id not in scene.ties for edge in command.edges)
    back = any(name in scene.removed | scene.collapsed for name in command.names)
    return bool(command.nodes or fresh or back or command.paths != scene.paths)


def _drawn(scene: Scene, gesture: Gesture) -> list[Node]:
    """The nodes that it was done to, as drawn."""
    found = [scene.nodes[name] for name in gesture.targets if name in scene.nodes]
    if not found or (gesture.node and gesture.node not in scene.nodes):
        raise UsageError("That node is no longer drawn.", fix="Select it again.")
    return found


def _named(nodes: list[Node]) -> str:
    return nodes[0].label if len(nodes) == 1 else wording.plural(len(nodes), "node")


def _expand(graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    """Expand nodes; a bundle among them opens, and several nodes are one step."""
    nodes = _drawn(scene, gesture)
    single = [node.id for node in nodes if node.id not in scene.folds and node.kind != CELL]
    if not single:
        opened = Gesture("open_cell", node=nodes[0].id)
        return (_open_cell if nodes[0].kind == CELL else _unfold)(graph, scene, opened)
    asking = Asking(gesture.kinds, gesture.sort, gesture.limit or PER_KIND)
    command = growing.expand(graph, scene, single, asking)
    added = len(command.nodes) + len(command.names)
    came = f"{added} added" if added or not command.edges else "only what joins it"
    label = f"Expanded {_named(nodes)}: {came}{_folded(command.folds)}"
    return command, label


def _folded(folds: tuple[Fold, ...]) -> str:
    if not folds:
        return ""
    count = sum(len(fold.members) for fold in folds)
    return f", {count} folded into {wording.plural(len(folds), 'bundle')} for room"


def _add(graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    names = [name for name in gesture.targets if name not in scene.nodes]
    if not names:
        raise Answer("It is drawn already.")
    command = growing.add_nodes(graph, scene, names)
    if len(names) > 1:
        return command, f"Added {len(names)} nodes{_folded(command.folds)}"
    kind, _, value = names[0].partition(":")
    return command, f"Added {label_of(kind, value)}{_folded(command.folds)}"


def _collapse(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    node = _drawn(scene, gesture)[0]
    return Command(do="collapse", node=node.id), f"Collapsed {node.label}"


def _remove(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    nodes = _drawn(scene, gesture)
    names = tuple(sorted(node.id for node in nodes))
    return Command(do="remove", names=names), f"Removed {_named(nodes)}"


def _move(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    places = {k: v for k, v in (gesture.places or {}).items() if k in scene.nodes}
    if not places:
        raise UsageError("Nothing that is drawn was moved.")
    return Command(do="move", places=places), f"Moved {wording.plural(len(places), 'node')}"


def _pin(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    nodes = _drawn(scene, gesture)
    word = "Pinned" if gesture.do == "pin" else "Unpinned"
    names = tuple(sorted(node.id for node in nodes))
    return Command(do=gesture.do, names=names), f"{word} {_named(nodes)}"


def _switch(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    kind = (gesture.kinds or gesture.names or ("",))[0]
    word = "Showed" if kind in scene.off else "Hid"
    return Command(do="switch", names=(kind,)), f"{word} {inert(kind, 30)}"


def _filter(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    if gesture.filters is None:
        raise UsageError(
            "That is no filter.", fix="Days are YYYY-MM-DD, families and kinds known ones."
        )
    if gesture.filters == scene.filters:
        raise Answer("That filter is set already.")
    after = {chip.words for chip in filters.parts(gesture.filters)}
    before = {chip.words for chip in filters.parts(scene.filters)}
    told = ", ".join(sorted(after - before)) or "fewer filters"
    return Command(do="filter", filters=gesture.filters), f"Filtered: {told}"


def _unfilter(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    left = filters.without(scene.filters, gesture.node)
    if left == scene.filters:
        raise Answer("No such filter is set.")
    return Command(do="filter", filters=left), "Took off a filter" if gesture.node else "No filters"


def _open_cell(graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    bundle = _drawn(scene, gesture)[0]
    if bundle.kind != CELL:
        return _unfold(graph, scene, gesture)
    command = cells.open_cell(graph, scene, bundle.id)
    size = wording.plural(bundle.size, "account")
    return command, f"Opened a cell of {size}{_folded(command.folds)}"


def _close_cell(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    command = cells.close_cell(scene, gesture.node)
    return command, f"Closed a cell of {wording.plural(command.folds[0].node.size, 'account')}"


def _fold(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    """Fold a community (named), the chosen nodes, or, with nothing chosen, all that are alike."""
    kind, _, value = gesture.node.partition(":")
    if kind == "community" and not gesture.names:
        fold = bundles.fold_community(scene, value)
        return Command(do="fold", folds=(fold,)), f"Folded community {fold.node.label}"
    if gesture.targets:
        nodes = _drawn(scene, gesture)
        if len(nodes) < 2:
            raise UsageError("A bundle needs at least two nodes.", fix="Select more, then fold.")
        fold = bundles.fold_of(scene, [node.id for node in nodes])
        return Command(do="fold", folds=(fold,)), f"Folded {fold.node.label}"
    folds = tuple(bundles.fold_of(scene, names) for names in bundles.alike(scene))
    if not folds:
        raise Answer("No three accounts have the same neighbours here.")
    count = sum(len(fold.members) for fold in folds)
    words = wording.plural(len(folds), "bundle")
    return Command(do="fold", folds=folds), f"Folded {count} that are alike into {words}"


def _unfold(_graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    names = [name for name in gesture.targets if name in scene.folds]
    names = names if gesture.targets else sorted(scene.folds)
    if not names:
        raise UsageError("That is no bundle.", fix="Select a bundle, then open it.")
    label = scene.folds[names[0]].node.label
    told = label if len(names) == 1 else wording.plural(len(names), "bundle")
    return Command(do="unfold", names=tuple(names)), f"Opened {told}"


def _path(graph: Gathering, scene: Scene, gesture: Gesture) -> Made:
    ends = [name for name in (*gesture.targets, gesture.to) if name]
    if len(ends) != 2 or ends[0] == ends[1]:
        raise UsageError(
            "A path needs two nodes.", fix="Select exactly two, or name the other end."
        )
    found = paths.find_paths(graph, ends[0], ends[1])
    if isinstance(found, paths.NoPath):
        raise Answer(found.words)
    command = paths.draw_paths(graph, scene, found)
    ways = wording.plural(len(found.ways), "path")
    limit = ", of what was asked" if found.cut else ""
    return command, f"{ways} of {found.steps} steps{limit}{_folded(command.folds)}"


STEPS: dict[str, Callable[[Gathering, Scene, Gesture], Made]] = {
    "add": _add,
    "close_cell": _close_cell,
    "collapse": _collapse,
    "expand": _expand,
    "filter": _filter,
    "fold": _fold,
    "move": _move,
    "open_cell": _open_cell,
    "path": _path,
    "pin": _pin,
    "remove": _remove,
    "switch": _switch,
    "unfilter": _unfilter,
    "unfold": _unfold,
    "unpin": _pin,
}
