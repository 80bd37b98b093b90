"""A scene's history on disk: an append-only tree of commands and a head that undo and redo move.

One file a scene, ``<workspace>/scenes/<id>.jsonl``. Every step is written before it is drawn, so a
refresh, a lost connection or a second tab finds the scene as it was left.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from graph_models.errors import UsageError
from workbench.scenes.scene import Command, Scene, apply, command_of

__all__ = ["Entry", "SceneLog", "scene_id"]

_ID = re.compile(r"s-[0-9a-f]{8,32}")


def scene_id(focus: str, run: str) -> str:
    """The scene of one focus on one run: opening the same link finds the same scene."""
    return "s-" + hashlib.blake2b(f"{focus}\x1f{run}".encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One step: its number, the step it follows (0: none), what it did and when."""

    number: int
    parent: int
    label: str
    at: str
    command: Command


@dataclass(frozen=True)
class History:
    """All steps of a scene and the one that is drawn now (0: none)."""

    entries: tuple[Entry, ...] = ()
    head: int = 0

    @cached_property
    def by_number(self) -> Mapping[int, Entry]:
        """The steps by their number."""
        return {entry.number: entry for entry in self.entries}

    def path(self) -> list[Entry]:
        """The steps from the start to the head."""
        steps, number = [], self.head
        while number:
            steps.append(self.by_number[number])
            number = steps[-1].parent
        return steps[::-1]

    def scene(self) -> Scene:
        """What is drawn: the fold of the path."""
        scene = Scene()
        for entry in self.path():
            scene = apply(scene, entry.command)
        return scene

    @property
    def undo_to(self) -> int | None:
        """The step before the head; None at the opening, which stays."""
        return self.by_number[self.head].parent or None if self.head else None

    @property
    def redo_to(self) -> int | None:
        """The newest step that follows the head."""
        after = [entry.number for entry in self.entries if entry.parent == self.head]
        return max(after) if after and self.head else None


class SceneLog:
    """The file of one scene. Readers read it whole; writers append under a lock."""

    def __init__(self, folder: Path, scene: str) -> None:
        if not _ID.fullmatch(scene):
            raise UsageError("That is no id of a scene.", fix="Open one from Triage or Explore.")
        self.scene = scene
        self._file = folder / f"{scene}.jsonl"

    def history(self) -> History:
        """All steps so far; a line cut off by a crash is passed over."""
        entries: list[Entry] = []
        head = 0
        for record in self._records():
            if "command" in record:
                entries.append(_entry(record))
            head = int(record["head"])
        return History(tuple(entries), head)

    def add(self, command: Command, label: str, *, now: datetime) -> History:
        """Append a step after the head and make it the head."""
        with self._locked():
            history = self.history()
            number = len(history.entries) + 1
            self._append(
                {
                    "number": number,
                    "parent": history.head,
                    "label": label,
                    "at": now.isoformat(timespec="seconds"),
                    "command": command.as_json(),
                    "head": number,
                }
            )
        return self.history()

    def go(self, number: int) -> History:
        """Make an existing step the head: undo, redo, or a click on the history."""
        with self._locked():
            if number not in self.history().by_number:
                raise UsageError(f"The scene has no step {number}.")
            self._append({"head": number})
        return self.history()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _append(self, record: Mapping[str, Any]) -> None:
        self._mend()
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, separators=(",", ":")) + "\n")

    def _mend(self) -> None:
        """Cut off half a line that a crash left, so that the next step starts a line of its own."""
        if not self._file.exists():
            return
        whole = self._file.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end != len(whole):
            os.truncate(self._file, end)

    def _records(self) -> Iterator[dict[str, Any]]:
        if not self._file.exists():
            return
        with self._file.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)


def _entry(record: Mapping[str, Any]) -> Entry:
    return Entry(
        number=int(record["number"]),
        parent=int(record["parent"]),
        label=str(record["label"]),
        at=str(record["at"]),
        command=command_of(record["command"]),
    )
