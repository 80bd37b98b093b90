"""Are the parts on disk still what their names say? Names of parts hold the hash of their bytes."""

from __future__ import annotations

from pathlib import Path

from ingest.packages import loads, part_path
from ingest.snapshots import current_manifest
from ingest.storage import Layout, file_digest

__all__ = ["altered_parts"]


def altered_parts(layout: Layout) -> tuple[int, tuple[str, ...]]:
    """How many parts the current snapshot has, and which of them are missing or altered."""
    published = set(current_manifest(layout).loads)
    count, wrong = 0, []
    for load in loads(layout):
        if load.load_id not in published:
            continue
        for part in load.parts:
            count += 1
            path = part_path(layout, load.load_id, part.name)
            if not path.is_file() or not _named_by_content(path):
                wrong.append(f"{load.load_id}/{part.name}")
    return count, tuple(wrong)


def _named_by_content(path: Path) -> bool:
    return path.stem.rpartition("-")[2] == file_digest(path)[:20]
