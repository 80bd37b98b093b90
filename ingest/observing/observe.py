"""Snapshot → ``graph_models.Observations``: merged totals over positions, sorted by id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from graph_models.codes import check_collisions, codes
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import Observations, rows_of
from ingest.enrichment.run import absent, at_hand, enrich
from ingest.events import EVENTS, event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.clusters import prompt_clusters
from ingest.observing.derive import Derivation, Window
from ingest.observing.exchanges import exchange_reader
from ingest.observing.frames import typed
from ingest.observing.identifiers import card_prefixes, describe
from ingest.observing.strangers import find_strangers
from ingest.store.packages import Load
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["lacking", "observations", "unresolved_ids"]

VIEWS = (
    "account", "alias", "label", "calendar", "indicator", "exchange", "http_request", "payment",
)  # fmt: skip
# The register and the edge may both tell of one sign-up; it is one sighting.
_COUNT = (
    "CAST(coalesce(sum(count) FILTER (WHERE event <> 'account'), 0) "
    "+ coalesce(max(count) FILTER (WHERE event = 'account'), 0) AS BIGINT)"
)
REGISTER = ("status", "close_reason", "email_domain", "pathway", "organisation", "country")


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def observations(
    snapshot: Snapshot,
    from_: datetime | None = None,
    to: datetime | None = None,
    *,
    say: Callable[..., None] | None = None,
) -> Observations:
    """All tables of ``observations.COLUMNS``; moments without a zone are UTC.

    Raises:
        BadDataError: two values of one kind share a code, or a user's enrichment is damaged.
    """
    window = Window(_utc(from_), _utc(to))
    sources = at_hand(snapshot.layout.root)
    clusters = prompt_clusters(snapshot.layout, snapshot.manifest, snapshot.loads, key=snapshot.key)
    with session(snapshot.layout) as con:
        _open(con, snapshot, window)
        _add_clusters(con, clusters)
        _see(con)
        _merge(con, window)
        accounts = _accounts(con)
        identifiers = _identifiers(con)
        return Observations(
            snapshot=snapshot.digest,
            accounts=accounts,
            identifiers=identifiers,
            sightings=_sightings(con),
            activity_of=rows_of(_activity(con)),
            calendar=_table(con, "calendar", "SELECT * FROM rows_calendar ORDER BY ALL"),
            labels=_labels(con, window),
            enrichment=enrich(
                sources,
                identifiers,
                card_prefixes(con, identifiers),
                cache=snapshot.layout.cache,
                say=say,
            ),
            exchanges_of=exchange_reader(con, snapshot, window, accounts),
            lacking=(*lacking(snapshot.loads), *absent(sources)),
        )


def _open(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, window: Window) -> None:
    """Views ``by_day`` and ``hourly``, accounts resolved; ``known``; views of the registers."""
    layout, manifest = snapshot.layout, snapshot.manifest
    derived = Derivation(con, layout, manifest, window).run()
    by_day, activity = derived.sightings, derived.activity
    aliased = prepare_aliases(con, layout, manifest)
    if aliased:
        by_day = resolved(by_day, "first")
        activity = resolved(activity, "hour", unit="hour")
    con.execute(f"CREATE TEMP VIEW by_day AS {by_day}")
    con.execute(f"CREATE TEMP VIEW hourly AS {activity}")
    con.execute(
        f"CREATE TEMP TABLE known AS SELECT DISTINCT code, kind, value FROM ({derived.values})"
    )
    for event in VIEWS:
        open_rows(con, layout, manifest, event)
    find_strangers(con, layout, snapshot.loads)
    if aliased:
        for event in ("account", "label"):  # what others said under their own ids
            query = resolved(f"FROM rows_{event}", event_named(event).ts, named=True)
            con.execute(f"CREATE TEMP TABLE told_{event} AS {query}")
            con.execute(f"CREATE OR REPLACE TEMP VIEW rows_{event} AS FROM told_{event}")


def _add_clusters(con: duckdb.DuckDBPyConnection, clusters: pa.Table) -> None:
    """Add the prompt clusters to ``known``; leaves ``cluster_of`` (prompt_key, code)."""
    names = clusters["cluster"].unique().sort()
    named = {"cluster": names, "code": codes(PROMPT_CLUSTER.name, names.to_pylist())}
    con.register("clusters", clusters)
    con.register("cluster_names", pa.table(named))
    con.execute(
        "CREATE TEMP TABLE cluster_of AS SELECT c.prompt_key, n.code FROM clusters c "
        "JOIN cluster_names n ON c.cluster = n.cluster"
    )
    con.execute(
        f"INSERT INTO known SELECT code, '{PROMPT_CLUSTER.name}', cluster FROM cluster_names "
        "WHERE code NOT IN (SELECT code FROM known)"
    )
    con.unregister("clusters")


def _see(con: duckdb.DuckDBPyConnection) -> None:
    """Who was seen: ``seen`` (account, event) and ``unresolved`` (account).

    Unresolved are ids of a payment provider's customers that no alias explains: they occur in
    payments only, and the provider's own register does not know them; and the ``strangers`` of any
    other system. They become no account.
    """
    con.execute(
        "CREATE TEMP TABLE seen AS SELECT account, event, CAST(sum(count) AS BIGINT) AS count, "
        "min(first) AS first, max(last) AS last FROM by_day "
        "WHERE code IN (SELECT code FROM known WHERE kind = 'account') GROUP BY account, event"
    )
    con.execute(
        "CREATE TEMP TABLE unresolved AS SELECT account FROM seen "
        "WHERE account NOT IN (SELECT account FROM alias_of) "
        "AND account NOT IN (SELECT account FROM rows_label WHERE account IS NOT NULL) "
        "AND EXISTS (FROM rows_account) "
        "GROUP BY account HAVING bool_and(event = 'payment')"
    )
    con.execute(
        "INSERT INTO unresolved SELECT account FROM strangers WHERE account IN "
        "(SELECT account FROM seen) AND account NOT IN (SELECT account FROM unresolved)"
    )


def _merge(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Totals over the days: ``merged`` holds one row per account and identifier."""
    exchanges = (
        "SELECT account, prompt_key, ts FROM rows_exchange "
        f"WHERE prompt_cluster IS NULL AND {window.condition('ts', register=False)}"
    )
    con.execute(
        f"CREATE TEMP TABLE merged AS SELECT code, account, {_COUNT} AS count, "
        "min(first) AS first, max(last) AS last, count(DISTINCT day) AS days, "
        "sum(claimed) / sum(count) AS claimed FROM ("
        "SELECT code, account, event, day, count, first, last, claimed FROM by_day "
        "WHERE code NOT IN (SELECT code FROM known WHERE kind = 'account') "
        "UNION ALL SELECT c.code, e.account, 'exchange', CAST(e.ts AS DATE), 1, e.ts, e.ts, 0 "
        f"FROM ({resolved(exchanges, 'ts')}) e JOIN cluster_of c ON e.prompt_key = c.prompt_key"
        ") WHERE account NOT IN (SELECT account FROM unresolved) GROUP BY code, account"
    )


