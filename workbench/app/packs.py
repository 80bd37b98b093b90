"""An evidence pack as one file for the browser: built, sealed, zipped with fixed times."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from workbench.app.desk import Desk

__all__ = ["pack_zip"]

_FIXED = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold: same pack, same bytes


def pack_zip(desk: Desk, community: str, *, profile: str = "internal") -> bytes:
    """Export a community and return the pack's folder as a zip."""
    with tempfile.TemporaryDirectory(prefix="workbench-pack-") as scratch:
        name = f"evidence-{community}"
        folder = Path(scratch) / name
        desk.export(community=community, out=folder, profile=profile)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
            for path in sorted(item for item in folder.rglob("*") if item.is_file()):
                entry = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}", _FIXED)
                entry.compress_type = zipfile.ZIP_DEFLATED
                pack.writestr(entry, path.read_bytes())
        return target.getvalue()
