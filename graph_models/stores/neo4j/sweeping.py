"""Removes what no reader may see any more, in bounded transactions, from wherever it stopped."""

from __future__ import annotations

from collections.abc import Sequence

from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import Connection, Transaction, rows
from graph_models.stores.neo4j.encoding import ACCOUNTS, Keys
from graph_models.stores.neo4j.lease import Lease

__all__ = ["Sweeper"]

ACCOUNTS_AT_ONCE = 1000
"""Accounts whose relations go in one transaction: some ten thousand relations."""
NODES_AT_ONCE = 5000
MARKERS_AT_ONCE = 10_000


class Sweeper:
    """Removes publications that are marked as being removed."""

    def __init__(self, connection: Connection, lease: Lease) -> None:
        self._connection = connection
        self._lease = lease

    def graph(self, graph: int, sizes: Sequence[int]) -> None:
        """Remove one publication: relations, nodes, markers, and at last its own node."""
        keys = Keys(graph)
        self._ranges(cypher.DROP_EDGES, keys, ACCOUNTS, sizes[ACCOUNTS], ACCOUNTS_AT_ONCE)
        for sort, size in enumerate(sizes):
            self._ranges(cypher.DROP_NODES, keys, sort, size, NODES_AT_ONCE)
        self.markers(graph)
        self._write(cypher.DROP_PUBLICATION, graph=graph)

    def markers(self, graph: int) -> None:
        """Remove the markers of a publication that is finished."""
        while self._write(cypher.DROP_MARKERS, prefix=f"{graph}/", limit=MARKERS_AT_ONCE):
            continue

    def _ranges(self, statement: str, keys: Keys, sort: int, size: int, step: int) -> None:
        for start in range(0, size, step):
            low, high = keys.of(sort, start), keys.of(sort, min(start + step, size))
            self._write(statement, low=low, high=high)

    def _write(self, statement: str, **values: int | str) -> int:
        def work(tx: Transaction) -> int:
            self._lease.hold(tx)
            told = rows(tx, statement, **values)
            return int(told[0]["gone"]) if told else 0

        return self._connection.write_surely(work)
