"""A load into Neo4j that is killed, cut off or loses its server: resumed, nothing doubled or lost.

One random moment of each sort here; ten of each with ``make faults``.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j.exceptions import TransientError

from graph_models.errors import StoreUnreachableError
from graph_models.nodes import NodeRef
from graph_models.stores.neo4j import connection, publishing
from graph_models.stores.neo4j.connection import rows
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore
from graph_models.stores.protocol import Published
from tests.contract.graphs import random_published, sample_published
from tests.integration.neo4j_dump import dump, left_over, open_named
from tests.integration.relay import Relay

pytestmark = [pytest.mark.xdist_group("neo4j"), pytest.mark.slow]
ROOT = Path(__file__).parents[2]
MOMENTS = int(os.environ.get("WORKBENCH_FAULTS", "1"))
ROWS = 100  # many small batches, so that a moment falls between any two of them
SEED, ACCOUNTS = 3, 150

CHILD = """
import sys
from tests.integration.test_neo4j_faults import big
from graph_models.stores import open_store
from graph_models.stores.neo4j.store import Neo4jStore
store = Neo4jStore(sys.argv[1], rows_per_batch=int(sys.argv[2]))
graph = big()
print("ready", flush=True)
with store.writer() as writer:
    writer.publish(graph)
print("done", flush=True)
"""


def big() -> Published:
    return random_published(SEED, accounts=ACCOUNTS, mean=6)


def publish(store: Neo4jStore, graph: Published) -> None:
    with store.writer() as writer:
        writer.publish(graph)


@pytest.fixture(scope="module")
def clean(neo4j_server: Server) -> tuple[list[str], float]:
    """What an undisturbed load leaves, and how long it takes."""
    name = f"clean-{uuid.uuid4().hex}"
    store = open_named(neo4j_server, name, rows_per_batch=ROWS)
    publish(store, sample_published())  # the schema is there and the server is warm
    started = time.monotonic()
    publish(store, big())
    seconds = time.monotonic() - started
    store.close()
    return dump(neo4j_server, name), seconds


@pytest.fixture
def name(neo4j_server: Server) -> str:
    """A store that holds a last good graph."""
    fresh = f"fault-{uuid.uuid4().hex}"
    store = open_named(neo4j_server, fresh)
    publish(store, sample_published())
    store.close()
    return fresh


def check_resumed(server: Server, name: str, clean: list[str]) -> None:
    assert dump(server, name) == clean
    # The current graph and the one before it; no marker, no half graph.
    old = sum(sample_published_nodes())
    assert left_over(server, name) == {
        "publications": 2, "markers": 0, "nodes": count_nodes(clean) + old
    }  # fmt: skip
    assert open_named(server, name).altered() == []


def count_nodes(dumped: list[str]) -> int:
    return sum(text.startswith("[('labels'") for text in dumped)


def sample_published_nodes() -> Iterator[int]:
    graph = sample_published()
    yield len(graph.observations.accounts)
    yield int((graph.observations.identifiers["accounts"] > 1).sum())
    yield len(graph.inference.communities) if graph.inference else 0


def moments(seed: int, most: float) -> list[float]:
    drawn = random.Random(seed)
    return [drawn.uniform(0, most) for _ in range(MOMENTS)]


@pytest.mark.parametrize("number", range(MOMENTS))
def test_kill_9_of_the_writer(
    neo4j_server: Server, name: str, clean: tuple[list[str], float], number: int
) -> None:
    before = dump(neo4j_server, name)
    url = f"bolt://127.0.0.1:{neo4j_server.running()['port']}/{name}"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(ROWS)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "WORKBENCH_SECRETS": str(neo4j_server.secrets)},
    )  # fmt: skip
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(moments(11, clean[1])[number])
        child.send_signal(signal.SIGKILL)
        finished = child.stdout.read() == "done\n"
    left = dump(neo4j_server, name)
    assert left == (clean[0] if finished else before) or left == clean[0]
    store = open_named(neo4j_server, name, rows_per_batch=ROWS)
    publish(store, big())
    store.close()
    check_resumed(neo4j_server, name, clean[0])


@pytest.mark.parametrize("number", range(MOMENTS))
def test_the_server_is_killed_and_comes_back(
    neo4j_server: Server, name: str, clean: tuple[list[str], float], number: int
) -> None:
    port = int(neo4j_server.running()["port"])
    store = open_named(neo4j_server, name, rows_per_batch=ROWS)
    failed: list[Exception] = []
    begun = threading.Event()

    def load() -> None:
        with store.writer() as lease:
            begun.set()  # before, a server that is gone is told at once
            lease.publish(big())

    writer = _started(load, failed)
    assert begun.wait(60)
    time.sleep(moments(12, clean[1])[number])
    (neo4j_server.kill if number % 2 == 0 else neo4j_server.stop)()
    neo4j_server.start(port)
    writer.join(300)
    assert failed == []
    assert not writer.is_alive()
    publish(store, big())  # when all was done before the server went, this changes nothing
    store.close()
    check_resumed(neo4j_server, name, clean[0])


def _started(work: Callable[[], None], failed: list[Exception]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture(scope="module")
def traffic(neo4j_server: Server, clean: tuple[list[str], float]) -> tuple[int, int]:
    """Bytes and commits that an undisturbed load sends."""
    with Relay(neo4j_server.running()["port"]) as relay:
        store = open_named(neo4j_server, uuid.uuid4().hex, port=relay.port, rows_per_batch=ROWS)
        publish(store, sample_published())
        before = relay.sent, relay.commits
        publish(store, big())
        store.close()
        return relay.sent - before[0], relay.commits - before[1]


@pytest.mark.parametrize("number", range(MOMENTS))
def test_the_line_is_cut_at_any_byte(
    neo4j_server: Server,
    name: str,
    clean: tuple[list[str], float],
    traffic: tuple[int, int],
    number: int,
) -> None:
    with Relay(neo4j_server.running()["port"]) as relay:
        store = open_named(neo4j_server, name, port=relay.port, rows_per_batch=ROWS)
        store.published()
        drawn = random.Random(100 + number)
        relay.cut_at_byte = relay.sent + drawn.randrange(2000, traffic[0] // 2)
        publish(store, big())
        store.close()
        assert relay.cuts == 1
    check_resumed(neo4j_server, name, clean[0])


@pytest.mark.parametrize("number", range(max(2, MOMENTS)))
def test_the_line_is_cut_in_a_commit(
    neo4j_server: Server,
    name: str,
    clean: tuple[list[str], float],
    traffic: tuple[int, int],
    number: int,
) -> None:
    with Relay(neo4j_server.running()["port"]) as relay:
        store = open_named(neo4j_server, name, port=relay.port, rows_per_batch=ROWS)
        store.published()
        # Even: the server commits and its answer is lost. Odd: the commit never arrives.
        relay.commit_arrives = number % 2 == 0
        first, last = 20, traffic[1] - 12  # after the schema, before the sweep
        relay.cut_at_commit = random.Random(200 + number).randrange(first, last)
        publish(store, big())
        store.close()
        assert relay.cuts == 1
    check_resumed(neo4j_server, name, clean[0])


def test_a_slow_line_is_slow_and_nothing_else(neo4j_server: Server, name: str) -> None:
    fast = open_named(neo4j_server, name)
    with Relay(neo4j_server.running()["port"]) as relay:
        slow = open_named(neo4j_server, name, port=relay.port)
        relay.delay = 0.1
        node = NodeRef("account", "acct_c00")
        assert slow.view().expand(node, limit=5) == fast.view().expand(node, limit=5)
        slow.close()
    fast.close()


def test_a_storm_of_passing_errors_makes_batches_smaller(
    neo4j_server: Server,
    name: str,
    clean: tuple[list[str], float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "TRANSIENT_ATTEMPTS", 2)
    monkeypatch.setattr(connection, "DRIVER_RETRIES_SECONDS", 0.0)
    store = open_named(neo4j_server, name, rows_per_batch=400)
    real, most = publishing.Neo4jWriter._once, 0

    def crowded(writer: Any, tx: Any, statement: str, key: str, made: list[Any]) -> None:
        nonlocal most
        if len(made) > 150:
            raise TransientError("out of memory")
        most = max(most, len(made))
        real(writer, tx, statement, key, made)

    monkeypatch.setattr(publishing.Neo4jWriter, "_once", crowded)
    publish(store, big())
    store.close()
    assert 0 < most <= 150
    check_resumed(neo4j_server, name, clean[0])


def test_a_storm_without_end_stops_and_the_next_run_goes_on(
    neo4j_server: Server,
    name: str,
    clean: tuple[list[str], float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = dump(neo4j_server, name)
    store = open_named(neo4j_server, name, rows_per_batch=ROWS)
    real = publishing.Neo4jWriter._once
    written: list[str] = []

    def refusing(writer: Any, tx: Any, statement: str, key: str, made: list[Any]) -> None:
        if len(written) == 10:
            raise TransientError("a storm")
        real(writer, tx, statement, key, made)
        written.append(key)

    with monkeypatch.context() as patched:
        patched.setattr(connection, "TRANSIENT_ATTEMPTS", 2)
        patched.setattr(connection, "DRIVER_RETRIES_SECONDS", 0.0)
        patched.setattr(publishing.Neo4jWriter, "_once", refusing)
        with pytest.raises(StoreUnreachableError, match="goes on from there"):
            publish(store, big())
    store.close()
    assert dump(neo4j_server, name) == before
    again = open_named(neo4j_server, name, rows_per_batch=ROWS)
    repeated: list[str] = []

    def noting(writer: Any, tx: Any, statement: str, key: str, made: list[Any]) -> None:
        repeated.append(key)
        real(writer, tx, statement, key, made)

    monkeypatch.setattr(publishing.Neo4jWriter, "_once", noting)
    publish(again, big())
    again.close()
    assert not {key.partition("/")[2] for key in repeated} & {
        key.partition("/")[2] for key in written
    }
    check_resumed(neo4j_server, name, clean[0])


def test_a_question_that_takes_too_long_is_cancelled_and_told(
    neo4j_server: Server, name: str
) -> None:
    store = open_named(neo4j_server, name, read_seconds=1.0)
    endless = "UNWIND range(1, 1000000000) AS x WITH x WHERE x % 7 = 8 RETURN count(x) AS number"
    with pytest.raises(StoreUnreachableError, match="cancelled; nothing of it is shown"):
        store._connection.read(lambda tx: rows(tx, endless))
    assert store.published()
    store.close()


def test_a_server_that_is_down_is_told_at_once(neo4j_server: Server, tmp_path: Path) -> None:
    with Relay(1) as relay:  # a port that nobody listens on once the relay is closed
        free = relay.port
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "demo", "--no-serve", "--workspace",
         str(tmp_path / "desk"), "--store", f"neo4j://127.0.0.1:{free}"],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "WORKBENCH_SECRETS": str(neo4j_server.secrets)},
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "make neo4j" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "desk.world").exists()
    assert time.monotonic() - started < 60
