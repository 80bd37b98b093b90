"""The rows of a snapshot as DuckDB views: parts laid together, duplicates left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from ingest.events import EventKind, event_named
from ingest.store.manifest import Bucket, Manifest, winners
from ingest.store.staging import ADDED
from ingest.store.storage import Layout, parquet_list

__all__ = ["open_rows", "view_name"]

# What every part holds beside the columns of its event kind.
STORED = {"row": "BIGINT", "row_hash": "BIGINT", "event": "BIGINT", "account": "BIGINT"}


def view_name(event: str) -> str:
    """The view that ``open_rows`` makes for an event kind."""
    return f"rows_{event_named(event).name}"


def open_rows(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    manifest: Manifest,
    event: str,
    *,
    buckets: Collection[str] | None = None,
) -> str:
    """Make the view of the rows that count of one event kind; returns its name.

    Beside the event's own columns it has ``row, row_hash, event, account, load_id`` and, for an
    exchange, ``prompt_key``. A request without an account takes the account of its exchange.

    Args:
        con: the session that gets the view.
        layout: where the parts lie.
        manifest: the snapshot.
        event: name of the event kind.
        buckets: only these days; None means all.
    """
    kind, name = event_named(event), view_name(event)
    chosen = {
        day: bucket
        for day, bucket in manifest.of(event).items()
        if buckets is None or day in buckets
    }
    if not chosen:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {_nothing(kind)}")
        return name
    query = _parts(con, layout, event, chosen)
    if event == "http_request":
        query = _with_accounts(con, layout, manifest, query, buckets=chosen)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")
    return name


def _nothing(kind: EventKind) -> str:
    columns = {column.name: column.sql_type for column in kind.columns if column.cls != "content"}
    columns |= ADDED.get(kind.name, {}) | STORED | {"load_id": "VARCHAR"}
    wanted = ", ".join(f"CAST(NULL AS {type_}) AS {name}" for name, type_ in columns.items())
    return f"SELECT {wanted} WHERE false"


def _parts(
    con: duckdb.DuckDBPyConnection, layout: Layout, event: str, chosen: Mapping[str, Bucket]
) -> str:
    paths = [path for bucket in chosen.values() for path in bucket.paths(layout)]
    of_path = "parse_filename(parse_dirpath(parse_dirpath(filename)))"
    dirty = [bucket for bucket in chosen.values() if not bucket.clean]
    if not dirty:
        return f"SELECT *, {of_path} AS load_id FROM {parquet_list(paths)}"
    losers = f"losers_{event}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {losers} (path VARCHAR, n BIGINT)")
    for bucket in dirty:
        files = bucket.paths(layout)
        con.execute(
            f"INSERT INTO {losers} SELECT list_extract(?, CAST(f AS BIGINT) + 1), n "
            f"FROM ({winners(event, files)}) WHERE place > 1",
            [[str(path) for path in files]],
        )
    return (
        f"SELECT r.*, {of_path.replace('filename)', 'r.filename)')} AS load_id "
        f"FROM {parquet_list(paths)} r "
        f"ANTI JOIN {losers} l ON r.filename = l.path AND r.file_row_number = l.n"
    )


def _with_accounts(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    manifest: Manifest,
    query: str,
    *,
    buckets: Collection[str],
) -> str:
    silent = con.execute(f"SELECT count(*) FROM ({query}) WHERE account IS NULL").fetchall()[0][0]
    if not silent:
        return query
    exchanges = open_rows(con, layout, manifest, "exchange", buckets=buckets)
    return (
        "SELECT h.* REPLACE (coalesce(h.account, e.account) AS account, "
        "coalesce(h.account_id, e.account_id) AS account_id) "
        f"FROM ({query}) h LEFT JOIN {exchanges} e ON h.event = e.event"
    )
