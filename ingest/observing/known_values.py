"""Values of identifiers as the logs hold them, private ones included, and whose they are."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from graph_models.codes import codes
from graph_models.kinds import kind_named
from graph_models.nodes import NodeRef
from ingest import sql
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.derive import SIGHTED, Derivation, Derived, Window
from ingest.store.manifest import Manifest
from ingest.store.storage import Layout, session

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["KnownValues", "index_values", "known_values", "users_of"]

_MEMORY = "1GB"
_LISTED = "known_values"
# Small groups of rows in order: a beginning touches one or two of them.
_FORM = "FORMAT parquet, ROW_GROUP_SIZE 61440"
_RANGES = 16  # of codes; of a million accounts each holds four million rows
_LOW, _ALL = -(2**63), 2**64
LAST = "\U0010ffff"  # after every text that begins with what stands before it


class KnownValues:
    """The derived tables of a snapshot, by value: files sorted by code, so a look-up is small.

    ``listed``: the file of ``index_values`` where it is there; else beginnings are scanned for.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, derived: Derived, listed: Path) -> None:
        self._con, self._derived = con, derived
        self._listed = listed if listed.exists() else None

    def starting(self, text: str, kinds: Collection[str], limit: int) -> tuple[pd.DataFrame, int]:
        """Distinct values that begin so when case is set aside, in order, and how many there are.

        Returns:
            At most ``limit`` rows kind, value, code; and the number without that limit.
        """
        low = text.lower()
        values = self._distinct() if self._listed is None else f"FROM {_read(self._listed)}"
        frame: pd.DataFrame = self._con.execute(
            f"SELECT kind, value, code, count(*) OVER () AS every FROM ({values}) "
            "WHERE folded >= ? AND folded < ? AND list_contains(?, kind) "
            "ORDER BY folded, kind, value LIMIT ?",
            [low, low + LAST, sorted(kinds), limit],
        ).df()
        every = int(frame["every"].iloc[0]) if len(frame) else 0
        return frame.drop(columns="every"), every

    def holds(self, node: NodeRef, code: int) -> bool:
        """Whether a value may be there: a quick no where the file of all values is at hand."""
        if self._listed is None:
            return True
        found = self._con.execute(
            f"SELECT 1 FROM {_read(self._listed)} WHERE folded = ? AND code = ? LIMIT 1",
            [node.value.lower(), code],
        ).fetchall()
        return bool(found)

    def _distinct(self) -> str:
        values = self._derived.values
        return f"SELECT DISTINCT lower(value) AS folded, kind, value, code FROM ({values})"

    def save(self, path: Path) -> None:
        """Write all distinct values in the order in which they are searched."""
        fresh = path.with_name(f".{os.getpid()}.{path.name}")
        self._con.execute("SET preserve_insertion_order = false")
        self._con.execute(
            "CREATE TEMP TABLE known (folded VARCHAR, kind VARCHAR, value VARCHAR, code BIGINT)"
        )
        # A range of codes at a time: files are sorted by code, so each range is read once.
        edges = [_LOW + _ALL * i // _RANGES for i in range(_RANGES + 1)]
        for low, high in pairwise(edges):
            within = f"WHERE code BETWEEN {low} AND {high - 1}"
            self._con.execute(f"INSERT INTO known {self._distinct()} {within}")
        self._con.execute(
            f"COPY (FROM known ORDER BY folded, kind, value) TO {sql.text(str(fresh))} ({_FORM})"
        )
        fresh.replace(path)

    def users(self, found: Sequence[int]) -> pd.DataFrame:
        """Who used the values with these codes: code, account, count, first, last."""
        if not found:
            return pd.DataFrame(columns=["code", "account", "count", "first", "last"])
        listed = ", ".join(str(int(code)) for code in found)
        frame: pd.DataFrame = self._con.execute(
            "WITH used AS (SELECT code, account, CAST(sum(count) AS BIGINT) AS count, "
            f"min(first) AS first, max(last) AS last FROM ({self._derived.sightings}) "
            f"WHERE code IN ({listed}) GROUP BY code, account), named AS ("
            f"SELECT account, any_value(account_id) AS name FROM ({self._derived.accounts}) "
            "WHERE account IN (SELECT account FROM used) GROUP BY account) "
            "SELECT u.code, n.name AS account, u.count, u.first, u.last "
            "FROM used u JOIN named n ON u.account = n.account ORDER BY u.code, n.name"
        ).df()
        return frame


@contextmanager
def known_values(snapshot: Snapshot, events: Collection[str] = SIGHTED) -> Iterator[KnownValues]:
    """Ask about the values that rows of some event kinds show."""
    with _opened(snapshot.layout, snapshot.manifest, events) as known:
        yield known


@contextmanager
def _opened(layout: Layout, manifest: Manifest, events: Collection[str]) -> Iterator[KnownValues]:
    with session(layout, memory=_MEMORY) as con:
        con.execute("SET parquet_metadata_cache = true")
        derivation = Derivation(con, layout, manifest, Window())
        derived = derivation.run(events)
        if prepare_aliases(con, layout, manifest):
            derived = Derived(
                resolved(derived.sightings, "first"), derived.values, derived.accounts
            )
        yield KnownValues(con, derived, _path(layout, derivation))


def index_values(layout: Layout, manifest: Manifest) -> None:
    """Make values quick to find by their beginning; the list of an earlier snapshot goes."""
    if not os.access(layout.cache, os.W_OK):
        return
    with session(layout) as con:
        path = _path(layout, Derivation(con, layout, manifest, Window()))
    if path.exists():
        return
    with _opened(layout, manifest, SIGHTED) as known:
        known.save(path)
    for old in layout.cache.glob(f"*.{_LISTED}.parquet"):
        if old != path:
            old.unlink(missing_ok=True)


def _path(layout: Layout, derivation: Derivation) -> Path:
    return layout.cache / f"all-{derivation.key()}.{_LISTED}.parquet"


def _read(path: Path) -> str:
    return f"read_parquet({sql.glob_literal(path)}, hive_partitioning = false)"


def users_of(snapshot: Snapshot, node: NodeRef) -> pd.DataFrame:
    """Who used an identifier, private or not: account, count, first, last, by account."""
    (code,) = codes(node.kind, [node.value]).tolist()
    events = {source.event for source in kind_named(node.kind).sources}
    with known_values(snapshot, events) as known:
        return known.users([code]).drop(columns="code")
