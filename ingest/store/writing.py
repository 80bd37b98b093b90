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

from ingest.direct.kernels import packed_again
from ingest.events import EventKind
from ingest.store.packages import ROW_GROUP, Part, named_part
from ingest.store.staging import stored_schema
from ingest.store.storage import sync_folder

__all__ = ["LEFT_OUT", "MOST_DAYS", "DayWriter"]

MOST_DAYS = 200  # of one file; each has an open file and a buffer
LEFT_OUT = -(2**31)
# Numbers of which nearly every row has one of its own: no dictionary is tried.
_OWN = frozenset({"row", "row_hash", "event", "prompt_key", "ts"})
_RANDOM = frozenset({"row_hash", "event", "prompt_key"})  # hashes do not get smaller
_SOUGHT = ("ts", "row", "account", "account_id")  # what readers choose row groups by
_EPOCH = np.datetime64("1970-01-01", "D")


@dataclass
class _Day:
    """The part of one day as it grows."""

    path: Path
    writer: pq.ParquetWriter
    rows: int = 0
    total: int = 0
    folded: int = 0
    events: list[NDArray[np.int64]] = field(default_factory=list)

    def count(self, hashes: NDArray[np.int64], events: NDArray[np.int64]) -> None:
        """Add the hashes and ids of a run."""
        self.rows += len(hashes)
        self.total = (self.total + int(hashes.view(np.uint64).sum())) % 2**64
        self.folded ^= int(np.bitwise_xor.reduce(hashes))
        self.events.append(events)


class DayWriter:
    """Writes the rows of one event kind of one load, as they come, one file a day."""

    def __init__(self, event: EventKind, folder: Path, *, own: frozenset[str]) -> None:
        """``own`` names text columns with a value of its own in nearly every row."""
        self.event, self.folder = event, folder / event.name
        self.names = stored_schema(event).names
        self.schema = pa.schema([_kind(item, own) for item in stored_schema(event)])
        self.filled: set[str] = set()
        self.days: dict[int, _Day] = {}

    def add(self, rows: pa.Table, days: NDArray[np.int32]) -> None:
        """Write rows with the columns of ``stored_schema``, any text of them packed.

        Args:
            rows: one chunk a column; held at once.
            days: since 1970 of each row; ``LEFT_OUT`` for rows that are not written.
        """
        kept = np.flatnonzero(days != LEFT_OUT)
        if not len(kept):
            return
        columns = {item.name: _Column.of(rows[item.name], item.type) for item in self.schema}
        self.filled.update(name for name, column in columns.items() if column.has_values(kept))
        accounts = rows["account"].combine_chunks().fill_null(2**63 - 1).to_numpy()
        order = kept[np.argsort(accounts[kept], kind="stable")]
        hashes, events = rows["row_hash"].to_numpy(), rows["event"].to_numpy()
        first, last = int(days[kept].min()), int(days[kept].max())
        for number in [first] if first == last else np.unique(days[kept]).tolist():
            own = order if first == last else order[days[order] == number]
            self._day(number).count(hashes[own], events[own])
            self._write(self._day(number).writer, columns, own)

    def _day(self, number: int) -> _Day:
        if number not in self.days:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f".{number}.new"
            self.days[number] = _Day(path, self._open(path))
        return self.days[number]

    def _open(self, path: Path) -> pq.ParquetWriter:
        packing = {name: "NONE" if name in _RANDOM else "ZSTD" for name in self.names}
        packed = [f.name for f in self.schema if f.name not in _OWN and f.type != pa.string()]
        return pq.ParquetWriter(
            path,
            self.schema,
            compression=packing,
            use_dictionary=packed,
            write_statistics=[name for name in _SOUGHT if name in self.names],
            store_schema=False,
        )

    def _write(
        self, writer: pq.ParquetWriter, columns: dict[str, _Column], rows: NDArray[np.int64]
    ) -> None:
        for start in range(0, len(rows), ROW_GROUP):
            own = rows[start : start + ROW_GROUP]
            group = [column.taken(own) for column in columns.values()]
            writer.write_table(pa.table(group, schema=self.schema), ROW_GROUP)

    def finish(self) -> tuple[Part, ...]:
        """Write what waits and name the parts by their content, in the order of the days."""
        parts = [self._part(number, day) for number, day in sorted(self.days.items())]
        if parts:
            sync_folder(self.folder)
        return tuple(parts)

    def _part(self, number: int, day: _Day) -> Part:
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


@dataclass(frozen=True)
class _Column:
    """A column of a run, of which rows are taken. ``indices`` (-1 for null) are of ``values``."""

    values: Any
    kind: pa.DataType
    indices: NDArray[np.int32] | None = None
    places: NDArray[np.int32] | None = None

    @classmethod
    def of(cls, column: pa.ChunkedArray, kind: pa.DataType) -> _Column:
        values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if not pa.types.is_dictionary(kind):
            return cls(values.cast(kind), kind)
        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode()
        indices = values.indices.fill_null(-1).to_numpy()
        return cls(values.dictionary, kind, indices, np.full(len(values.dictionary), -1, np.int32))

    def has_values(self, rows: NDArray[np.int64]) -> bool:
        """Whether one of the rows has a value."""
        if self.indices is not None:
            return bool((self.indices[rows] >= 0).any())
        return len(self.values) - self.values.null_count > 0 and (
            not self.values.null_count or self.values.take(pa.array(rows)).null_count < len(rows)
        )

    def taken(self, rows: NDArray[np.int64]) -> Any:
        """The values of some rows; packed ones over those words only that they use."""
        if self.indices is None or self.places is None:
            return self.values.take(pa.array(rows))
        found, words = packed_again(self.indices, rows, self.places)
        indices = pa.array(found, mask=found < 0)
        return pa.DictionaryArray.from_arrays(indices, self.values.take(pa.array(words)))


def _kind(item: pa.Field, own: frozenset[str]) -> pa.Field:
    packed = item.type == pa.string() and item.name not in own
    return pa.field(item.name, pa.dictionary(pa.int32(), pa.string()) if packed else item.type)


def _distinct(events: list[NDArray[np.int64]]) -> int:
    every = np.concatenate(events) if len(events) > 1 else events[0].copy()
    every.sort()
    return int(1 + np.count_nonzero(np.diff(every)))
