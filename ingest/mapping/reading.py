"""What comes of reading a file: tables of events and of rejected records, and their accounts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingest import sql
from ingest.formats.records import Bad, Records
from ingest.mapping.compile import BROKEN_TEXT, Compiled
from ingest.mapping.dispatch import UNKNOWN, Dispatched
from ingest.mapping.emitted import Emitted
from ingest.quarantine import reason_table

__all__ = ["Counts", "KindTable", "Reading", "finish", "unknown_of", "warnings_of"]

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class KindTable:
    """The events of one kind: a temporary table with row, the kind's columns and row_hash."""

    kind: str
    table: str
    rows: int
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file gave. ``accepted`` and ``rejected`` name temporary tables of the connection.

    ``accepted``: row (1-based record number), every column of the first event kind, row_hash;
    ``tables`` has one such table for each kind that the mapping emits, the first kind first.
    ``rejected``: row, column ('' for the whole record), code, reason, fix, value.
    ``accepted_rows`` counts records, of which each gave at least one event. ``skipped`` rows are
    those that ``[where]`` says are none of this mapping's. ``elsewhere`` counts the records that
    other mappings read, by their place among the candidates.
    """

    kind: str
    accepted: str
    rejected: str
    accepted_rows: int
    rejected_rows: int
    skipped: int
    unknown_columns: Table[str, int]
    lacking: tuple[str, ...]
    warnings: tuple[str, ...]
    tables: tuple[KindTable, ...]
    elsewhere: Table[int, int]

    @property
    def rows(self) -> int:
        """Accepted and rejected rows."""
        return self.accepted_rows + self.rejected_rows

    def drop(self, con: duckdb.DuckDBPyConnection) -> None:
        """Drop all tables."""
        for name in (*(item.table for item in self.tables), self.rejected):
            con.execute(f"DROP TABLE IF EXISTS {name}")


@dataclass(frozen=True)
class Counts:
    """What is known of a file beside its rows."""

    rows: int
    bad: tuple[Bad, ...]
    keys: Table[str, int]


def finish(
    con: duckdb.DuckDBPyConnection, compiled: Compiled, counts: Counts | Records | Dispatched
) -> Reading:
    """Run the statement, and sort what comes out into accepted events and rejected records."""
    number = next(_NUMBERS)
    mapped, rejected = f"mapped_{number}", f"rejected_{number}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {mapped} AS {compiled.select()}")
    every = _count(con, mapped)
    _put_aside(con, mapped, rejected, counts.bad)
    con.execute(f"DELETE FROM {mapped} WHERE problem IS NOT NULL")
    accepted_rows, broken_text = con.execute(
        f"SELECT count(*), count(*) FILTER ({BROKEN_TEXT}) FROM {mapped}"
    ).fetchall()[0]
    tables = _split(con, mapped, compiled)
    rejected_rows = _count(con, rejected)
    skipped = counts.rows - every - len(counts.bad)
    assert skipped >= 0, "a row came twice"
    assert not skipped or compiled.mapping.where, "a row got lost"
    unknown = unknown_of(compiled, counts.keys)
    warnings = warnings_of(accepted_rows + rejected_rows, skipped, broken_text, unknown)
    return Reading(
        kind=compiled.mapping.emits,
        accepted=tables[0].table,
        rejected=rejected,
        accepted_rows=accepted_rows,
        rejected_rows=rejected_rows,
        skipped=skipped,
        unknown_columns=unknown,
        lacking=tables[0].lacking,
        warnings=warnings,
        tables=tables,
        elsewhere=_elsewhere(counts),
    )


def _elsewhere(counts: Counts | Records | Dispatched) -> dict[int, int]:
    if not isinstance(counts, Dispatched):
        return {}
    others = (item for item in counts.found.items() if item[0] not in (counts.chosen, UNKNOWN))
    return dict(sorted(others))


def _split(
    con: duckdb.DuckDBPyConnection, mapped: str, compiled: Compiled
) -> tuple[KindTable, ...]:
    """One table for each kind of event, out of the one that has them side by side."""
    made = [_kind_table(con, mapped, item) for item in compiled.emitted]
    con.execute(f"DROP TABLE {mapped}")
    return tuple(made)


def _kind_table(con: duckdb.DuckDBPyConnection, mapped: str, item: Emitted) -> KindTable:
    table, event = f"accepted_{item.event.name}_{next(_NUMBERS)}", item.event
    names = [*(column.name for column in event.columns), "row_hash"]
    listed = ", ".join(f"{item.name(name)} AS {sql.name(name)}" for name in names)
    con.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row, {listed} FROM {mapped} WHERE {item.holds}"
    )
    counted = ", ".join(f"count({sql.name(column.name)})" for column in event.columns)
    rows, *counts = con.execute(f"SELECT count(*), {counted} FROM {table}").fetchall()[0]
    lacking = (c.name for c, count in zip(event.columns, counts, strict=True) if not count)
    return KindTable(kind=event.name, table=table, rows=rows, lacking=tuple(lacking))


def _put_aside(
    con: duckdb.DuckDBPyConnection, mapped: str, rejected: str, bad: Sequence[Bad]
) -> None:
    given = pa.table(
        {
            "row": pa.array([item.row for item in bad], pa.int64()),
            "column": pa.array([""] * len(bad), pa.string()),
            "code": pa.array([item.code for item in bad], pa.string()),
            "value": pa.array([item.value for item in bad], pa.string()),
        }
    )
    stream = f"bad_{rejected}"
    con.register(stream, given)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {rejected} AS "
        f'SELECT row, "column", code, reason, fix, value '
        f"FROM (SELECT row, problem.* FROM {mapped} WHERE problem IS NOT NULL "
        f'UNION ALL BY NAME SELECT row, "column", code, value FROM {stream}) '
        f"LEFT JOIN {reason_table()} USING (code) ORDER BY row"
    )
    con.unregister(stream)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def unknown_of(compiled: Compiled, keys: Table[str, int]) -> dict[str, int]:
    """Columns that the mapping does not read, and in how many rows they have a value."""
    used = compiled.used_columns
    return {name: count for name, count in sorted(keys.items()) if name not in used}


def warnings_of(
    rows: int, skipped: int, broken_text: int, unknown: Table[str, int]
) -> tuple[str, ...]:
    """What to say of a file: nothing in it, rows of others, broken texts, columns not kept."""
    found = []
    if not rows:
        found.append("The file has no rows.")
    if skipped:
        found.append(f"{skipped:,} rows are none of this mapping's (its [where]).")
    if broken_text:
        found.append(f"{broken_text:,} rows hold text that should be JSON and is not.")
    if unknown:
        listed = ", ".join(ascii(name)[1:-1][:60] for name in list(unknown)[:20])
        found.append(f"Not kept, because the mapping does not list them: {listed}.")
    return tuple(found)
