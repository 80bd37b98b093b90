"""How an account uses a value and when: read from the rows, private values included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from graph_models.codes import codes
from graph_models.kind import Kind, Source
from graph_models.kinds import KINDS
from graph_models.nodes import NodeRef
from ingest.events import event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    import duckdb

    from ingest.store.snapshots import Snapshot

__all__ = ["MOST_VALUES", "USE_COLUMNS", "mix_of", "said_of", "users_of", "values_of"]

MOST_VALUES = 200  # private values of a kind that a page lists: nobody reads more one by one
USE_COLUMNS = ("kind", "value", "account", "count", "first", "last")
_SAID = ("label", "source", "ts", "note")


def values_of(snapshot: Snapshot, account: str) -> pd.DataFrame:
    """Every value that an account used, private ones too: ``USE_COLUMNS``, commonest first."""
    with session(snapshot.layout) as con:
        con.register("wanted", _wanted(con, snapshot, [account]))
        frames = [
            _uses(con, snapshot, kind, source, "account IN (SELECT account FROM wanted)")
            for kind in KINDS
            for source in kind.sources
        ]
    return _summed(frames).assign(account=account)


def users_of(snapshot: Snapshot, node: NodeRef) -> pd.DataFrame:
    """Who used a value, private ones too: ``USE_COLUMNS``; a scan of the columns that show it.

    Values that the log wrote in another form than the clean one are not found by their clean form.
    """
    with session(snapshot.layout) as con:
        frames = [
            _uses(con, snapshot, kind, source, "value = ?", node.value)
            for kind in KINDS
            if kind.name == node.kind
            for source in kind.sources
        ]
    found = _summed(frames)
    return found[found["value"] == node.value].reset_index(drop=True)


def mix_of(snapshot: Snapshot, account: str) -> pd.DataFrame:
    """Exchanges of an account by model and capability: model, capability, exchanges, elicited."""
    with session(snapshot.layout) as con:
        con.register("wanted", _wanted(con, snapshot, [account]))
        rows = open_rows(con, snapshot.layout, snapshot.manifest, "exchange")
        table: pd.DataFrame = con.sql(
            "SELECT coalesce(model, '') AS model, coalesce(capability, '') AS capability, "
            "count(*)::BIGINT AS exchanges, count(elicitation)::BIGINT AS elicited "
            f"FROM {rows} WHERE account IN (SELECT account FROM wanted) "
            "GROUP BY ALL ORDER BY exchanges DESC, model, capability"
        ).df()
    return table


def said_of(snapshot: Snapshot, account: str) -> pd.DataFrame:
    """What labels say of an account: label, source, ts, note, oldest first."""
    with session(snapshot.layout) as con:
        rows = open_rows(con, snapshot.layout, snapshot.manifest, "label")
        table: pd.DataFrame = con.execute(
            f"SELECT {', '.join(_SAID)} FROM {rows} WHERE account_id = ? ORDER BY ts, label",
            [account],
        ).df()
    return table


def _wanted(
    con: duckdb.DuckDBPyConnection, snapshot: Snapshot, accounts: Sequence[str]
) -> pa.Table:
    """Codes of accounts, and of the ids of other systems that ever stood for one of them."""
    own = codes("account", list(accounts)).tolist()
    if prepare_aliases(con, snapshot.layout, snapshot.manifest):
        con.register("own", pa.table({"account": own}))
        asked = "SELECT external FROM alias_of WHERE account IN (SELECT account FROM own)"
        own += [external for (external,) in con.execute(asked).fetchall()]
    return pa.table({"account": pa.array(own, pa.int64())})


def _uses(
    con: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    kind: Kind,
    source: Source,
    where: str,
    *bound: str,
) -> pd.DataFrame:
    """Uses that one source of a kind shows, with raw values."""
    event = event_named(source.event)
    rows = open_rows(con, snapshot.layout, snapshot.manifest, event.name)
    query = (
        f"SELECT {_value(source)} AS value, account, account_id, {event.ts} AS moment FROM {rows} "
        f"WHERE {_there(source)}"
    )
    if prepare_aliases(con, snapshot.layout, snapshot.manifest) and "value" in where:
        query = resolved(query, "moment", named=True)
    found: pd.DataFrame = con.execute(
        "SELECT value, account_id AS account, count(*)::BIGINT AS count, min(moment) AS first, "
        f"max(moment) AS last FROM ({query}) WHERE {where} AND account_id IS NOT NULL GROUP BY ALL",
        list(bound),
    ).df()
    clean = {raw: kind.clean(str(raw)) for raw in found["value"].unique()}
    found["value"] = found["value"].map(clean)
    return found.dropna(subset="value").assign(kind=kind.name)


def _value(source: Source) -> str:
    *before, last = source.columns
    parts = [f"coalesce(CAST(\"{name}\" AS VARCHAR), '')" for name in before]
    return " || '/' || ".join([*parts, f'CAST("{last}" AS VARCHAR)'])


def _there(source: Source) -> str:
    tests = [f'"{source.columns[-1]}" IS NOT NULL']
    # Names and values stand in our own data sheets.
    tests += [f"\"{name}\" = '{value}'" for name, value in sorted(source.where.items())]
    return " AND ".join(tests)


def _summed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Uses of several sources as one: what two logs tell alike is counted by each."""
    told = [frame for frame in frames if len(frame)]
    if not told:
        return pd.DataFrame(columns=list(USE_COLUMNS))
    by = pd.concat(told, ignore_index=True).groupby(["kind", "value", "account"], as_index=False)
    found = by.agg(count=("count", "sum"), first=("first", "min"), last=("last", "max"))
    found = found.sort_values(["kind", "count", "value"], ascending=[True, False, True])
    return found[list(USE_COLUMNS)].reset_index(drop=True)
