"""Any file through a mapping: typed accepted rows and rejected rows, exactly accounted for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from graph_models.errors import BadDataError
from ingest import sql
from ingest.columnar import open_parquet
from ingest.compile import Compiled, Roots
from ingest.mapping import Mapping
from ingest.quarantine import reason_table
from ingest.records import Bad, Records
from ingest.sniff import FileForm, sniff

__all__ = ["Reading", "read_file"]

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file gave. ``accepted`` and ``rejected`` name temporary tables of the connection.

    ``accepted``: row (1-based record number), every column of the event kind, row_hash.
    ``rejected``: row, column ('' for the whole record), code, reason, fix, value.
    ``skipped`` rows are those that ``[where]`` says are none of this mapping's.
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

    @property
    def rows(self) -> int:
        """Accepted and rejected rows."""
        return self.accepted_rows + self.rejected_rows

    def drop(self, con: duckdb.DuckDBPyConnection) -> None:
        """Drop both tables."""
        con.execute(f"DROP TABLE IF EXISTS {self.accepted}")
        con.execute(f"DROP TABLE IF EXISTS {self.rejected}")


def read_file(
    con: duckdb.DuckDBPyConnection, path: Path, mapping: Mapping, *, now: datetime
) -> Reading:
    """Read one file into two tables; every record is in one of them, once.

    Args:
        con: where the tables are made; nothing else of it is touched.
        path: Parquet, CSV or JSON lines, plain, gzip or zstd; told by its bytes.
        mapping: how its records become events.
        now: the clock; times over 24 hours later are no times.

    Raises:
        BadDataError: the file is refused as a whole; nothing was read.
    """
    form = sniff(path)
    if form.format not in mapping.formats:
        raise BadDataError(
            f"{mapping.id} reads {', '.join(mapping.formats)}; this is {form.format}.",
            where=str(path),
            fix="Choose another mapping: workbench sources detect FILE",
        )
    if now.tzinfo is not None:
        now = now.astimezone(UTC).replace(tzinfo=None)
    if form.format == "parquet":
        return _read_parquet(con, path, form, mapping, now)
    return _read_text(con, Records(path, form, mapping.delimiter), mapping, now)


def _read_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, form: FileForm, mapping: Mapping, now: datetime
) -> Reading:
    with open_parquet(path, form) as file:
        failure: Exception | None = None
        for roots in file.ways(con):
            compiled = Compiled(mapping, roots, now)
            _require_columns(path, compiled)
            try:
                return _finish(con, compiled, _Counts(file.rows, (), file.filled))
            except duckdb.Error as error:
                failure = error
    raise BadDataError(
        "The Parquet file cannot be read.", where=str(path), fix=str(failure)[:300]
    ) from failure


def _read_text(
    con: duckdb.DuckDBPyConnection, records: Records, mapping: Mapping, now: datetime
) -> Reading:
    schema, stream = records.schema(), f"stream_{next(_NUMBERS)}"
    if records.is_csv:
        roots = {name[2:]: (sql.name(name), "VARCHAR") for name in schema.names[1:]}
        compiled = Compiled(mapping, Roots(stream, roots), now)
        _require_columns(records.path, compiled)
        records.known = frozenset(compiled.used_columns)
    else:
        compiled = Compiled(mapping, json_roots(stream, mapping), now)
    con.register(stream, pa.RecordBatchReader.from_batches(schema, records.batches(schema)))
    try:
        return _finish(con, compiled, records)
    except duckdb.Error as error:
        raise records.failure or BadDataError(
            "The file cannot be read.", where=str(records.path), fix=str(error)[:300]
        ) from error
    finally:
        con.unregister(stream)


def json_roots(stream: str, mapping: Mapping) -> Roots:
    """The top-level values of JSON lines as text, each line parsed once; nested ones as JSON."""
    names = sorted({path.root for path in mapping.paths} | _flat_names(mapping))
    listed = ", ".join(sql.text(sql.json_path([name])) for name in names)
    lines = _unwrapped(stream, mapping) if mapping.unwrap else f"SELECT row, line FROM {stream}"
    found = f"(SELECT row, TRY(json_extract_string(line, [{listed}])) AS d FROM ({lines}))"
    columns = {name: (f"d[{index}]", "VARCHAR") for index, name in enumerate(names, start=1)}
    return Roots(found, columns, "CASE WHEN d IS NULL THEN 'json_broken' END")


def _flat_names(mapping: Mapping) -> set[str]:
    return {path.segments[0] for path in mapping.paths if len(path.segments) == 1}


def _unwrapped(stream: str, mapping: Mapping) -> str:
    """Records inside envelopes: the first of ``unwrap`` that a line has, else the line itself."""
    ways = []
    for path in mapping.unwrap:
        each = path.segments[-1] == "[*]"
        inner = sql.json_path(path.segments[:-1] if each else path.segments)
        found = f"TRY(json_extract(line, {sql.text(inner)}))"
        many = f"nullif(TRY(json_extract(line, {sql.text(inner + '[*]')})), [])"
        ways.append(many if each else f"CASE WHEN {found} IS NOT NULL THEN [{found}] END")
    items = f"coalesce({', '.join(ways)}, [CAST(line AS JSON)])"
    whole = f"CASE WHEN json_valid(line) THEN {items} ELSE [NULL] END"
    return f"SELECT row, CAST(unnest({whole}) AS VARCHAR) AS line FROM {stream}"


def _require_columns(path: Path, compiled: Compiled) -> None:
    """A file without a column that every row needs is refused once, not row by row."""
    missing = [name for name in compiled.mapping.event.required if name not in compiled.fields]
    if missing:
        there = ", ".join(ascii(name)[1:-1] for name in list(compiled.roots.columns)[:40])
        raise BadDataError(
            f"There is no column for {', '.join(missing)}.",
            where=f"{path} as {compiled.mapping.id}",
            fix=f"Its columns are: {there}. Choose another mapping, or write one.",
        )


@dataclass(frozen=True)
class _Counts:
    """What is known of a file beside its rows."""

    rows: int
    bad: tuple[Bad, ...]
    keys: Table[str, int]


def _finish(
    con: duckdb.DuckDBPyConnection, compiled: Compiled, counts: _Counts | Records
) -> Reading:
    number = next(_NUMBERS)
    accepted, rejected = f"accepted_{number}", f"rejected_{number}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {accepted} AS {compiled.select()}")
    mapped = _count(con, accepted)
    _put_aside(con, accepted, rejected, counts.bad)
    con.execute(f"DELETE FROM {accepted} WHERE problem IS NOT NULL")
    con.execute(f"ALTER TABLE {accepted} DROP COLUMN problem")
    rejected_rows, accepted_rows = _count(con, rejected), _count(con, accepted)
    # An envelope gives more records than lines.
    skipped = max(counts.rows - mapped - len(counts.bad), 0)
    assert not skipped or compiled.mapping.where or compiled.mapping.unwrap, "a row got lost"
    used = compiled.used_columns
    unknown = {name: count for name, count in sorted(counts.keys.items()) if name not in used}
    return Reading(
        kind=compiled.mapping.emits,
        accepted=accepted,
        rejected=rejected,
        accepted_rows=accepted_rows,
        rejected_rows=rejected_rows,
        skipped=skipped,
        unknown_columns=unknown,
        lacking=_lacking(con, accepted, compiled),
        warnings=_warnings(accepted_rows + rejected_rows, skipped, unknown),
    )


def _put_aside(
    con: duckdb.DuckDBPyConnection, accepted: str, rejected: str, bad: Sequence[Bad]
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
        f"FROM (SELECT row, problem.* FROM {accepted} WHERE problem IS NOT NULL "
        f'UNION ALL BY NAME SELECT row, "column", code, value FROM {stream}) '
        f"LEFT JOIN {reason_table()} USING (code) ORDER BY row"
    )
    con.unregister(stream)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _lacking(con: duckdb.DuckDBPyConnection, accepted: str, compiled: Compiled) -> tuple[str, ...]:
    """Columns without a single value: not in the file, or empty throughout."""
    names = [column.name for column in compiled.mapping.event.columns]
    counted = ", ".join(f"count({sql.name(name)})" for name in names)
    counts = con.execute(f"SELECT {counted} FROM {accepted}").fetchall()[0]
    return tuple(name for name, count in zip(names, counts, strict=True) if not count)


def _warnings(rows: int, skipped: int, unknown: Table[str, int]) -> tuple[str, ...]:
    found = []
    if not rows:
        found.append("The file has no rows.")
    if skipped:
        found.append(f"{skipped:,} rows are none of this mapping's (its [where]).")
    if unknown:
        listed = ", ".join(ascii(name)[1:-1][:60] for name in list(unknown)[:20])
        found.append(f"Not kept, because the mapping does not list them: {listed}.")
    return tuple(found)
