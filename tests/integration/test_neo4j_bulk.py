"""A graph loaded in bulk is the one that the Bolt writer makes, and nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.neo4j import neighbourhood, sections
from graph_models.stores.neo4j.address import Credentials
from graph_models.stores.neo4j.bulk import bulk_load
from graph_models.stores.neo4j.cypher import SCHEMA_NAMES
from graph_models.stores.neo4j.import_csv import BETWEEN
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore
from graph_models.stores.protocol import Published
from tests.contract.graphs import published, random_published, sample_published
from tests.integration.neo4j_dump import ask, dump, left_over, open_named
from workbench.cli.output import plain
from workbench.publication import publish as publish_workspace

pytestmark = pytest.mark.xdist_group("neo4j")

AWKWARD = (
    'a "quoted" value', "comma, semicolon; tab\t", "two\nlines\r\nand\rmore", "  spaces  ",
    "back\\slash\\", "'); MATCH (n) DETACH DELETE n //", "\u202eright to left\u200b", "x" * 700,
    "true", "12", "null", f"with {BETWEEN} inside", "Ümläut ẞ", "$param", "\x1b[31m",
)  # fmt: skip
HUB = NodeRef("ip", "240.0.0.1")
HUB_DEGREE = 4_000


def merged() -> Published:
    """The sample beside values that CSV, shell or index might spoil, an account alone, a hub."""
    sample = sample_published()
    uses = uses_of(sample)
    uses += [(f"acct_{who}", "device", value) for who in range(2) for value in AWKWARD]
    uses += [(f"acct_{who}", "my: own, type", value) for who in (2, 3) for value in AWKWARD]
    uses += [("acct_alone", "device", "dv_own"), ('acct_"odd", one', "device", "dv_own_too")]
    uses += [(f"hub_{who:05d}", HUB.kind, HUB.value) for who in range(HUB_DEGREE)]
    graph = published(uses, snapshot="sn_merged")
    assert sample.inference is not None
    moved = graph.observations.accounts["account"].searchsorted(
        sample.observations.accounts["account"]
    )
    links = sample.inference.links.copy()
    links["a"], links["b"] = moved[links["a"]].astype("int32"), moved[links["b"]].astype("int32")
    communities = [dataclasses.replace(sample.inference.communities[0], robust_to=())]
    communities += sample.inference.communities[1:]
    inference = dataclasses.replace(sample.inference, links=links, communities=tuple(communities))
    return dataclasses.replace(graph, inference=inference)


def uses_of(graph: Published) -> list[tuple[str, str, str]]:
    table = graph.observations.sightings
    account = graph.observations.accounts["account"].iloc[table["account"]]
    identifier = graph.observations.identifiers.iloc[table["identifier"]]
    return list(zip(account, identifier["kind"], identifier["value"], strict=True))


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    store = EmbeddedStore(tmp_path_factory.mktemp("inside"))
    with store.writer() as writer:
        writer.publish(merged())
    return store


@pytest.fixture(scope="module")
def server(
    neo4j_server: Server, inside: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of its own with the graph loaded in bulk as ``default``, running."""
    own = Server(tmp_path_factory.mktemp("bulk") / "neo4j", neo4j_server.version)
    loaded = bulk_load(own, *inside.compiled())
    about = inside.view().about()
    assert loaded.nodes == sum(about["nodes"].values())
    assert loaded.relations == sum(about["edges"].values())
    assert not (own.home / "load.unfinished").exists()
    own.start(0)
    yield own
    own.kill()
    own.wipe()


@pytest.fixture
def store(server: Server) -> Iterator[Neo4jStore]:
    opened = open_named(server, "default")
    yield opened
    opened.close()


def test_it_is_what_the_bolt_writer_makes(server: Server, store: Neo4jStore) -> None:
    assert store.altered() == []
    other = open_named(server, "over-bolt")
    with other.writer() as writer:
        writer.publish(merged())
    assert dump(server, "default") == dump(server, "over-bolt")
    assert store.view().about() == other.view().about()
    other.close()


def test_every_node_expands_as_in_the_embedded_store(
    inside: EmbeddedStore, store: Neo4jStore
) -> None:
    expected, view = inside.view(), store.view()
    nodes = [NodeRef("device", value) for value in AWKWARD]
    nodes += [NodeRef("account", name) for name in ("acct_0", "acct_alone", 'acct_"odd", one')]
    nodes += [NodeRef("my: own, type", AWKWARD[0]), NodeRef("community", "cm_campaign"), HUB]
    for node in nodes:
        assert told(view.expand(node)) == told(expected.expand(node)), node
        assert told(view.search(node.value)) == told(expected.search(node.value))


