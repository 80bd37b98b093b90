"""Single exchanges of a few accounts: what signals that need minutes read, for candidates only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import RowsOf, empty_table
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.derive import Window
from ingest.observing.frames import typed
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["exchange_reader"]


def exchange_reader(
    con: duckdb.DuckDBPyConnection, snapshot: Snapshot, window: Window, accounts: pd.DataFrame
) -> RowsOf:
    """The ``exchanges_of`` of a snapshot's observations.

    Takes ``cluster_of`` and ``identifier_at`` from the session that made them, so that a later call
    needs only the parts of the exchanges.
    """
    kind = PROMPT_CLUSTER.name
    derived = con.sql(
        "SELECT c.prompt_key, i.position FROM cluster_of c "
        "JOIN identifier_at i ON i.code = c.code ORDER BY c.prompt_key"
    ).to_arrow_table()
    given = con.sql(
        f"SELECT value, position FROM identifier_at WHERE kind = '{kind}' ORDER BY value"
    ).to_arrow_table()
    ids = codes("account", accounts["account"])

    def exchanges_of(positions: NDArray[np.int32]) -> pd.DataFrame:
        wanted = np.unique(np.asarray(positions, dtype=np.int32))
        if not len(wanted):
            return empty_table("exchanges")
        with session(snapshot.layout) as reading:
            reading.register("wanted", pa.table({"account": ids[wanted], "position": wanted}))
            reading.register("derived_clusters", derived)
            reading.register("given_clusters", given)
            return _read(reading, snapshot, window)

    return exchanges_of


def _read(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, window: Window) -> pd.DataFrame:
    rows = f"SELECT * FROM {open_rows(con, snapshot.layout, snapshot.manifest, 'exchange')}"
    if prepare_aliases(con, snapshot.layout, snapshot.manifest):
        rows = resolved(rows, "ts")
    table = con.sql(
        "SELECT w.position AS account, e.ts, "
        "coalesce(g.position, d.position, -1) AS cluster, coalesce(e.prompt_key, 0) AS prompt, "
        "e.model, e.capability, e.elicitation IS NOT NULL AS elicited "
        f"FROM ({rows}) e JOIN wanted w ON e.account = w.account "
        "LEFT JOIN given_clusters g ON e.prompt_cluster = g.value "
        "LEFT JOIN derived_clusters d ON e.prompt_cluster IS NULL AND e.prompt_key = d.prompt_key "
        f"WHERE {window.condition('e.ts', register=False)} "
        "ORDER BY w.position, e.ts, e.row_hash"
    ).to_arrow_table()
    return typed(table.to_pandas(), "exchanges")
