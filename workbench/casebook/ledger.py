"""The table of entries: they are added at its end and read, never changed and never removed.

Two desks that add at the same moment race for one number; the second one looks again and takes the
next. So there is one order of everything, in which each entry names the hash of the one before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from sqlalchemy import Column, Engine, Integer, String, Table, Text, insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from graph_models.errors import CheckFailedError, StoreUnreachableError
from workbench.casebook.entry import FIRST, Draft, Entry, canonical
from workbench.casebook.rules import APPEND
from workbench.database import METADATA, make_tables

__all__ = ["TABLE", "Ledger", "Sign"]

TABLE = Table(
    "casebook_entries",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case", String(40), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("person", String(80), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("signature", Text, nullable=False),
)

Propose = Callable[[Sequence[Entry]], Draft]
"""Makes a draft of what the casebook holds now, or refuses; asked again when somebody was first."""
Sign = Callable[[str], str]
"""A signature over a hash."""


class Ledger:
    """The entries behind an engine. What was read is kept, because it can never change."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = Lock()
        self._known: tuple[Entry, ...] = ()
        make_tables(engine, [TABLE])

    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        with self._lock:
            known = self._known
            last = known[-1] if known else None
            fresh = self.read(since=last.number if last else 0)
            if last is not None:
                # The same casebook still ends, or goes on, where we left it; else begin anew.
                known, fresh = (known, fresh[1:]) if fresh[:1] == (last,) else ((), self.read())
            self._known = (*known, *fresh)
            return self._known

    def read(self, *, since: int = 0) -> tuple[Entry, ...]:
        """Entries from a number on, straight from the database.

        Raises:
            CheckFailedError: One of them is no entry any more.
            StoreUnreachableError: The database does not answer.
        """
        asked = select(TABLE).where(TABLE.c.number >= since).order_by(TABLE.c.number)
        return tuple(self._entries(self._rows(asked)))

    def rows(self) -> list[Mapping[str, Any]]:
        """All rows as the database has them, whatever they hold."""
        return self._rows(select(TABLE).order_by(TABLE.c.number))

    def add(self, propose: Propose, sign: Sign, *, at: str) -> Entry:
        """Add what ``propose`` makes of the casebook as it stands at that very moment."""
        for _ in range(APPEND.tries):
            so_far = self.entries()
            last = so_far[-1] if so_far else None
            draft = propose(so_far)
            entry = Entry.placed(
                draft,
                number=last.number + 1 if last else 1,
                previous=last.hash if last else FIRST,
                at=at,
            )
            if self._added(entry.sealed(sign(entry.hash))):
                return entry.sealed(sign(entry.hash))
        raise StoreUnreachableError(
            "The casebook is so busy that nothing can be added.", fix="Try again in a moment."
        )

    def _added(self, entry: Entry) -> bool:
        """Whether the entry took its place; False when another one has it."""
        row = {**vars(entry), "body": canonical(entry.body)}
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(TABLE), row)
        except IntegrityError:
            return False
        except OperationalError as error:
            raise _unreachable() from error
        return True

    def _rows(self, asked: Any) -> list[Mapping[str, Any]]:
        try:
            with self.engine.connect() as connection:
                return [dict(row) for row in connection.execute(asked).mappings()]
        except OperationalError as error:
            raise _unreachable() from error
        except DatabaseError as error:
            raise CheckFailedError(
                "The casebook's database is damaged.", fix="Restore it from a backup."
            ) from error

    def _entries(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
        for row in rows:
            try:
                yield Entry(**{**row, "body": json.loads(row["body"])})
            except (TypeError, ValueError) as error:
                raise CheckFailedError(
                    f"Entry {row['number']} of the casebook was altered.",
                    fix="See what stands in it: workbench case check",
                ) from error


def _unreachable() -> StoreUnreachableError:
    return StoreUnreachableError(
        "The casebook cannot be reached or written.",
        fix="Check its disk or server; nothing was added.",
    )
