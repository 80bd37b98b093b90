"""Which files an ingest reads: those named, and those below the folders named, in sorted order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph_models.errors import BadDataError, UsageError
from graph_models.text import inert
from ingest.store.storage import file_digest

__all__ = ["SourceFile", "source_files", "world_of"]

TRUTH = ".truth"  # the answers of a synthetic world are never evidence
README = "README.md"
LONGEST_NAME = 1_024  # signs of a path that are shown and kept
_WORLD = re.compile(r"^synthetic:\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class SourceFile:
    """A file to load; ``name`` is its path below the folder that was named, or its own name.

    The name is shown and kept, so it is inert. ``root`` is the folder that was named.
    """

    path: Path
    name: str
    root: Path | None = None

    def refuse_escape(self) -> None:
        """BadDataError when the file is a link that leads out of the folder that was named."""
        if self.root is None or self.path.resolve().is_relative_to(self.root.resolve()):
            return
        raise BadDataError(
            "This is a link to a file outside of the folder.",
            where=self.name,
            fix="Name the file itself if it belongs to the logs.",
        )

    def state(self) -> tuple[int, int]:
        """Size in bytes and time of the last change."""
        stat = self.path.stat()
        return stat.st_size, stat.st_mtime_ns

    @property
    def size(self) -> int:
        """Size in bytes; 0 when it cannot be told."""
        try:
            return self.state()[0]
        except OSError:
            return 0

    def digest(self) -> str:
        """Hash of the bytes.

        Raises:
            BadDataError: the file grew or changed while it was read.
        """
        before = self.state()
        digest = file_digest(self.path)
        self.refuse_change(before)
        return digest

    def refuse_change(self, before: tuple[int, int]) -> None:
        """BadDataError when the file is not the one that ``state`` saw."""
        if self.state() != before:
            raise BadDataError(
                "The file changed while it was read; nothing of it was loaded.",
                where=self.name,
                fix="Ingest it again when nobody writes to it.",
            )


def source_files(paths: Sequence[Path | str]) -> list[SourceFile]:
    """The files to load, each once, in the order of the paths and sorted within folders.

    Hidden files, folders named ``*.truth`` and READMEs are passed over; links to folders are not
    followed.

    Raises:
        UsageError: a path does not exist, or there is no file at all.
    """
    found: dict[Path, SourceFile] = {}
    for path in map(Path, paths):
        if not _exists(path):
            raise UsageError(
                "There is no such file or folder.", where=_inert(path), fix="Check it."
            )
        for file in _below(path) if path.is_dir() else [SourceFile(path, _inert(path.name))]:
            found.setdefault(file.path.resolve(), file)
    if not found:
        raise UsageError(
            "There is no file to load.",
            where=", ".join(_inert(path) for path in paths),
            fix="Name log files (Parquet, CSV, JSONL, also .gz and .zst) or folders of them.",
        )
    return list(found.values())


def _below(root: Path) -> Iterator[SourceFile]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not name.endswith(TRUTH)
        )
        for name in sorted(names):
            path = Path(folder) / name
            if not name.startswith(".") and name != README and path.is_file():
                yield SourceFile(path, _inert(path.relative_to(root).as_posix()), root)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def _inert(path: Path | str) -> str:
    return inert(str(path), limit=LONGEST_NAME)


def world_of(paths: Sequence[Path | str]) -> str | None:
    """The synthetic world that a README beside or above the files names; None for real logs."""
    folders = {path if path.is_dir() else path.parent for path in map(Path, paths)}
    for folder in sorted(folders):
        readme = folder / README
        if readme.is_file():
            found = _WORLD.search(readme.read_text(encoding="utf-8", errors="replace")[:4096])
            if found:
                return found.group(1)[:80]
    return None
