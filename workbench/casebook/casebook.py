"""The casebook of a workspace or a team: every act of a person is one entry at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from graph_models.errors import UsageError
from workbench.casebook.book import Book, Case
from workbench.casebook.checking import Checked, check_rows
from workbench.casebook.entry import Draft, Entry, digest_of
from workbench.casebook.ledger import Ledger
from workbench.casebook.people import Person, registration, signature, signer_of
from workbench.casebook.rules import VERDICTS, WRITING
from workbench.casebook.subjects import CASE, SCENE, checked
from workbench.export.seal import Signer

__all__ = ["Casebook", "Replayed"]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A case worked out anew from the log. ``digest`` names what it comes to.

    ``closings``: what the case came to at each closing, as said then and as worked out now.
    """

    case: str
    entries: int
    digest: str
    same: bool
    closings: tuple[Mapping[str, Any], ...]
    holds: Mapping[str, Any]


class Casebook:
    """Entries behind an engine, with the keys of the people who work at this machine."""

    def __init__(self, engine: Engine, keys: Path, clock: Callable[[], datetime]) -> None:
        self.ledger = Ledger(engine)
        self.keys, self.clock = keys, clock
        self._read: tuple[tuple[Entry, ...], Book] | None = None

    def book(self) -> Book:
        """What the casebook says now."""
        entries = self.ledger.entries()
        if self._read is None or self._read[0] is not entries:
            self._read = (entries, Book.of(entries))
        return self._read[1]

    # ---- people

    def register(self, name: str) -> Person:
        """Register a person; the key is made at the first use and stays on this machine."""
        draft, signer = registration(name, self.keys)

        def propose(entries: Sequence[Entry]) -> Draft:
            for known in Book.of(entries).people.values():
                if known.name.casefold() == name.casefold():
                    raise UsageError(
                        f"{known.name!r} is registered already, with the key "
                        f"{known.fingerprint[:8]}.",
                        fix=f"Work as --as {known.name}, or take another name.",
                    )
            return draft

        self._add(propose, signer)
        return self.book().people[name]

    # ---- cases

    def open_case(self, title: str, *, focus: str, pin: Mapping[str, Any], by: str) -> Case:
        """Open a case, pinned to a run; ``focus`` is the node that it is about, or empty."""
        title = _written(title, WRITING.title, "title")
        focus = checked(focus) if focus else ""

        def propose(entries: Sequence[Entry]) -> Draft:
            last = entries[-1].hash if entries else ""
            id_ = f"{CASE}_{digest_of([last, title, by])[:10]}"
            body = {"title": title, "focus": focus, "pin": dict(pin)}
            return Draft(
                kind="case opened", person=by, case=id_, subject=f"{CASE}:{id_}", body=body
            )

        entry = self._add(propose, self._signer(by))
        return self.book().cases[entry.case]

    def rename(self, case: str, title: str, *, by: str) -> Entry:
        """Give a case another title."""
        body = {"title": _written(title, WRITING.title, "title")}
        return self._about_case("case renamed", case, body, by=by)

    def close(self, case: str, because: str, *, by: str) -> Entry:
        """Close a case; its log stays, and its entry says what it held."""
        because = _written(because, WRITING.because, "reason")
        return self._about_case(
            "case closed",
            case,
            lambda book, id_: {"because": because, "digest": book.digest(id_)},
            by=by,
        )

    def reopen(self, case: str, because: str, *, by: str) -> Entry:
        """Open a closed case again."""
        body = {"because": _written(because, WRITING.because, "reason")}
        return self._about_case("case reopened", case, body, by=by, state="closed")

    # ---- words

    def judge(
        self,
        case: str,
        subject: str,
        verdict: str,
        because: str,
        *,
        seen: Callable[[], Mapping[str, Any]],
        by: str,
    ) -> Entry:
        """File a judgement with what was seen; ``seen`` is asked for once all else is right."""
        if verdict not in VERDICTS:
            raise UsageError(
                f"A judgement is not {verdict!r}.", fix=f"Say one of: {', '.join(VERDICTS)}"
            )
        because = _written(because, WRITING.because, "reason")
        self._ready(case, by)
        body = {"verdict": verdict, "because": because, "seen": dict(seen())}
        return self._say("judgement", case, subject, body, by=by)

    def note(
        self,
        case: str,
        subject: str,
        text: str,
        *,
        cites: Callable[[], Mapping[str, Any]] | None = None,
        by: str,
    ) -> Entry:
        """File a note on anything; ``cites`` says what evidence it rests on."""
        text = _written(text, WRITING.text, "note")
        self._ready(case, by)
        body = {"text": text, **({"cites": dict(cites())} if cites else {})}
        return self._say("note", case, subject, body, by=by)

    def keep_view(
        self, case: str, scene: str, step: int, title: str, *, pin: Mapping[str, Any], by: str
    ) -> Entry:
        """Keep a step of a scene, to find it again."""
        title = _written(title, WRITING.title, "title")
        self._ready(case, by)
        body = {"title": title, "scene": scene, "step": step, "pin": dict(pin)}
        return self._say("view kept", case, f"{SCENE}:{scene}", body, by=by)

    def retract(self, number: int, because: str, *, by: str) -> Entry:
        """Take back a judgement, a note or a kept view of one's own; the entry stays."""
        because = _written(because, WRITING.because, "reason")

        def propose(entries: Sequence[Entry]) -> Draft:
            book = Book.of(entries)
            word = next(
                (w for w in (*book.judgements, *book.notes, *book.views) if w.number == number),
                None,
            )
            if word is None or number in book.retracted:
                raise UsageError(
                    f"Entry {number} is nothing that stands and can be taken back.",
                    fix="See the log: workbench case log",
                )
            if word.person != by:
                raise UsageError(
                    f"Entry {number} is by {word.person}: only they can take it back.",
                    fix="Say yourself what you think of it; both opinions are shown.",
                )
            body = {"number": number, "because": because}
            return Draft(
                kind="retracted", person=by, case=word.case, subject=word.subject, body=body
            )

        return self._add(propose, self._signer(by))

    # ---- looking back

    def check(self, *, head: str = "") -> Checked:
        """Chain and signatures, from the database and not from what was read before."""
        return check_rows(self.ledger.rows(), head=head)

    def replay(self, case: str) -> Replayed:
        """Work a case out anew from the log, and compare it with what was said at each closing."""
        entries = self.ledger.read()
        book = Book.of(entries)
        found = book.case(case)
        closings = []
        for at, entry in enumerate(entries):
            if entry.case == found.case and entry.kind == "case closed":
                then = Book.of(entries[:at]).digest(found.case)
                said = str(entry.body.get("digest", ""))
                closings.append({"number": entry.number, "said": said, "found": then})
        digest = book.digest(found.case)
        kept = self.book().digest(found.case)
        return Replayed(
            case=found.case,
            entries=len(book.log(found.case)),
            digest=digest,
            same=digest == kept and all(item["said"] == item["found"] for item in closings),
            closings=tuple(closings),
            holds=book.holds(found.case),
        )

    # ---- how an entry comes to its place

    def _signer(self, by: str) -> Signer:
        return signer_of(by, self.book().people, self.keys)

    def _ready(self, case: str, by: str) -> None:
        """Refuse before anything is looked at; asked again when the entry takes its place."""
        self._signer(by)
        _open(self.book(), case)

    def _say(
        self, kind: str, case: str, subject: str, body: Mapping[str, Any], *, by: str
    ) -> Entry:
        subject = checked(subject)

        def propose(entries: Sequence[Entry]) -> Draft:
            found = _open(Book.of(entries), case)
            return Draft(kind=kind, person=by, case=found.case, subject=subject, body=body)

        return self._add(propose, self._signer(by))

    def _about_case(
        self,
        kind: str,
        case: str,
        body: Mapping[str, Any] | Callable[[Book, str], Mapping[str, Any]],
        *,
        by: str,
        state: str = "open",
    ) -> Entry:
        def propose(entries: Sequence[Entry]) -> Draft:
            book = Book.of(entries)
            found = _open(book, case, state=state)
            told = body(book, found.case) if callable(body) else body
            return Draft(
                kind=kind, person=by, case=found.case, subject=f"{CASE}:{found.case}", body=told
            )

        return self._add(propose, self._signer(by))

    def _add(self, propose: Callable[[Sequence[Entry]], Draft], signer: Signer) -> Entry:
        at = self.clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return self.ledger.add(propose, lambda hash_: signature(signer, hash_), at=at)


def _open(book: Book, name: str, *, state: str = "open") -> Case:
    case = book.case(name)
    if case.state != state:
        act = "reopen" if case.state == "closed" else "close"
        raise UsageError(
            f"The case is {case.state}.", fix=f"Go on with: workbench case {act} {case.case}"
        )
    return case


def _written(text: str, limit: int, what: str) -> str:
    text = text.strip()
    if not text:
        raise UsageError(f"The {what} is empty.", fix=f"Write a {what}.")
    if len(text) > limit:
        raise UsageError(f"The {what} is longer than {limit} characters.", fix="Shorten it.")
    return text
