"""Stored exchanges a day at a time: straight from the files where these need no second look.

Days are files of Parquet in order of account, with texts in dictionaries: to take the rows of some
accounts out of them costs a tenth of asking a query engine for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.observing.aliases import resolved
from ingest.observing.derive import Window
from ingest.store.manifest import Manifest
from ingest.store.storage import Layout
from ingest.store.views import open_rows

__all__ = ["Days", "placed"]

TEXTS = ("model", "capability", "elicitation", "prompt_cluster")


@dataclass(frozen=True, eq=False)
class Days:
    """The exchanges of a snapshot within a window, day by day.

    ``aliased``: whether ids must be resolved to accounts, by ``con`` (see ``prepare_aliases``).
    """

    con: duckdb.DuckDBPyConnection
    layout: Layout
    manifest: Manifest
    window: Window
    aliased: bool

    @property
    def names(self) -> list[str]:
        """The days that the window touches, in order."""
        return [day for day in self.manifest.of("exchange") if self.window.touches_day(day)]

    def tables(self, columns: Sequence[str], *, unit: str | None = None) -> Iterator[pa.Table]:
        """One table a day with ``account`` (code), ``ts`` and some more columns; in no order.

        Args:
            columns: Which columns more.
            unit: An id of another system holds for the whole of it, such as ``hour``.
        """
        for day in self.names:
            bucket = self.manifest.buckets["exchange", day]
            plain = bucket.clean and not self.aliased and self.window.holds_day(day)
            yield (
                _read(bucket.paths(self.layout), columns)
                if plain
                else self._asked(day, columns, unit)
            )

    def _asked(self, day: str, columns: Sequence[str], unit: str | None) -> pa.Table:
        rows = open_rows(self.con, self.layout, self.manifest, "exchange", buckets=[day])
        moment = f"date_trunc('{unit}', ts)" if unit else "ts"
        query = (
            f"SELECT account, {moment} AS moment, {', '.join(columns)} FROM {rows} "
            f"WHERE {self.window.condition('ts', register=False)}"
        )
        if self.aliased:
            query = resolved(query, "moment", unit=unit)
        found = self.con.sql(f"SELECT * RENAME (moment AS ts) FROM ({query})").to_arrow_table()
        return _with_dictionaries(found)


def placed(
    table: pa.Table, codes: NDArray[np.int64], positions: NDArray[np.int32]
) -> NDArray[np.int32]:
    """The position of each row's account, -1 where it is none of these.

    Args:
        table: Rows with an ``account``; cheap where they come in runs of one account.
        codes: Codes of accounts, ascending.
        positions: Their positions.
    """
    account = table["account"].to_numpy()
    if not len(account) or not len(codes):
        return np.full(len(account), -1, np.int32)
    begin = np.flatnonzero(np.r_[True, account[1:] != account[:-1]])
    own = account[begin]
    at = np.minimum(np.searchsorted(codes, own), len(codes) - 1)
    found = np.where(codes[at] == own, positions[at], np.int32(-1))
    return np.repeat(found, np.diff(np.r_[begin, len(account)]))


def _read(paths: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    wanted = ["account", "ts", *columns]
    texts = [name for name in wanted if name in TEXTS]
    parts = [
        pq.read_table(path, columns=wanted, read_dictionary=texts, partitioning=None)
        for path in paths
    ]
    table = pa.concat_tables(parts, promote_options="permissive")
    for name in wanted:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), pa.string()))
    return _with_dictionaries(table.select(wanted))


def _with_dictionaries(table: pa.Table) -> pa.Table:
    for name in TEXTS:
        if name in table.column_names:
            column = table[name]
            if not pa.types.is_dictionary(column.type):
                column = column.dictionary_encode()
            at = table.column_names.index(name)
            table = table.set_column(at, name, column.unify_dictionaries())
    return table
