"""Parquet files: checked by their footer first, read by DuckDB, by Arrow where text is damaged."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from graph_models.errors import BadDataError
from ingest import sql
from ingest.compile import Roots
from ingest.headers import check_names
from ingest.sniff import FREE_BYTES, MAX_RATIO, FileForm, blocks

__all__ = ["ParquetFile", "open_parquet"]

# Every row has an id of its own, so it takes bytes; a run-length bomb claims rows that take none.
FREE_ROWS = 10_000_000
MAX_ROWS_PER_BYTE = 4
_NESTED = ("STRUCT", "MAP", "UNION")
_BATCH = 65_536


@dataclass
class ParquetFile:
    """A checked Parquet file. ``filled`` counts the values of each top-level column."""

    path: Path
    file: pq.ParquetFile
    rows: int
    filled: Mapping[str, int] = field(default_factory=dict)

    def ways(self, con: duckdb.DuckDBPyConnection) -> Iterator[Roots]:
        """The relation to map: DuckDB's own reader first, then one that expects damaged text."""
        scan = f"read_parquet({sql.glob_literal(self.path)}, file_row_number = true)"
        yield self._roots(con, f"(SELECT *, file_row_number + 1 AS row FROM {scan})")
        con.register("damaged", self._as_bytes())
        try:
            yield self._roots(con, "damaged")
        finally:
            con.unregister("damaged")

    def _roots(self, con: duckdb.DuckDBPyConnection, relation: str) -> Roots:
        described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        columns, broken = {}, []
        for name, kind, *_ in described:
            if name in self.filled:
                column = sql.name(name)
                columns[name] = _as_text(column, kind)
                if kind == "BLOB":
                    broken.append(f"{column} IS NOT NULL AND TRY(decode({column})) IS NULL")
        code = f"CASE WHEN {sql.any_of(broken)} THEN 'encoding' END"
        return Roots(relation, columns, code if broken else "CAST(NULL AS VARCHAR)")

    def _as_bytes(self) -> pa.RecordBatchReader:
        schema = pa.schema(
            [*(field.with_type(_bytes_type(field.type)) for field in self.file.schema_arrow)]
        )
        numbered = schema.append(pa.field("row", pa.int64()))

        def batches() -> Iterator[pa.RecordBatch]:
            start = 1
            for batch in self.file.iter_batches(_BATCH):
                row = pa.array(range(start, start + len(batch)), pa.int64())
                start += len(batch)
                columns = [c.cast(f.type) for c, f in zip(batch.columns, schema, strict=True)]
                yield pa.RecordBatch.from_arrays([*columns, row], schema=numbered)

        return pa.RecordBatchReader.from_batches(numbered, batches())


def _bytes_type(kind: pa.DataType) -> pa.DataType:
    return pa.binary() if pa.types.is_string(kind) or pa.types.is_large_string(kind) else kind


def _as_text(column: str, kind: str) -> tuple[str, str]:
    """SQL and type of a column as the mapping gets it: nested values as JSON text."""
    if kind.startswith(_NESTED) or kind.endswith("]"):
        return f"CAST(to_json({column}) AS VARCHAR)", "VARCHAR"
    if kind == "BLOB":
        return f"TRY(decode({column}))", "VARCHAR"
    return (column, "VARCHAR") if kind.startswith("ENUM") else (column, kind)


@contextmanager
def open_parquet(path: Path, form: FileForm) -> Iterator[ParquetFile]:
    """A checked Parquet file, decompressed to a private place first where it is packed.

    Raises:
        BadDataError: it is damaged or encrypted, its names are doubled, or it would burst.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        plain = path
        if form.compression:
            plain = Path(folder) / "unpacked.parquet"
            with plain.open("wb") as out:
                out.writelines(blocks(path, form.compression))
        try:
            with pq.ParquetFile(plain) as file:
                yield _checked(path, plain, file)
        except (pa.ArrowException, OSError) as error:
            raise BadDataError(
                "The Parquet file is damaged or encrypted.", where=str(path), fix=str(error)[:200]
            ) from error


def _checked(path: Path, plain: Path, file: pq.ParquetFile) -> ParquetFile:
    meta = file.metadata
    names = check_names(path, list(file.schema_arrow.names))
    groups = [meta.row_group(index) for index in range(meta.num_row_groups)]
    decoded = sum(group.total_byte_size for group in groups)
    size = plain.stat().st_size
    too_many = meta.num_rows > max(FREE_ROWS, MAX_ROWS_PER_BYTE * size)
    if too_many or decoded > max(FREE_BYTES, MAX_RATIO * size):
        raise BadDataError(
            f"The file would decode to {meta.num_rows:,} rows and {decoded:,} bytes.",
            where=str(path),
            fix="This looks like a decompression bomb. If it is not, split it.",
        )
    filled: Counter[str] = Counter(dict.fromkeys(names, 0))
    for group in groups:
        for index in range(group.num_columns):
            chunk = group.column(index)
            nulls = chunk.statistics.null_count if chunk.statistics else 0
            top = chunk.path_in_schema.split(".")[0]
            filled[top if top in filled else chunk.path_in_schema] += group.num_rows - (nulls or 0)
    return ParquetFile(plain, file, meta.num_rows, filled)
