"""Findings by the loads that they rest on, and what an entry says in one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.casebook.book import Book, Case, Judgement, Note, View
from workbench.casebook.entry import Entry
from workbench.casebook.subjects import CASE

__all__ = ["resting_on", "words_of"]


def resting_on(book: Book, loads: frozenset[str]) -> list[dict[str, Any]]:
    """Every finding with a row behind it that lies in one of the loads, in order of entry.

    Judgements that stand, notes that cite, kept views, and the runs that open cases are pinned to.
    """
    found = []
    for kind, item in _findings(book):
        on = sorted(loads & set(item.loads))
        if on:
            found.append({
                "number": item.number, "finding": kind, "case": item.case, "subject": _about(item),
                "person": item.person, "why": f"it rests on rows of load {', '.join(on)}",
            })  # fmt: skip
    return sorted(found, key=lambda one: one["number"])


def words_of(entry: Entry) -> str:
    """What an entry says, in one line of people's own words."""
    body = entry.body
    if entry.kind == "judgement":
        return f"{body['verdict']}: {body['because']}"
    if entry.kind == "retracted":
        return f"entry {body['number']}: {body['because']}"
    if entry.kind == "person registered":
        return f"key {str(body.get('fingerprint', ''))[:8]}"
    return str(body.get("text") or body.get("title") or body.get("because") or "")


def _findings(book: Book) -> Iterator[tuple[str, Case | Judgement | Note | View]]:
    for subject in book.subjects():
        for word in book.standing(subject):
            yield "judgement", word
    for note in book.notes_on():
        yield "note", note
    for view in book.views:
        if view.number not in book.retracted:
            yield "view kept", view
    for case in book.cases.values():
        if case.state == "open":
            yield "pinned run", case


def _about(item: Case | Judgement | Note | View) -> str:
    return f"{CASE}:{item.case}" if isinstance(item, Case) else item.subject
