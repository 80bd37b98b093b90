"""Single exchanges and hours of a few accounts: read for those that are asked for, when asked."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import RowsOf, empty_table
from ingest import sql
from ingest.observing.aggregate import activity_sql
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.derive import Window
from ingest.observing.frames import typed
from ingest.store.manifest import Manifest
from ingest.store.storage import THREADS, Layout, session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Clusters", "readers"]

FEW = 64
"""Up to so many accounts are named in the query: groups of rows without them are skipped."""
MEMORY = "1GB"


@dataclass(frozen=True, eq=False)
class Clusters:
    """Where the prompt clusters of exchanges stand among the identifiers.

    ``code`` → ``position``: the clusters by code. ``key`` → ``key_position``: by the hash of the
    prompt, those of our own clusterer. Codes and keys ascend.
    """

    code: NDArray[np.int64]
    position: NDArray[np.int32]
    key: NDArray[np.int64]
    key_position: NDArray[np.int32]

    def of(self, given: pa.ChunkedArray, keys: pa.ChunkedArray) -> NDArray[np.int32]:
        """The position of each exchange's cluster, or -1; a cluster that is given holds."""
        words = pc.dictionary_encode(given).combine_chunks()
        own = codes(PROMPT_CLUSTER.name, words.dictionary)
        by_name = np.append(_found(self.code, self.position, own), np.int32(-1))
        named = by_name[pc.fill_null(words.indices, len(own)).to_numpy(zero_copy_only=False)]
        hashed = _found(self.key, self.key_position, pc.fill_null(keys, 0).to_numpy())
        derived = np.where(keys.is_valid().to_numpy(), hashed, np.int32(-1))
        return np.where(given.is_valid().to_numpy(), named, derived).astype(np.int32)


def _found(
    keys: NDArray[np.int64], positions: NDArray[np.int32], asked: NDArray[np.int64]
) -> NDArray[np.int32]:
    if not len(keys):
        return np.full(len(asked), -1, dtype=np.int32)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, positions[place], np.int32(-1))


class _Desk:
    """One session over the exchanges of a snapshot, opened with the first question."""

    def __init__(self, snapshot: Snapshot, window: Window) -> None:
        self.snapshot, self.window = snapshot, window
        self._lock = Lock()
        self._con: duckdb.DuckDBPyConnection | None = None
        self._aliased, self._stored = False, ""
        self._held = ExitStack()
        weakref.finalize(self, self._held.close)

    def ask(
        self,
        accounts: NDArray[np.int64],
        positions: NDArray[np.int32],
        columns: str,
        query: Callable[[str], str],
        unit: str | None = None,
    ) -> pa.Table:
        """The answer to a query over the exchanges of some accounts.

        Args:
            accounts: Their codes.
            positions: Their positions: the column account of the rows that the query sees.
            columns: What is selected of the stored rows beside account; times are ``moment``.
            query: Name of the relation → SQL.
            unit: What ``moment`` is cut to.
        """
        with self._lock:
            con = self._opened()
            # Two threads on a few rows of many files spend most of their time on waiting.
            con.execute(f"SET threads = {1 if len(accounts) <= FEW else THREADS}")
            con.register("wanted", pa.table({"account": accounts, "position": positions}))
            rows = self._rows(accounts, columns, unit)
            return con.sql(f"WITH asked AS ({rows}) {query('asked')}").to_arrow_table()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._con is None:
            layout, manifest = self.snapshot.layout, self.snapshot.manifest
            con = self._held.enter_context(session(layout, memory=MEMORY))
            con.execute("SET parquet_metadata_cache = true")
            self._stored = _one_form(layout, manifest) or open_rows(
                con, layout, manifest, "exchange"
            )
            self._aliased = prepare_aliases(con, layout, manifest)
            self._con = con
        return self._con

    def _rows(self, accounts: NDArray[np.int64], columns: str, unit: str | None) -> str:
        where = self.window.condition("ts", register=False)
        rows = (
            f"SELECT account, {columns} FROM {self._stored} "
            f"WHERE {where} AND account IN ({self._ids(accounts)})"
        )
        if self._aliased:
            rows = resolved(rows, "moment", unit=unit)
        return (
            "SELECT r.* REPLACE (w.position AS account) "
            f"FROM ({rows}) r JOIN wanted w ON r.account = w.account"
        )

    def _ids(self, accounts: NDArray[np.int64]) -> str:
        """SQL: the ids under which the accounts may be logged."""
        own = (
            ", ".join(map(str, accounts.tolist()))
            if len(accounts) <= FEW and not self._aliased
            else "SELECT account FROM wanted"
        )
        if not self._aliased:
            return own
        return f"{own} UNION SELECT external FROM alias_of WHERE account IN ({own})"


def _one_form(layout: Layout, manifest: Manifest) -> str | None:
    """SQL of the exchanges as they are stored, where no row is twice and all parts are of a form.

    To join columns by name over the parts of months takes longer than to read two accounts.
    """
    buckets = manifest.of("exchange").values()
    paths = [path for bucket in buckets for path in bucket.paths(layout)]
    if not paths or not all(bucket.clean for bucket in buckets):
        return None
    first, *others = (pq.read_schema(path) for path in paths)
    if any(not other.equals(first) for other in others):
        return None
    files = ", ".join(sql.glob_literal(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def readers(
    snapshot: Snapshot, window: Window, ids: NDArray[np.int64], clusters: Clusters
) -> tuple[RowsOf, RowsOf]:
    """The ``activity_of`` and the ``exchanges_of`` of a snapshot's observations.

    Args:
        snapshot: Whose exchanges are read.
        window: Which of them count.
        ids: (accounts,) the code of each account.
        clusters: Where their prompt clusters stand.
    """
    desk = _Desk(snapshot, window)

    def activity_of(positions: NDArray[np.int32]) -> pd.DataFrame:
        wanted = np.unique(np.asarray(positions, dtype=np.int32))
        if not len(wanted):
            return empty_table("activity")
        found = desk.ask(ids[wanted], wanted, HOURS, _hourly, unit="hour")
        return typed(found.to_pandas(), "activity")

    def exchanges_of(positions: NDArray[np.int32]) -> pd.DataFrame:
        wanted = np.unique(np.asarray(positions, dtype=np.int32))
        if not len(wanted):
            return empty_table("exchanges")
        found = desk.ask(ids[wanted], wanted, SINGLE, _single)
        own = clusters.of(found["prompt_cluster"], found["prompt_key"])
        frame = found.drop_columns(["prompt_cluster", "prompt_key"]).to_pandas()
        return typed(frame.assign(cluster=own), "exchanges")

    return activity_of, exchanges_of


HOURS = (
    "date_trunc('hour', ts) AS moment, model, capability, elicitation, input_tokens, output_tokens"
)
SINGLE = "ts AS moment, prompt_cluster, prompt_key, model, capability, elicitation, row_hash"


def _hourly(rows: str) -> str:
    sums = ("exchanges", "elicited", "input_tokens", "output_tokens")
    added = ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in sums)
    return (
        f"SELECT account, hour, model, capability, {added} FROM ({activity_sql(rows)}) "
        "ORDER BY account, hour, model, capability"
    )


def _single(rows: str) -> str:
    return (
        "SELECT account, moment AS ts, prompt_cluster, prompt_key, "
        "coalesce(prompt_key, 0) AS prompt, model, capability, "
        f"elicitation IS NOT NULL AS elicited FROM {rows} ORDER BY account, moment, row_hash"
    )
