"""The questions of ``workbench case`` and ``person`` as methods: what people decided, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from graph_models.errors import UsageError
from workbench.casebook.subjects import checked, link, pair_of
from workbench.part import Part

# Imported where they are used: a look-up must not wait for SQL and signatures.
if TYPE_CHECKING:
    from workbench.casebook.book import Case, Judgement, Note
    from workbench.casebook.casebook import Casebook, Replayed
    from workbench.casebook.checking import Checked
    from workbench.casebook.entry import Entry
    from workbench.casebook.people import Person
    from workbench.casebook.review import Review

__all__ = ["LOG_COLUMNS", "CaseQuestions"]

LOG_COLUMNS = ("number", "at", "person", "kind", "case", "subject", "words", "hash")
_KEPT = 512  # pairs whose evidence is remembered for one run


class CaseQuestions(Part):
    """Part of ``Workbench``: cases, judgements, notes, and the log of all of it.

    ``by`` is always the name of a registered person; nobody else can say anything.
    """

    _casebook: Casebook | None = None
    _evidence: tuple[str, dict[str, Mapping[str, Any]]] = ("", {})

    @property
    def casebook(self) -> Casebook:
        """The casebook of this workspace, or the team's."""
        if self._casebook is None:
            from workbench.casebook.casebook import Casebook
            from workbench.export.seal import signing_keys

            whole = self.whole
            self._casebook = Casebook(whole.database, signing_keys(), whole.clock)
        return self._casebook

    # ---- people

    def person_add(self, name: str) -> Person:
        """Register a person: the key is made on this machine, its public half is kept."""
        return self.casebook.register(name)

    def person_list(self) -> tuple[Person, ...]:
        """Everybody who is registered, in order of registration."""
        return tuple(self.casebook.book().people.values())

    # ---- cases

    def case_open(self, title: str, *, by: str, focus: str = "") -> Case:
        """Open a case, pinned to the snapshot and run that are published now."""
        return self.casebook.open_case(title, focus=focus, pin=self._pin(), by=by)

    def case_list(self) -> tuple[Case, ...]:
        """All cases, the newest first."""
        return tuple(self.casebook.book().cases.values())[::-1]

    def case_show(self, case: str) -> Mapping[str, Any]:
        """A case with its judgements (and how they stand), its notes and kept views."""
        book = self.casebook.book()
        found = book.case(case)
        notes = book.notes_on(case=found.case)
        gone = set(self.gone_loads([load for note in notes for load in note.loads]))
        return {
            "case": found,
            "stale": list(self.gone_loads(found.loads)),
            "stale_notes": [note.number for note in notes if gone & set(note.loads)],
            "judgements": list(self.reviews(case=found.case).values()),
            "notes": notes,
            "views": tuple(view for view in book.views if view.case == found.case),
        }

    def case_rename(self, case: str, title: str, *, by: str) -> Entry:
        """Give a case another title; the old one stays in the log."""
        return self.casebook.rename(case, title, by=by)

    def case_close(self, case: str, *, because: str, by: str) -> Entry:
        """Close a case; nothing more can be filed in it until it is opened again."""
        return self.casebook.close(case, because, by=by)

    def case_reopen(self, case: str, *, because: str, by: str) -> Entry:
        """Open a closed case again."""
        return self.casebook.reopen(case, because, by=by)

    # ---- words

    def judge(self, case: str, a: str, b: str, verdict: str, *, because: str, by: str) -> Entry:
        """Say whether two accounts have one controller: yes, no or unsure, and why.

        The entry keeps what was seen: run, bits, every piece of evidence and the loads behind it.
        """
        return self.judge_subject(case, link(a, b), verdict, because=because, by=by)

    def judge_subject(
        self, case: str, subject: str, verdict: str, *, because: str, by: str
    ) -> Entry:
        """As ``judge``, of a link or of a community (does it hold?)."""
        subject = checked(subject)
        if not subject.startswith(("link:", "community:")):
            raise UsageError(f"{subject!r} cannot be judged.", fix="Judge a link or a community.")
        return self.casebook.judge(
            case, subject, verdict, because, seen=lambda: self.seen(subject), by=by
        )

    def retract(self, number: int, *, because: str, by: str) -> Entry:
        """Take back an entry of one's own; it stays in the log."""
        return self.casebook.retract(number, because, by=by)

    def note(self, case: str, subject: str, text: str, *, by: str, citing: bool = False) -> Entry:
        """Write a note on anything; ``citing`` keeps what evidence it rests on."""
        subject = checked(subject)
        cites = (lambda: self.seen(subject)) if citing else None
        return self.casebook.note(case, subject, text, cites=cites, by=by)

    def notes(self, subjects: Sequence[str] = (), *, case: str = "") -> tuple[Note, ...]:
        """Notes on some subjects, or on anything, the newest first."""
        return self.casebook.book().notes_on([checked(one) for one in subjects], case=case)

    def keep_view(self, case: str, scene: str, step: int, title: str, *, by: str) -> Entry:
        """Keep a step of a scene in a case, to find it again."""
        return self.casebook.keep_view(case, scene, step, title, pin=self._pin(), by=by)

    # ---- where things stand

    def seen(self, subject: str) -> Mapping[str, Any]:
        """What a judgement on a subject would rest on now: evidence, and the loads behind it."""
        from workbench.casebook.grounds import seen

        return seen(self.whole, subject)

    def review(self, subject: str, *, case: str = "") -> Review:
        """Where a link or community stands: people's words, and what the data did to them."""
        subject = checked(subject)
        return self.reviews([subject], case=case)[subject]

    def reviews(
        self, subjects: Iterable[str] | None = None, *, case: str = ""
    ) -> dict[str, Review]:
        """Where each of some subjects stands; without subjects, all that anybody judged."""
        from workbench.casebook.review import review

        book = self.casebook.book()
        asked = book.subjects(case=case) if subjects is None else map(checked, subjects)
        standing = {one: book.standing(one, case=case) for one in asked}
        loads = {load for words in standing.values() for word in words for load in word.loads}
        gone = self.gone_loads(sorted(loads))
        return {
            one: review(one, words, now=self._evidence_now(one, words), gone=gone)
            for one, words in standing.items()
        }

    def judged_links(self, account: str) -> dict[str, Review]:
        """By partner: where the links of an account stand that anybody judged."""
        account = account.removeprefix("account:")
        pairs = {one: pair_of(one) or () for one in self.casebook.book().subjects(kind="link")}
        reviews = self.reviews(one for one, pair in pairs.items() if account in pair)
        return {
            next(name for name in pairs[one] if name != account): found
            for one, found in reviews.items()
        }

    def judged_among(self, accounts: Collection[str]) -> dict[str, Review]:
        """By subject: where the links among some accounts stand that anybody judged."""
        inside = set(accounts)
        pairs = {one: pair_of(one) for one in self.casebook.book().subjects(kind="link")}
        return self.reviews(one for one, pair in pairs.items() if pair and inside.issuperset(pair))

    def unrejected(self, account: str, links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The links of an account as lists show them, and those that are hidden as rejected.

        Args:
            account: Whose links they are.
            links: Any table with a column ``account`` (the partner), such as ``links`` returns.

        Returns:
            What is shown, and what is hidden; each with a further column ``judged`` (``review``'s
            state, or empty). Shown + hidden = all.
        """
        reviews = self.judged_links(account)
        hidden = links["account"].isin({name for name, one in reviews.items() if one.hidden})
        state = [reviews[one].state if one in reviews else "" for one in links["account"]]
        marked = links.assign(judged=pd.Series(state, links.index, dtype="str"))
        return marked[~hidden], marked[hidden]

    def findings_on(self, loads: Iterable[str]) -> list[dict[str, Any]]:
        """Every finding that rests on a row of any of the loads, with why."""
        from workbench.casebook.findings import resting_on

        return resting_on(self.casebook.book(), frozenset(loads))

    # ---- looking back

    def case_log(
        self,
        case: str = "",
        *,
        person: str = "",
        kind: str = "",
        subject: str = "",
        scenes: bool = False,
    ) -> pd.DataFrame:
        """Who did what, when, on what; oldest first. Of one case, or of everything.

        ``scenes`` adds what was done on canvases: unsigned steps, without a number and a hash.
        """
        from workbench.casebook.canvas_steps import canvas_steps
        from workbench.casebook.findings import words_of

        book = self.casebook.book()
        case = book.case(case).case if case else ""
        rows = [{**entry.as_json(), "words": words_of(entry)} for entry in book.log(case)]
        log = pd.DataFrame(rows, columns=list(LOG_COLUMNS))
        if scenes:
            steps = canvas_steps(self.whole.database, case)
            log = pd.concat([log.astype("object"), steps], ignore_index=True)
            log = log.sort_values("at", kind="stable", ignore_index=True)
        wanted = {"person": person, "kind": kind, "subject": subject}
        for column, value in wanted.items():
            log = log[log[column] == value] if value else log
        return log

    def case_replay(self, case: str) -> Replayed:
        """Work a case out anew from the log, and compare."""
        return self.casebook.replay(case)

    def case_check(self, *, head: str = "") -> Checked:
        """Check chain and signatures of the whole casebook."""
        return self.casebook.check(head=head)

    def _pin(self) -> Mapping[str, Any]:
        from workbench.casebook.grounds import pin

        return pin(self.whole)

    def gone_loads(self, loads: Sequence[str]) -> dict[str, str]:
        """Those of some loads that no longer count, each with why: what rests on them is stale."""
        from workbench.casebook.grounds import gone

        return gone(self.whole, loads)

    def _evidence_now(
        self, subject: str, standing: Sequence[Judgement]
    ) -> Mapping[str, Any] | None:
        """What ``explain`` says of a rejected pair now; None when it says what it said then."""
        pair, run = pair_of(subject), str(self.whole.about().get("run") or "")
        runs = {str(word.seen.get("run")) for word in standing if word.verdict == "no"}
        if pair is None or runs <= {run}:
            return None
        if self._evidence[0] != run or len(self._evidence[1]) > _KEPT:
            self._evidence = (run, {})
        known = self._evidence[1]
        if subject not in known:
            try:
                known[subject] = self.whole.explain(*pair)
            except UsageError:  # one of the two is in no log any more
                known[subject] = {"signals": [], "against": []}
        return known[subject]
