"""Parquet files: checked by their footer first, read by DuckDB, by Arrow where text is damaged."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph_models.errors import BadDataError
from ingest import sql
from ingest.formats.headers import check_names
from ingest.formats.parquet_pages import Page, pages
from ingest.formats.sniff import FREE_BYTES, FileForm, blocks, bomb, unpacked_limit
from ingest.mapping.compile import Roots

__all__ = ["ParquetFile", "open_parquet"]

# Every row has an id of its own, so it takes bytes; a run-length bomb claims rows that take none.
FREE_ROWS = 10_000_000
MAX_ROWS_PER_BYTE = 4
MAX_PAGE = 128 << 20  # bytes of an unpacked page: writers stop at 1 MB, DuckDB at 100
SAMPLED = 500  # rows that detection looks at
_NESTED = ("STRUCT", "MAP", "UNION")
_BATCH = 65_536
_WIDEST_NUMBER = 16  # bytes; none of ours is wider


@dataclass
class ParquetFile:
    """A checked Parquet file. ``filled`` counts the values of each top-level column."""

    path: Path
    file: pq.ParquetFile
    rows: int
    filled: Mapping[str, int] = field(default_factory=dict)

    def refuse_bomb(self, columns: Collection[str], *, packed: Collection[str] = ()) -> None:
        """Refuse the file when the named columns decode to far more than it is.

        The bound that follows from the pages is enough for most files; where it is not, the values
        are counted, dictionaries kept as they are. Columns that stay ``packed`` do not count.

        Raises:
            BadDataError: it is a bomb, or a page is damaged.
        """
        limit, leaves = unpacked_limit(self.path.stat().st_size), list(self._leaves(columns))
        leaves = [leaf for leaf in leaves if leaf.path not in packed]
        if sum(leaf.most for leaf in leaves) <= limit:
            return
        if sum(min(leaf.most, self._at_most(leaf)) for leaf in leaves) <= limit:
            return
        total = 0
        for leaf in leaves:
            total += self._counted(leaf, limit - total) if leaf.longest else leaf.most
            if total > limit:
                raise bomb(self.path, limit)

    def sample(self, size: int = SAMPLED) -> list[dict[str, Any]]:
        """The first rows as Python values; fewer where a row may be huge.

        Raises:
            BadDataError: they alone are more than a file may hold.
        """
        leaves = list(self._leaves(self.filled))
        size = min([size, *(leaf.rows_of(FREE_BYTES, self.rows) for leaf in leaves if leaf.nested)])
        texts = [leaf.path for leaf in leaves if leaf.longest and not leaf.nested]
        with pq.ParquetFile(self.path, read_dictionary=texts) as file:
            batch = next(file.iter_batches(size, use_threads=False), None)
        if batch is None:
            return []
        if sum(_value_bytes(column) for column in batch.columns) > FREE_BYTES:
            raise bomb(self.path, FREE_BYTES)
        columns = (_python_values(column) for column in batch.columns)
        return [
            dict(zip(batch.schema.names, row, strict=True)) for row in zip(*columns, strict=True)
        ]

    def _leaves(self, columns: Collection[str]) -> Iterator[_Leaf]:
        meta, size = self.file.metadata, self.path.stat().st_size
        with self.path.open("rb") as raw:
            for index in range(meta.num_columns):
                column = meta.schema.column(index)
                if column.path.split(".")[0] not in columns:
                    continue
                groups = (meta.row_group(g).column(index) for g in range(meta.num_row_groups))
                leaf = _Leaf.of(column, [page for chunk in groups for page in pages(raw, chunk)])
                if leaf.widest > MAX_PAGE or leaf.values > max(FREE_ROWS, MAX_ROWS_PER_BYTE * size):
                    raise bomb(self.path, MAX_PAGE)
                yield leaf

    def _at_most(self, leaf: _Leaf) -> int:
        """Bytes at most of a leaf: every value may be the longest of its row group's dictionary."""
        if leaf.nested or not leaf.longest:
            return leaf.most
        if not leaf.texts:
            return leaf.plain + _WIDEST_NUMBER * leaf.values
        total = leaf.plain
        with pq.ParquetFile(self.path, read_dictionary=[leaf.path]) as file:
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                one = next(file.iter_batches(1, [group], [leaf.path], use_threads=False), None)
                if one is not None:
                    lengths = pc.binary_length(one.column(0).dictionary)
                    total += rows * int(pc.max(lengths).as_py() or 0)
        return total

    def _counted(self, leaf: _Leaf, limit: int) -> int:
        """Bytes of the values of a leaf, as far as ``limit``."""
        total = 0
        rows, packed = _BATCH, [leaf.path]
        if leaf.nested:  # their dictionaries would hide in lists: a few rows at a time, unpacked
            rows, packed = min(_BATCH, leaf.rows_of(FREE_BYTES, self.rows)), []
        with pq.ParquetFile(self.path, read_dictionary=packed) as file:
            for batch in file.iter_batches(rows, columns=[leaf.path], use_threads=False):
                total += sum(_value_bytes(column) for column in batch.columns)
                if total > limit:
                    break
        return total

    def ways(self, con: duckdb.DuckDBPyConnection) -> Iterator[Roots]:
        """The relation to map: DuckDB's own reader first, then one that expects damaged text."""
        scan = f"read_parquet({sql.glob_literal(self.path)}, file_row_number = true)"
        yield self.roots(con, f"(SELECT *, file_row_number + 1 AS row FROM {scan})")
        con.register("damaged", self._as_bytes())
        try:
            yield self.roots(con, "damaged")
        finally:
            con.unregister("damaged")

    def roots(self, con: duckdb.DuckDBPyConnection, relation: str) -> Roots:
        """The columns of a relation that has ``row`` and rows of this file."""
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


