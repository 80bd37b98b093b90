"""Snapshots: immutable manifests, one of which is current; switched by an atomic rename."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.errors import UsageError
from graph_models.observations import Observations
from ingest.store.manifest import EMPTY, Manifest
from ingest.store.packages import Load, find_load, loads, save
from ingest.store.storage import Layout, read_json, write_json

__all__ = ["Snapshot", "current_manifest", "manifests", "publish", "snapshot_named", "snapshots"]

POINTER = "current"  # no .json: it is no manifest


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The rows of a set of loads, duplicates resolved; it never changes, readers never block.

    ``key`` is asked for only when prompts must be clustered afresh.
    """

    layout: Layout
    manifest: Manifest
    key: Callable[[], bytes]

    @property
    def digest(self) -> str:
        """The name of the snapshot: the same rows have the same digest."""
        return self.manifest.digest

    @cached_property
    def loads(self) -> tuple[Load, ...]:
        """The ledgers of its loads, by id."""
        found = (find_load(self.layout, load_id) for load_id in self.manifest.loads)
        return tuple(load for load in found if load is not None)

    @property
    def rows_by_event(self) -> dict[str, int]:
        """Rows of each event kind, after duplicates."""
        return self.manifest.rows()

    def observations(
        self,
        from_: datetime | None = None,
        to: datetime | None = None,
        *,
        say: Callable[..., None] | None = None,
    ) -> Observations:
        """The snapshot as columnar tables, over all time or over ``from_ <= ts < to`` (UTC)."""
        from ingest.observing import (
            observe,  # Ibis takes a second to import: only analysis pays for it
        )

        return observe.observations(self, from_, to, say=say)

    def unresolved_ids(self) -> int:
        """How many ids of other systems no alias explains; they become no account."""
        from ingest.observing import observe

        return observe.unresolved_ids(self)

    def index_rows(self) -> None:
        """Make rows quick to find by account, and values by their beginning.

        A day that is indexed already costs nothing.
        """
        from ingest.observing import known_values, row_index

        row_index.index_rows(self.layout, self.manifest)
        known_values.index_values(self.layout, self.manifest)

    def rows(self, file: str, rows: Sequence[int] | NDArray[np.int64]) -> pd.DataFrame:
        """The stored rows of a file (its name or its load id) by row number; never prompt text.

        Raises:
            UsageError: no load of this snapshot has that name.
        """
        from ingest.observing import provenance

        return provenance.rows(self, file, rows)


def manifests(layout: Layout) -> list[Manifest]:
    """All manifests, the newest first."""
    found = [Manifest.from_json(read_json(path)) for path in layout.snapshots.glob("*.json")]
    return sorted(found, key=lambda item: item.sequence, reverse=True)


def current_manifest(layout: Layout) -> Manifest:
    """The published manifest; the empty one before the first ingest."""
    pointer = layout.snapshots / POINTER
    if not pointer.exists():
        return EMPTY
    return Manifest.from_json(read_json(layout.snapshots / read_json(pointer)["manifest"]))


def publish(layout: Layout, manifest: Manifest, *, at: str) -> Manifest:
    """Make a manifest the current one. The switch is one rename; before it nothing is visible."""
    pointer, path = layout.snapshots / POINTER, layout.snapshots / manifest.name
    newest = read_json(pointer)["newest"] if pointer.exists() else 0
    if path.exists():
        manifest = Manifest.from_json(read_json(path))
    else:
        newest += 1
        manifest = replace(manifest, sequence=newest, at=at)
        write_json(path, manifest.as_json())
    write_json(pointer, {"manifest": manifest.name, "newest": newest})
    _mark(layout, manifest)
    return manifest


def _mark(layout: Layout, manifest: Manifest) -> None:
    for load in loads(layout):
        if load.load_id in manifest.loads and load.state != "published":
            save(layout, load.in_state("published"))


def snapshot_named(layout: Layout, digest: str) -> Manifest:
    """The newest manifest of a digest, or of the beginning of one.

    Raises:
        UsageError: none, or several, begin so.
    """
    found = [item for item in manifests(layout) if item.digest.startswith(digest)]
    if len({item.digest for item in found}) != 1:
        raise UsageError(
            f"{len(found)} snapshots are named {digest!r}.",
            fix="List them with: workbench snapshots",
        )
    return found[0]


def snapshots(layout: Layout) -> pd.DataFrame:
    """One row a snapshot, the newest first: snapshot, at, loads, rows, current."""
    current = current_manifest(layout)
    rows = [
        {
            "snapshot": item.digest,
            "at": item.at,
            "loads": len(item.loads),
            "rows": sum(item.rows().values()),
            "current": item.name == current.name,
        }
        for item in manifests(layout)
    ]
    return pd.DataFrame(rows, columns=["snapshot", "at", "loads", "rows", "current"])
