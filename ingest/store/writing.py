"""Rows as stored, written day by day while a file is read: a part holds a run after a run.

A run is sorted by account, so that few row groups are read where a few accounts are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.events import EventKind
from ingest.store.packages import ROW_GROUP, Part, named_part
from ingest.store.staging import stored_schema
from ingest.store.storage import sync_folder

__all__ = ["MOST_DAYS", "DayWriter"]

MOST_DAYS = 200  # of one file; each has an open file and a buffer
# Columns in which nearly every row has a value of its own: no dictionary is tried.
_OWN_VALUES = frozenset({"row", "row_hash", "event", "prompt_key"})
_RANDOM = frozenset({"row_hash", "event"})  # hashes do not get smaller
_EPOCH = np.datetime64("1970-01-01", "D")


@dataclass
class _Day:
    """The part of one day as it grows. ``waiting`` are rows that are not written yet."""

    path: Path
    writer: pq.ParquetWriter
    rows: int = 0
    total: int = 0
    folded: int = 0
    events: list[NDArray[np.int64]] = field(default_factory=list)
    waiting: list[pa.Table] = field(default_factory=list)

    @property
    def waits(self) -> int:
        """How many rows wait."""
        return sum(len(table) for table in self.waiting)


class DayWriter:
    """Writes the rows of one event kind of one load, in runs of at most ``run`` rows a day."""

    def __init__(self, event: EventKind, folder: Path, *, own: frozenset[str], run: int) -> None:
        """``own`` names columns with a value of its own in nearly every row, beside ours."""
        self.event, self.folder, self.run = event, folder / event.name, run
        self.schema = stored_schema(event)
        self.packed = [name for name in self.schema.names if name not in own | _OWN_VALUES]
        self.filled: set[str] = set()
        self.days: dict[int, _Day] = {}

    def add(self, rows: pa.Table, days: NDArray[np.int32]) -> None:
        """Take rows with the columns of ``stored_schema``; ``days`` since 1970 of each."""
        self.filled.update(n for n in rows.column_names if rows[n].null_count < len(rows))
        first, last = (int(days.min()), int(days.max())) if len(days) else (0, -1)
        found = range(first, last + 1) if first == last else np.unique(days).tolist()
        for number in found:
            day = self._day(number)
            own = rows if first == last else rows.filter(pa.array(days == number))
            if day.waits + len(own) > self.run:
                self._flush(day)
            day.waiting.append(own)

    def _day(self, number: int) -> _Day:
        if number not in self.days:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f".{number}.new"
            self.days[number] = _Day(path, self._open(path))
        return self.days[number]

    def _open(self, path: Path) -> pq.ParquetWriter:
        packing = {n: "NONE" if n in _RANDOM else "ZSTD" for n in self.schema.names}
        return pq.ParquetWriter(
            path, self.schema, compression=packing, use_dictionary=self.packed, store_schema=False
        )

    def _flush(self, day: _Day) -> None:
        if not day.waiting:
            return
        table = _joined(day.waiting)
        day.waiting.clear()
        hashes = table["row_hash"].to_numpy()
        day.rows += len(table)
        day.total = (day.total + int(hashes.view(np.uint64).sum())) % 2**64
        day.folded ^= int(np.bitwise_xor.reduce(hashes))
        day.events.append(table["event"].to_numpy())
        accounts = table["account"].combine_chunks().fill_null(2**63 - 1).to_numpy()
        order = pa.array(np.argsort(accounts, kind="stable"))
        columns = [_taken(table[item.name], order, item.type) for item in self.schema]
        day.writer.write_table(pa.table(columns, schema=self.schema), ROW_GROUP)

    def finish(self) -> tuple[Part, ...]:
        """Write what waits and name the parts by their content, in the order of the days."""
        parts = [self._part(number, day) for number, day in sorted(self.days.items())]
        if parts:
            sync_folder(self.folder)
        return tuple(parts)

    def _part(self, number: int, day: _Day) -> Part:
        self._flush(day)
        day.writer.close()
        bucket = str(_EPOCH + number)
        return Part(
            event=self.event.name,
            bucket=bucket,
            name=f"{self.event.name}/{named_part(day.path, bucket)}",
            rows=day.rows,
            distinct=_distinct(day.events),
            total=day.total,
            folded=day.folded,
        )

    def drop(self) -> None:
        """Close what is open; the files stay behind without a name of their own."""
        for day in self.days.values():
            day.writer.close()
            day.path.unlink(missing_ok=True)


def _joined(tables: list[pa.Table]) -> pa.Table:
    """One table; a column that is packed in some of them only is unpacked."""
    if any(table.schema != tables[0].schema for table in tables):
        tables = [table.cast(_unpacked(table.schema)) for table in tables]
    return pa.concat_tables(tables)


def _unpacked(schema: pa.Schema) -> pa.Schema:
    kinds = (f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in schema)
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


def _taken(column: pa.ChunkedArray, order: pa.Array, kind: pa.DataType) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries().combine_chunks()
        return column.dictionary.take(column.indices.take(order))
    return column.combine_chunks().take(order).cast(kind)


def _distinct(events: list[NDArray[np.int64]]) -> int:
    every = np.concatenate(events) if len(events) > 1 else events[0].copy()
    every.sort()
    return int(1 + np.count_nonzero(np.diff(every)))
