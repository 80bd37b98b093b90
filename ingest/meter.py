"""How far an ingest is: rows so far, rows a second, time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

__all__ = ["Meter"]

SECONDS = 2.0  # between two reports within a file
MINUTE, HOUR = 60, 3_600


class Meter:
    """Reports the progress of reading some files, at most every few seconds within one.

    The share that is done is that of the bytes; within a table it follows the rows.
    """

    def __init__(
        self,
        say: Callable[..., None] | None,
        sizes: Sequence[int],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``sizes``: bytes of each file, in the order of reading. ``say`` takes words and share."""
        self.say, self.sizes, self.clock = say, list(sizes), clock
        self.total = max(1, sum(sizes))
        self.file, self.before, self.rows = -1, 0, 0
        self.started = self.told = clock()
        self.name = ""

    def begin(self, name: str) -> None:
        """The next file begins."""
        if self.file >= 0:
            self.before += self.sizes[self.file]
        self.file, self.name = self.file + 1, name
        if self.say is not None:
            self.say(f"reading {name}", self.before / self.total)

    def at(self, rows: int, share: float | None = None) -> None:
        """So many rows of the file are read, which are so much of it, where that is known."""
        now = self.clock()
        if self.say is None or now - self.told < SECONDS:
            return
        self.told = now
        seconds = max(now - self.started, 1e-9)
        every = self.rows + rows
        words = f"{self.name}: {every:,} rows, {every / seconds:,.0f} rows/s"
        if share is None:
            self.say(words, self.before / self.total)
            return
        done = (self.before + share * self.sizes[self.file]) / self.total
        left = seconds * (1 - done) / max(done, 1e-9)
        self.say(f"{words}, {_spelled(left)} left", done)

    def end(self, rows: int) -> None:
        """The file is read and had so many rows."""
        self.rows += rows


def _spelled(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
