"""Are the parts on disk still what their names say? Names of parts hold the hash of their bytes."""

from __future__ import annotations

from ingest.store.packages import loads, named_by_content, part_path
from ingest.store.snapshots import current_manifest
from ingest.store.storage import Layout

__all__ = ["altered_parts"]


def altered_parts(layout: Layout) -> tuple[int, tuple[str, ...]]:
    """How many parts the current snapshot has, and what of its loads is missing or altered."""
    published = set(current_manifest(layout).loads)
    count, wrong = 0, []
    for load in loads(layout):
        if load.load_id not in published:
            continue
        published.remove(load.load_id)
        for part in load.parts:
            count += 1
            if not named_by_content(part_path(layout, load.load_id, part.name)):
                wrong.append(f"{load.load_id}/{part.name}")
    wrong += [f"{load_id}/ledger.json" for load_id in sorted(published)]
    return count, tuple(wrong)
