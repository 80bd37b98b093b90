"""The exceptions of the whole project, and the exit code that each one means.

WorkbenchError
├── UsageError              2  the caller asked for something that does not exist
├── BadDataError            3  a file or table is refused as a whole
├── StoreUnreachableError   4  the store does not answer
└── CheckFailedError        1  a verification or check did not pass

A bad *row* is never an exception: it is data with a reason code (see ``ingest.quarantine``).
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Something the user can act on: what happened, where, and what to do next."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        super().__init__(" ".join(part for part in (where and f"{where}:", what, fix) if part))


class CheckFailedError(WorkbenchError):
    """A verification or a self-check did not pass."""


class UsageError(WorkbenchError):
    """The caller named something that does not exist; ``fix`` lists what does."""

    exit_code = 2


class BadDataError(WorkbenchError):
    """A file is refused as a whole; ``where`` names file, row and column."""

    exit_code = 3


class StoreUnreachableError(WorkbenchError):
    """The store does not answer, or refuses the credentials."""

    exit_code = 4
