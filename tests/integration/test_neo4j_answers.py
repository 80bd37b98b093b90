"""The quickstart world gives equal answers from both stores, through the library that all use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fixtures import synthesise
from graph_models.analysis import analyse
from graph_models.nodes import NodeRef
from graph_models.stores.neo4j.server import Server
from graph_models.stores.protocol import Published
from tests.integration.neo4j_dump import open_named
from workbench.library import Workbench

pytestmark = pytest.mark.xdist_group("neo4j")
SCALE = 0.15
Desks = tuple[Workbench, Workbench]


@pytest.fixture(scope="module")
def desks(
    tmp_path_factory: pytest.TempPathFactory, neo4j_server: Server
) -> Iterator[tuple[Workbench, Workbench]]:
    """One workspace, analysed once, published in both stores."""
    folder = tmp_path_factory.mktemp("quickstart")
    synthesise("quickstart", folder / "world", seed=5, scale=SCALE)
    embedded = Workbench.open(folder / "desk", create=True)
    embedded.ingest([folder / "world"]).raise_for_refused()
    team = Workbench(embedded.workspace, open_named(neo4j_server, uuid.uuid4().hex))
    obs = embedded.observations()
    origin = {"world": "quickstart", "analysed_at": "2026-07-01T00:00:00+00:00"}
    graph = Published(obs, analyse(obs, seed=0), origin)
    for desk in (embedded, team):
        with desk.store.writer() as writer:
            writer.publish(graph)
    yield embedded, team
    team.store.close()


def some_nodes(desk: Workbench, count: int = 60) -> list[NodeRef]:
    """Members, their neighbours of every kind, hubs and communities."""
    rng = np.random.default_rng(3)
    accounts = [NodeRef("account", name) for name in sorted(set(desk.members()["account"]))]
    chosen = [accounts[i] for i in rng.choice(len(accounts), 12, replace=False)]
    around = {e.node for node in chosen for e in desk.expand(node, limit=200).nodes}
    of_each_kind = {node.kind: node for node in sorted(around)}
    some = sorted(around)[:: max(1, len(around) // count)]
    return list(dict.fromkeys([*chosen, *of_each_kind.values(), *some]))


def test_about_names_the_same_graph(desks: Desks) -> None:
    embedded, team = desks
    assert dict(team.about()) == dict(embedded.about())
    assert team.about()["nodes"]["community"] > 0


def test_communities_and_members_are_equal(desks: Desks) -> None:
    embedded, team = desks
    assert team.communities(min_size=0) == embedded.communities(min_size=0)
    assert team.communities() == embedded.communities()
    pd.testing.assert_frame_equal(team.members(), embedded.members())
    for item in embedded.communities()[:3]:
        one, other = (desk.members(item.community) for desk in (embedded, team))
        pd.testing.assert_frame_equal(other, one)


def test_expansions_are_equal_page_by_page(desks: Desks) -> None:
    embedded, team = desks
    for node in some_nodes(embedded):
        after: str | None = None
        for _ in range(4):
            page = embedded.expand(node, limit=9, after=after)
            assert team.expand(node, limit=9, after=after) == page
            after = page.cursor
            if after is None:
                break


def test_entities_and_searches_are_equal(desks: Desks) -> None:
    embedded, team = desks
    nodes = some_nodes(embedded)
    assert {node.kind for node in nodes} >= {"account", "community", "ip", "device"}
    for node in nodes:
        assert team.show(node) == embedded.show(node)
    for text in {node.value[:k] for node in nodes[::3] for k in (1, 4, 400)} | {"ip:", "A", "240"}:
        assert list(team.search(text, limit=12)) == list(embedded.search(text, limit=12))


def test_subgraphs_and_links_are_equal(desks: Desks) -> None:
    embedded, team = desks
    nodes = some_nodes(embedded)
    assert list(team.subgraph(nodes)) == list(embedded.subgraph(nodes))
    assert len(embedded.subgraph(nodes)) > 10
    for node in [node for node in nodes if node.kind == "account"][:10]:
        pd.testing.assert_frame_equal(team.links(node.value), embedded.links(node.value))


def test_explanations_are_equal_down_to_the_row(desks: Desks) -> None:
    embedded, team = desks
    # The context is the workspace's and dear to make; the rows are the store's.
    team._context, team._observed = embedded.context(), embedded._observed
    community = embedded.communities()[0].community
    members = embedded.members(community)["account"].tolist()
    for a, b in ((members[0], members[1]), (members[2], members[-1])):
        told = embedded.explain(a, b)
        assert team.explain(a, b) == told
        assert told["signals"]


def test_the_export_and_the_grade_read_either_store(desks: Desks, tmp_path: Path) -> None:
    embedded, team = desks
    truth = embedded.workspace.path.parent / "world.truth"
    assert team.grade(truth) == embedded.grade(truth)
    community = embedded.communities()[0].community
    packs = [
        desk.export(community=community, out=tmp_path / str(i)) for i, desk in enumerate(desks)
    ]
    assert packs[0].files == packs[1].files
