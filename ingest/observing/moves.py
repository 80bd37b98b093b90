"""Which models accounts used around a moment: counted a day at a time in one DuckDB session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from ingest.observing.aliases import prepare_aliases, resolved
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Moves", "moves"]

_MEMORY = "1GB"


class Moves:
    """Exchanges of all accounts within spans of time, of one snapshot."""

    def __init__(self, con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
        self._con, self._snapshot = con, snapshot
        self._aliased = prepare_aliases(con, snapshot.layout, snapshot.manifest)
        con.execute(
            "CREATE TEMP TABLE counted (account BIGINT, account_id VARCHAR, part VARCHAR, "
            "exchanges BIGINT, on_model BIGINT, first TIMESTAMP)"
        )

    def days(self, start: datetime, stop: datetime) -> list[str]:
        """The days with exchanges that a span touches, in order."""
        low, high = start.date().isoformat(), stop.date().isoformat()
        return [day for day in sorted(self._snapshot.manifest.of("exchange")) if low <= day <= high]

    def rows(self, day: str) -> int:
        """How many exchanges a day holds."""
        return self._snapshot.manifest.buckets["exchange", day].rows

    def count(self, day: str, part: str, span: tuple[datetime, datetime], model: str) -> None:
        """Count the exchanges of a day within a span, and those on a model, under a name."""
        layout, manifest = self._snapshot.layout, self._snapshot.manifest
        view = open_rows(self._con, layout, manifest, "exchange", buckets=[day])
        query = f"SELECT account, account_id, ts, model FROM {view}"
        if self._aliased:
            query = resolved(query, "ts", named=True)
        self._con.execute(
            "INSERT INTO counted SELECT account, any_value(account_id), ?, count(*), "
            "count(*) FILTER (WHERE model = ?), min(ts) FILTER (WHERE model = ?) "
            f"FROM ({query}) WHERE ts >= ? AND ts < ? GROUP BY account",
            [part, model, model, *span],
        )

    def counted(self) -> pd.DataFrame:
        """By account: account, and for before and after exchanges, on_model, first."""
        frame: pd.DataFrame = self._con.execute(
            "SELECT any_value(account_id) AS account, "
            "coalesce(sum(exchanges) FILTER (WHERE part = 'before'), 0)::BIGINT AS before, "
            "coalesce(sum(on_model) FILTER (WHERE part = 'before'), 0)::BIGINT AS on_it_before, "
            "coalesce(sum(exchanges) FILTER (WHERE part = 'after'), 0)::BIGINT AS after, "
            "coalesce(sum(on_model) FILTER (WHERE part = 'after'), 0)::BIGINT AS on_it_after, "
            "min(first) FILTER (WHERE part = 'after') AS first_use "
            "FROM counted GROUP BY account ORDER BY 1"
        ).df()
        return frame

    def models(self) -> Sequence[str]:
        """The models of the newest day that has exchanges, for a helpful refusal."""
        days = sorted(self._snapshot.manifest.of("exchange"))
        if not days:
            return []
        layout, manifest = self._snapshot.layout, self._snapshot.manifest
        view = open_rows(self._con, layout, manifest, "exchange", buckets=days[-1:])
        found = self._con.execute(
            f"SELECT DISTINCT model FROM {view} WHERE model IS NOT NULL ORDER BY model LIMIT 20"
        ).fetchall()
        return [str(row[0]) for row in found]


@contextmanager
def moves(snapshot: Snapshot) -> Iterator[Moves]:
    """A session of its own, which gives its memory back."""
    with session(snapshot.layout, memory=_MEMORY) as con:
        yield Moves(con, snapshot)
