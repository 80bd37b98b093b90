"""Both stores answer alike over graphs of any shape, also around a hub."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph_models.nodes import NodeRef
from graph_models.stores import open_store
from graph_models.stores.neo4j.server import Server
from graph_models.stores.protocol import GraphStore, GraphView, Published
from tests.contract.graphs import random_published
from tests.contract.oracle import oracle
from tests.integration.neo4j_dump import open_named

pytestmark = pytest.mark.xdist_group("neo4j")
Views = Callable[[Published], tuple[GraphView, GraphView]]


@pytest.fixture
def views(neo4j_server: Server, tmp_path: Path) -> Iterator[Views]:
    opened: list[GraphStore] = []

    def both(graph: Published) -> tuple[GraphView, GraphView]:
        name = uuid.uuid4().hex
        stores = (open_store("embedded:", tmp_path / name), open_named(neo4j_server, name))
        opened.extend(stores)
        for store in stores:
            with store.writer() as writer:
                writer.publish(graph)
        one, other = (store.view() for store in stores)
        return one, other

    yield both
    for store in opened:
        store.close()


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # every step is a publish: no shrinking
)
@given(
    seed=st.integers(0, 2**31),
    accounts=st.integers(2, 25),
    hub=st.sampled_from((0, 3, 130)),
    limit=st.integers(1, 40),
    text=st.text(min_size=1, max_size=5),
)
def test_both_stores_answer_alike(
    views: Views, seed: int, accounts: int, hub: int, limit: int, text: str
) -> None:
    graph = random_published(seed, accounts=accounts, hub=hub, mean=2)
    one, other = views(graph)
    nodes = sorted(oracle(graph).neighbours)
    assert dict(other.about()) == dict(one.about())
    for node in nodes[:: max(1, len(nodes) // 12)]:
        assert other.entity(node) == one.entity(node)
        first = one.expand(node, limit=limit)
        assert other.expand(node, limit=limit) == first
        if first.cursor:
            after = one.expand(node, limit=limit, after=first.cursor)
            assert other.expand(node, limit=limit, after=first.cursor) == after
    assert list(other.subgraph(nodes[::2])) == list(one.subgraph(nodes[::2]))
    for wanted in (text, "a", "DV_", "ip:240.1", nodes[-1].value[:4]):
        assert list(other.search(wanted, limit=limit)) == list(one.search(wanted, limit=limit))
    if hub:
        assert other.entity(NodeRef("ip", "240.0.0.1")).counts["account"] >= hub
