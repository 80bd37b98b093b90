"""Two people in one scene: what each did since they parted, where it conflicts, and one after one.

Nobody's step is ever overwritten. To merge is to repeat the other's steps, in their order, after
one's own; the other's branch stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.scenes.history import Entry, History
from workbench.scenes.joining import unobstructed
from workbench.scenes.log import NewStep
from workbench.scenes.model import Command
from workbench.scenes.scene import Scene, apply

__all__ = ["Branch", "Comparison", "Conflict", "compare", "diverged", "to_repeat"]


@dataclass(frozen=True)
class Branch:
    """Somebody else's head, and how many of their steps are not on one's own path."""

    by: str
    head: int
    common: int
    ahead: int
    only_ahead: bool


@dataclass(frozen=True)
class Conflict:
    """One node (or "filters") that both changed, and how."""

    node: str
    what: str
    mine: int
    theirs: int


@dataclass(frozen=True)
class Comparison:
    """What two branches did since the last step that they share (0: none)."""

    common: int
    mine: tuple[Entry, ...]
    theirs: tuple[Entry, ...]
    conflicts: tuple[Conflict, ...]


def diverged(history: History) -> list[Branch]:
    """Heads of others that hold steps which are not on one's own path.

    ``only_ahead``: they went on from where one stands, so that going there loses nothing.
    """
    branches = []
    for by, head in sorted(history.heads.items()):
        told = compare(history, history.head, head)
        if by != history.by and told.theirs:
            ahead = not told.mine and told.common == history.head
            branches.append(Branch(by, head, told.common, len(told.theirs), ahead))
    return branches


def compare(history: History, mine: int, theirs: int) -> Comparison:
    """Two branches since they parted; what one has already repeated from the other is no news."""
    ours, others = history.path(mine), history.path(theirs)
    shared = {entry.number for entry in ours} & {entry.number for entry in others}
    done, seen = {entry.root for entry in others}, {entry.root for entry in ours}
    left = tuple(entry for entry in ours if entry.number not in shared and entry.root not in done)
    right = tuple(
        entry for entry in others if entry.number not in shared and entry.root not in seen
    )
    return Comparison(max(shared, default=0), left, right, tuple(_conflicts(left, right)))


def to_repeat(comparison: Comparison, scene: Scene) -> list[NewStep]:
    """The other's steps as they are to be appended after one's own, on what one has drawn.

    What both drew stays where one has it; what only the other drew finds a free place.
    """
    steps = []
    for entry in comparison.theirs:
        command = unobstructed(scene, entry.command)
        scene = apply(scene, command)
        steps.append(NewStep(command, entry.label, origin=entry.root))
    return steps


def _conflicts(mine: Sequence[Entry], theirs: Sequence[Entry]) -> list[Conflict]:
    found = [
        Conflict(node, what, one.number, other.number)
        for one in mine
        for other in theirs
        for node, what in _clashes(one.command, other.command)
    ]
    return sorted(set(found), key=lambda c: (c.mine, c.theirs, c.node, c.what))


def _clashes(one: Command, other: Command) -> list[tuple[str, str]]:
    moved = one.places.keys() & other.places.keys()
    both = {node: "moved by both" for node in moved if one.places[node] != other.places[node]}
    found = sorted(both.items())
    found += [(n, "removed here, used there") for n in sorted(_out(one) & _used(other))]
    found += [(n, "used here, removed there") for n in sorted(_used(one) & _out(other))]
    found += [(n, "folded by both") for n in sorted(_packed(one) & _packed(other))]
    if one.do in _SIFT and other.do in _SIFT and one != other:
        found.append(("filters", "filtered by both"))
    return found


_SIFT = frozenset(("filter", "switch"))


def _out(command: Command) -> set[str]:
    return set(command.names) if command.do == "remove" else set()


def _packed(command: Command) -> set[str]:
    return {name for fold in command.folds for name in fold.members}


def _used(command: Command) -> set[str]:
    """Nodes that a step needs, or draws, by name."""
    if command.do in ("remove", "switch", "filter"):
        return set()
    names = {command.node, *command.names, *command.asked, *command.places, *_packed(command)}
    return (names | {node.id for node in command.nodes}) - {""}
