"""Any file through a mapping: typed accepted rows and rejected rows, exactly accounted for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from graph_models.errors import BadDataError
from ingest import sql
from ingest.formats.columnar import ParquetFile, open_parquet
from ingest.formats.pipes import ahead
from ingest.formats.records import Records, Say
from ingest.formats.sniff import FileForm, sniff
from ingest.mapping.compile import Compiled, Roots
from ingest.mapping.dispatch import Dispatched, Router
from ingest.mapping.model import Mapping
from ingest.mapping.reading import Counts, KindTable, Reading, finish

__all__ = [
    "KindTable",
    "Reading",
    "json_roots",
    "read_file",
    "read_lines",
    "read_shared",
    "typed_parquet",
]

_NUMBERS = itertools.count(1)


def read_file(
    con: duckdb.DuckDBPyConnection, path: Path, mapping: Mapping, *, now: datetime
) -> Reading:
    """Read one file into tables; every record is accepted or rejected, once.

    Args:
        con: where the tables are made; nothing else of it is touched.
        path: Parquet, CSV or JSON lines, plain, gzip or zstd; told by its bytes.
        mapping: how its records become events.
        now: the clock; times over 24 hours later are no times.

    Raises:
        BadDataError: the file is refused as a whole; nothing was read.
    """
    return read_shared(con, path, Router((mapping,), named=True), now=now)


def read_shared(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    router: Router,
    *,
    chosen: int = 0,
    now: datetime,
    say: Say | None = None,
) -> Reading:
    """Read those records of a file that one of several mappings knows; see ``read_file``.

    Args:
        con: where the tables are made.
        path: the file. Only JSON lines are shared: other files have one header.
        router: the mappings, best first.
        chosen: whose records to read; the first also gets what no mapping can read.
        now: the clock.
        say: called with the records of text read so far, and their share where it is known.
    """
    form, mapping = sniff(path), router.mappings[chosen]
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
    records = Records(path, form, mapping.delimiter)
    records.say = say
    if form.format == "csv":
        return _read_csv(con, records, mapping, now)
    if router.named and not mapping.enveloped:
        return _read_json(con, records, mapping, now)
    records.enveloped = True
    return _read_json(con, Dispatched(records, router, chosen), mapping, now)


def _read_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, form: FileForm, mapping: Mapping, now: datetime
) -> Reading:
    with open_parquet(path, form) as file:
        failure: Exception | None = None
        for roots in file.ways(con):
            compiled = Compiled(mapping, roots, now)
            _require_columns(path, compiled)
            file.refuse_bomb(compiled.used_columns)
            try:
                return finish(con, compiled, Counts(file.rows, (), file.filled))
            except duckdb.Error as error:
                failure = error
    raise BadDataError(
        "The Parquet file cannot be read.", where=str(path), fix=str(failure)[:300]
    ) from failure


@contextmanager
def typed_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, mapping: Mapping, *, now: datetime
) -> Iterator[tuple[ParquetFile, Compiled] | None]:
    """A Parquet file that a mapping reads, and the mapping over its columns; None for others.

    ``refuse_bomb`` of the file is still to be asked before its values are read.

    Raises:
        BadDataError: it is refused as a whole.
    """
    form = sniff(path)
    if form.format != "parquet" or "parquet" not in mapping.formats:
        yield None
        return
    if now.tzinfo is not None:
        now = now.astimezone(UTC).replace(tzinfo=None)
    with open_parquet(path, form) as file:
        compiled = Compiled(mapping, next(file.ways(con)), now)
        _require_columns(path, compiled)
        yield file, compiled


def _read_csv(
    con: duckdb.DuckDBPyConnection, records: Records, mapping: Mapping, now: datetime
) -> Reading:
    stream, names = f"stream_{next(_NUMBERS)}", records.schema().names[1:]
    roots = {name[2:]: (sql.name(name), "VARCHAR") for name in names}
    compiled = Compiled(mapping, Roots(stream, roots), now)
    _require_columns(records.path, compiled)
    records.known = frozenset(compiled.used_columns)
    return _read_stream(con, records, compiled, stream)


def _read_json(
    con: duckdb.DuckDBPyConnection, records: Records | Dispatched, mapping: Mapping, now: datetime
) -> Reading:
    stream = f"stream_{next(_NUMBERS)}"
    return _read_stream(con, records, Compiled(mapping, json_roots(stream, mapping), now), stream)


def _read_stream(
    con: duckdb.DuckDBPyConnection, records: Records | Dispatched, compiled: Compiled, stream: str
) -> Reading:
    schema = records.schema()
    batches = ahead(records.batches(schema))
    con.register(stream, pa.RecordBatchReader.from_batches(schema, batches))
    try:
        return finish(con, compiled, records)
    except duckdb.Error as error:
        raise records.failure or BadDataError(
            "The file cannot be read.", where=str(records.path), fix=str(error)[:300]
        ) from error
    finally:
        con.unregister(stream)


def read_lines(
    con: duckdb.DuckDBPyConnection, lines: Sequence[str], mapping: Mapping, *, now: datetime
) -> Reading:
    """Read records that are JSON texts already, such as a sample; see ``read_file``."""
    stream, number = f"stream_{next(_NUMBERS)}", range(1, len(lines) + 1)
    given = pa.table({"row": pa.array(number, pa.int64()), "line": pa.array(lines, pa.string())})
    now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo is not None else now
    con.register(stream, given)
    try:
        compiled = Compiled(mapping, json_roots(stream, mapping), now)
        return finish(con, compiled, Counts(len(lines), (), {}))
    finally:
        con.unregister(stream)


def json_roots(stream: str, mapping: Mapping) -> Roots:
    """The top-level values of JSON lines as text, each line parsed once; nested ones as JSON."""
    names = sorted({path.root for path in mapping.paths} | _flat_names(mapping))
    listed = ", ".join(sql.text(sql.json_path([name])) for name in names)
    found = f"(SELECT row, TRY(json_extract_string(line, [{listed}])) AS d FROM {stream})"
    columns = {name: (f"d[{index}]", "VARCHAR") for index, name in enumerate(names, start=1)}
    return Roots(found, columns, "CASE WHEN d IS NULL THEN 'json_broken' END", keyed=True)


def _flat_names(mapping: Mapping) -> set[str]:
    return {path.segments[0] for path in mapping.paths if len(path.segments) == 1}


def _require_columns(path: Path, compiled: Compiled) -> None:
    """A file without a column that every row needs is refused once, not row by row."""
    missing = compiled.emitted[0].lacks
    if missing:
        there = ", ".join(ascii(name)[1:-1] for name in list(compiled.roots.columns)[:40])
        raise BadDataError(
            f"There is no column for {', '.join(missing)}.",
            where=f"{path} as {compiled.mapping.id}",
            fix=f"Its columns are: {there}. Choose another mapping, or write one.",
        )
