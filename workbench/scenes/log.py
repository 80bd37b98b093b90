"""A scene's steps in the database: append-only, written before they are drawn, a head a person.

Every step names the step that it was made on, so that two people at once make two branches and
nobody's work is lost; a refresh or another browser finds everybody where they were.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from graph_models.errors import UsageError
from workbench.database import METADATA
from workbench.scenes.history import Entry, History
from workbench.scenes.model import Command
from workbench.scenes.record import command_of, digest, record_of
from workbench.scenes.scene import Scene, apply
from workbench.scenes.tables import HEADS, SCENES, STEPS, VIEWS
from workbench.scenes.views import Views

__all__ = ["NewStep", "Replay", "SceneLog", "scene_id"]

_ID = re.compile(r"s-[0-9a-f]{8,32}")
_TRIES = 50  # appends that may come in between; each costs one look
_KEPT = 64  # folded scenes that are remembered, half a megabyte each when large


def scene_id(focus: str, run: str, case: str = "") -> str:
    """The scene of one focus on one run, in one case: the same link finds the same scene."""
    key = "\x1f".join((focus, run, case) if case else (focus, run))
    return "s-" + hashlib.blake2b(key.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class NewStep:
    """A step to be appended; ``origin`` is the step that it repeats after a merge (0: none)."""

    command: Command
    label: str
    origin: int = 0


@dataclass(frozen=True)
class Replay:
    """What folding the whole log again gave; ``differing`` are steps that came out otherwise."""

    steps: int
    head: int
    digest: str
    differing: tuple[int, ...]


class _Memory:
    """Steps and folded scenes of a database; both never change once written."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: dict[str, list[Entry]] = {}
        self.scenes: OrderedDict[tuple[str, int], Scene] = OrderedDict()

    def keep(self, key: tuple[str, int], scene: Scene) -> None:
        with self.lock:
            self.scenes[key] = scene
            self.scenes.move_to_end(key)
            while len(self.scenes) > _KEPT:
                self.scenes.popitem(last=False)


_MEMORIES: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


def _memory_of(database: Engine) -> _Memory:
    if database not in _MEMORIES:
        METADATA.create_all(database, tables=[SCENES, STEPS, HEADS, VIEWS])
    return _MEMORIES.setdefault(database, _Memory())


