"""One writer at a time. The operating system holds the lock: a killed holder frees it at once."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from graph_models.errors import StoreUnreachableError

__all__ = ["exclusive"]

WAIT = 10.0  # seconds: longer than a withdrawal takes, shorter than a person waits
STEP = 0.05


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"process {int(held['pid'])} ({str(held['doing'])[:40]})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _acquire(handle: TextIOWrapper, path: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(STEP)
                continue
            raise StoreUnreachableError(
                f"The workspace is being written by {_holder(path)}.",
                fix="Wait for it to end, then run the same command again.",
            ) from None
        return


@contextmanager
def exclusive(path: Path, *, doing: str, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock file; after ``wait`` seconds StoreUnreachableError names the holder.

    The file stays: to remove it would let two writers hold two different files of one name.
    """
    with path.open("a+", encoding="utf-8") as handle:
        _acquire(handle, path, wait)
        try:
            handle.seek(0)
            handle.truncate()
            json.dump({"pid": os.getpid(), "doing": doing}, handle)
            handle.flush()
            yield
        finally:
            handle.seek(0)
            handle.truncate()
            fcntl.flock(handle, fcntl.LOCK_UN)
