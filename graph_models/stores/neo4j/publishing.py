"""Writes a graph beside the published one, checks it, and switches one pointer.

Every batch is one transaction that also leaves a marker, so whether a batch was written is looked
up and never guessed; written twice it would change nothing. A publish that died goes on where it
stopped when the same graph comes again, and is swept away when another one comes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph_models.errors import BadDataError, StoreUnreachableError
from graph_models.stores.compilation import compile_graph
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.mapped_graph import MappedGraph
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import (
    Connection,
    TooMuchAtOnceError,
    Transaction,
    rows,
)
from graph_models.stores.neo4j.encoding import Keys, Stage, stages, sums
from graph_models.stores.neo4j.lease import Lease
from graph_models.stores.neo4j.sweeping import Sweeper
from graph_models.stores.protocol import Published
from graph_models.stores.records import LINEAGE

__all__ = ["ROWS_PER_BATCH", "Neo4jWriter", "differences", "ensure_schema"]

ROWS_PER_BATCH = 5000
"""A transaction of about a megabyte: long enough to pay its way, short enough to repeat."""
FEWEST_ROWS = 50
"""A batch of fewer rows that is still refused is not too large; the server is in trouble."""
KEPT_GRAPHS = 1
"""Graphs kept besides the current one, for readers that are still on them."""


@dataclass(frozen=True)
class Publication:
    """One graph in the server: its number, its digest, its state and how many nodes it has."""

    graph: int
    digest: str
    state: str
    sizes: tuple[int, ...]


class Neo4jWriter:
    """A ``GraphWriter``; lives as long as the lease that it was given."""

    def __init__(
        self, connection: Connection, lease: Lease, *, rows_per_batch: int = ROWS_PER_BATCH
    ) -> None:
        self._connection = connection
        self._lease = lease
        self._rows_per_batch = rows_per_batch

    def publish(self, graph: Published) -> None:
        """Write the graph and make it the current one; the same graph again changes nothing."""
        files = compile_graph(graph)
        self.publish_compiled(files, _digest(files))

    def publish_compiled(self, files: GraphFiles, digest: str) -> None:
        """As ``publish``, for a graph that another store holds under that digest."""
        publication = self._begin(digest, MappedGraph(files))
        if publication.state == "loading":
            self._load(MappedGraph(files), publication)
        self._point_to(publication)
        self._sweep(publication, keep=KEPT_GRAPHS)

    def adopt(self, graph: MappedGraph, digest: str) -> int:
        """Point to a graph whose nodes and relations the import tool wrote; its number."""
        publication = self._begin(digest, graph)
        self._point_to(publication)
        return publication.graph

    def _begin(self, digest: str, graph: MappedGraph) -> Publication:
        """The publication of that digest: finished, half written before, or new."""
        self._sweep_unfinished(besides=digest)
        told = _told_of(graph)

        def begin(tx: Transaction) -> Publication:
            self._lease.hold(tx)
            for known in publications(tx, self._lease.store):
                if known.digest == digest:
                    return known
            made = rows(
                tx, cypher.NEW_PUBLICATION, store=self._lease.store, digest=digest, told=told
            )
            return Publication(made[0]["graph"], digest, "loading", tuple(told["sizes"]))

        return self._connection.write_surely(begin)

    def _load(self, graph: MappedGraph, publication: Publication) -> None:
        keys = Keys(publication.graph)
        done = self._connection.read_surely(lambda tx: markers(tx, publication.graph))
        for stage in stages(graph, keys):
            for start in range(0, stage.size, self._rows_per_batch):
                stop = min(start + self._rows_per_batch, stage.size)
                self._write(stage, publication.graph, (start, stop), done)
        self._verify(publication)

    def _write(self, stage: Stage, graph: int, span: tuple[int, int], done: frozenset[str]) -> None:
        """One batch; halved when the server refuses it again and again."""
        start, stop = span
        key = _marker(graph, stage, span)
        if key in done:
            return
        try:
            made = stage.rows(start, stop)
            self._connection.write_surely(lambda tx: self._once(tx, stage.statement, key, made))
        except TooMuchAtOnceError as error:
            if stop - start <= FEWEST_ROWS:
                raise self._refused(stage, span) from error
            middle = (start + stop) // 2
            self._write(stage, graph, (start, middle), done)
            self._write(stage, graph, (middle, stop), done)

    def _once(self, tx: Transaction, statement: str, key: str, made: list[Any]) -> None:
        self._lease.hold(tx)
        if not rows(tx, cypher.MARKED, key=key):
            rows(tx, statement, rows=made)
            rows(tx, cypher.MARK, key=key)

    def _refused(self, stage: Stage, span: tuple[int, int]) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"Neo4j refuses even {span[1] - span[0]} rows of {stage.name} (from row {span[0]}).",
            where=str(self._connection.address),
            fix="What is written stays; the same command goes on from there.",
        )

    def _verify(self, publication: Publication) -> None:
        wrong = self._connection.read_surely(lambda tx: differences(tx, publication.graph))
        if wrong:
            self._set_state(publication.graph, "removing")
            raise BadDataError(
                f"The graph in Neo4j is not the one that was sent: {'; '.join(wrong[:3])}.",
                where=str(self._connection.address),
                fix="The last good graph stays. Publish again: workbench analyse",
            )

    def _point_to(self, publication: Publication) -> None:
        def point(tx: Transaction) -> None:
            self._lease.hold(tx)
            rows(tx, cypher.POINT, store=self._lease.store, graph=publication.graph)

        self._connection.write_surely(point)

    def _sweep_unfinished(self, *, besides: str) -> None:
        for known in self._publications():
            if known.state == "removing" or (known.state == "loading" and known.digest != besides):
                self._remove(known)

    def _sweep(self, current: Publication, *, keep: int) -> None:
        others = [known for known in self._publications() if known.graph != current.graph]
        for known in others[: max(0, len(others) - keep)]:
            self._remove(known)
        Sweeper(self._connection, self._lease).markers(current.graph)

    def _remove(self, publication: Publication) -> None:
        self._set_state(publication.graph, "removing")
        sweeper = Sweeper(self._connection, self._lease)
        sweeper.graph(publication.graph, publication.sizes)

    def _set_state(self, graph: int, state: str) -> None:
        def change(tx: Transaction) -> None:
            self._lease.hold(tx)
            rows(tx, cypher.SET_STATE, graph=graph, state=state)

        self._connection.write_surely(change)

    def _publications(self) -> list[Publication]:
        return self._connection.read_surely(lambda tx: publications(tx, self._lease.store))


def ensure_schema(connection: Connection) -> None:
    """Constraints and indexes, before any data and before the first lease."""
    for statement in cypher.SCHEMA:
        connection.write_surely(lambda tx, text=statement: rows(tx, text))  # type: ignore[misc]
    seconds = round(connection.write_seconds)
    connection.write_surely(lambda tx: rows(tx, cypher.AWAIT_INDEXES, seconds=seconds))


def publications(tx: Transaction, store: str) -> list[Publication]:
    """All publications of a store, by number."""
    return [
        Publication(row["graph"], row["digest"], row["state"], tuple(row["sizes"]))
        for row in rows(tx, cypher.PUBLICATIONS, store=store)
    ]


def markers(tx: Transaction, graph: int) -> frozenset[str]:
    """The batches of a publication that were written."""
    return frozenset(row["key"] for row in rows(tx, cypher.MARKERS, prefix=f"{graph}/"))


def held(tx: Transaction, graph: int) -> Mapping[str, dict[str, list[int]]]:
    """How many nodes and relations of each name a publication holds, with their totals."""
    keys = Keys(graph)
    everything = {"low": keys.of(0, 0), "high": Keys(graph + 1).of(0, 0)}
    return {
        part: {row["name"]: [row["number"], row["total"]] for row in rows(tx, text, **everything)}
        for part, text in (("nodes", cypher.NODE_SUMS), ("edges", cypher.EDGE_SUMS))
    }


def differences(tx: Transaction, graph: int) -> list[str]:
    """Where a publication holds more or less than was sent, or other numbers."""
    told = rows(tx, cypher.SENT, graph=graph)
    sent, found = json.loads(told[0]["sums"]), held(tx, graph)
    return [
        f"{name}: {had} sent, {has} found"
        for part in ("nodes", "edges")
        for name in sorted({*sent[part], *found[part]})
        if (had := sent[part].get(name)) != (has := found[part].get(name))
    ]


def _marker(graph: int, stage: Stage, span: tuple[int, int]) -> str:
    return f"{graph}/{stage.name}/{span[0]}-{span[1]}"


def _told_of(graph: MappedGraph) -> dict[str, Any]:
    sizes = [graph.tables[name].num_rows for name in ("accounts", "identifiers")]
    return {
        "about": json.dumps(dict(graph.about), sort_keys=True),
        "origin": json.dumps(dict(graph.origin), sort_keys=True),
        "kinds": list(graph.kinds),
        "lineage": json.dumps({name: graph.tables[name].to_pydict() for name in LINEAGE}),
        "sizes": [*sizes, len(graph.by_id)],
        "sums": json.dumps(sums(graph), sort_keys=True),
    }


def _digest(files: GraphFiles) -> str:
    """The digest that the embedded store would give the same graph."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        return files.save(Path(folder) / "graph")
