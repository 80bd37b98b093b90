"""Many nodes drawn as one: accounts with the same neighbours, a community, or what finds no room.

A bundle keeps what it holds, so opening it needs no store and gives back exactly what was there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from graph_models.text import inert
from workbench import wording
from workbench.scenes.filters import visible
from workbench.scenes.model import BUNDLE, Command, Fold, Node
from workbench.scenes.scene import Scene, apply

__all__ = [
    "FLUENT",
    "LEAST_ALIKE",
    "MOST_DRAWN",
    "MOST_HELD",
    "alike",
    "fold_community",
    "fold_of",
    "with_room",
]

FLUENT = 300  # above this a scene folds what is alike: more is a hairball (measured, ui.md §3)
MOST_DRAWN = 1_000  # above this what is new comes as bundles only: the canvas would crawl
MOST_HELD = 5_000  # with all that is folded: a click must still be drawn within half a second
LEAST_ALIKE = 3  # two nodes drawn as one save no room and cost a click


def alike(scene: Scene) -> list[tuple[str, ...]]:
    """Accounts that are drawn with exactly the same neighbours, the largest sets first."""
    nodes, edges = visible(scene)
    near: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        near[edge.a].add(edge.b)
        near[edge.b].add(edge.a)
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for node in nodes:
        single = node.kind == ACCOUNT.name and not node.pinned and node.id != scene.focus
        if single and near[node.id] and not _on_path(scene, node.id):
            found[(node.cell, *sorted(near[node.id]))].append(node.id)
    sets = [tuple(names) for names in found.values() if len(names) >= LEAST_ALIKE]
    return sorted(sets, key=lambda names: (-len(names), names))


def _on_path(scene: Scene, name: str) -> bool:
    return any(name in path for path in scene.paths)


def fold_of(scene: Scene, members: Iterable[str], *, community: str = "", words: str = "") -> Fold:
    """A bundle of drawn nodes; it stands where its first member stands."""
    names = tuple(sorted(set(members)))
    nodes = [scene.nodes[name] for name in names]
    cells = {node.cell for node in nodes}
    size = sum(node.size for node in nodes)
    word = "account" if {node.kind for node in nodes} == {ACCOUNT.name} else "node"
    key = hashlib.blake2b("\x1f".join(names).encode(), digest_size=6).hexdigest()
    first = next((node for node in nodes if not node.hub), nodes[0])
    return Fold(
        node=Node(
            id=f"{BUNDLE}:{community or key}",
            kind=BUNDLE,
            label=words or wording.plural(size, word),
            x=first.x,
            y=first.y,
            cell=cells.pop() if len(cells) == 1 else "",
            community=community,
            size=size,
        ),
        members=names,
    )


def fold_community(scene: Scene, community: str) -> Fold:
    """All drawn members of a community as one super-node.

    Raises:
        UsageError: fewer than two of them are drawn.
    """
    inside = {n for n, node in scene.held.items() if community in (node.community, n[10:])}
    members = {drawn for name, drawn in scene.shown_as.items() if name in inside}
    if len(members) < 2:
        raise UsageError("Fewer than two members of that community are drawn.")
    return fold_of(scene, members, community=community, words=inert(community, 26))


def with_room(scene: Scene, command: Command, anchors: Mapping[str, str]) -> Command:
    """The command, with bundles when the scene would grow above what can be worked with.

    What is alike is folded first, the largest sets before the smaller; above ``MOST_DRAWN`` what
    the command adds is folded by the node that it was asked of (``anchors``).
    """
    grown = apply(scene, command)
    folds: list[Fold] = []
    over = len(grown.nodes) - FLUENT
    for names in alike(grown) if over > 0 else ():
        if over <= 0:
            break
        folds.append(fold_of(grown, names))
        over -= len(names) - 1
    packed = replace(command, folds=(*command.folds, *folds))
    grown = apply(scene, packed)
    if len(grown.nodes) > MOST_DRAWN:
        rest = [fold_of(grown, names) for names in _by_anchor(grown, anchors)]
        packed = replace(packed, folds=(*packed.folds, *rest))
    return packed


def _by_anchor(scene: Scene, anchors: Mapping[str, str]) -> list[Sequence[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, anchor in sorted(anchors.items()):
        if name in scene.nodes and not scene.nodes[name].pinned:
            found[anchor, scene.nodes[name].kind].append(name)
    return [names for names in found.values() if len(names) >= 2]
