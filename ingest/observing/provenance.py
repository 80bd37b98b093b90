"""Back from figures to rows: which rows of which files a sighting rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.errors import UsageError
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import Observations
from graph_models.stores.protocol import ROW_REF_COLUMNS, ROW_REFS_PER_SIGHTING
from ingest.observing.aliases import prepare_aliases, resolved
from ingest.observing.clusters import prompt_clusters
from ingest.observing.coding import code_values
from ingest.observing.derive import SIGHTED
from ingest.observing.queries import queries_of
from ingest.store.packages import Load, part_path
from ingest.store.storage import parquet_list, session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["row_refs", "rows"]

_FIRST = (
    "QUALIFY row_number() OVER (PARTITION BY account, identifier ORDER BY ts, load_id, row) "
    f"<= {ROW_REFS_PER_SIGHTING}"
)


def row_refs(snapshot: Snapshot, obs: Observations) -> pd.DataFrame:
    """The first source rows of every account and identifier that two accounts share.

    Args:
        snapshot: the snapshot that ``obs`` came from.
        obs: its observations; positions in the answer are theirs.

    Returns:
        ``ROW_REF_COLUMNS``: at most 20 rows each, by time; sorted by (identifier, account).
    """
    with session(snapshot.layout) as con:
        _open(con, snapshot, obs)
        for event in SIGHTED:
            open_rows(con, snapshot.layout, snapshot.manifest, event)
            code_values(con, event)
            for source in queries_of(event):
                _insert(con, source.rows)
        _add_clusters(con, snapshot)
        table = con.sql(
            "SELECT r.account, r.identifier, f.file, r.row FROM "
            f"(SELECT * FROM refs {_FIRST}) r JOIN file_of f ON r.load_id = f.load_id "
            "ORDER BY r.identifier, r.account, r.ts, f.file, r.row"
        ).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas()
    return frame[list(ROW_REF_COLUMNS)].astype(ROW_REF_COLUMNS)


def _open(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, obs: Observations) -> None:
    prepare_aliases(con, snapshot.layout, snapshot.manifest)
    _register_positions(con, "account_at", "account", codes("account", obs.accounts["account"]))
    shared = obs.identifiers[obs.identifiers["accounts"] > 1]
    own = np.zeros(len(shared), dtype=np.int64)
    for kind in shared["kind"].unique():
        chosen = (shared["kind"] == kind).to_numpy()
        own[chosen] = codes(kind, shared["value"][chosen])
    _register_positions(con, "identifier_at", "code", own, shared.index.to_numpy())
    files = [(load.load_id, load.file) for load in snapshot.loads]
    ids, names = zip(*files, strict=True) if files else ((), ())
    con.register(
        "file_of",
        pa.table({"load_id": pa.array(ids, pa.string()), "file": pa.array(names, pa.string())}),
    )
    con.execute(
        "CREATE TEMP TABLE refs "
        "(account INTEGER, identifier INTEGER, ts TIMESTAMP, load_id VARCHAR, row BIGINT)"
    )


def _register_positions(
    con: duckdb.DuckDBPyConnection,
    name: str,
    column: str,
    own: NDArray[np.int64],
    positions: NDArray[np.int64] | None = None,
) -> None:
    places = np.arange(len(own)) if positions is None else positions
    con.register(name, pa.table({column: own, "position": places.astype(np.int32)}))


def _insert(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Add the first rows of one source: columns account, code, ts, load_id, row."""
    con.execute(
        "INSERT INTO refs SELECT * FROM ("
        "SELECT a.position AS account, i.position AS identifier, r.ts, r.load_id, r.row "
        f"FROM ({resolved(query, 'ts')}) r JOIN identifier_at i ON r.code = i.code "
        f"JOIN account_at a ON r.account = a.account) {_FIRST}"
    )


def _add_clusters(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    layout, manifest = snapshot.layout, snapshot.manifest
    clusters = prompt_clusters(layout, manifest, snapshot.loads, key=snapshot.key)
    names = clusters["cluster"].unique()
    own = codes(PROMPT_CLUSTER.name, names.to_pylist())
    con.register("clusters", clusters)
    con.register("cluster_codes", pa.table({"cluster": names, "code": own}))
    exchanges = open_rows(con, layout, manifest, "exchange")
    _insert(
        con,
        "SELECT e.account, n.code, e.ts, e.load_id, e.row "
        f"FROM {exchanges} e JOIN clusters c ON e.prompt_key = c.prompt_key "
        "JOIN cluster_codes n ON c.cluster = n.cluster WHERE e.prompt_cluster IS NULL",
    )


def rows(snapshot: Snapshot, file: str, numbers: Sequence[int] | NDArray[np.int64]) -> pd.DataFrame:
    """The stored rows of one file by number, ordered by number; columns without a value left out.

    Raises:
        UsageError: no load of the snapshot has that name or id.
    """
    chosen = [load for load in snapshot.loads if file in (load.load_id, load.file)]
    if not chosen:
        raise UsageError(
            f"No load of this snapshot is called {file!r}.",
            fix="List the files with: workbench snapshots",
        )
    frames = [_stored(snapshot, load, numbers) for load in chosen]
    found = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return found.sort_values("row", kind="stable", ignore_index=True).dropna(
        axis="columns", how="all"
    )


def _stored(
    snapshot: Snapshot, load: Load, numbers: Sequence[int] | NDArray[np.int64]
) -> pd.DataFrame:
    paths = [part_path(snapshot.layout, load.load_id, part.name) for part in load.parts]
    if not paths:
        return pd.DataFrame({"row": pd.Series(dtype="int64")})
    with session(snapshot.layout) as con:
        con.register("wanted", pa.table({"row": np.unique(np.asarray(numbers, dtype=np.int64))}))
        table = con.sql(
            "SELECT p.* EXCLUDE (row_hash, event, account) "
            f"FROM {parquet_list(paths)} p SEMI JOIN wanted w ON p.row = w.row ORDER BY p.row"
        ).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas()
    return frame
