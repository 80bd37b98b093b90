"""Files of a workspace: where they lie, written whole or not at all; DuckDB sessions."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import duckdb

from graph_models.errors import WorkbenchError
from ingest import sql
from ingest.store.memory import database_limit

__all__ = [
    "THREADS",
    "Layout",
    "alive",
    "disk_refusal",
    "file_digest",
    "parquet_list",
    "read_json",
    "session",
    "sweep",
    "sync_file",
    "sync_folder",
    "write_json",
    "write_text",
]

THREADS = 2
_SESSION = itertools.count()


@dataclass(frozen=True)
class Layout:
    """The folders of a workspace. ``cache`` and ``scratch`` may be deleted at any time."""

    root: Path

    @property
    def card(self) -> Path:
        """The file that makes a folder a workspace."""
        return self.root / "workspace.json"

    @property
    def loads(self) -> Path:
        """One folder a load: its ledger and its parts."""
        return self.root / "loads"

    @property
    def snapshots(self) -> Path:
        """Manifests, and the pointer to the current one."""
        return self.root / "snapshots"

    @property
    def cache(self) -> Path:
        """Derived tables, named by what they derive from."""
        return self.root / "cache"

    @property
    def scratch(self) -> Path:
        """What DuckDB spills; one folder a session."""
        return self.root / "scratch"

    @property
    def lock(self) -> Path:
        """Held by whoever writes."""
        return self.root / "lock"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the bytes of a file survive a power cut."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def write_text(path: Path, text: str) -> None:
    """Replace a file whole: readers see the old text or the new one, never a mixture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """``write_text`` of sorted JSON."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """The JSON value of a file of ours; WorkbenchError when it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WorkbenchError(
            f"This file is damaged ({error}).",
            where=path.name,
            fix="Restore the workspace from a backup, or ingest the logs into a new one.",
        ) from error


def file_digest(path: Path) -> str:
    """BLAKE2b of a file's bytes, 32 hexadecimal digits."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def parquet_list(paths: Sequence[Path]) -> str:
    """``read_parquet([...])`` over the given files, columns matched by name."""
    names = ", ".join(sql.glob_literal(path) for path in paths)
    return f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)"


def alive(pid: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def disk_refusal(error: BaseException, root: Path) -> WorkbenchError | None:
    """The error to show when the disk below ``root`` is full or cannot be written; else None."""
    words, number = str(error).lower(), getattr(error, "errno", None)
    again = "run the same command again: it goes on where it stopped."
    if number in (errno.ENOSPC, errno.EDQUOT) or "no space left" in words:
        return WorkbenchError(
            "The disk of the workspace is full.", fix=f"Free some space and {again}"
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return WorkbenchError(
            "Memory and the room to spill into are used up.",
            fix=f"Free some disk space and {again}",
        )
    own = Path(str(getattr(error, "filename", None) or "/")).is_relative_to(root)
    if number == errno.EROFS or (number == errno.EACCES and own):
        return WorkbenchError(
            "The workspace cannot be written.",
            fix="Reading works. To ingest, make it writable or copy it elsewhere.",
        )
    return None


def _session_folder(layout: Layout) -> Path:
    folder = layout.scratch / f"{os.getpid()}-{next(_SESSION)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only workspace can still be read
        return Path(tempfile.mkdtemp(prefix="workbench-"))
    return folder


@contextmanager
def session(
    layout: Layout, *, memory: str | None = None, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB with bounded memory that spills into the workspace; closed at the end.

    ``memory``: its limit; by default its part of the setting (see ``memory``).
    """
    folder = _session_folder(layout)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory or database_limit(),
        "threads": threads,
        "temp_directory": str(folder),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    con = duckdb.connect(config=settings)
    try:
        con.execute("SET TimeZone = 'UTC'")
        sql.silence(con)
        yield con
    finally:
        con.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(layout: Layout) -> None:
    """Remove what killed processes left; only the holder of the lock may call this."""
    for folder in layout.scratch.glob("*-*"):
        if not _owned(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    for path in layout.cache.glob(".*"):
        if not _owned(path.name[1:]):
            path.unlink(missing_ok=True)
    for folder in (layout.root, layout.snapshots):
        for path in folder.glob(".*.new"):
            path.unlink(missing_ok=True)


def _owned(name: str) -> bool:
    """Whether a name that begins with a process id belongs to a living process."""
    owner = re.split(r"[-.]", name)[0]
    return owner.isdigit() and alive(int(owner))
