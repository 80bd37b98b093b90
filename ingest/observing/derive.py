"""Derived tables of each day, named by what they derive from, so that a new day costs a day."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from graph_models import cleaning
from graph_models.codes import digest_text
from graph_models.kinds import KINDS
from ingest import sql
from ingest.events import event_named
from ingest.observing import coding, queries
from ingest.store import views
from ingest.store.manifest import Manifest
from ingest.store.packages import ALL, BY_DAY
from ingest.store.storage import Layout, parquet_list

__all__ = ["SIGHTED", "Derivation", "Derived", "Window"]

SIGHTINGS, VALUES, ACCOUNTS = "sightings_by_day", "identifier_values", "accounts_by_day"
SIGHTED = queries.EVENTS
COLUMNS = {
    SIGHTINGS: (
        ("account", "BIGINT"),
        ("code", "BIGINT"),
        ("day", "DATE"),
        ("count", "INTEGER"),
        ("first", "TIMESTAMP"),
        ("last", "TIMESTAMP"),
        ("claimed", "INTEGER"),
    ),
    VALUES: (("code", "BIGINT"), ("kind", "VARCHAR"), ("value", "VARCHAR")),
    ACCOUNTS: (
        ("account", "BIGINT"),
        ("account_id", "VARCHAR"),
        ("day", "DATE"),
        ("count", "BIGINT"),
        ("first", "TIMESTAMP"),
        ("last", "TIMESTAMP"),
    ),
}
CHUNK = 2_000_000  # rows at a time: bounds what the group-bys hold
# Files are sorted by code in small groups of rows, so that the totals of a range of codes are
# merged without reading the rest.
_ORDER = {SIGHTINGS: "code", VALUES: "code", ACCOUNTS: "account"}
_FORM = "FORMAT parquet, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 100"
# The rows of one day in a table of several.
_ON_DAY = {
    SIGHTINGS: "day = DATE {day}",
    VALUES: f"code IN (SELECT code FROM {SIGHTINGS} WHERE day = DATE {{day}})",
    ACCOUNTS: "day = DATE {day}",
}


@dataclass(frozen=True)
class Window:
    """``from_ <= ts < to``, naive UTC; None is open. A register counts from its beginning."""

    from_: datetime | None = None
    to: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether nothing is cut."""
        return self.from_ is None and self.to is None

    def holds_day(self, day: str) -> bool:
        """Whether a whole bucket lies inside."""
        if day == ALL:
            return self.open
        start = datetime.fromisoformat(day)
        end = start + timedelta(days=1)
        return (self.from_ is None or self.from_ <= start) and (self.to is None or end <= self.to)

    def touches_day(self, day: str) -> bool:
        """Whether any moment of a bucket lies inside."""
        if day == ALL:
            return True
        start = datetime.fromisoformat(day)
        end = start + timedelta(days=1)
        return (self.from_ is None or self.from_ < end) and (self.to is None or start < self.to)

    def condition(self, column: str, *, register: bool) -> str:
        """The SQL condition on a time column."""
        tests = []
        if self.from_ is not None and not register:
            tests.append(f"{column} >= TIMESTAMP {sql.text(self.from_.isoformat(sep=' '))}")
        if self.to is not None:
            tests.append(f"{column} < TIMESTAMP {sql.text(self.to.isoformat(sep=' '))}")
        return " AND ".join(tests) or "true"


@dataclass(frozen=True)
class Derived:
    """SQL queries over all days, each with an ``event`` column: the tables of ``COLUMNS``.

    Sightings also have ``told``: their count where the register of accounts tells it, else null.
    """

    sightings: str
    values: str
    accounts: str


@functools.cache
def _version() -> str:
    """Changes with the code that the derived tables follow from."""
    modules = [inspect.getmodule(kind.clean) for kind in KINDS]
    sources = {inspect.getsource(module) for module in modules if module is not None}
    sources |= {inspect.getsource(module) for module in (coding, views, cleaning)}
    form = (COLUMNS, _ORDER, _FORM, [(kind.sources, kind.plain) for kind in KINDS])
    return digest_text(*sorted(sources), queries.digest_of_texts(), repr(form))


