"""One process at a time, told by the system: a lock ends with the process that holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph_models.errors import StoreUnreachableError

__all__ = ["alone"]


@contextmanager
def alone(path: Path, *, busy: str, where: str) -> Iterator[None]:
    """Hold a lock file; its folder is made where there is none.

    Args:
        path: The file, which stays when the lock is let go.
        busy: What another process is doing while it holds the lock, as a sentence.
        where: What the lock is on, for the refusal.

    Raises:
        StoreUnreachableError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreUnreachableError(
                busy, where=where, fix="Try again when it is done."
            ) from None
        yield
