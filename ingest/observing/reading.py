"""Single exchanges and hours of some accounts: read for those that are asked for, when asked."""

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
from graph_models.observations import empty_table
from graph_models.tallies import Counted, Tally
from ingest import sql
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.daily import Days, placed
from ingest.observing.derive import Window
from ingest.observing.frames import typed
from ingest.observing.queries import activity_sql
from ingest.observing.tallying import tally_days
from ingest.store.manifest import Manifest
from ingest.store.storage import THREADS, Layout, session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Clusters", "Readers"]

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


@dataclass(frozen=True, eq=False)
class _Asked:
    """Accounts: ``code`` and ``position`` of each, both (accounts,)."""

    code: NDArray[np.int64]
    position: NDArray[np.int32]

    @property
    def by_code(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Codes, ascending, and the positions that go with them."""
        order = np.argsort(self.code)
        return self.code[order], self.position[order]


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What is asked of exchanges.

    ``columns``: those it needs beside account and ``ts``; ``query``: name of the relation → SQL,
    where times are ``moment``; ``unit``: what these are cut to.
    """

    columns: tuple[str, ...]
    query: Callable[[str], str]
    unit: str | None = None

    @property
    def listed(self) -> str:
        """SQL: what is selected of the stored rows."""
        moment = f"date_trunc('{self.unit}', ts)" if self.unit else "ts"
        return ", ".join(("account", f"{moment} AS moment", *self.columns))


class _Desk:
    """One session over the exchanges of a snapshot, opened with the first question."""

    def __init__(self, snapshot: Snapshot, window: Window) -> None:
        self.snapshot, self.window = snapshot, window
        self._lock = Lock()
        self._con: duckdb.DuckDBPyConnection | None = None
        self._aliased, self._stored = False, ""
        self._held = ExitStack()
        weakref.finalize(self, self._held.close)

    def ask(self, asked: _Asked, question: _Question) -> pa.Table:
        """The answer to a question about the exchanges of some accounts."""
        with self._lock:
            con = self._opened()
            few = len(asked.code) <= FEW
            # Two threads on a few rows of many files spend most of their time on waiting.
            con.execute(f"SET threads = {1 if few else THREADS}")
            if self._stored and not self._aliased and not few:
                return self._picked(asked, question)
            con.register("wanted", pa.table({"account": asked.code, "position": asked.position}))
            rows = self._rows(asked.code, question)
            return con.sql(f"WITH asked AS ({rows}) {question.query('asked')}").to_arrow_table()

    def tally(self, asked: _Asked, counted: Counted) -> Tally:
        """How often all accounts did what habits are told by."""
        with self._lock:
            self._opened()
            return tally_days(self._days(), *asked.by_code, counted)

    def _days(self) -> Days:
        snapshot = self.snapshot
        return Days(self._opened(), snapshot.layout, snapshot.manifest, self.window, self._aliased)

    def _picked(self, asked: _Asked, question: _Question) -> pa.Table:
        """The answer where no row is twice and ids are accounts: rows are picked from the files."""
        codes, positions = asked.by_code
        parts = []
        for table in self._days().tables(question.columns):
            position = placed(table, codes, positions)
            kept = np.flatnonzero(position >= 0)
            rows = table.take(kept).drop_columns("account")
            parts.append(rows.append_column("account", pa.array(position[kept])))
        rows = f"SELECT {question.listed} FROM picked"
        # In a session of its own, which gives its memory back; the desk's is kept for the next.
        with session(self.snapshot.layout, memory=MEMORY) as con:
            con.register("picked", pa.concat_tables(parts).unify_dictionaries())
            parts.clear()
            return con.sql(f"WITH asked AS ({rows}) {question.query('asked')}").to_arrow_table()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._con is None:
            layout, manifest = self.snapshot.layout, self.snapshot.manifest
            con = self._held.enter_context(session(layout, memory=MEMORY))
            con.execute("SET parquet_metadata_cache = true")
            self._stored = _one_form(layout, manifest)
            if not self._stored:
                open_rows(con, layout, manifest, "exchange")
            self._aliased = prepare_aliases(con, layout, manifest)
            self._con = con
        return self._con

    def _rows(self, accounts: NDArray[np.int64], question: _Question) -> str:
        stored = self._stored or "rows_exchange"
        rows = (
            f"SELECT {question.listed} FROM {stored} "
            f"WHERE {self.window.condition('ts', register=False)} "
            f"AND account IN ({self._ids(accounts)})"
        )
        if self._aliased:
            rows = resolved(rows, "moment", unit=question.unit)
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


def _one_form(layout: Layout, manifest: Manifest) -> str:
    """SQL of the exchanges as stored, where no row is twice and all parts are of a form; or empty.

    To join columns by name over the parts of months takes longer than to read two accounts.
    """
    buckets = manifest.of("exchange").values()
    paths = [path for bucket in buckets for path in bucket.paths(layout)]
    if not paths or not all(bucket.clean for bucket in buckets):
        return ""
    first, *others = (pq.read_schema(path) for path in paths)
    if any(not other.equals(first) for other in others):
        return ""
    files = ", ".join(sql.glob_literal(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


class Readers:
    """What a snapshot's observations read when they are asked (see ``Observations``).

    Args:
        snapshot: Whose exchanges are read.
        window: Which of them count.
        ids: (accounts,) the code of each account.
        clusters: Where their prompt clusters stand.
    """

    def __init__(
        self, snapshot: Snapshot, window: Window, ids: NDArray[np.int64], clusters: Clusters
    ) -> None:
        self._desk, self._ids, self._clusters = _Desk(snapshot, window), ids, clusters

    def activity_of(self, positions: NDArray[np.int32]) -> pd.DataFrame:
        """The hours of some accounts: ``COLUMNS["activity"]``."""
        if not len(positions):
            return empty_table("activity")
        return typed(self._desk.ask(self._asked(positions), HOURS).to_pandas(), "activity")

    def exchanges_of(self, positions: NDArray[np.int32]) -> pd.DataFrame:
        """The single exchanges of some accounts: ``COLUMNS["exchanges"]``."""
        if not len(positions):
            return empty_table("exchanges")
        found = self._desk.ask(self._asked(positions), SINGLE)
        own = self._clusters.of(found["prompt_cluster"], found["prompt_key"])
        frame = found.drop_columns(["prompt_cluster", "prompt_key"]).to_pandas()
        return typed(frame.assign(cluster=own), "exchanges")

    def moments_of(self, positions: NDArray[np.int32]) -> pd.DataFrame:
        """Account and ``ts`` of the same exchanges."""
        if not len(positions):
            return empty_table("exchanges")[["account", "ts"]]
        moments: pd.DataFrame = self._desk.ask(self._asked(positions), MOMENTS).to_pandas()
        return moments

    def tally_of(self, counted: Counted) -> Tally:
        """How often all accounts did what habits are told by."""
        return self._desk.tally(self._asked(np.arange(len(self._ids), dtype=np.int32)), counted)

    def _asked(self, positions: NDArray[np.int32]) -> _Asked:
        wanted = np.unique(np.asarray(positions, dtype=np.int32))
        return _Asked(self._ids[wanted], wanted)


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


def _moments(rows: str) -> str:
    return f"SELECT account, moment AS ts FROM {rows} ORDER BY account, moment"


HOURS = _Question(
    columns=("model", "capability", "elicitation", "input_tokens", "output_tokens"),
    query=_hourly,
    unit="hour",
)
SINGLE = _Question(
    columns=("prompt_cluster", "prompt_key", "model", "capability", "elicitation", "row_hash"),
    query=_single,
)
MOMENTS = _Question(columns=(), query=_moments)