@dataclass(frozen=True)
class _Leaf:
    """A column of values, by its pages: how many, ``plain`` bytes, the ``longest`` dictionary."""

    path: str
    values: int
    plain: int
    longest: int
    widest: int
    texts: bool

    @classmethod
    def of(cls, column: Any, found: Sequence[Page]) -> _Leaf:
        return cls(
            path=column.path,
            texts=column.physical_type == "BYTE_ARRAY",
            values=sum(page.values for page in found if not page.dictionary),
            plain=sum(page.size for page in found),
            longest=max((page.size for page in found if page.dictionary), default=0),
            widest=max((page.size for page in found), default=0),
        )

    @property
    def nested(self) -> bool:
        return "." in self.path

    @property
    def most(self) -> int:
        """Bytes at most: every value may be all of the dictionary."""
        return self.plain + self.values * self.longest

    def rows_of(self, size: int, rows: int) -> int:
        """How many rows are surely no more than ``size`` bytes; one at least."""
        return max(1, size * rows // max(self.most, 1))


def _python_values(column: pa.Array) -> list[Any]:
    """The values of an array; bytes that are no UTF-8 do not stop the others."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        if isinstance(column, pa.DictionaryArray):
            column = column.dictionary_decode()
        raw = column.cast(_bytes_type(column.type)).to_pylist()
        return [value if value is None else value.decode(errors="replace") for value in raw]


def _value_bytes(column: pa.Array) -> int:
    """Bytes of the values of an array, each counted as often as it occurs."""
    if isinstance(column, pa.DictionaryArray):
        lengths = pc.binary_length(column.dictionary)
        return int(pc.sum(lengths.take(column.indices)).as_py() or 0)
    return int(column.nbytes)


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
    if meta.num_rows > max(FREE_ROWS, MAX_ROWS_PER_BYTE * plain.stat().st_size):
        raise BadDataError(
            f"The file claims {meta.num_rows:,} rows in {plain.stat().st_size:,} bytes, as a "
            "decompression bomb does.",
            where=str(path),
            fix="If it is none, split it.",
        )
    filled: Counter[str] = Counter(dict.fromkeys(names, 0))
    for group in groups:
        for index in range(group.num_columns):
            chunk = group.column(index)
            nulls = chunk.statistics.null_count if chunk.statistics else 0
            top = chunk.path_in_schema.split(".")[0]
            filled[top if top in filled else chunk.path_in_schema] += group.num_rows - (nulls or 0)
    return ParquetFile(plain, file, meta.num_rows, filled)
