"""Transactions with one Neo4j server: bounded in time, repeated where safe, told in words."""

from __future__ import annotations

import logging
import os
import secrets
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from neo4j import Driver, GraphDatabase, ManagedTransaction, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DatabaseUnavailable,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph_models.errors import StoreUnreachableError, UsageError, WorkbenchError
from graph_models.stores.neo4j.address import Address, Credentials
from graph_models.text import inert

__all__ = ["Connection", "TooMuchAtOnceError", "Transaction", "rows"]

Transaction = ManagedTransaction
Answer = TypeVar("Answer")

CONNECT_SECONDS = 5.0
"""A server on the same network answers within milliseconds; one that is down must be told soon."""
READ_SECONDS = 30.0
WRITE_SECONDS = 300.0
"""A batch takes a second; only on a server in trouble, or over a whole graph, does it take long."""
DRIVER_RETRIES_SECONDS = 2.0
"""What the driver retries by itself; beyond it the loop here decides, which knows the batch."""
TRANSIENT_ATTEMPTS = 6
"""Conflicts end within a few attempts; more means that the batch itself is too large."""
LONGEST_PAUSE = 5.0
LOST: tuple[type[Exception], ...] = (ServiceUnavailable, SessionExpired)
"""The connection broke, also in the middle of a COMMIT: the outcome is looked up, not guessed."""
TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"


class TooMuchAtOnceError(StoreUnreachableError):
    """The server gave up on a write again and again; a smaller batch may pass."""


def rows(transaction: Transaction, statement: str, **values: Any) -> list[dict[str, Any]]:
    """All rows of an answer; nothing is handed on before the last one has come."""
    return [record.data() for record in transaction.run(statement, values)]


class Connection:
    """A driver that is opened when it is first needed."""

    def __init__(
        self,
        address: Address,
        credentials: Callable[[], Credentials],
        *,
        patience: float = 120.0,
        read_seconds: float | None = None,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """``patience``: seconds for which a write waits for a server that went away."""
        self.address = address
        self.patience = patience
        self.write_seconds = write_seconds
        self.read_seconds = read_seconds or _told_seconds()
        self._credentials = credentials
        self._driver: Driver | None = None
        self._let_go: Callable[[], object] = _nothing

    def read(self, work: Callable[[Transaction], Answer]) -> Answer:
        """One bounded read; raises StoreUnreachableError, and never answers in part."""
        with self._told():
            return self._read(work, self.read_seconds)

    def read_surely(self, work: Callable[[Transaction], Answer]) -> Answer:
        """A read over a whole graph, which also waits for a server that went away."""
        return self._surely(lambda: self._read(work, self.write_seconds))

    def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """One write, tried once by us (the driver repeats what surely was not done)."""
        with self._told():
            return self._write(work)

    def write_surely(self, work: Callable[[Transaction], Answer]) -> Answer:
        """One write that may be repeated: ``work`` itself looks whether it was done before.

        Raises TooMuchAtOnceError when the server refuses it again and again for passing reasons,
        StoreUnreachableError when the server stays away longer than ``patience``.
        """
        return self._surely(lambda: self._write(work))

    def _surely(self, attempt: Callable[[], Answer]) -> Answer:
        deadline, refused, pause = time.monotonic() + self.patience, 0, 0.05
        while True:
            try:
                return attempt()
            except (ServiceUnavailable, SessionExpired, Neo4jError) as error:
                refused += _is_refusal(error)
                if refused >= TRANSIENT_ATTEMPTS:
                    raise TooMuchAtOnceError(f"Neo4j refused it {refused} times.") from error
                if not _passes(error) or time.monotonic() > deadline:
                    raise told(error, self.address) from error
            time.sleep(pause * (0.5 + secrets.randbelow(1000) / 1000))
            pause = min(2 * pause, LONGEST_PAUSE)

    def close(self) -> None:
        """Let go of the connections; the next question opens new ones."""
        self._let_go()
        self._driver = None

    def _read(self, work: Callable[[Transaction], Answer], seconds: float) -> Answer:
        bounded = unit_of_work(timeout=seconds)(work)
        with self._open().session(default_access_mode="READ") as session:
            return session.execute_read(bounded)

    def _write(self, work: Callable[[Transaction], Answer]) -> Answer:
        bounded = unit_of_work(timeout=self.write_seconds)(work)
        with self._open().session() as session:
            return session.execute_write(bounded)

    def _open(self) -> Driver:
        if self._driver is None:
            # What the driver would print about its retries is told by us, once and in words.
            logging.getLogger("neo4j").addHandler(logging.NullHandler())
            self._driver = GraphDatabase.driver(
                self.address.server,
                auth=self._credentials().pair,
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=3 * CONNECT_SECONDS,
                max_transaction_retry_time=DRIVER_RETRIES_SECONDS,
                max_connection_pool_size=8,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )
            # At the latest when nobody asks any more, or at exit.
            self._let_go = weakref.finalize(self, self._driver.close)
        return self._driver

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (DriverError, Neo4jError) as error:
            raise told(error, self.address) from error


def _nothing() -> None:
    return None


def _told_seconds() -> float:
    try:
        return float(os.environ.get("WORKBENCH_NEO4J_TIMEOUT") or READ_SECONDS)
    except ValueError:
        raise UsageError(
            "WORKBENCH_NEO4J_TIMEOUT is not a number of seconds.", fix="Write, for example, 60"
        ) from None


def _is_refusal(error: Exception) -> bool:
    """Whether a server that is there gave up on a piece of work, for a passing reason."""
    return isinstance(error, TransientError) and not isinstance(error, DatabaseUnavailable)


def _passes(error: Exception) -> bool:
    """Whether the same write may succeed later, with nothing changed."""
    return isinstance(error, LOST) or bool(getattr(error, "is_retryable", bool)())


def told(error: Exception, address: Address) -> WorkbenchError:
    """What the driver says, in the project's words; the server's own text is made inert."""
    where = str(address)
    if isinstance(error, AuthError):
        return StoreUnreachableError(
            "Neo4j refuses the user or the password.", where=where,
            fix="Set WORKBENCH_NEO4J_USER and WORKBENCH_NEO4J_PASSWORD, or the secrets file.",
        )  # fmt: skip
    if isinstance(error, ClientError) and (error.code or "").startswith(TIMED_OUT):
        return StoreUnreachableError(
            "The question took too long and was cancelled; nothing of it is shown.", where=where,
            fix="Ask for less (--limit, --kind), or raise WORKBENCH_NEO4J_TIMEOUT (seconds).",
        )  # fmt: skip
    if isinstance(error, (*LOST, ConfigurationError, DatabaseUnavailable)):
        return StoreUnreachableError(
            "Neo4j does not answer.", where=where,
            fix="Start it (make neo4j), or check host and port; make neo4j-status says its state.",
        )  # fmt: skip
    code = getattr(error, "code", None) or type(error).__name__
    message = getattr(error, "message", None) or str(error)
    return StoreUnreachableError(
        f"Neo4j failed: {inert(str(code))}: {inert(str(message), 300)}", where=where,
        fix="Its log says more.",
    )  # fmt: skip
