"""A typed Parquet file in one pass: judged, coded and written chunk by chunk, in bounded memory.

Rows of which every value is good go straight to the parts; the others, with their numbers, go
through the mapping's whole statement, which says what is wrong with them, or that nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph_models.buffers import text_buffers
from ingest import sql
from ingest.direct.kernels import LONGEST_ID, SHIFTS, SINES, md5_codes
from ingest.direct.plan import Plan
from ingest.direct.values import Judge, Known, OddFileError
from ingest.formats.sniff import unpacked_limit
from ingest.mapping.compile import Compiled
from ingest.mapping.reading import Counts, Reading, finish
from ingest.store.memory import rows_at_a_time
from ingest.store.staging import stored_schema
from ingest.store.writing import LEFT_OUT, MOST_DAYS, DayWriter

__all__ = ["Direct", "copy_rows"]

DAY = 86_400_000_000  # microseconds
# Rows that the whole statement may see, as a share of the file, before it gets the file as it is.
MOST_ODD = 0.1
_EPOCH = np.datetime64("1970-01-01", "D")
Say = Callable[[int, float], None]


@dataclass(frozen=True)
class Direct:
    """What the direct way gave: the open writer, and the odd rows, read by the whole statement."""

    writer: DayWriter
    odd: Reading | None


def copy_rows(
    con: duckdb.DuckDBPyConnection, plan: Plan, folder: Path, known: Known, *, say: Say
) -> Direct | None:
    """Write the good rows of a file; None when it is none for this way, and nothing is left.

    Args:
        con: where odd rows are read.
        plan: the file and its columns.
        folder: the folder of the load.
        known: what is remembered from file to file.
        say: called with the rows read so far, and their share of all.
    """
    rows = rows_at_a_time()
    own = frozenset(s.name for s in plan.sources if s.kind == "text" and not s.packed)
    writer = DayWriter(plan.event, folder, own=own)
    copy = _Copy(con, plan, writer, known)
    try:
        done = 0
        for chunk in _chunks(plan, rows):
            copy.add(chunk, done)
            done += len(chunk)
            say(done, done / plan.file.rows)
        return Direct(writer, copy.odd())
    except (OddFileError, pa.ArrowException, UnicodeDecodeError):
        writer.drop()
        return None
    except BaseException:
        writer.drop()
        raise


def _chunks(plan: Plan, rows: int) -> Iterator[pa.Table]:
    """Runs of whole row groups, or pieces of one that is too large, of at most about ``rows``."""
    names = sorted({source.root for source in plan.sources})
    packed = [source.root for source in plan.sources if source.packed]
    meta = plan.file.file.metadata
    with pq.ParquetFile(plan.file.path, read_dictionary=packed) as file:
        waiting: list[int] = []
        size = 0
        for group in range(meta.num_row_groups):
            here = meta.row_group(group).num_rows
            if waiting and size + here > rows:
                yield file.read_row_groups(waiting, columns=names, use_threads=False)
                waiting, size = [], 0
            if here > rows:
                batches = file.iter_batches(rows, [group], columns=names, use_threads=False)
                yield from (pa.Table.from_batches([batch]) for batch in batches)
            else:
                waiting, size = [*waiting, group], size + here
        if waiting:
            yield file.read_row_groups(waiting, columns=names, use_threads=False)


@dataclass
class _Copy:
    """The state of one pass over a file."""

    con: duckdb.DuckDBPyConnection
    plan: Plan
    writer: DayWriter
    known: Known
    judges: dict[str, Judge] = field(default_factory=dict)
    aside: list[pa.Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = self.plan.compiled.now.replace(tzinfo=UTC).timestamp()
        self.unpacked, self.limit = 0, unpacked_limit(self.plan.file.path.stat().st_size)
        answers = self.known.answers
        self.judges = {
            s.name: Judge(self.con, s, now, answers.setdefault(s.question, {}))
            for s in self.plan.sources
        }
        self.hashed = [c for c in self.plan.event.columns if not c.hidden]

    def add(self, chunk: pa.Table, before: int) -> None:
        """Write the good rows of a chunk that follows ``before`` rows; put the others aside."""
        self._refuse_bomb(chunk)
        found, good = {}, np.ones(len(chunk), np.bool_)
        for source in self.plan.sources:
            found[source.name], fits = self.judges[source.name].judged(_whole(chunk[source.root]))
            good &= fits
        _refuse_endless(found[self.plan.event.id_columns[0]])
        row = pa.array(np.arange(before + 1, before + len(chunk) + 1))
        if not good.all():
            self._put_aside(chunk.append_column("row", row), good)
        if good.any():
            self._write(pa.table(found), row, good)

    def _refuse_bomb(self, chunk: pa.Table) -> None:
        """Packed columns stay so here; a file that may be a bomb is counted elsewhere."""
        for column in chunk.columns:
            for piece in column.chunks if pa.types.is_dictionary(column.type) else ():
                longest = pc.max(pc.binary_length(piece.dictionary)).as_py() or 0
                self.unpacked += longest * len(piece)
        if self.unpacked > self.limit:
            raise OddFileError("it may be a bomb")

    def _put_aside(self, chunk: pa.Table, good: NDArray[np.bool_]) -> None:
        odd = chunk.filter(pa.array(~good))
        columns = [_texts(_whole(c)) if _is_text(c.type) else c for c in odd.columns]
        self.aside.append(pa.table(columns, names=odd.column_names))
        if sum(len(table) for table in self.aside) > MOST_ODD * self.plan.file.rows:
            raise OddFileError("too many odd rows")

    # ---- good rows

    def _write(self, found: pa.Table, row: pa.Array, good: NDArray[np.bool_]) -> None:
        stamps = _whole(found[self.plan.event.ts]).cast(pa.int64()).fill_null(0).to_numpy()
        days = np.where(good, stamps // DAY, LEFT_OUT).astype(np.int32)
        names, places = _named(days)
        if len(names) > MOST_DAYS:
            raise OddFileError("too many days")
        made = {
            "row": row,
            "row_hash": self._hashes(found),
            "event": self._events(found, names, places),
            "account": self._accounts(found),
        }
        columns = {name: found[name] for name in found.column_names} | made
        if self.plan.event.name == "exchange":
            columns |= _derived(columns) | self._prompt_keys(columns)
        schema = stored_schema(self.plan.event)
        arrays = [columns.get(f.name, pa.nulls(len(row), f.type)) for f in schema]
        self.writer.add(pa.table(arrays, names=schema.names), days)

    def _hashes(self, found: pa.Table) -> Any:
        there = set(found.column_names)
        values = [
            sql.name(c.name) if c.name in there else f"CAST(NULL AS {c.sql_type})"
            for c in self.hashed
        ]
        self.con.register("typed_rows", found)
        try:
            query = f"SELECT CAST(hash({', '.join(values)}) >> 1 AS BIGINT) AS h FROM typed_rows"
            return self.con.sql(query).to_arrow_table()["h"].combine_chunks()
        finally:
            self.con.unregister("typed_rows")

    def _events(
        self, found: pa.Table, names: NDArray[np.int32], places: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        data, offsets = text_buffers(_texts(_whole(found[self.plan.event.id_columns[0]])))
        spelled = [f"\x1f{_EPOCH + max(int(day), 0)}".encode() for day in names]
        ends = np.frombuffer(b"".join(spelled), np.uint8).reshape(len(spelled), -1)
        return md5_codes(data, offsets, places, ends, (SINES, SHIFTS))

    def _accounts(self, found: pa.Table) -> pa.Array:
        if "account_id" not in found.column_names:
            return pa.nulls(len(found), pa.int64())
        ids = _whole(found["account_id"])
        ids = ids if isinstance(ids, pa.DictionaryArray) else ids.dictionary_encode()
        known = self.known.account_codes(ids.dictionary.to_pylist())
        return pa.array(known).take(ids.indices)

    @staticmethod
    def _prompt_keys(columns: dict[str, Any]) -> dict[str, Any]:
        if "prompt_hash" not in columns:
            return {}
        hashes = _texts(_whole(columns["prompt_hash"]))
        nothing = np.zeros((1, 0), np.uint8), np.zeros(len(hashes), np.int32)
        _refuse_endless(hashes)
        found = md5_codes(*text_buffers(hashes), nothing[1], nothing[0], (SINES, SHIFTS))
        return {"prompt_key": pa.array(found, mask=np.asarray(hashes.is_null()))}

    # ---- odd rows

    def odd(self) -> Reading | None:
        """The rows that were put aside, read by the whole statement."""
        if not self.aside:
            return None
        table = pa.concat_tables(self.aside)
        self.con.register("odd_rows", table)
        try:
            roots = self.plan.file.roots(self.con, "odd_rows")
            whole = self.plan.compiled
            compiled = Compiled(whole.mapping, roots, whole.now)
            return finish(self.con, compiled, Counts(len(table), (), {}))
        finally:
            self.con.unregister("odd_rows")


def _named(days: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The days there are, and for each row the place of its own."""
    if days.min() == days.max():
        return days[:1], np.zeros(len(days), np.int32)
    names, places = np.unique(days, return_inverse=True)
    return names, places.astype(np.int32)


