"""Files that come through the browser: a name is input, so only its safe part survives."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

__all__ = ["safe_name", "saved"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 120


def safe_name(name: str) -> str:
    """The last part of a path, in plain characters, never hidden and never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = _UNSAFE.sub("_", last).lstrip(".")
    return plain[-_LONGEST:] or "upload"


@contextmanager
def saved(files: Sequence[IO[bytes]]) -> Iterator[list[Path]]:
    """The uploads as files in a private folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="workbench-upload-") as folder:
        paths = []
        for place, file in enumerate(files):
            home = Path(folder) / str(place)
            home.mkdir()
            path = home / safe_name(file.name)
            file.seek(0)
            with path.open("wb") as target:
                shutil.copyfileobj(file, target)
            paths.append(path)
        yield paths
