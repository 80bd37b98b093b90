"""What only the Neo4j store can promise: leases, resumption, removal, names of any sort."""

from __future__ import annotations

import dataclasses
import os
import socket
import uuid
from collections.abc import Iterator

import pytest

from graph_models.errors import BadDataError, StoreUnreachableError, UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.neo4j import publishing
from graph_models.stores.neo4j.address import Credentials
from graph_models.stores.neo4j.cypher import SCHEMA_NAMES, Label, Relation
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore
from graph_models.stores.protocol import Published
from tests.contract.graphs import published, random_published, sample_published
from tests.integration.neo4j_dump import ask, dump, left_over, open_named

pytestmark = pytest.mark.xdist_group("neo4j")


@pytest.fixture
def name() -> str:
    return f"writing-{uuid.uuid4().hex}"


@pytest.fixture
def store(neo4j_server: Server, name: str) -> Iterator[Neo4jStore]:
    opened = open_named(neo4j_server, name)
    yield opened
    opened.close()


def publish(store: Neo4jStore, graph: Published) -> None:
    with store.writer() as writer:
        writer.publish(graph)


def test_constraints_and_indexes_are_there_first(neo4j_server: Server, store: Neo4jStore) -> None:
    publish(store, sample_published())
    there = {row["name"]: row["state"] for row in ask(neo4j_server, SCHEMA_NAMES)}
    assert set(there.values()) == {"ONLINE"}
    assert {"workbench_entity_key", "workbench_entity_id", "workbench_entity_search"} <= set(there)


def test_labels_and_types_are_the_declared_ones(neo4j_server: Server, store: Neo4jStore) -> None:
    publish(store, random_published(1))
    publish(store, sample_published())
    own = {"Entity", "Identifier", "GraphStore", "Publication", "Batch", "Numbering"}
    labels = {row["label"] for row in ask(neo4j_server, "CALL db.labels()")}
    assert labels <= own | set(Label)
    types = {row["relationshipType"] for row in ask(neo4j_server, "CALL db.relationshipTypes()")}
    assert types <= set(Relation)


def test_only_one_writer_at_a_time(neo4j_server: Server, store: Neo4jStore, name: str) -> None:
    other = open_named(neo4j_server, name)
    with (
        store.writer(),
        pytest.raises(StoreUnreachableError, match=f"{socket.gethostname()}/{os.getpid()}"),
        other.writer(),
    ):
        pass
    publish(other, sample_published())
    other.close()


def test_a_lease_runs_out_and_the_sleeper_writes_nothing(neo4j_server: Server, name: str) -> None:
    sleeper = open_named(neo4j_server, name, lease_seconds=0.0)
    other = open_named(neo4j_server, name)
    with sleeper.writer() as slow:
        with other.writer() as quick:
            quick.publish(sample_published())
            before = dump(neo4j_server, name)
            with pytest.raises(StoreUnreachableError, match="took over"):
                slow.publish(random_published(1))
        assert dump(neo4j_server, name) == before
        with pytest.raises(StoreUnreachableError, match="took over"):
            slow.publish(random_published(1))
    other.close()
    sleeper.close()


def test_a_dead_holder_on_this_machine_is_passed_over(
    neo4j_server: Server, store: Neo4jStore, name: str
) -> None:
    publish(store, sample_published())
    hold = (
        "MATCH (s:GraphStore {name: $name}) "
        "SET s.holder = $holder, s.expires = timestamp() + 1000000 RETURN s.name AS name"
    )
    dead = f"{socket.gethostname()}/{2**22 + 7}/x"  # beyond the largest process id
    ask(neo4j_server, hold, name=name, holder=dead)
    publish(store, sample_published())
    ask(neo4j_server, hold, name=name, holder="elsewhere/1/x")
    with pytest.raises(StoreUnreachableError, match="elsewhere/1/x"):
        publish(store, sample_published())


