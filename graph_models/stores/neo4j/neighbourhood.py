"""One node's neighbours within one transaction: where a page starts, the page, what came before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_models.kinds import ACCOUNT
from graph_models.stores.compilation import COMMUNITY
from graph_models.stores.neo4j.connection import Transaction, rows
from graph_models.stores.neo4j.sections import (
    FROM_ACCOUNT,
    FROM_COMMUNITY,
    FROM_IDENTIFIER,
    WALK,
    WALK_EARLIER,
    Section,
)
from graph_models.stores.paging import no_such_cursor

__all__ = ["Neighbourhood", "Start"]

LISTED = 2_000
"""Up to so many accounts of an identifier are listed and sorted: some milliseconds."""
PATIENCE = 8
"""How many times as many accounts as expected are walked for a page, before it is listed after all:
a hub's accounts need not be spread evenly over the order of ids."""


@dataclass(frozen=True)
class Start:
    """After which neighbour a page begins: the section, what it sorts by there, and its key."""

    section: int = 0
    sort: float = float("-inf")
    after: int = -1


class Neighbourhood:
    """The neighbours of one node, all or of one kind, in the order in which they are shown."""

    def __init__(
        self, tx: Transaction, centre: Mapping[str, Any], kind: str | None, accounts: range
    ) -> None:
        """``accounts``: the keys of all accounts, to walk along where a centre has too many."""
        self._tx = tx
        self._accounts = accounts
        self._degree = centre.get("accounts", 0) if centre["kind"] != COMMUNITY else 0
        self._values = {"key": centre["key"], "kind": kind}
        self._sections = _sections(centre, kind)

    def start(self, after: str | None, cursor: Mapping[str, Any] | None) -> Start:
        """Where the page after that cursor begins; UsageError when the cursor is no neighbour."""
        if after is None:
            return Start()
        kind = self._values["kind"]
        if cursor is not None and kind in (None, cursor["kind"]):
            for number, section in enumerate(self._sections):
                found = self._ask(section.place, cursor=cursor["key"])
                if found:
                    return Start(number, found[0]["sort"], cursor["key"])
        raise no_such_cursor(after)

    def page(self, start: Start, limit: int) -> list[dict[str, Any]]:
        """Up to ``limit`` neighbours from there, section after section."""
        found: list[dict[str, Any]] = []
        place = start
        for section in self._sections[start.section :]:
            left = limit - len(found)
            found += self._page(section, place, left)
            if len(found) == limit:
                break
            place = Start()
        return found

    def earlier(self, start: Start) -> dict[str, int]:
        """How many neighbours of each kind stand before the page."""
        counts: Counter[str] = Counter()
        if start == Start():
            return counts
        for section in self._sections[: start.section]:
            self._count(section, counts, Start(sort=float("inf")))
        self._count(self._sections[start.section], counts, start)
        return counts

    def _page(self, section: Section, place: Start, limit: int) -> list[dict[str, Any]]:
        if self._degree > LISTED:
            after = max(place.after, self._accounts.start - 1)
            expected = limit * len(self._accounts) // self._degree
            last = min(after + PATIENCE * (expected + 1), self._accounts.stop - 1)
            found = self._ask(WALK, after=after, last=last, limit=limit)
            if len(found) == limit or last == self._accounts.stop - 1:
                return found
        return self._ask(section.page, sort=place.sort, after=place.after, limit=limit)

    def _count(self, section: Section, counts: Counter[str], place: Start) -> None:
        if LISTED < self._degree > place.after - self._accounts.start:
            before = {"after": self._accounts.start - 1, "last": place.after}
            found = self._ask(WALK_EARLIER, **before)
        else:
            found = self._ask(section.earlier, sort=place.sort, after=place.after)
        for row in found:
            counts[row["kind"]] += row["number"]

    def _ask(self, statement: str, **values: float) -> list[dict[str, Any]]:
        return rows(self._tx, statement, **self._values, **values)


def _sections(centre: Mapping[str, Any], kind: str | None) -> Sequence[Section]:
    """The sections that can hold neighbours of the asked kind, and are not empty."""
    named: Sequence[tuple[str, Section]]
    if centre["kind"] == COMMUNITY:
        named = FROM_COMMUNITY
    elif centre["kind"] != ACCOUNT.name:
        named = FROM_IDENTIFIER
    else:
        named = FROM_ACCOUNT
    return [
        section
        for name, section in named
        if _may_hold(name, kind) and _is_filled(name, centre.get("neighbour_kinds", ()))
    ]


def _may_hold(name: str, kind: str | None) -> bool:
    """Whether a section named for accounts, communities or identifiers can hold that kind."""
    if kind is None:
        return True
    of_identifiers = name in ("identifier", "hub")
    return of_identifiers == (kind not in (ACCOUNT.name, COMMUNITY)) and (
        of_identifiers or kind == name
    )


def _is_filled(name: str, kinds: Sequence[str]) -> bool:
    if name in (ACCOUNT.name, COMMUNITY):
        return name in kinds
    return any(kind not in (ACCOUNT.name, COMMUNITY) for kind in kinds)