class SceneLog:
    """The steps of one scene as one person (``by``; "" is nobody) works on them."""

    def __init__(self, database: Engine, scene: str, by: str = "") -> None:
        if not _ID.fullmatch(scene):
            raise UsageError("That is no id of a scene.", fix="Open one from Triage or Explore.")
        self.scene, self.by = scene, by
        self._database = database
        self._memory = _memory_of(database)
        self.views = Views(database, scene, by)

    def history(self) -> History:
        """All steps so far, and where everybody stands."""
        with self._database.connect() as link:
            heads = self._heads(link)
            entries = self._entries(link)
        head = heads.get(self.by) or (next(iter(heads.values())) if heads else len(entries))
        return History(tuple(entries), head, self.by, dict(sorted(heads.items())), self._recall)

    def add(
        self, command: Command, label: str, *, now: datetime, parent: int | None = None
    ) -> History:
        """Append a step after ``parent`` (the step that was seen; None: the head)."""
        return self.extend([NewStep(command, label)], now=now, parent=parent)

    def extend(
        self, steps: Sequence[NewStep], *, now: datetime, parent: int | None = None
    ) -> History:
        """Append steps one after the other, all of them or none, and make the last one the head."""
        history = self.history()
        at = history.head if parent is None else parent
        _check(history, at)
        rows = self._rows(steps, history.scene(at), now)
        for _ in range(_TRIES):
            try:
                self._append(rows, at, now)
            except IntegrityError:
                continue
            return self.history()
        raise UsageError("Others are writing to this scene all the time.", fix="Try again.")

    def go(self, number: int, *, now: datetime) -> History:
        """Make an existing step the head: undo, redo, or a click on the history."""
        _check(self.history(), number)
        with self._database.begin() as link:
            self._set_head(link, number, now)
        return self.history()

    def replayed(self) -> Replay:
        """Every step read and folded again, and where the scene is not what was drawn then."""
        with self._database.connect() as link:
            asked = select(STEPS).where(self._here(STEPS)).order_by(STEPS.c.number)
            entries = [_entry(row) for row in link.execute(asked)]
        scenes, differing = {0: Scene()}, []
        for entry in entries:
            scenes[entry.number] = apply(scenes[entry.parent], entry.command)
            if digest(scenes[entry.number]) != entry.digest:
                differing.append(entry.number)
        head = self.history().head
        return Replay(len(entries), head, digest(scenes[head]), tuple(differing))

    def _rows(self, steps: Iterable[NewStep], scene: Scene, now: datetime) -> list[dict[str, Any]]:
        rows = []
        for step in steps:
            told = json.dumps(record_of(step.command), separators=(",", ":"), allow_nan=False)
            scene = apply(scene, command_of(json.loads(told)))
            rows.append(
                {
                    "scene": self.scene,
                    "origin": step.origin,
                    "label": step.label,
                    "at": _moment(now),
                    "by": self.by,
                    "digest": digest(scene),
                    "command": told,
                }
            )
        return rows

    def _append(self, rows: Sequence[Mapping[str, Any]], parent: int, now: datetime) -> None:
        """One transaction: a crash leaves all of it or nothing."""
        with self._database.connect() as link:
            last = link.scalar(select(func.max(STEPS.c.number)).where(self._here(STEPS))) or 0
        with self._database.begin() as link:
            for row in rows:
                last += 1
                link.execute(insert(STEPS).values(**row, number=last, parent=parent))
                parent = last
            self._set_head(link, last, now)

    def _set_head(self, link: Connection, number: int, now: datetime) -> None:
        mine = self._here(HEADS) & (HEADS.c.by == self.by)
        told = {"number": number, "at": _moment(now)}
        if not link.execute(update(HEADS).where(mine).values(**told)).rowcount:
            link.execute(insert(HEADS).values(scene=self.scene, by=self.by, **told))

    def _heads(self, link: Connection) -> dict[str, int]:
        """Who stands where, the one who moved last first."""
        asked = select(HEADS.c.by, HEADS.c.number).where(self._here(HEADS))
        rows = link.execute(asked.order_by(HEADS.c.at.desc(), HEADS.c.number.desc(), HEADS.c.by))
        return {row.by: row.number for row in rows}

    def _entries(self, link: Connection) -> list[Entry]:
        """The steps; only those that are not known yet are read."""
        with self._memory.lock:
            known = self._memory.entries.get(self.scene, [])
        asked = select(STEPS).where(self._here(STEPS) & (STEPS.c.number > len(known)))
        fresh = [_entry(row) for row in link.execute(asked.order_by(STEPS.c.number))]
        found = [*known, *fresh] if fresh else known
        with self._memory.lock:
            if len(found) > len(self._memory.entries.get(self.scene, [])):
                self._memory.entries[self.scene] = found
        return found

    def _recall(self, history: History, number: int) -> Scene:
        """The scene at a step, from the nearest step before it that is remembered."""
        waiting: list[Entry] = []
        at, scene = number, Scene()
        while at:
            known = self._memory.scenes.get((self.scene, at))
            if known is not None:
                scene = known
                break
            waiting.append(history.by_number[at])
            at = waiting[-1].parent
        for entry in reversed(waiting):
            scene = apply(scene, entry.command)
            self._memory.keep((self.scene, entry.number), scene)
        return scene

    def _here(self, table: Any) -> Any:
        return table.c.scene == self.scene


def _check(history: History, number: int) -> None:
    if number and number not in history.by_number:
        raise UsageError(f"The scene has no step {number}.", fix="See: workbench scene log")


def _moment(now: datetime) -> str:
    return now.isoformat(timespec="microseconds")


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        parent=row.parent,
        label=row.label,
        at=row.at,
        command=command_of(json.loads(row.command)),
        by=row.by,
        digest=row.digest,
        origin=row.origin,
    )
