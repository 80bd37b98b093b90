"""A whole graph into a stopped server of this machine, by the admin import tool.

All is made in a home of its own beside the server's data: imported, indexed, compared with what
was sent. Only then does one pointer move; a load that was killed left the data as it was.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from graph_models.errors import StoreUnreachableError, UsageError
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.mapped_graph import MappedGraph
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.address import Address, Credentials
from graph_models.stores.neo4j.connection import Connection, rows
from graph_models.stores.neo4j.cypher import Label, Relation, typed
from graph_models.stores.neo4j.encoding import Keys
from graph_models.stores.neo4j.import_csv import BETWEEN, CsvFile, write_csv
from graph_models.stores.neo4j.import_tables import import_tables
from graph_models.stores.neo4j.lease import Lease
from graph_models.stores.neo4j.processes import HOST
from graph_models.stores.neo4j.publishing import Neo4jWriter, ensure_schema
from graph_models.stores.neo4j.server import Server

__all__ = ["Loaded", "bulk_load"]

FIRST_GRAPH = 1
"""The number of the first publication in a database that is new."""
HEAP = ("-Xms512m", "-Xmx1g")
OFF_HEAP = "1g"
"""What the tool may hold beside its heap: some ten bytes a node, and pages being written."""
LONGEST_SECONDS = 6 * 3600.0
_CSV = "csv"
# What a server keeps beside its graph: users, and which databases there are.
_GRAPH = ("neo4j", "store_lock")


@dataclass(frozen=True)
class Loaded:
    """What a bulk load put into a server, and the seconds (of the clock) that each step took."""

    store: str
    graph: str
    nodes: int
    relations: int
    csv_bytes: int
    seconds: dict[str, float]


@dataclass
class _Steps:
    """Tells each step as it begins, and keeps how long it took."""

    say: Callable[[str], object]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.say(name)
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 2)


def bulk_load(
    server: Server,
    files: GraphFiles,
    digest: str,
    *,
    store: str = "default",
    replacing: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> Loaded:
    """Make a published graph the only one in a stopped server; it stays stopped.

    Args:
        server: A server of this machine that ``make neo4j`` runs; it need not exist yet.
        files: The compiled graph, as the embedded store keeps it.
        digest: Its digest.
        store: The name of the store within the server, the last part of its URL.
        replacing: Whether what the server holds may go, other stores in it too.
        say: Told each step as it begins.

    Raises:
        UsageError: The server runs; or it holds data and ``replacing`` is not said; or the folder
            is no server of ours.
        StoreUnreachableError: The tool failed, or another load is under way. What the server held
            is as it was.
    """
    Address.parse(f"bolt://{HOST}/{store}")
    steps, graph = _Steps(say), MappedGraph(files)
    with server.data.claimed():
        _check(server, replacing=replacing)
        server.prepare()
        with _beside(server) as fresh:
            written = _write(fresh, graph, steps)
            with steps.step("importing"):
                _import(fresh, written)
            with steps.step("indexing and checking"):
                _publish(fresh, graph, digest, store=store, written=written)
            _check(server, replacing=replacing)
            server.data.replace(fresh.data.path)
    return Loaded(
        store=store,
        graph=digest,
        nodes=sum(file.rows for file in written if file.labels),
        relations=sum(file.rows for file in written if file.type),
        csv_bytes=sum(file.size for file in written),
        seconds=steps.seconds,
    )


def _check(server: Server, *, replacing: bool) -> None:
    if server.runs():
        raise UsageError(
            "The Neo4j server runs; a bulk load needs it stopped.", where=str(server.home),
            fix="Stop it (make neo4j-stop), or publish over Bolt: workbench publish --store …",
        )  # fmt: skip
    there = server.home.is_dir() and any(f.name != ".claim" for f in server.home.iterdir())
    if there and not (server.home / "conf" / "neo4j.conf").is_file():
        raise UsageError(
            "This folder is no Neo4j server of the workbench.", where=str(server.home),
            fix="Name an empty folder, or none: WORKBENCH_NEO4J_HOME.",
        )  # fmt: skip
    if server.data.holds_graph() and not replacing:
        raise UsageError(
            "The server holds data already; a bulk load replaces all of it, other stores too.",
            where=str(server.data.path),
            fix="Say --replace, or publish beside it over Bolt: workbench publish --store …",
        )


@contextmanager
def _beside(server: Server) -> Iterator[Server]:
    """A server of the same version, users and password, without a graph; gone at the end."""
    fresh = Server(server.data.unfinished, server.version)
    server.sweep()
    ignored = shutil.ignore_patterns(*_GRAPH)
    try:
        shutil.copytree(server.data.path, fresh.data.path, ignore=ignored)
        shutil.copy2(server.secrets, fresh.secrets)
        fresh.prepare()
        (fresh.home / _CSV).mkdir()
        yield fresh
    finally:
        fresh.wipe()


def _write(fresh: Server, graph: MappedGraph, steps: _Steps) -> list[CsvFile]:
    tables = [table for table in import_tables(graph, Keys(FIRST_GRAPH)) if table.size]
    total, done, written = sum(table.size for table in tables), 0, []
    for table in tables:
        with steps.step(f"writing {table.name} ({table.size:,} rows, {done / total:.0%} done)"):
            written.append(write_csv(table, fresh.home / _CSV))
        done += table.size
    steps.seconds = {"writing": round(sum(steps.seconds.values()), 2)}
    return written


def _import(fresh: Server, written: Sequence[CsvFile]) -> None:
    folder = fresh.home / _CSV
    lines = [file.name for file in written if file.lines]
    multiline = (f"--multiline-fields={','.join(lines)}", "--multiline-fields-format=v2")
    fresh.admin(
        "database", "import", "full", "neo4j",
        *(f"--nodes={':'.join(file.labels)}={file.name}" for file in written if file.labels),
        *(f"--relationships={file.type}={file.name}" for file in written if file.type),
        *(multiline if lines else ()),
        "--id-type=actual", f"--array-delimiter=U+{ord(BETWEEN):04X}", "--bad-tolerance=0",
        f"--max-off-heap-memory={OFF_HEAP}",
        options=HEAP, seconds=LONGEST_SECONDS, folder=folder,
    )  # fmt: skip
    shutil.rmtree(folder)


def _publish(
    fresh: Server, graph: MappedGraph, digest: str, *, store: str, written: Sequence[CsvFile]
) -> None:
    """Constraints and indexes, then the publication and the pointer that the Bolt writer leaves."""
    fresh.start(0)
    address = Address("bolt", HOST, fresh.running()["port"], store)
    known = Credentials.from_file(fresh.secrets)
    # Constraints over a hundred million nodes take longer than any batch.
    connection = Connection(address, lambda: known, write_seconds=LONGEST_SECONDS)
    lease = Lease.of_this_process(store)
    try:
        _compare(connection, written)
        ensure_schema(connection)
        connection.write_surely(lambda tx: rows(tx, cypher.NOT_ROBUST))
        connection.write_surely(lease.take)
        number = Neo4jWriter(connection, lease).adopt(graph, digest)
        assert number == FIRST_GRAPH
        connection.write_surely(lease.release)
    finally:
        connection.close()
        fresh.stop()


def _compare(connection: Connection, written: Sequence[CsvFile]) -> None:
    """As many nodes of each label and relations of each type as were written."""
    sent: Counter[Label | Relation] = Counter()
    for file in written:
        sent[Label(file.labels[-1]) if file.labels else Relation(file.type)] += file.rows
    for name, number in sent.items():
        of = cypher.NODES_COUNTED if isinstance(name, Label) else cypher.EDGES_COUNTED
        text = typed(of, name)
        found = connection.read_surely(lambda tx, text=text: rows(tx, text))[0]["number"]  # type: ignore[misc]
        if found != number:
            raise StoreUnreachableError(
                f"The import tool made {found} of {number} {name.value}.",
                where=str(connection.address),
                fix="What the server held is as it was. Try again; publish over Bolt if it stays.",
            )
