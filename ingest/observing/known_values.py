"""Values of identifiers as the logs hold them, private ones included, and whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from graph_models.codes import codes
from graph_models.kinds import kind_named
from graph_models.nodes import NodeRef
from ingest import sql
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.derive import SIGHTED, Derivation, Derived, Window
from ingest.store.storage import session

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["KnownValues", "known_values", "users_of"]

_MEMORY = "1GB"


class KnownValues:
    """The derived tables of a snapshot, by value: files sorted by code, so a look-up is small."""

    def __init__(self, con: duckdb.DuckDBPyConnection, derived: Derived) -> None:
        self._con, self._derived = con, derived

    def starting(self, text: str, kinds: Collection[str], limit: int) -> tuple[pd.DataFrame, int]:
        """Distinct values that begin so when case is set aside, in order, and how many there are.

        Returns:
            At most ``limit`` rows kind, value, code; and the number without that limit.
        """
        named = f"kind IN ({sql.texts(sorted(kinds))})" if kinds else "false"
        frame: pd.DataFrame = self._con.execute(
            "SELECT kind, value, code, count(*) OVER () AS every FROM ("
            f"SELECT DISTINCT kind, value, code FROM ({self._derived.values}) "
            f"WHERE {named} AND starts_with(lower(value), ?)) ORDER BY value, kind LIMIT ?",
            [text.lower(), limit],
        ).df()
        every = int(frame["every"].iloc[0]) if len(frame) else 0
        return frame.drop(columns="every"), every

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
    with session(snapshot.layout, memory=_MEMORY) as con:
        con.execute("SET parquet_metadata_cache = true")
        derived = Derivation(con, snapshot.layout, snapshot.manifest, Window()).run(events)
        if prepare_aliases(con, snapshot.layout, snapshot.manifest):
            derived = Derived(
                resolved(derived.sightings, "first"), derived.values, derived.accounts
            )
        yield KnownValues(con, derived)


def users_of(snapshot: Snapshot, node: NodeRef) -> pd.DataFrame:
    """Who used an identifier, private or not: account, count, first, last, by account."""
    (code,) = codes(node.kind, [node.value]).tolist()
    events = {source.event for source in kind_named(node.kind).sources}
    with known_values(snapshot, events) as known:
        return known.users([code]).drop(columns="code")
