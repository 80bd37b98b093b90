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
from graph_models.kinds import kind_named
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from graph_models.observations import Observations
from graph_models.stores.protocol import ROW_REF_COLUMNS, ROW_REFS_PER_SIGHTING
from ingest.aggregate import source_rows_sql
from ingest.aliases import prepare_aliases, resolved
from ingest.clusters import prompt_clusters
from ingest.derive import SIGHTED
from ingest.packages import Load, part_path
from ingest.storage import parquet_list, session
from ingest.views import open_rows

if TYPE_CHECKING:
    from ingest.snapshots import Snapshot

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
            for kind, query in source_rows_sql(event):
                _add(con, kind, query, obs)
        _add_clusters(con, snapshot, obs)
        table = con.sql(
            "SELECT r.account, r.identifier, f.file, r.row FROM "
            f"(SELECT * FROM refs {_FIRST}) r JOIN file_of f ON r.load_id = f.load_id "
            "ORDER BY r.identifier, r.account, r.ts, f.file, r.row"
        ).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas()
    return frame[list(ROW_REF_COLUMNS)].astype(ROW_REF_COLUMNS)


def _open(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, obs: Observations) -> None:
    prepare_aliases(con, snapshot.layout, snapshot.manifest)
    accounts = obs.accounts["account"]
    positions = np.arange(len(accounts), dtype=np.int32)
    con.register(
        "account_at",
        pa.table([codes("account", accounts), positions], names=["account", "position"]),
    )
    files = [(load.load_id, load.file) for load in snapshot.loads]
    con.register(
        "file_of",
        pa.table({"load_id": [item[0] for item in files], "file": [item[1] for item in files]}),
    )
    con.execute(
        "CREATE TEMP TABLE refs "
        "(account INTEGER, identifier INTEGER, ts TIMESTAMP, load_id VARCHAR, row BIGINT)"
    )


def _shared(obs: Observations, kind: str) -> dict[str, int]:
    """Value → position of the identifiers of a kind that at least two accounts used."""
    chosen = obs.identifiers[(obs.identifiers["kind"] == kind) & (obs.identifiers["accounts"] > 1)]
    return dict(zip(chosen["value"].tolist(), chosen.index.tolist(), strict=True))


def _add(con: duckdb.DuckDBPyConnection, kind: str, query: str, obs: Observations) -> None:
    """Add the rows of one source: raw values are cleaned once each, then joined."""
    shared, clean = _shared(obs, kind), kind_named(kind).clean
    raws = (
        con.execute(f"SELECT DISTINCT raw FROM ({query}) ORDER BY raw").fetchall() if shared else []
    )
    found = [(raw, shared[value]) for (raw,) in raws if (value := clean(raw)) in shared]
    if not found:
        return
    con.register(
        "raw_at",
        pa.table(
            {
                "raw": [raw for raw, _ in found],
                "identifier": pa.array([at for _, at in found], pa.int32()),
            }
        ),
    )
    _insert(con, f"SELECT q.*, v.identifier FROM ({query}) q JOIN raw_at v ON q.raw = v.raw")


def _insert(con: duckdb.DuckDBPyConnection, query: str) -> None:
    con.execute(
        "INSERT INTO refs SELECT * FROM ("
        "SELECT a.position AS account, r.identifier, r.ts, r.load_id, r.row "
        f"FROM ({resolved(query, 'ts')}) r JOIN account_at a ON r.account = a.account) {_FIRST}"
    )


def _add_clusters(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, obs: Observations) -> None:
    shared = _shared(obs, PROMPT_CLUSTER.name)
    if not shared:
        return
    layout, manifest = snapshot.layout, snapshot.manifest
    exchanges = open_rows(con, layout, manifest, "exchange")
    clusters = prompt_clusters(layout, manifest, snapshot.loads, key=snapshot.key)
    con.register("clusters", clusters)
    con.register(
        "cluster_at",
        pa.table(
            {"cluster": list(shared), "identifier": pa.array(list(shared.values()), pa.int32())}
        ),
    )
    _insert(
        con,
        f"SELECT e.account, e.ts, e.load_id, e.row, v.identifier FROM {exchanges} e "
        "JOIN clusters c ON e.prompt_key = c.prompt_key JOIN cluster_at v ON c.cluster = v.cluster "
        "WHERE e.prompt_cluster IS NULL",
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