def told(answer: Any) -> str:
    return json.dumps(plain(answer), sort_keys=True)


def test_publish_copies_a_workspace_over_bolt(
    server: Server, inside: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_SECRETS", str(server.secrets))
    workspace = Path(inside.url.removeprefix("embedded:"))
    done = publish_workspace(workspace, f"{server.url}/copied", say=lambda *_: None)
    about = inside.view().about()
    assert (done.graph, done.nodes) == (about["graph"], sum(about["nodes"].values()))
    copied = open_named(server, "copied")
    assert told(copied.view().expand(HUB)) == told(inside.view().expand(HUB))
    copied.close()


def test_constraints_and_no_markers_are_left(server: Server) -> None:
    there = {row["name"]: row["state"] for row in ask(server, SCHEMA_NAMES)}
    assert set(there.values()) == {"ONLINE"}
    assert {"workbench_entity_key", "workbench_entity_id", "workbench_entity_search"} <= set(there)
    assert left_over(server, "default")["markers"] == 0


def test_the_bolt_writer_goes_on_from_it(server: Server, store: Neo4jStore) -> None:
    first = store.view()
    with store.writer() as writer:
        writer.publish(random_published(1, accounts=20))
    assert store.view().about()["snapshot"] == "sn_1"
    assert first.entity(HUB).counts == {"account": HUB_DEGREE}  # still there for its readers
    with store.writer() as writer:
        writer.publish(merged())
    assert store.view().about() == first.about()
    assert left_over(server, "default")["publications"] == 2


def test_a_running_server_is_refused(server: Server, inside: EmbeddedStore) -> None:
    with pytest.raises(UsageError, match="runs"):
        bulk_load(server, *inside.compiled(), replacing=True)
    assert server.runs()


# ---- hubs, over Bolt on the session's server: walked, never listed


@pytest.fixture(scope="module")
def skewed(
    neo4j_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedStore, Neo4jStore]]:
    """Hubs at the end, the beginning and spread over the order of accounts."""
    names = [f"acct_{who:04d}" for who in range(400)]
    uses = [(name, "ip", "240.0.0.1") for name in names[350:]]
    uses += [(name, "ip", "240.0.0.2") for name in names[:50]]
    uses += [(name, "ip", "240.0.0.3") for name in names[::8]]
    uses += [(name, "device", f"dv_{name}") for name in names]
    graph = published(uses, snapshot="sn_skewed")
    inside = EmbeddedStore(tmp_path_factory.mktemp("skewed"))
    outside = open_named(neo4j_server, "skewed")
    for store in (inside, outside):
        with store.writer() as writer:
            writer.publish(graph)
    yield inside, outside
    outside.close()


@pytest.mark.parametrize("value", ["240.0.0.1", "240.0.0.2", "240.0.0.3"])
@pytest.mark.parametrize("limit", [3, 7, 50])
def test_walked_pages_are_the_listed_ones(
    skewed: tuple[EmbeddedStore, Neo4jStore], monkeypatch: pytest.MonkeyPatch,
    value: str, limit: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(neighbourhood, "LISTED", 5)
    expected, view = (store.view() for store in skewed)
    after: str | None = None
    while True:
        page = view.expand(NodeRef("ip", value), limit=limit, after=after)
        assert told(page) == told(expected.expand(NodeRef("ip", value), limit=limit, after=after))
        after = page.cursor
        if after is None:
            return


def test_a_page_of_a_hub_touches_little_of_it(server: Server) -> None:
    found = "MATCH (n:Entity {value: $value}) RETURN max(n.key) AS key"
    hub = ask(server, found, value=HUB.value)[0]["key"]
    users = "MATCH (n:Entity {key: $key})<-[]-(a) RETURN min(a.key) AS key"
    first = ask(server, users, key=hub)[0]["key"]
    told = {"key": hub, "after": first - 1, "last": first + 10**6, "limit": 25, "cursor": first}
    known = Credentials.from_file(server.secrets)
    url = f"bolt://127.0.0.1:{server.running()['port']}"
    with GraphDatabase.driver(url, auth=known.pair) as driver:
        for statement in (sections.WALK, sections.FROM_IDENTIFIER[0][1].place):
            profile = driver.execute_query(f"PROFILE {statement}", told).summary.profile
            assert profile is not None
            assert hits(profile) < HUB_DEGREE / 4


def hits(plan: dict[str, Any]) -> int:
    return int(plan.get("dbHits", 0)) + sum(hits(child) for child in plan.get("children", ()))
