"""The team's graph: a ``GraphStore`` in a Neo4j server, over the official driver.

A server holds several stores by name; each has a pointer to its current publication. A graph is
written beside the current one under a number of its own; only then the pointer moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graph_models.errors import UsageError, WorkbenchError
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.address import Address, Credentials
from graph_models.stores.neo4j.connection import Connection, Transaction, rows
from graph_models.stores.neo4j.lease import LEASE_SECONDS, Lease
from graph_models.stores.neo4j.publishing import (
    ROWS_PER_BATCH,
    Neo4jWriter,
    differences,
    ensure_schema,
)
from graph_models.stores.neo4j.view import Neo4jView
from graph_models.stores.protocol import GraphView, GraphWriter

__all__ = ["Neo4jStore"]

PATIENCE_SECONDS = 120.0
"""How long a write waits for a server that went away: a restart takes up to a minute."""


class Neo4jStore:
    """A store in a Neo4j server; any number of readers, one writer. Connects when first asked."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        rows_per_batch: int = ROWS_PER_BATCH,
        patience: float = PATIENCE_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        read_seconds: float | None = None,
    ) -> None:
        """Name the place; credentials come from environment or secrets file when first needed."""
        address = Address.parse(url)
        self.url = str(address)
        self._name = address.name
        self._rows_per_batch = rows_per_batch
        self._lease_seconds = lease_seconds
        self._connection = Connection(
            address,
            lambda: credentials or Credentials.known(),
            patience=patience,
            read_seconds=read_seconds,
        )

    def published(self) -> bool:
        """Whether there is a graph to view."""
        return self._current() is not None

    def view(self) -> GraphView:
        """A reader pinned to the graph published now; UsageError when there is none."""
        told = self._current()
        if told is None:
            raise UsageError(
                "No graph is published yet.", where=self.url, fix="Run workbench analyse first."
            )
        return Neo4jView(self._connection, told)

    @contextmanager
    def writer(self) -> Iterator[GraphWriter]:
        """A writer; StoreUnreachableError while another one holds the lease."""
        lease = Lease.of_this_process(self._name, seconds=self._lease_seconds)
        self.published()  # a server that is down is told at once; one that goes away is waited for
        ensure_schema(self._connection)
        self._connection.write_surely(lease.take)
        try:
            yield Neo4jWriter(self._connection, lease, rows_per_batch=self._rows_per_batch)
        finally:
            self._release(lease)

    def engine(self) -> str:
        """Name, version and edition of the server, for ``doctor``."""
        told = self._connection.read(lambda tx: rows(tx, cypher.SERVER))[0]
        return f"{told['name']} {told['version']} {told['edition']}, at {self.url}"

    def altered(self) -> list[str]:
        """Where the current graph holds other numbers than were written, for ``doctor``."""
        told = self._current()
        if told is None:
            return []
        return self._connection.read_surely(lambda tx: differences(tx, told["graph"]))

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def _current(self) -> Mapping[str, Any] | None:
        def work(tx: Transaction) -> Mapping[str, Any] | None:
            found = rows(tx, cypher.CURRENT, store=self._name)
            return found[0]["told"] if found else None

        return self._connection.read(work)

    def _release(self, lease: Lease) -> None:
        try:
            self._connection.write(lease.release)
        except WorkbenchError:
            # The lease ends by itself; what went wrong before must not be hidden by this.
            return