def test_old_graphs_are_swept_but_for_one(
    neo4j_server: Server, store: Neo4jStore, name: str
) -> None:
    first = sample_published()
    publish(store, first)
    view = store.view()
    for seed in (1, 2, 3):
        publish(store, random_published(seed, accounts=20))
    left = left_over(neo4j_server, name)
    assert (left["publications"], left["markers"]) == (2, 0)
    with pytest.raises(UsageError, match="replaced and removed"):
        view.entity(NodeRef("account", "acct_c00"))
    with pytest.raises(UsageError, match="replaced and removed"):
        view.members()


def test_going_back_to_an_old_graph_writes_no_node(
    neo4j_server: Server, store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, random_published(1, accounts=20))
    first = store.view().about()
    publish(store, random_published(2, accounts=20))
    monkeypatch.setattr(publishing.Neo4jWriter, "_once", lambda *_: pytest.fail("wrote"))
    publish(store, random_published(1, accounts=20))
    assert store.view().about() == first


def test_an_altered_node_is_found(neo4j_server: Server, store: Neo4jStore, name: str) -> None:
    publish(store, sample_published())
    assert store.altered() == []
    lost = (
        "MATCH (s:GraphStore {name: $name}) "
        "MATCH (:Account {graph: s.graph, value: 'acct_c00'})-[r:USED_DEVICE]->() DELETE r"
    )
    ask(neo4j_server, lost, name=name)
    (told,) = store.altered()
    assert told.startswith("USED_DEVICE: [12,")


def test_a_graph_that_arrives_altered_is_not_published(
    neo4j_server: Server, store: Neo4jStore, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, sample_published())
    before = dump(neo4j_server, name)
    monkeypatch.setattr(publishing, "differences", lambda *_: ["ip: [7, 80] sent, [6, 79] found"])
    with pytest.raises(BadDataError, match="not the one that was sent"):
        publish(store, random_published(1, accounts=20))
    monkeypatch.undo()
    assert dump(neo4j_server, name) == before
    publish(store, random_published(1, accounts=20))
    assert left_over(neo4j_server, name)["publications"] == 2


@pytest.mark.parametrize(
    "value",
    [
        "'}) DETACH DELETE n //",
        "`]->(x) WITH 1 AS y MATCH (n) DETACH DELETE n //",
        "\\u0060 $rows row TYPE",
        "x" * 5000,
        "ᴀ\u202e😀\uffee",
        "İıßẞ",
    ],
)
def test_names_of_any_sort_are_only_names(store: Neo4jStore, value: str) -> None:
    twins = (value, value.swapcase(), value + "!", "\uffee" + value, "😀" + value)
    uses = [(a, "device", v) for a in ("a", "b") for v in dict.fromkeys(twins)]
    uses += [(value[:200], "wallet: `x`", v) for v in twins] + [
        ("c", "wallet: `x`", v) for v in twins
    ]
    publish(store, published(uses, snapshot="sn"))
    view = store.view()
    expected = sorted(set(twins))
    page = view.expand(NodeRef("account", "a"), limit=100)
    assert [entity.node.value for entity in page.nodes] == expected
    for twin in expected:
        assert view.entity(NodeRef("device", twin)).counts == {"account": 2}
        found = [e.node.value for e in view.search(twin, limit=50) if e.node.kind == "device"]
        assert found[0] == twin
        assert set(found) == {v for v in expected if v.lower().startswith(twin.lower())}
    assert store.altered() == []


def test_wrong_passwords_are_told_without_the_password(neo4j_server: Server, name: str) -> None:
    store = Neo4jStore(f"{neo4j_server.url}/{name}", Credentials("neo4j", "not the right one"))
    with pytest.raises(StoreUnreachableError, match="refuses the user or the password") as refusal:
        store.published()
    assert "not the right one" not in str(refusal.value)
    store.close()


def test_the_engine_is_named_with_its_version(neo4j_server: Server, store: Neo4jStore) -> None:
    assert neo4j_server.version in store.engine()
    assert "community" in store.engine()


def test_a_graph_without_inference_replaces_one_with(store: Neo4jStore) -> None:
    publish(store, sample_published())
    publish(store, dataclasses.replace(sample_published(), inference=None))
    assert store.view().communities() == ()
    assert store.altered() == []
