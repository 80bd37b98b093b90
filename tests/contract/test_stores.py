"""One suite over every store: answers are equal, whole and honestly counted."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from graph_models.errors import UsageError
from graph_models.inference import LINK_COLUMNS, MEMBER_COLUMNS
from graph_models.lineage import Lineage
from graph_models.nodes import NodeRef
from graph_models.observations import COLUMNS, Observations
from graph_models.stores import STORES, open_store
from graph_models.stores.neo4j.address import Credentials
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore
from graph_models.stores.protocol import (
    Edge,
    Expansion,
    GraphStore,
    GraphView,
    Published,
)
from graph_models.stores.triage import Asked, plain_triage
from tests.contract.graphs import (
    HOSTILE_AGENT,
    HOSTILE_DEVICE,
    published,
    random_published,
    sample_lineage,
    sample_published,
)
from tests.contract.oracle import Oracle, oracle

Opener = Callable[[Path], GraphStore]


def embedded(_request: pytest.FixtureRequest) -> Opener:
    return lambda folder: open_store("embedded:", folder)


def neo4j(request: pytest.FixtureRequest) -> Opener:
    server: Server = request.getfixturevalue("neo4j_server")
    known = Credentials.from_file(server.secrets)
    return lambda _folder: Neo4jStore(f"{server.url}/{uuid.uuid4().hex}", known)


# Sort of store → how a test opens empty stores of it, and the schemes that lead to it.
OPENERS: dict[str, Callable[[pytest.FixtureRequest], Opener]] = {
    "embedded": embedded,
    "neo4j": neo4j,
}
SCHEMES = {"embedded": ("embedded",), "neo4j": ("neo4j", "bolt", "neo4j+s", "bolt+s")}
SEEDS = (1, 2, 3)
HUB = NodeRef("ip", "240.0.0.1")
HUB_DEGREE = 50_000


def test_every_registered_store_is_tested() -> None:
    tested = [scheme for sort in OPENERS for scheme in SCHEMES[sort]]
    assert [scheme for scheme, _ in STORES] == tested


@pytest.fixture(
    params=[pytest.param(sort, marks=pytest.mark.xdist_group(sort)) for sort in OPENERS],
    scope="module",
)
def opener(request: pytest.FixtureRequest) -> Opener:
    return OPENERS[request.param](request)


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> Iterator[GraphStore]:
    opened = opener(tmp_path)
    yield opened
    opened.close()


def publish(store: GraphStore, graph: Published) -> GraphView:
    with store.writer() as writer:
        writer.publish(graph)
    return store.view()


@pytest.fixture(scope="module")
def sample(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> GraphView:
    return publish(opener(tmp_path_factory.mktemp("sample")), sample_published())


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}", scope="module")
def known(
    request: pytest.FixtureRequest, opener: Opener, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GraphView, Oracle]:
    graph = random_published(request.param)
    store = opener(tmp_path_factory.mktemp("random"))
    return publish(store, graph), oracle(graph)


@pytest.fixture(scope="module")
def hub_view(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> GraphView:
    graph = random_published(9, accounts=30, hub=HUB_DEGREE)
    return publish(opener(tmp_path_factory.mktemp("hub")), graph)


def pages(
    view: GraphView, node: NodeRef, *, kind: str | None = None, limit: int = 7
) -> Iterator[Expansion]:
    after: str | None = None
    while True:
        page = view.expand(node, kind=kind, limit=limit, after=after)
        yield page
        after = page.cursor
        if after is None:
            return


def adds_up(page: Expansion) -> bool:
    rows = list(page.by_kind.values())
    sums = {name: sum(row[name] for row in rows) for name in ("shown", "hidden", "truncated")}
    per_kind = all(r["shown"] + r["hidden"] + r["truncated"] == r["total"] for r in rows)
    overall = sums == {
        "shown": page.shown, "hidden": page.hidden, "truncated": page.truncated
    }  # fmt: skip
    return per_kind and overall and sum(page.hidden_because.values()) == page.hidden


# ---- lineage


def test_the_log_of_lines_comes_back_as_it_was_written(store: GraphStore) -> None:
    graph = dataclasses.replace(random_published(1), lineage=sample_lineage())
    found = publish(store, graph).lineage()
    pd.testing.assert_frame_equal(found.log, sample_lineage().log)
    pd.testing.assert_frame_equal(found.roll, sample_lineage().roll)


def test_a_longer_log_is_published_over_the_same_graph(store: GraphStore) -> None:
    graph = random_published(1)
    assert publish(store, graph).lineage().log.empty
    before = store.view().about()
    view = publish(store, dataclasses.replace(graph, lineage=sample_lineage()))
    assert len(view.lineage().log) == len(sample_lineage().log)
    assert {**view.about(), "graph": ""} == {**before, "graph": ""}


# ---- expand


def test_all_pages_together_are_all_neighbours_in_order(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node, neighbours in expected.neighbours.items():
        got = [entity.node for page in pages(view, node) for entity in page.nodes]
        assert got == neighbours


def test_every_page_adds_up_and_the_total_never_changes(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node, neighbours in expected.neighbours.items():
        private = sum(expected.private.get(node, {}).values())
        for number, page in enumerate(pages(view, node)):
            assert adds_up(page)
            assert page.total == len(neighbours) + private
            assert page.hidden_because == {
                "private": private, "filtered": 0, "earlier pages": 7 * number
            }  # fmt: skip


def test_one_kind_at_a_time_hides_the_others_and_says_so(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node in [node for node in expected.neighbours if node.kind == "account"][:20]:
        for kind in ("wallet", "ip", "account", "community", "device"):
            wanted = [other for other in expected.neighbours[node] if other.kind == kind]
            found = list(pages(view, node, kind=kind, limit=2))
            assert [entity.node for page in found for entity in page.nodes] == wanted
            assert all(adds_up(page) for page in found)
            others = len(expected.neighbours[node]) - len(wanted)
            assert found[0].hidden_because["filtered"] == others


def test_the_same_click_gives_the_same_set(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node in list(expected.neighbours)[:10]:
        assert view.expand(node, limit=5) == view.expand(node, limit=5)


def test_edges_of_an_expansion_lead_to_its_nodes_and_say_what_is_known(
    known: tuple[GraphView, Oracle],
) -> None:
    view, expected = known
    for node in expected.neighbours:
        page = view.expand(node, limit=1000)
        ends = [edge.target if edge.source == node else edge.source for edge in page.edges]
        assert ends == [entity.node for entity in page.nodes]
        for edge in page.edges:
            told = expected.edges[edge.source, edge.target]
            assert {name: edge.properties[name] for name in told} == told


def test_a_hub_of_50_000_pages_exactly_once(hub_view: GraphView) -> None:
    got: list[str] = []
    for page in pages(hub_view, HUB, limit=12_500):
        assert adds_up(page)
        assert page.total == HUB_DEGREE
        got += [entity.node.value for entity in page.nodes]
    assert got == sorted(set(got))
    assert len(got) == HUB_DEGREE
    assert hub_view.entity(HUB).hub


def test_pages_of_any_size_are_cut_from_one_order(hub_view: GraphView) -> None:
    whole = [entity.node for entity in hub_view.expand(HUB, limit=400).nodes]
    for limit in (1, 7, 133):
        after, got = None, []
        while len(got) < 266:
            page = hub_view.expand(HUB, limit=limit, after=after)
            assert adds_up(page)
            got += [entity.node for entity in page.nodes]
            after = page.cursor
        assert got == whole[: len(got)]
    last = hub_view.expand(HUB, limit=5, after=str(whole[-1]))
    assert last.hidden_because["earlier pages"] == 400


def test_a_cursor_of_another_node_is_refused(hub_view: GraphView) -> None:
    for cursor in ("account:acct_zzzz", "ip:240.0.0.1"):
        with pytest.raises(UsageError, match="no cursor"):
            hub_view.expand(HUB, after=cursor)


def test_a_hub_stands_last_and_is_marked(sample: GraphView) -> None:
    page = sample.expand(NodeRef.parse("account:acct_c00"), limit=100)
    assert [entity.node.value for entity in page.nodes if entity.hub] == ["240.99.0.1"]
    assert page.nodes[-1].hub
    assert page.nodes[0].node == NodeRef("device", "dv_rack_0")  # two accounts: the rarest


def test_an_address_that_never_links_is_context(sample: GraphView) -> None:
    private_network = sample.entity(NodeRef("ip", "10.0.0.1"))
    assert private_network.hub
    assert private_network.properties["linkable"] is False
    assert private_network.counts == {"account": 6}
    assert not sample.entity(NodeRef("ip", "240.20.0.1")).hub


def test_a_link_says_its_bits_and_runs_from_the_lower_id(sample: GraphView) -> None:
    there = sample.expand(NodeRef.parse("account:acct_home_a"), kind="account").edges
    back = sample.expand(NodeRef.parse("account:acct_home_b"), kind="account").edges
    assert there == back
    (edge,) = there
    assert (edge.source.value, edge.target.value) == ("acct_home_a", "acct_home_b")
    assert edge.relation == "LINKED"
    assert edge.properties["bits"] == sum(edge.properties["families"].values())


@pytest.mark.parametrize(
    ("node", "options", "says"),
    [
        ("account:nobody", {}, "Near names"),
        ("account:\udcff", {}, "Near names"),
        ("shoe:42", {}, "no kind in this graph"),
        ("account:acct_c00", {"kind": "shoe"}, "no kind in this graph"),
        ("account:acct_c00", {"limit": 0}, "shows nothing"),
        ("account:acct_c00", {"after": "account:acct_o00"}, "no cursor"),
        ("account:acct_c00", {"after": "ip:nowhere"}, "no cursor"),
        ("account:acct_c00", {"after": "garbage"}, "kind:value"),
    ],
)
def test_a_wrong_question_is_refused_with_the_way_out(
    sample: GraphView, node: str, options: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        sample.expand(NodeRef.parse(node), **options)  # type: ignore[arg-type]


# ---- entity and search


def test_an_entity_counts_its_neighbours(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node, neighbours in expected.neighbours.items():
        entity = view.entity(node)
        kinds = [other.kind for other in neighbours]
        assert entity.counts == {kind: kinds.count(kind) for kind in set(kinds)}
        assert entity.private == expected.private.get(node, {})
        assert entity.hub == (node in expected.hubs)


def test_an_account_says_what_is_known_and_nothing_else(sample: GraphView) -> None:
    member = sample.entity(NodeRef("account", "acct_c07")).properties
    assert (member["community"], member["tier"], member["cell"]) == (
        "cm_campaign", "possible", "cl_1",
    )  # fmt: skip
    ordinary = sample.entity(NodeRef("account", "acct_o00")).properties
    assert not {"community", "tier", "organisation", "country"} & set(ordinary)
    assert ordinary["exchanges"] > 0


def test_what_one_account_alone_used_is_no_node(sample: GraphView) -> None:
    with pytest.raises(UsageError, match="no node"):
        sample.entity(NodeRef("device", "dv_acct_o00"))
    assert sample.search("dv_acct_o00") == []
    assert sample.entity(NodeRef("account", "acct_o00")).private == {"device": 1, "ip": 1}


def names(view: GraphView, text: str, limit: int = 25) -> list[str]:
    return [str(entity.node) for entity in view.search(text, limit=limit)]


def test_search_finds_the_exact_name_first(sample: GraphView) -> None:
    assert names(sample, "acct_c00") == ["account:acct_c00"]
    assert names(sample, "cm_home") == ["community:cm_home"]
    assert names(sample, "stripe/fp_office") == ["payment_method:stripe/fp_office"]


def test_search_finds_beginnings_in_order(sample: GraphView) -> None:
    assert names(sample, "240.7.0") == ["ip:240.7.0.0", "ip:240.7.0.1", "ip:240.7.0.2"]
    assert names(sample, "240.7.0", limit=2) == ["ip:240.7.0.0", "ip:240.7.0.1"]
    assert names(sample, "device:dv_r") == [f"device:dv_rack_{i}" for i in range(4)]


def test_search_sets_case_aside(sample: GraphView) -> None:
    assert names(sample, "ACCT_HOME") == ["account:acct_home_a", "account:acct_home_b"]
    assert names(sample, "device:DV_LIVING") == ["device:dv_living_room"]


@pytest.mark.parametrize(
    "text", ["", "  ", "no such thing", "ip:acct_c00", "%", "acct_c0_", "\0", "\udcff"]
)
def test_search_finds_nothing_where_there_is_nothing(sample: GraphView, text: str) -> None:
    assert names(sample, text) == []


def test_search_agrees_with_a_plain_scan(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    everything = list(expected.neighbours)
    for text in ("acct_000", "pa_1", "PA_1", "240.1.0.3", "wallet:wa_2", "cm_", "DV"):
        kind, _, value = text.rpartition(":")
        wanted = {
            str(node)
            for node in everything
            if node.value.lower().startswith(value.lower()) and kind in ("", node.kind)
        }
        assert set(names(view, text, limit=10_000)) == wanted


def test_hostile_text_is_a_name_like_any_other(sample: GraphView) -> None:
    agent = sample.entity(NodeRef("user_agent", HOSTILE_AGENT))
    device = sample.entity(NodeRef("device", HOSTILE_DEVICE))
    assert agent.counts == {"account": 8}
    assert device.counts == {"account": 2}
    with pytest.raises(UsageError) as refusal:
        sample.entity(NodeRef("device", HOSTILE_DEVICE + "\x07"))
    assert "\x1b" not in str(refusal.value)
    assert "\u202e" not in str(refusal.value)


# ---- subgraph


def pairs(edges: list[Edge]) -> list[tuple[NodeRef, NodeRef]]:
    return [(edge.source, edge.target) for edge in edges]


def test_a_subgraph_holds_all_edges_among_its_nodes(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    rng = np.random.default_rng(5)
    everything = sorted(expected.neighbours)
    for size in (1, 2, 20, 60, len(everything)):
        chosen = {everything[i] for i in rng.choice(len(everything), size, replace=False)}
        wanted = sorted(ends for ends in expected.edges if set(ends) <= chosen)
        found = list(view.subgraph(sorted(chosen)))
        assert pairs(found) == wanted
        unlinked = [edge for edge in found if edge.relation != "LINKED"]
        assert list(view.subgraph(sorted(chosen), linked=False)) == unlinked


def test_a_subgraph_passes_over_what_is_gone(sample: GraphView) -> None:
    nodes = [NodeRef("account", "acct_home_a"), NodeRef("device", "dv_living_room")]
    gone = [NodeRef("account", "closed_long_ago"), NodeRef("shoe", "42")]
    assert sample.subgraph([*nodes, *gone, nodes[0]]) == sample.subgraph(nodes)
    assert len(sample.subgraph(nodes)) == 1
    assert list(sample.subgraph([])) == []


def test_a_subgraph_tells_an_edge_as_an_expansion_does(sample: GraphView) -> None:
    centre = NodeRef("account", "acct_c00")
    page = sample.expand(centre, limit=100)
    among = sample.subgraph([centre, *(entity.node for entity in page.nodes)])
    assert all(edge in among for edge in page.edges)


# ---- inference


def test_communities_come_back_as_they_went_in(sample: GraphView) -> None:
    inference = sample_published().inference
    assert inference is not None
    assert tuple(sample.communities()) == inference.communities


def test_members_come_back_as_they_went_in(sample: GraphView) -> None:
    inference = sample_published().inference
    assert inference is not None
    pd.testing.assert_frame_equal(sample.members(), inference.members)
    some = inference.members.query("community == 'cm_office'").reset_index(drop=True)
    pd.testing.assert_frame_equal(sample.members("cm_office"), some)
    with pytest.raises(UsageError, match="Near names"):
        sample.members("cm_nothing")


ASKED = [
    Asked(),
    Asked(min_size=0, limit=1),
    Asked(min_size=0, start=1, limit=2),
    Asked(start=90),
    Asked(classes=("campaign", "household"), min_size=0),
    Asked(classes=("undecided",), min_size=0),
    Asked(text=" community:cm_", min_size=0),
    Asked(text="acct_0000", min_size=0),
    Asked(text="account:acct_c0"),
    Asked(text="nobody"),
    Asked(text="acct_c01", classes=("reseller",)),
]


@pytest.mark.parametrize("asked", ASKED)
def test_a_page_of_triage_is_that_of_the_whole_list(
    sample: GraphView, known: tuple[GraphView, Oracle], asked: Asked
) -> None:
    for view in (sample, known[0]):
        page = view.triage(asked)
        assert page == plain_triage(view.communities(), view.members(), asked)
        assert len(page.shown) + page.hidden + page.truncated == page.total


def test_pages_of_triage_are_the_list(sample: GraphView) -> None:
    asked = [Asked(min_size=0, start=at, limit=1) for at in range(len(sample.communities()))]
    assert tuple(one for ask in asked for one in sample.triage(ask).shown) == sample.communities()


def test_one_community_is_that_of_the_list(sample: GraphView) -> None:
    for one in sample.communities():
        assert sample.community(one.community) == one
    with pytest.raises(UsageError, match="There is no"):
        sample.community("cm_nobody")


def test_the_story_of_a_community_is_that_of_its_line(store: GraphStore) -> None:
    log, roll = (
        table.replace({"community": {"cm_b": "cm_campaign"}})
        for table in (sample_lineage().log, sample_lineage().roll)
    )
    lineage = Lineage(log, roll)
    view = publish(store, dataclasses.replace(sample_published(), lineage=lineage))
    assert len(view.story("cm_campaign"))
    for name in (*(one.community for one in view.communities()), "cm_nobody"):
        told, line = view.story(name), lineage.lines.get(name)
        pd.testing.assert_frame_equal(told, log[log["line"] == line].reset_index(drop=True))


def test_links_of_an_account_strongest_first(known: tuple[GraphView, Oracle]) -> None:
    view, expected = known
    for node in [node for node in expected.neighbours if node.kind == "account"]:
        table = view.links(node.value)
        linked = [other.value for other in expected.neighbours[node] if other.kind == "account"]
        assert table["account"].tolist() == linked
        assert list(table.columns) == ["account", *list(LINK_COLUMNS)[2:]]
        families = table[list(LINK_COLUMNS)[3:]].sum(axis=1)
        assert families.tolist() == table["millibits"].tolist()


# ---- publishing


def test_nothing_is_published_at_first(store: GraphStore) -> None:
    assert not store.published()
    with pytest.raises(UsageError, match="analyse"):
        store.view()


def test_about_counts_what_there_is(store: GraphStore) -> None:
    about = publish(store, sample_published()).about()
    assert store.published()
    assert (about["snapshot"], about["run"], about["synthetic"]) == (
        "sn_sample", "run_sample", True,
    )  # fmt: skip
    assert about["nodes"]["account"] == 75
    assert about["nodes"]["community"] == 3
    assert about["edges"]["LINKED"] == 39
    assert about["edges"]["PAID_WITH"] == 13
    assert about["private"]["device"] == 67


def test_publishing_twice_changes_nothing(store: GraphStore) -> None:
    first = publish(store, sample_published()).about()
    later = dataclasses.replace(sample_published(), origin={"synthetic": True, "at": "later"})
    assert publish(store, later).about() == first


def test_a_new_graph_replaces_the_old_one(store: GraphStore) -> None:
    publish(store, random_published(1))
    view = publish(store, sample_published())
    assert view.about()["snapshot"] == "sn_sample"
    assert names(view, "acct_00001") == []


def test_an_open_view_stays_on_its_graph(store: GraphStore) -> None:
    old = publish(store, sample_published())
    publish(store, random_published(2))
    assert old.about()["snapshot"] == "sn_sample"
    assert old.entity(NodeRef("account", "acct_c00")).counts["account"] == 7


def test_a_failed_publish_leaves_the_last_good_graph(store: GraphStore) -> None:
    good = publish(store, sample_published())
    spoilt = random_published(1)
    assert spoilt.inference is not None
    members = spoilt.inference.members.assign(account="nobody")
    inference = dataclasses.replace(spoilt.inference, members=members)
    with pytest.raises(ValueError, match="does not exist"):
        publish(store, dataclasses.replace(spoilt, inference=inference))
    assert store.view().about() == good.about()


def test_a_graph_before_analysis_answers_without_communities(store: GraphStore) -> None:
    view = publish(store, dataclasses.replace(sample_published(), inference=None))
    assert tuple(view.communities()) == ()
    assert list(view.members().columns) == list(MEMBER_COLUMNS)
    assert view.links("acct_c00").empty
    assert view.about()["run"] is None
    page = view.expand(NodeRef("account", "acct_c00"))
    assert {entity.node.kind for entity in page.nodes} == {
        "ip", "device", "payment_method", "prompt_cluster", "user_agent",
    }  # fmt: skip


def test_an_empty_graph_is_a_graph(store: GraphStore) -> None:
    def nothing(columns: dict[str, str]) -> pd.DataFrame:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})

    tables = {name: nothing(COLUMNS[name]) for name in ("accounts", "identifiers", "sightings")}
    nobody = Observations(snapshot="sn_0", **tables)
    view = publish(store, Published(nobody))
    assert view.about()["nodes"] == {"account": 0, "community": 0}
    assert names(view, "a") == []
    assert list(view.subgraph([NodeRef("account", "a")])) == []
    with pytest.raises(UsageError, match="none"):
        view.entity(NodeRef("account", "a"))


def test_times_that_are_not_known_are_none(store: GraphStore) -> None:
    graph = published([("a", "device", "dv_1"), ("b", "device", "dv_1")], snapshot="sn")
    sightings = graph.observations.sightings.assign(first=pd.NaT, last=pd.NaT)
    unknown = sightings.astype(COLUMNS["sightings"])
    observations = dataclasses.replace(graph.observations, sightings=unknown)
    view = publish(store, dataclasses.replace(graph, observations=observations))
    (edge,) = view.expand(NodeRef("account", "a")).edges
    assert (edge.properties["first"], edge.properties["last"]) == (None, None)


# ---- questions about many nodes at once


def test_many_accounts_used_what_each_of_them_expands_to(known: tuple[GraphView, Oracle]) -> None:
    view, truth = known
    names = [node.value for node in sorted(truth.neighbours) if node.kind == "account"][:40]
    told = view.uses([*names, "nobody", *names[:1]])
    expected = {
        (name, edge.target.kind, edge.target.value): edge.properties
        for name in names
        for edge in view.expand(NodeRef("account", name), limit=500).edges
        if edge.target.kind not in ("account", "community")
    }
    assert [*told[["account", "kind", "value"]].itertuples(index=False, name=None)] == sorted(
        expected
    )
    for row in told.itertuples():
        edge = expected[row.account, row.kind, row.value]
        assert (row.count, row.days, row.first, row.last) == tuple(
            edge[name] for name in ("count", "days", "first", "last")
        )
        entity = view.entity(NodeRef(row.kind, row.value))
        assert (row.accounts, row.hub) == (entity.counts["account"], entity.hub)
    one = view.uses(names, kind="device")
    assert len(one) == (told["kind"] == "device").sum()
    nodes = [NodeRef(*name) for name in {(k, v) for _, k, v in expected}]
    turned = view.users([*nodes, NodeRef("device", "none"), NodeRef("account", names[0])])
    kept = turned[turned["account"].isin(names)].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, told)
    with pytest.raises(UsageError, match="is no kind"):
        view.uses(names, kind="colour")


def test_links_and_register_of_many_accounts(known: tuple[GraphView, Oracle]) -> None:
    view, truth = known
    names = [node.value for node in sorted(truth.neighbours) if node.kind == "account"][:40]
    told = view.linked([*names, "nobody"])
    for name in names:
        own = told[told["account"] == name].drop(columns="account").reset_index(drop=True)
        pd.testing.assert_frame_equal(own.rename(columns={"other": "account"}), view.links(name))
    known_of = view.register([*names[::-1], "nobody"])
    assert known_of["account"].tolist() == names
    for row in known_of.itertuples():
        properties = view.entity(NodeRef("account", row.account)).properties
        assert properties["created_at"] == row.created_at
        assert properties.get("exchanges", 0) == row.exchanges


def test_values_by_place_and_counts_of_a_search(known: tuple[GraphView, Oracle]) -> None:
    view, truth = known
    for kind in ("device", "ip"):
        values = sorted(node.value for node in truth.neighbours if node.kind == kind)
        assert [*view.values(kind, range(len(values) + 5))] == values
        assert [*view.values(kind, range(1, 3))] == values[1:3]
        assert [*view.values(kind, range(len(values), len(values) + 9))] == []
    for text in ("acct_0", "ACCT_0", "ip:240.", "d", "DE", "cm_", "none of these", "", "ip:"):
        found = view.search(text, limit=500)
        counted: dict[str, int] = {}
        for entity in found:
            counted[entity.node.kind] = counted.get(entity.node.kind, 0) + 1
        assert dict(view.matching(text)) == counted
    with pytest.raises(UsageError, match="is no kind"):
        view.values("colour", range(3))
