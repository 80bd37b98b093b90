"""The prompt clusters of a snapshot, from the sketches of its loads; kept until its rows change."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph_models.codes import digest_text
from ingest.prompts import CLUSTER_SCHEMA, choice, cluster, frames, joins, shapes
from ingest.store.manifest import Manifest
from ingest.store.packages import Load, part_path
from ingest.store.storage import Layout, parquet_list, session
from ingest.store.views import open_rows

__all__ = ["prompt_clusters"]

VERSION = 1


@functools.cache
def _version() -> str:
    return digest_text(
        str(VERSION), *(inspect.getsource(module) for module in (choice, frames, joins, shapes))
    )


def _cached(layout: Layout, manifest: Manifest, sketches: Sequence[Path]) -> Path:
    hashes = [name for bucket in manifest.of("exchange").values() for name in bucket.hashes]
    names = sorted(path.name for path in sketches)
    return layout.cache / f"clusters-{digest_text(_version(), *sorted(hashes), *names)}.parquet"


def prompt_clusters(
    layout: Layout, manifest: Manifest, loads: Sequence[Load], *, key: Callable[[], bytes]
) -> pa.Table:
    """Prompt keys with their cluster (``pc_…``), by key; prompts that are in none are left out.

    Only prompts of rows that count are clustered. ``key`` is called only when the clusters are not
    in the cache.
    """
    sketches = [part_path(layout, load.load_id, load.sketches) for load in loads if load.sketches]
    if not sketches:
        return CLUSTER_SCHEMA.empty_table()
    path = _cached(layout, manifest, sketches)
    if path.exists():
        return pq.read_table(path)
    # The session ends before the clustering begins: the two never hold memory at a time.
    found = cluster(_used(layout, manifest, sketches), key=key())
    found = found.filter(found["cluster"].is_valid()).sort_by("prompt_key")
    _keep(path, found)
    return found


def _used(layout: Layout, manifest: Manifest, sketches: Sequence[Path]) -> pa.Table:
    with session(layout) as con:
        exchanges = open_rows(con, layout, manifest, "exchange")
        return con.sql(
            "SELECT s.prompt_key, s.shingles, u.uses FROM "
            f"(SELECT prompt_key, count(*) AS uses FROM {exchanges} "
            "WHERE prompt_cluster IS NULL GROUP BY prompt_key) u "
            f"JOIN {parquet_list(sketches)} s ON s.prompt_key = u.prompt_key"
        ).to_arrow_table()


def _keep(path: Path, table: pa.Table) -> None:
    if not os.access(path.parent, os.W_OK):
        return
    fresh = path.with_name(f".{os.getpid()}.{path.name}")
    pq.write_table(table, fresh)
    fresh.replace(path)
