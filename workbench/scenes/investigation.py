"""One scene being worked on: gestures and buttons become commands, commands become history.

Canvas, table, keyboard and command line all end here, so whatever one of them can do, the others
can do too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench import wording
from workbench.scenes import merging, opening
from workbench.scenes.gesture import Gesture
from workbench.scenes.graph import Gathering
from workbench.scenes.growing import PER_KIND, default_kinds
from workbench.scenes.history import History
from workbench.scenes.log import Replay, SceneLog
from workbench.scenes.merging import Branch, Comparison
from workbench.scenes.preview import KindPreview, preview
from workbench.scenes.steps import STEPS, Answer, changes

__all__ = ["Investigation", "default_kinds"]


@dataclass
class Investigation:
    """A scene's log as one person sees it, the graph it asks, and the clock that dates steps."""

    graph: Gathering
    log: SceneLog
    clock: Callable[[], datetime]

    def history(self) -> History:
        """All steps so far, and where everybody stands."""
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
        label = f"Opened {inert(community, 40)}"
        return self.log.add(command, label, now=self.clock(), parent=0)

    def do(self, gesture: Gesture, *, seen: int | None = None) -> str:
        """Carry out a gesture on the step that was seen (None: the head); says what happened."""
        history = self.history()
        at = history.head if seen is None else seen
        if at not in history.by_number:
            raise UsageError(f"The scene has no step {at}.", fix="Open it first.")
        scene = history.scene(at)
        try:
            command, label = STEPS[gesture.do](self.graph, scene, gesture)
        except Answer as answer:
            return str(answer)
        if not changes(command, scene):
            return "Nothing new to draw."
        self.log.add(command, label, now=self.clock(), parent=at)
        return label

    def preview(self, name: str, *, limit: int = PER_KIND) -> list[KindPreview]:
        """What expanding a drawn node would bring, counted before anything is fetched."""
        scene = self.history().scene()
        if name not in scene.held:
            raise UsageError("That node is no longer drawn.", fix="Select it again.")
        return preview(self.graph, scene, name, limit=limit)

    def add(self, name: str) -> str:
        """Draw one entity that a search found, beside what is drawn."""
        return self.do(Gesture("add", node=name))

    def go(self, number: int | None) -> str:
        """Undo, redo, or a click on the history."""
        if number is None:
            return "There is no such step."
        history = self.log.go(number, now=self.clock())
        return f"At: {history.by_number[number].label}"

    def undo(self) -> str:
        """Back to the step before."""
        return self.go(self.history().undo_to)

    def redo(self) -> str:
        """On to the newest step after this one."""
        return self.go(self.history().redo_to)

    def diverged(self) -> list[Branch]:
        """Others who did something here that is not on one's own path."""
        return merging.diverged(self.history())

    def compare(self, by: str) -> Comparison:
        """What this person and another did since they parted, with what conflicts."""
        history = self.history()
        return merging.compare(history, history.head, _head_of(history, by))

    def merge(self, by: str) -> str:
        """Repeat another's steps after one's own, or go on from them where that loses nothing."""
        history = self.history()
        head = _head_of(history, by)
        told = merging.compare(history, history.head, head)
        if not told.theirs:
            return "There is nothing to merge."
        if not told.mine and told.common == history.head:
            return self.go(head)
        steps = merging.to_repeat(told, history.scene())
        self.log.extend(steps, now=self.clock(), parent=history.head)
        return f"Merged {wording.plural(len(steps), 'step')} of {inert(by or 'nobody', 60)}"

    def replay(self) -> Replay:
        """The whole log folded again, against what was drawn then."""
        return self.log.replayed()

    def save_view(self, name: str) -> str:
        """Give the step that is drawn a name; a name is given once."""
        return self.log.views.save(name, self.history().head, now=self.clock())

    def open_view(self, name: str) -> str:
        """Go to the step that was given this name."""
        return self.go(self.log.views.number(name))


def _head_of(history: History, by: str) -> int:
    if by not in history.heads:
        known = ", ".join(inert(name or "nobody", 60) for name in history.heads) or "nobody"
        raise UsageError("That person was never in this scene.", fix=f"Here were: {known}.")
    return history.heads[by]
