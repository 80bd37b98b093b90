"""All steps of a scene as one person stands in them: a tree, and a head for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.scenes.model import Command
from workbench.scenes.scene import Scene, apply

__all__ = ["Entry", "History", "folded"]


@dataclass(frozen=True)
class Entry:
    """One step: its number, the step it follows (0: none), what it did, who and when.

    ``origin`` is the step that this one repeats after a merge (0: none); ``digest`` names the scene
    as it was drawn after this step.
    """

    number: int
    parent: int
    label: str
    at: str
    command: Command
    by: str = ""
    digest: str = ""
    origin: int = 0

    @property
    def root(self) -> int:
        """The step that was first made: the same for a step and for what repeats it."""
        return self.origin or self.number


Folded = Callable[["History", int], Scene]


def folded(history: History, number: int) -> Scene:
    """The scene at a step: the fold of the path to it."""
    scene = Scene()
    for entry in history.path(number):
        scene = apply(scene, entry.command)
    return scene


@dataclass(frozen=True)
class History:
    """All steps of a scene; ``head`` is the one that ``by`` sees (0: none), ``heads`` everybody's.

    ``recall`` gives the scene at a step; a log gives one that remembers, so that a click folds one
    step and not five hundred.
    """

    entries: tuple[Entry, ...] = ()
    head: int = 0
    by: str = ""
    heads: Mapping[str, int] = field(default_factory=dict)
    recall: Folded = field(default=folded, compare=False, repr=False)

    @cached_property
    def by_number(self) -> Mapping[int, Entry]:
        """The steps by their number."""
        return {entry.number: entry for entry in self.entries}

    def path(self, number: int | None = None) -> list[Entry]:
        """The steps from the start to a step, or to the head."""
        steps, at = [], self.head if number is None else number
        while at:
            steps.append(self.by_number[at])
            at = steps[-1].parent
        return steps[::-1]

    def scene(self, number: int | None = None) -> Scene:
        """What is drawn at a step, or at the head."""
        at = self.head if number is None else number
        return self.recall(self, at) if at else Scene()

    @property
    def undo_to(self) -> int | None:
        """The step before the head; None at the opening, which stays."""
        return self.by_number[self.head].parent or None if self.head else None

    @property
    def redo_to(self) -> int | None:
        """The newest step that follows the head: one's own before those of others."""
        after = [entry for entry in self.entries if entry.parent == self.head]
        if not after or not self.head:
            return None
        return max(after, key=lambda entry: (entry.by == self.by, entry.number)).number
