"""Which rows of which files speak of an account: what evidence without an identifier rests on."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING

import pandas as pd

from graph_models.codes import codes
from graph_models.kind import Kind
from ingest.events import event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Citation", "Citations", "register"]

Row = tuple[datetime | None, str, int]  # time, load, row


@dataclass(frozen=True)
class Citation:
    """Source rows: the first ones as (file, row), by time, and how many there are in all."""

    rows: tuple[tuple[str, int], ...]
    total: int


class Citations:
    """The rows of one snapshot, asked for again and again through one session.

    Opening a session and its views costs more than a question does, so they are kept until the
    last user lets go. Questions of several threads wait for each other.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._files = {load.load_id: load.file for load in snapshot.loads}
        self._lock = Lock()
        kept = ExitStack()
        self._con = kept.enter_context(session(snapshot.layout))
        weakref.finalize(self, kept.close)
        self._con.execute("SET parquet_metadata_cache = true")  # parts never change
        self._aliased = prepare_aliases(self._con, snapshot.layout, snapshot.manifest)

    def cite(
        self,
        event: str,
        accounts: Sequence[str],
        *,
        limit: int,
        since: date | None = None,
        total: int | None = None,
    ) -> Citation:
        """The rows of one event kind about some accounts.

        Args:
            event: Name of the event kind, such as ``account`` or ``exchange``.
            accounts: Account ids.
            limit: How many rows to name.
            since: A day before which there is none of them.
            total: How many there are, where that is known: no more days are then read than the
                first rows take.
        """
        if total is None:
            every = self._read(event, accounts, None)
            return Citation(self._named(every, limit), len(every))
        begin = "" if since is None else since.isoformat()
        days = [day for day in sorted(self.snapshot.manifest.of(event)) if day >= begin]
        found: list[Row] = []
        # Twice as many days each time: who is busy is found on the first one, who is not in a few.
        low, step = 0, 1
        while low < len(days) and len(found) < min(limit, total):
            found += self._read(event, accounts, days[low : low + step])
            low, step = low + step, 2 * step
        return Citation(self._named(found, limit), total)

    def cite_values(
        self, kind: Kind, values: Sequence[str], accounts: Sequence[str], *, limit: int
    ) -> Citation:
        """The rows in which some accounts used some values of a kind, private ones included."""
        rows: list[tuple[str, int]] = []
        for source in kind.sources:
            column = f'r."{source.columns[-1]}"'
            with self._lock:
                found = self._con.execute(
                    f"SELECT r.load_id, r.row FROM ({self._rows(source.event, None)}) r "
                    f"WHERE {_any_of(accounts)} AND list_contains(?, {column})",
                    [sorted(values)],
                ).fetchall()
            rows += [(self._files[load_id], int(row)) for load_id, row in found]
        return Citation(tuple(sorted(rows)[:limit]), len(rows))

    def by_day(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Exchanges of some accounts by day: columns day and exchanges, in order."""
        with self._lock:
            table = self._con.sql(
                "SELECT date_trunc('day', r.ts) AS day, count(*) AS exchanges "
                f"FROM ({self._rows('exchange', None)}) r WHERE {_any_of(accounts)} "
                "GROUP BY 1 ORDER BY 1"
            ).to_arrow_table()
        frame: pd.DataFrame = table.to_pandas()
        return frame.astype({"day": "datetime64[us]", "exchanges": "int64"})

    def _read(self, event: str, accounts: Sequence[str], days: Sequence[str] | None) -> list[Row]:
        with self._lock:
            found: list[Row] = self._con.execute(
                f"SELECT r.{event_named(event).ts}, r.load_id, r.row "
                f"FROM ({self._rows(event, days)}) r WHERE {_any_of(accounts)}"
            ).fetchall()
        return found

    def _rows(self, event: str, days: Sequence[str] | None) -> str:
        layout, manifest = self.snapshot.layout, self.snapshot.manifest
        rows = f"FROM {open_rows(self._con, layout, manifest, event, buckets=days)}"
        return resolved(rows, event_named(event).ts) if self._aliased else rows

    def _named(self, found: list[Row], limit: int) -> tuple[tuple[str, int], ...]:
        """By time, what has none last; ties by file and row."""
        found.sort(key=lambda row: (row[0] is None, row[0] or datetime.min, *row[1:]))
        return tuple((self._files[load_id], int(row)) for _, load_id, row in found[:limit])


def _any_of(accounts: Sequence[str]) -> str:
    """SQL: whether the row is of one of the accounts, in a form that skips parts without them."""
    return f"r.account IN ({', '.join(map(str, codes('account', sorted(accounts)).tolist()))})"


def register(snapshot: Snapshot, event: str) -> pd.DataFrame:
    """All rows that count of a small event kind (indicator, label, calendar), columns as events."""
    columns = ", ".join(f'"{column.name}"' for column in event_named(event).columns)
    with session(snapshot.layout) as con:
        view = open_rows(con, snapshot.layout, snapshot.manifest, event)
        frame: pd.DataFrame = con.sql(f"SELECT {columns} FROM {view} ORDER BY ALL").df()
    return frame