def _derived(columns: dict[str, Any]) -> dict[str, Any]:
    """What ``staging`` makes of an exchange without text."""
    made: dict[str, Any] = {}
    if "capability" in columns:
        given = _texts(_whole(columns["capability"]))
        source = pa.nulls(len(given), pa.string())
        if "capability_source" in columns:
            source = _texts(_whole(columns["capability_source"]))
        nothing = pa.scalar(None, pa.string())
        made["capability_source"] = pc.if_else(given.is_valid(), source.fill_null("given"), nothing)
    elif "capability_source" in columns:
        made["capability_source"] = pa.nulls(len(columns["row"]), pa.string())
    return made


def _refuse_endless(ids: Any) -> None:
    longest = pc.max(pc.binary_length(_texts(ids))).as_py()
    if longest is not None and longest > LONGEST_ID:
        raise OddFileError("an endless id")


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_dictionary, pa.types.is_string, pa.types.is_large_string)
    return any(test(kind) for test in tests)


def _texts(values: Any) -> Any:
    return values.cast(pa.string()) if values.type != pa.string() else values


def _whole(column: Any) -> Any:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if pa.types.is_dictionary(column.type) and column.num_chunks > 1:
        column = column.unify_dictionaries()
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        raise OddFileError("a column of over 2 GB")
    return array
