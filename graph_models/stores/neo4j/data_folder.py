"""Which folder a server's data lies in: one pointer, moved only when the next one is whole."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graph_models.stores.locks import alone

__all__ = ["DataFolder"]

_FIRST = "data"
_NAME = re.compile(r"data(-\d{1,9})?")


@dataclass(frozen=True)
class DataFolder:
    """The data of the server whose home this is: ``data``, or ``data-N`` after bulk loads."""

    home: Path

    @property
    def name(self) -> str:
        """The current folder's name within the home."""
        try:
            told = self._pointer.read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return _FIRST
        return told if _NAME.fullmatch(told) else _FIRST

    @property
    def path(self) -> Path:
        """The current folder; it need not be there yet."""
        return self.home / self.name

    @property
    def unfinished(self) -> Path:
        """Where a bulk load makes the next one; left behind only when it was killed."""
        return self.home / "load.unfinished"

    def holds_graph(self) -> bool:
        """Whether a server ever kept a database in it."""
        return (self.path / "databases" / "neo4j").is_dir()

    def size(self) -> int:
        """Bytes of that database."""
        files = (self.path / "databases" / "neo4j").rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())

    def replace(self, fresh: Path) -> None:
        """Make a finished folder of the same disk the current one, and remove those before it."""
        number = int(self.name.partition("-")[2] or 0) + 1
        place = self.home / f"{_FIRST}-{number}"
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
        unfinished = self._pointer.with_suffix(".unfinished")
        with unfinished.open("w", encoding="ascii") as file:
            file.write(place.name + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._pointer)
        self.sweep()

    def sweep(self) -> None:
        """Remove folders that are current no more, or that never came to be."""
        for folder in self.home.glob(f"{_FIRST}*"):
            if folder.is_dir() and _NAME.fullmatch(folder.name) and folder.name != self.name:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Nobody else starts a server on it or replaces it meanwhile; StoreUnreachableError."""
        busy = "A bulk load or a start of this server is under way."
        with alone(self.home / ".claim", busy=busy, where=str(self.home)):
            yield

    @property
    def _pointer(self) -> Path:
        return self.home / "data.current"
