"""Snapshot → ``graph_models.Observations``: merged totals over positions, sorted by id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.codes import check_collisions, codes, refuse_collision
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import Observations
from ingest.enrichment.run import absent, at_hand, enrich
from ingest.events import EVENTS, event_named
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.clusters import prompt_clusters
from ingest.observing.derive import SIGHTED, Derivation, Derived, Window
from ingest.observing.frames import typed
from ingest.observing.identifiers import card_prefixes, describe
from ingest.observing.merge import Totals, merge_totals
from ingest.observing.placing import named_identifiers, placed_sightings
from ingest.observing.queries import SIGHTED_COLUMNS
from ingest.observing.reading import Clusters, Readers
from ingest.observing.strangers import find_strangers
from ingest.store.manifest import Manifest
from ingest.store.packages import ALL, Load
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["lacking", "observations", "unresolved_ids"]

VIEWS = (
    "account", "alias", "label", "calendar", "indicator", "exchange", "http_request", "payment",
)  # fmt: skip
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
        derived = _open(con, snapshot, window)
        _see(con)
        accounts, ids = _accounts(con)
        clustered = _clusters(con, clusters, window)
        names, uses = merge_totals(con, _totals(derived, snapshot.manifest, clustered=clustered))
        named, at = named_identifiers(con, names, uses.degree)
        del names
        sightings = placed_sightings(uses, at)
        read = Readers(snapshot, window, ids, _places(con, named))
        identifiers = typed(describe(con, named), "identifiers")
        return Observations(
            snapshot=snapshot.digest,
            accounts=accounts,
            identifiers=identifiers,
            sightings=sightings,
            calendar=_table(con, "calendar", "SELECT * FROM rows_calendar ORDER BY ALL"),
            labels=_labels(con, window),
            enrichment=enrich(
                sources,
                identifiers,
                card_prefixes(con, identifiers),
                cache=snapshot.layout.cache,
                say=say,
            ),
            activity_of=read.activity_of,
            exchanges_of=read.exchanges_of,
            moments_of=read.moments_of,
            tally_of=read.tally_of,
            lacking=(*lacking(snapshot.loads), *absent(sources)),
        )


def _open(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, window: Window) -> Derived:
    """What is derived of each day, accounts resolved; ``accounts_seen``; views of the registers."""
    layout, manifest = snapshot.layout, snapshot.manifest
    derived = Derivation(con, layout, manifest, window).run()
    con.execute(f"CREATE TEMP VIEW named_accounts AS {derived.accounts}")
    aliased = prepare_aliases(con, layout, manifest)
    if aliased:
        derived = replace(
            derived,
            sightings=resolved(derived.sightings, "first"),
            accounts=resolved(derived.accounts, "first"),
        )
    con.execute(f"CREATE TEMP VIEW accounts_seen AS {derived.accounts}")
    for event in VIEWS:
        open_rows(con, layout, manifest, event)
    find_strangers(con, layout, snapshot.loads)
    if aliased:
        for event in ("account", "label"):  # what others said under their own ids
            query = resolved(f"FROM rows_{event}", event_named(event).ts, named=True)
            con.execute(f"CREATE TEMP TABLE told_{event} AS {query}")
            con.execute(f"CREATE OR REPLACE TEMP VIEW rows_{event} AS FROM told_{event}")
    return derived


def _clusters(con: duckdb.DuckDBPyConnection, clusters: pa.Table, window: Window) -> bool:
    """Make ``cluster_of`` (prompt_key, code), ``cluster_names`` and ``clustered``, their sightings.

    Returns:
        Whether there are any.
    """
    names = clusters["cluster"].unique().sort()
    con.register("clusters", clusters)
    con.register(
        "cluster_names", pa.table({"value": names, "code": codes(PROMPT_CLUSTER.name, names)})
    )
    con.execute(
        "CREATE TEMP TABLE cluster_of AS SELECT c.prompt_key, n.code FROM clusters c "
        "JOIN cluster_names n ON c.cluster = n.value"
    )
    con.unregister("clusters")
    exchanges = (
        "SELECT account, prompt_key, ts FROM rows_exchange "
        f"WHERE prompt_cluster IS NULL AND {window.condition('ts', register=False)}"
    )
    if clusters.num_rows:
        con.execute(
            "CREATE TEMP TABLE clustered AS "
            "SELECT CAST(NULL AS INTEGER) AS told, e.account, c.code, CAST(e.ts AS DATE) AS day, "
            "count(*) AS count, min(e.ts) AS first, max(e.ts) AS last, "
            f"CAST(0 AS BIGINT) AS claimed FROM ({resolved(exchanges, 'ts')}) e "
            "JOIN cluster_of c ON e.prompt_key = c.prompt_key GROUP BY ALL"
        )
    return bool(clusters.num_rows)


def _totals(derived: Derived, manifest: Manifest, *, clustered: bool) -> Totals:
    """What is merged: sightings of the days, and those of our own prompt clusters."""
    days = {day for event in SIGHTED for day in manifest.of(event)} - {ALL}
    columns = ", ".join(("told", *SIGHTED_COLUMNS))
    by_day = f"SELECT {columns} FROM ({derived.sightings})"
    values = f"SELECT code, kind, value FROM ({derived.values})"
    if clustered:
        by_day += f" UNION ALL SELECT {columns} FROM clustered"
        values += f" UNION ALL SELECT code, '{PROMPT_CLUSTER.name}', value FROM cluster_names"
    return Totals(by_day=by_day, values=values, days=[date.fromisoformat(day) for day in days])


def _places(con: duckdb.DuckDBPyConnection, named: pa.Table) -> Clusters:
    """Where the prompt clusters of the identifiers stand, by code and by prompt."""
    mine = np.flatnonzero(pc.equal(named["kind"], PROMPT_CLUSTER.name).to_numpy())
    own = pa.table({"code": named["code"].take(mine), "position": pa.array(mine.astype(np.int32))})
    con.register("own_clusters", own)
    keys = con.sql(
        "SELECT c.prompt_key, o.position FROM cluster_of c JOIN own_clusters o ON o.code = c.code "
        "ORDER BY c.prompt_key"
    ).to_arrow_table()
    con.unregister("own_clusters")
    own = own.sort_by("code")
    return Clusters(
        code=own["code"].to_numpy(),
        position=own["position"].to_numpy(),
        key=keys["prompt_key"].to_numpy(),
        key_position=keys["position"].to_numpy(),
    )


def _see(con: duckdb.DuckDBPyConnection) -> None:
    """Who was seen: ``seen`` (account, event) and ``unresolved`` (account).

    Unresolved are ids of a payment provider's customers that no alias explains: they occur in
    payments only, and the provider's own register does not know them; and the ``strangers`` of any
    other system. They become no account.
    """
    con.execute(
        "CREATE TEMP TABLE seen AS SELECT account, event, CAST(sum(count) AS BIGINT) AS count, "
        "min(first) AS first, max(last) AS last FROM accounts_seen GROUP BY account, event"
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


def unresolved_ids(snapshot: Snapshot) -> int:
    """How many ids of other systems stand for no account that is known."""
    with session(snapshot.layout) as con:
        _open(con, snapshot, Window())
        _see(con)
        return int(con.execute("SELECT count(*) FROM unresolved").fetchall()[0][0])


def _accounts(con: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """All accounts that any log named, by id, and their codes.

    Leaves ``account_at`` (account, account_id, position).
    """
    con.execute(
        "CREATE TEMP TABLE account_names AS SELECT account, any_value(account_id) AS account_id, "
        "min(hash(account_id)) <> max(hash(account_id)) AS clash "
        "FROM named_accounts GROUP BY account"
    )
    if con.execute("SELECT count(*) FROM account_names WHERE clash").fetchall()[0][0]:
        refuse_collision("account")
    con.execute(
        "CREATE TEMP TABLE account_at AS "
        "SELECT account, account_id, CAST(row_number() OVER (ORDER BY account_id) - 1 AS INTEGER) "
        "AS position FROM ("
        "SELECT n.account, n.account_id FROM account_names n SEMI JOIN seen s "
        "ON n.account = s.account WHERE n.account NOT IN (SELECT account FROM unresolved) "
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
    ids = con.sql("SELECT account FROM account_at ORDER BY position").to_arrow_table()["account"]
    own = ids.to_numpy()
    check_collisions("account", own)
    return typed(table.drop_columns("code").to_pandas(), "accounts"), own


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