class Derivation:
    """One session that makes the derived tables of a snapshot, from the cache where it can."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, window: Window
    ) -> None:
        self.con, self.layout, self.manifest, self.window = con, layout, manifest, window
        self.keeps = _writable(layout)
        self._queries: dict[str, list[str]] = {name: [_nothing(name)] for name in COLUMNS}

    def run(self, events: Collection[str] = SIGHTED) -> Derived:
        """Derive what is missing of some event kinds; returns queries over all of it."""
        for event in SIGHTED:
            if event in events:
                self._derive(event)
        return Derived(*(" UNION ALL ".join(self._queries[name]) for name in COLUMNS))

    def _derive(self, event: str) -> None:
        days = self._days(event)
        whole = [day for day in days if self.window.holds_day(day)]
        missing = [day for day in whole if not self._is_cached(event, day)]
        for chunk in self._chunks(event, missing):
            self._compute(event, chunk, Window())
            if self.keeps:
                self._keep(event, chunk)
            else:
                self._use_session(event, f"whole_{len(self._queries[SIGHTINGS])}")
        self._use_files(event, whole if self.keeps else sorted({*whole} - {*missing}))
        cut = sorted({*days} - {*whole})
        if cut:
            self._compute(event, cut, self.window)
            self._use_session(event, "cut")

    def key(self) -> str:
        """A name that changes with what is derived of any day."""
        files = (self._file(event, day, VALUES) for event in SIGHTED for day in self._days(event))
        return digest_text(*(path.name for path in files), size=12)

    def _days(self, event: str) -> list[str]:
        return [day for day in self.manifest.of(event) if self.window.touches_day(day)]

    def _chunks(self, event: str, days: Sequence[str]) -> Iterator[list[str]]:
        chunk: list[str] = []
        rows = 0
        for day in days:
            chunk.append(day)
            rows += self.manifest.buckets[event, day].rows
            if rows >= CHUNK:
                yield chunk
                chunk, rows = [], 0
        if chunk:
            yield chunk

    # ---- computing

    def _compute(self, event: str, days: Sequence[str], window: Window) -> None:
        """Leave the tables of ``COLUMNS`` for these days in the session."""
        view = views.open_rows(self.con, self.layout, self.manifest, event, buckets=days)
        if not window.open:
            condition = window.condition(event_named(event).ts, register=event not in BY_DAY)
            self.con.execute(
                f"CREATE OR REPLACE TEMP TABLE cut_rows AS SELECT * FROM {view} WHERE {condition}"
            )
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM cut_rows")
        for table in (SIGHTINGS, VALUES):
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({_declared(table)})")
        for place, asked in enumerate(queries.queries_of(event)):
            self._add_source(place, asked)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {ACCOUNTS} AS {queries.accounts_by_day_sql(event)}"
        )

    def _add_source(self, place: int, asked: queries.SourceQueries) -> None:
        grouped, coded = queries.grouped_name(place), queries.coded_name(place)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {grouped} AS {asked.grouped}")
        apart = coding.code_raws(self.con, place, asked.kind, f"SELECT DISTINCT raw FROM {grouped}")
        by_day = asked.by_day_apart if apart else asked.by_day
        self.con.execute(f"INSERT INTO {SIGHTINGS} {by_day}")
        select = "SELECT" if apart else "SELECT DISTINCT"
        self.con.execute(
            f"INSERT INTO {VALUES} {select} code, {sql.text(asked.kind.name)}, value FROM {coded}"
        )
        self.con.execute(f"DROP TABLE {grouped}")
        self.con.unregister(coded)

    # ---- the cache

    def _file(self, event: str, day: str, table: str) -> Path:
        key = digest_text(_version(), event, day, *self.manifest.hashes(event, day), size=12)
        return self.layout.cache / f"{event}-{day}-{key}.{table}.parquet"

    def _is_cached(self, event: str, day: str) -> bool:
        return all(self._file(event, day, table).exists() for table in COLUMNS)

    def _keep(self, event: str, days: Sequence[str]) -> None:
        for table in COLUMNS:
            for day in days:
                whole = day == ALL or len(days) == 1
                only = "true" if whole else _ON_DAY[table].format(day=sql.text(day))
                path = self._file(event, day, table)
                fresh = path.with_name(f".{os.getpid()}.{path.name}")
                target = sql.text(str(fresh))
                self.con.execute(
                    f"COPY (SELECT * FROM {table} WHERE {only} ORDER BY {_ORDER[table]}) "
                    f"TO {target} ({_FORM})"
                )
                fresh.replace(path)

    # ---- the result

    def _use_files(self, event: str, days: Sequence[str]) -> None:
        for table in COLUMNS if days else ():
            files = [self._file(event, day, table) for day in days]
            self._queries[table].append(f"SELECT {_names(table, event)} FROM {parquet_list(files)}")

    def _use_session(self, event: str, suffix: str) -> None:
        for table in COLUMNS:
            name = f"{table}_{event}_{suffix}"
            self.con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {table}")
            self._queries[table].append(f"SELECT {_names(table, event)} FROM {name}")


def _names(table: str, event: str) -> str:
    """The select list of a table of one event; what is the same in all rows costs no reading."""
    names = [f"{sql.text(event)} AS event", *(column for column, _ in COLUMNS[table])]
    if table == SIGHTINGS:
        told = "count" if event == "account" else "NULL"
        names.append(f"CAST({told} AS INTEGER) AS told")
    return ", ".join(names)


def _declared(table: str) -> str:
    return ", ".join(f"{column} {type_}" for column, type_ in COLUMNS[table])


def _nothing(table: str) -> str:
    columns = ", ".join(f"CAST(NULL AS {type_}) AS {name}" for name, type_ in COLUMNS[table])
    told = ", CAST(NULL AS INTEGER) AS told" if table == SIGHTINGS else ""
    return f"SELECT CAST(NULL AS VARCHAR) AS event, {columns}{told} WHERE false"


def _writable(layout: Layout) -> bool:
    try:
        layout.cache.mkdir(exist_ok=True)
    except OSError:
        return False
    return os.access(layout.cache, os.W_OK)