def unresolved_ids(snapshot: Snapshot) -> int:
    """How many ids of other systems stand for no account that is known."""
    with session(snapshot.layout) as con:
        _open(con, snapshot, Window())
        _see(con)
        return int(con.execute("SELECT count(*) FROM unresolved").fetchall()[0][0])


def _accounts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """All accounts that any log named, by id; leaves ``account_at`` (account, position)."""
    con.execute(
        "CREATE TEMP TABLE account_at AS "
        "SELECT account, account_id, CAST(row_number() OVER (ORDER BY account_id) - 1 AS INTEGER) "
        "AS position FROM ("
        "SELECT k.code AS account, k.value AS account_id FROM known k "
        "SEMI JOIN seen s ON k.code = s.account WHERE k.kind = 'account' "
        "AND k.code NOT IN (SELECT account FROM unresolved) "
        "UNION SELECT account, account_id FROM alias_of "
        "UNION SELECT account, account_id FROM rows_label)"
    )
    best = "ORDER BY closed_at IS NULL, closed_at DESC, row_hash"
    known = ", ".join(
        f"first({name} {best}) FILTER (WHERE {name} IS NOT NULL) AS {name}" for name in REGISTER
    )
    table = con.sql(
        "SELECT p.account_id AS account, r.*, coalesce(s.exchanges, 0) AS exchanges, "
        "s.first_seen, s.last_seen FROM account_at p "
        "LEFT JOIN (SELECT account AS code, min(created_at) AS created_at, "
        f"max(closed_at) AS closed_at, {known} FROM rows_account GROUP BY account) r "
        "ON p.account = r.code "
        "LEFT JOIN (SELECT account AS code, min(first) AS first_seen, max(last) AS last_seen, "
        "CAST(sum(count) FILTER (WHERE event = 'exchange') AS BIGINT) AS exchanges "
        "FROM seen WHERE event <> 'account' GROUP BY account) s "
        "ON p.account = s.code ORDER BY p.position"
    ).to_arrow_table()
    frame = typed(table.to_pandas().drop(columns="code"), "accounts")
    check_collisions("account", codes("account", frame["account"]))
    return frame


