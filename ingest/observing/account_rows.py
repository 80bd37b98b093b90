"""The rows of a few accounts, straight from the day parts: those lie sorted by account."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kind import Kind, Source
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from ingest import sql
from ingest.events import event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.clusters import prompt_clusters
from ingest.store.storage import session
from ingest.store.parts import Parts

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["AccountRows"]


class AccountRows:
    """Rows of one snapshot by account, asked for again and again through one session.

    Opening a session costs more than a question does, so it is kept until the last user lets go.
    Questions of several threads wait for each other.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._lock = Lock()
        kept = ExitStack()
        self._con = kept.enter_context(session(snapshot.layout))
        weakref.finalize(self, kept.close)
        self._con.execute("SET parquet_metadata_cache = true")  # parts never change
        self._aliased = prepare_aliases(self._con, snapshot.layout, snapshot.manifest)
        self._parts = Parts(self._con, snapshot.layout, snapshot.manifest)
        self._clean: dict[tuple[str, str], str | None] = {}
        self._clusters: tuple[NDArray[np.int64], pa.DictionaryArray] | None = None

    def days(self, event: str) -> list[str]:
        """The buckets that hold rows of an event kind, in order."""
        return sorted(self.snapshot.manifest.of(event))

    def read(
        self, event: str, accounts: Sequence[str], days: Sequence[str], kinds: Iterable[Kind] = ()
    ) -> pa.Table:
        """The rows of one event kind about some accounts, in no order.

        Args:
            event: Name of the event kind.
            accounts: Account ids.
            days: Its buckets to read.
            kinds: Which kinds' values to tell.

        Returns:
            account (code), ts, load_id, row, and a dictionary-coded clean text for each of the
            kinds that the event shows: null where a row has none.
        """
        shown = [(kind, source) for kind, source in _shown(kinds, event)]
        wanted = [f"{_text(source)} AS v{at}" for at, (_, source) in enumerate(shown)]
        by_prompt = any(kind is PROMPT_CLUSTER for kind, _ in shown)
        wanted += ["CASE WHEN r.prompt_cluster IS NULL THEN r.prompt_key END AS key"] * by_prompt
        ts = event_named(event).ts
        names = ", ".join(["r.account", f"r.{ts} AS ts", "r.load_id", "r.row", *wanted])
        table = self._ask(f"SELECT {names} FROM ({{rows}}) r", event, accounts, days)
        told = {name: table[name] for name in ("account", "ts", "load_id", "row")}
        for at, (kind, _) in enumerate(shown):
            values = self._cleaned(kind, table[f"v{at}"])
            if kind is PROMPT_CLUSTER:
                values = pc.coalesce(values.cast(pa.string()), self._clustered(table["key"]))
            told[kind.name] = values.dictionary_encode()
        return pa.table(told)

    def by_day(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Exchanges of some accounts by day: columns day and exchanges, in order."""
        days, types = self.days("exchange"), {"day": "datetime64[us]", "exchanges": "int64"}
        if not days:
            return pd.DataFrame({name: pd.Series(dtype=type_) for name, type_ in types.items()})
        query = (
            "SELECT date_trunc('day', r.ts) AS day, count(*) AS exchanges "
            "FROM ({rows}) r GROUP BY 1 ORDER BY 1"
        )
        counted: pd.DataFrame = self._ask(query, "exchange", accounts, days).to_pandas()
        return counted.astype(types)

    def _ask(
        self, query: str, event: str, accounts: Sequence[str], days: Sequence[str]
    ) -> pa.Table:
        """A query over the ``{rows}`` of some accounts, each with the account it stood for then."""
        with self._lock:
            own = codes("account", sorted(accounts)).tolist()
            rows = self._of(event, [*own, *self._external(own)], days)
            if self._aliased:
                ts = event_named(event).ts
                rows = f"SELECT * FROM ({resolved(rows, ts)}) r WHERE {_among(own)}"
            return self._con.sql(query.format(rows=rows)).to_arrow_table()

    def _of(self, event: str, accounts: Sequence[int], days: Sequence[str]) -> str:
        """SQL: rows under these accounts' codes; a request may take its exchange's account."""
        rows = self._parts.rows(event, days)
        own = f"SELECT * FROM ({rows}) r WHERE {_among(accounts)}"
        if event != "http_request":
            return own
        known = [day for day in days if day in self.days("exchange")]
        if not known:
            return own
        exchanges = self._of("exchange", accounts, known)
        return (
            f"{own} UNION ALL BY NAME SELECT h.* REPLACE (e.account AS account, "
            f"e.account_id AS account_id) FROM ({rows}) h JOIN ({exchanges}) e "
            "ON h.event = e.event WHERE h.account IS NULL"
        )

    def _external(self, accounts: Sequence[int]) -> list[int]:
        if not self._aliased:
            return []
        found = self._con.execute(
            f"SELECT DISTINCT r.external FROM alias_of r WHERE {_among(accounts)}"
        ).fetchall()
        return [external for (external,) in found]

    def _cleaned(self, kind: Kind, raws: pa.ChunkedArray) -> pa.DictionaryArray:
        """Raw texts as clean values; each distinct text passes through ``clean`` once."""
        coded = raws.combine_chunks().dictionary_encode()
        known, texts = self._clean, coded.dictionary.to_pylist()
        for text in texts:
            if (kind.name, text) not in known:
                known[kind.name, text] = kind.clean(text)
        values = pa.array([known[kind.name, text] for text in texts], pa.string())
        return values.take(coded.indices)

    def _clustered(self, keys: pa.ChunkedArray) -> pa.Array:
        """The clusters that our own clustering found for prompt keys."""
        if keys.null_count == len(keys):
            return pa.nulls(len(keys), pa.string())
        known, clusters = self._known_clusters()
        wanted = keys.combine_chunks()
        asked = wanted.fill_null(0).to_numpy()
        at = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
        hit = known[at] == asked if len(known) else np.zeros(len(asked), bool)
        hit &= wanted.is_valid().to_numpy(zero_copy_only=False)
        return clusters.take(pa.array(at, mask=~hit)).cast(pa.string())

    def _known_clusters(self) -> tuple[NDArray[np.int64], pa.DictionaryArray]:
        """Prompt keys, ascending, and the cluster of each."""
        if self._clusters is None:
            snapshot = self.snapshot
            table = prompt_clusters(
                snapshot.layout, snapshot.manifest, snapshot.loads, key=snapshot.key
            )
            names = table["cluster"].combine_chunks().dictionary_encode()
            self._clusters = table["prompt_key"].to_numpy(), names
        return self._clusters


def _shown(kinds: Iterable[Kind], event: str) -> Iterator[tuple[Kind, Source]]:
    for kind in kinds:
        for source in kind.sources:
            if source.event == event:
                yield kind, source


def _text(source: Source) -> str:
    """SQL: the raw value of a source, null where there is none; as ``aggregate`` joins it."""
    *before, last = (f'CAST(r."{name}" AS VARCHAR)' for name in source.columns)
    text = "".join(f"coalesce({column}, '') || '/' || " for column in before) + last
    tests = " AND ".join(f'r."{name}" = {sql.text(value)}' for name, value in source.where.items())
    return f"CASE WHEN {tests} THEN {text} END" if tests else text


def _among(accounts: Sequence[int]) -> str:
    """SQL: whether the row is of one of the accounts, in a form that skips parts without them."""
    return f"r.account IN ({', '.join(map(str, accounts))})"
