"""What the casebook says, worked out from its entries alone; nothing else is ever kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graph_models.errors import UsageError
from workbench.casebook.entry import Entry, digest_of
from workbench.casebook.people import Person, people_of

__all__ = ["Book", "Case", "Judgement", "Note", "View"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What every word of a person has."""

    number: int
    case: str
    subject: str
    person: str
    at: str
    loads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement(Said):
    """Yes, no or unsure, with the reason and what the person saw."""

    verdict: str
    because: str
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Note(Said):
    """Plain text on a subject; ``loads`` are those behind what it cites, if it cites anything."""

    text: str


@dataclass(frozen=True, kw_only=True)
class View(Said):
    """A step of a scene that somebody wants to find again."""

    title: str
    scene: str
    step: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case as it stands. ``pin``: snapshot, run and loads that it was opened on."""

    case: str
    title: str
    focus: str
    person: str
    at: str
    state: str = "open"
    closed_at: str = ""
    because: str = ""
    pin: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def loads(self) -> tuple[str, ...]:
        """The loads of the snapshot that it is pinned to."""
        return tuple(self.pin.get("loads", ()))


@dataclass(frozen=True)
class Book:
    """A reading of entries; ``retracted`` are the numbers of entries that were taken back."""

    entries: tuple[Entry, ...]
    people: Mapping[str, Person]
    cases: Mapping[str, Case]
    judgements: tuple[Judgement, ...]
    notes: tuple[Note, ...]
    views: tuple[View, ...]
    retracted: frozenset[int]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Book:
        """Read entries, in their order."""
        entries = tuple(entries)
        cases: dict[str, Case] = {}
        for entry in entries:
            _of_case(cases, entry)
        return cls(
            entries=entries,
            people=people_of(entries),
            cases=cases,
            judgements=tuple(_judgement(e) for e in entries if e.kind == "judgement"),
            notes=tuple(_note(e) for e in entries if e.kind == "note"),
            views=tuple(_view(e) for e in entries if e.kind == "view kept"),
            retracted=frozenset(int(e.body["number"]) for e in entries if e.kind == "retracted"),
        )

    def case(self, name: str) -> Case:
        """One case by its id, or by the beginning of one.

        Raises:
            UsageError: There is none of that name.
        """
        name = name.removeprefix("case:")
        found = [case for id_, case in self.cases.items() if id_.startswith(name)] if name else []
        if name in self.cases:
            return self.cases[name]
        if len(found) == 1:
            return found[0]
        raise UsageError(
            f"{len(found)} cases are named {name!r}.", fix="List them with: workbench case list"
        )

    @cached_property
    def words_on(self) -> Mapping[str, list[Judgement]]:
        """All judgements by subject, in order."""
        found: dict[str, list[Judgement]] = {}
        for word in self.judgements:
            found.setdefault(word.subject, []).append(word)
        return found

    def standing(self, subject: str, *, case: str = "") -> tuple[Judgement, ...]:
        """The latest word of each person on a subject, by name; one taken back does not count."""
        latest: dict[str, Judgement] = {}
        for word in self.words_on.get(subject, ()):
            if case in ("", word.case):
                latest[word.person] = word
        kept = [word for word in latest.values() if word.number not in self.retracted]
        return tuple(sorted(kept, key=lambda word: word.person))

    def subjects(self, *, case: str = "", kind: str = "") -> tuple[str, ...]:
        """Everything that was judged, in the order of the first judgement."""
        found = (word for word in self.judgements if case in ("", word.case))
        named = dict.fromkeys(word.subject for word in found)
        return tuple(name for name in named if not kind or name.startswith(f"{kind}:"))

    def notes_on(self, subjects: Sequence[str] = (), *, case: str = "") -> tuple[Note, ...]:
        """Notes that stand, the newest first; without subjects those on anything."""
        kept = (
            note
            for note in self.notes
            if note.number not in self.retracted
            and case in ("", note.case)
            and (not subjects or note.subject in subjects)
        )
        return tuple(sorted(kept, key=lambda note: -note.number))

    def log(self, case: str = "") -> tuple[Entry, ...]:
        """The entries of a case, or all."""
        return tuple(entry for entry in self.entries if case in ("", entry.case))

    def holds(self, case: str) -> dict[str, Any]:
        """Everything that a case comes to, as plain values: what a digest is taken of."""
        found = self.case(case)
        subjects = self.subjects(case=found.case)
        standing = {name: self.standing(name, case=found.case) for name in subjects}
        return {
            "case": found.case,
            "title": found.title,
            "focus": found.focus,
            "opened_by": found.person,
            "pin": dict(found.pin),
            "judgements": {
                name: {word.person: [word.verdict, word.number] for word in words}
                for name, words in standing.items()
            },
            "notes": [note.number for note in self.notes_on(case=found.case)][::-1],
            "views": [
                view.number
                for view in self.views
                if view.case == found.case and view.number not in self.retracted
            ],
        }

    def digest(self, case: str) -> str:
        """What ``holds`` says, in one hash."""
        return digest_of(self.holds(case))


def _of_case(cases: dict[str, Case], entry: Entry) -> None:
    body, known = entry.body, cases.get(entry.case)
    if entry.kind == "case opened":
        cases[entry.case] = Case(
            case=entry.case,
            title=str(body["title"]),
            focus=str(body.get("focus", "")),
            person=entry.person,
            at=entry.at,
            pin=body.get("pin", {}),
            number=entry.number,
        )
    elif known is not None and entry.kind == "case renamed":
        cases[entry.case] = replace(known, title=str(body["title"]))
    elif known is not None and entry.kind in ("case closed", "case reopened"):
        closed = entry.kind == "case closed"
        cases[entry.case] = replace(
            known,
            state="closed" if closed else "open",
            closed_at=entry.at if closed else "",
            because=str(body.get("because", "")),
        )


def _said(entry: Entry, loads: Iterable[str]) -> dict[str, Any]:
    told = {name: getattr(entry, name) for name in ("number", "case", "subject", "person", "at")}
    return {**told, "loads": tuple(loads)}


def _judgement(entry: Entry) -> Judgement:
    seen = entry.body.get("seen", {})
    return Judgement(
        **_said(entry, seen.get("loads", ())),
        verdict=str(entry.body["verdict"]),
        because=str(entry.body["because"]),
        seen=seen,
    )


def _note(entry: Entry) -> Note:
    cited = entry.body.get("cites", {})
    return Note(**_said(entry, cited.get("loads", ())), text=str(entry.body["text"]))


def _view(entry: Entry) -> View:
    body = entry.body
    return View(
        **_said(entry, body.get("pin", {}).get("loads", ())),
        title=str(body["title"]),
        scene=str(body["scene"]),
        step=int(body["step"]),
    )
