"""Whether the casebook is what people wrote: chain, hashes and signatures, entry by entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.casebook.entry import FIRST, Entry, canonical
from workbench.casebook.people import REGISTERED, Person, fits, people_of

__all__ = ["Checked", "check_rows"]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found. ``head`` is the hash of the last good entry: note it down elsewhere.

    Who can write the database can cut off its end, or write all of it anew with keys of his own;
    only a head that was kept elsewhere shows that.
    """

    ok: bool
    entries: int
    people: int
    head: str
    bad_entry: int | None = None
    what: str = ""


def check_rows(rows: Sequence[Mapping[str, Any]], *, head: str = "") -> Checked:
    """Check the rows of the table in their order.

    Args:
        rows: As the database has them.
        head: A hash that must be among them (or the beginning of one): kept from an earlier check.
    """
    people: dict[str, Person] = {}
    previous, number = FIRST, 0
    seen: set[str] = set()
    for row in rows:
        entry, wrong = _read(row)
        if entry is not None:
            if entry.kind == REGISTERED and entry.person not in people:
                people |= people_of([entry])
            wrong = wrong or _wrong(entry, number + 1, previous, people)
        if entry is None or wrong:
            return Checked(
                ok=False, entries=number, people=len(people), head=previous,
                bad_entry=number + 1 if wrong.startswith("is missing") else int(row["number"]),
                what=wrong,
            )  # fmt: skip
        previous, number = entry.hash, entry.number
        seen.add(entry.hash)
    found = not head or any(hash_.startswith(head) for hash_ in seen)
    return Checked(
        ok=found, entries=number, people=len(people), head=previous,
        bad_entry=None if found else number + 1,
        what="" if found else "the entry with that hash is missing: the end was cut off",
    )  # fmt: skip


def _read(row: Mapping[str, Any]) -> tuple[Entry | None, str]:
    try:
        body = json.loads(row["body"])
        entry = Entry(**{**row, "body": body if isinstance(body, dict) else {}})
        if not isinstance(body, dict) or canonical(body) != row["body"]:
            return entry, "was altered: its body is not as the workbench writes it"
    except (TypeError, ValueError):
        return None, "was altered: its body cannot be read"
    return entry, ""


def _wrong(entry: Entry, number: int, previous: str, people: Mapping[str, Person]) -> str:
    if entry.number != number:
        return f"is missing: after entry {number - 1} comes entry {entry.number}"
    if entry.previous != previous:
        return "was altered, or the one before it: it names another hash as the one before"
    if entry.hash != entry.sealing():
        return "was altered: its content does not fit its hash"
    if entry.person not in people:
        return "is by somebody who was not registered"
    if not fits(people[entry.person], entry.hash, entry.signature):
        return "has a signature that is not that person's"
    return ""
