"""A folder of one published graph: arrays and tables that are mapped, not read, when opened.

Arrow's file format is used beside plain arrays because a point look-up in a mapped Arrow column
touches one page of the disk, while Parquet would decode a row group for it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["GraphFiles"]

_MANIFEST = "manifest.json"
# When and for whom a graph was made is kept beside it and is no part of what the graph is.
_ASIDE = "origin.json"


@dataclass(frozen=True, eq=False)
class GraphFiles:
    """What a folder holds by name: ``.npy`` arrays, ``.arrow`` tables, ``.json`` documents."""

    arrays: Mapping[str, NDArray[np.generic]]
    tables: Mapping[str, pa.Table]
    documents: Mapping[str, Any]

    def save(self, folder: Path) -> str:
        """Write all files and a manifest of their hashes; returns a digest of what they say."""
        folder.mkdir(parents=True)
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        for name, table in self.tables.items():
            _save_table(folder / f"{name}.arrow", table)
        for name, document in self.documents.items():
            text = json.dumps(document, sort_keys=True, indent=1)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
        manifest = {path.name: _digest(path) for path in sorted(folder.iterdir())}
        text = json.dumps(manifest, sort_keys=True, indent=1)
        (folder / _MANIFEST).write_text(text, encoding="utf-8")
        _sync(folder)
        told = [f"{name} {digest}" for name, digest in manifest.items() if name != _ASIDE]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]

    @classmethod
    def open(cls, folder: Path) -> GraphFiles:
        """Map the files that ``save`` wrote; raises FileNotFoundError when they are gone."""
        names = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        paths = [folder / name for name in names]
        return cls(
            arrays={p.stem: _open_array(p) for p in paths if p.suffix == ".npy"},
            tables={p.stem: _open_table(p) for p in paths if p.suffix == ".arrow"},
            documents={
                p.stem: json.loads(p.read_text(encoding="utf-8"))
                for p in paths
                if p.suffix == ".json"
            },
        )

    @staticmethod
    def altered(folder: Path) -> list[str]:
        """Names of files whose bytes are no longer those that were published, or that are gone."""
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return [
            name
            for name, digest in manifest.items()
            if not (folder / name).is_file() or _digest(folder / name) != digest
        ]


def _save_table(path: Path, table: pa.Table) -> None:
    whole = table.combine_chunks().replace_schema_metadata(None)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)


def _open_table(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path), "r")).read_all()


def _open_array(path: Path) -> NDArray[np.generic]:
    mapped: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
    # A plain view of the same pages: slicing the memmap class itself costs ten times as much.
    return mapped.view(np.ndarray)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