def _identifiers(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """All identifiers by kind and value; leaves ``identifier_at`` (code, kind, position)."""
    con.execute(
        "CREATE TEMP TABLE identifier_at AS SELECT m.code, k.kind, k.value, m.accounts, "
        "CAST(row_number() OVER (ORDER BY k.kind, k.value) - 1 AS INTEGER) AS position "
        "FROM (SELECT code, CAST(count(*) AS INTEGER) AS accounts FROM merged GROUP BY code) m "
        "JOIN known k ON m.code = k.code"
    )
    table = con.sql("SELECT code, kind, value, accounts FROM identifier_at ORDER BY position")
    frame = table.to_arrow_table().to_pandas()
    check_collisions("identifier", frame["code"].to_numpy())
    return typed(describe(con, frame.drop(columns="code")), "identifiers")


def _sightings(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return _table(
        con,
        "sightings",
        "SELECT a.position AS account, i.position AS identifier, m.count, m.first, m.last, "
        "CAST(m.days AS INTEGER) AS days, CAST(m.claimed AS FLOAT) AS claimed FROM merged m "
        "JOIN account_at a ON m.account = a.account "
        "JOIN identifier_at i ON m.code = i.code "
        "ORDER BY identifier, account",
    )


def _activity(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    sums = ("exchanges", "elicited", "input_tokens", "output_tokens")
    added = ", ".join(f"CAST(sum(h.{name}) AS BIGINT) AS {name}" for name in sums)
    return _table(
        con,
        "activity",
        f"SELECT a.position AS account, h.hour, h.model, h.capability, {added} "
        "FROM hourly h JOIN account_at a ON h.account = a.account "
        "GROUP BY a.position, h.hour, h.model, h.capability "
        "ORDER BY account, hour, model, capability",
    )


def _labels(con: duckdb.DuckDBPyConnection, window: Window) -> pd.DataFrame:
    return _table(
        con,
        "labels",
        "SELECT a.position AS account, l.label, l.source, l.ts FROM rows_label l "
        "JOIN account_at a ON l.account = a.account "
        f"WHERE {window.condition('l.ts', register=True)} ORDER BY ALL",
    )


def _table(con: duckdb.DuckDBPyConnection, name: str, query: str) -> pd.DataFrame:
    return typed(con.sql(query).to_arrow_table().to_pandas(), name)


def lacking(loads: Sequence[Load]) -> tuple[str, ...]:
    """The inputs that no source had, as ``event.column``."""
    filled = {
        f"{event}.{column}"
        for load in loads
        for event, own in load.filled.items()
        for column in own
    }
    if any(load.sketches for load in loads):
        filled |= {"exchange.prompt", "exchange.prompt_cluster", "exchange.prompt_hash"}
    every = (f"{event.name}.{column.name}" for event in EVENTS for column in event.columns)
    return tuple(sorted(name for name in every if name not in filled))
