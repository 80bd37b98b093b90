"""Taking a load out of the snapshot."""

from __future__ import annotations

from graph_models.errors import UsageError
from ingest.store import packages
from ingest.store.manifest import without_load
from ingest.store.snapshots import Snapshot, current_manifest, publish
from ingest.store.storage import Layout, session
from ingest.store.workspace import Workspace

__all__ = ["mark_withdrawn", "withdraw"]


def withdraw(workspace: Workspace, load_id: str) -> Snapshot:
    """Take a load out; what it had hidden as duplicates comes back.

    Returns:
        The new current snapshot; empty when that was the last load.

    Raises:
        UsageError: the current snapshot has no such load.
    """
    layout = workspace.layout
    with workspace.exclusive("withdraw"):
        manifest = current_manifest(layout)
        if load_id not in manifest.loads:
            raise UsageError(
                f"The current snapshot has no load {load_id!r}.",
                fix="List the loads with: workbench snapshots",
            )
        with session(layout) as con:
            manifest = publish(layout, without_load(con, layout, manifest, load_id), at=manifest.at)
        mark_withdrawn(layout, load_id)
    return Snapshot(layout, manifest, workspace.key)


def mark_withdrawn(layout: Layout, load_id: str) -> None:
    """Say so in the ledger of a load."""
    load = packages.find_load(layout, load_id)
    assert load is not None
    packages.save(layout, load.in_state("withdrawn"))
