"""From a real store to scenes: bounded, counted, deterministic, and pleasant to look at."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph_models.errors import UsageError
from tests.browser.desks import HOSTILE, StoredDesk, busy_published, hostile_published
from workbench.database import open_database
from workbench.scenes import cells, growing, opening
from workbench.scenes.bundles import FLUENT
from workbench.scenes.gesture import Gesture, gesture_of
from workbench.scenes.graph import Pinned
from workbench.scenes.growing import Asking
from workbench.scenes.investigation import Investigation, default_kinds
from workbench.scenes.layout import Spot, first_layout, place_new
from workbench.scenes.log import SceneLog
from workbench.scenes.parts import label_of
from workbench.scenes.scene import BUNDLE, CELL, Scene, apply
from workbench.scenes.sums import sums

CAMPAIGN, RESELLER, HOUSEHOLD = "cm_7c1e04", "cm_31fa88", "cm_5d90aa"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    desk = StoredDesk(tmp_path_factory.mktemp("busy"), busy_published())
    return Pinned(desk.store.view())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    desk = StoredDesk(tmp_path_factory.mktemp("hostile"), hostile_published())
    return Pinned(desk.store.view())


def opened(graph: Pinned, community: str) -> Scene:
    return apply(Scene(), opening.open_community(graph, community))


def shown(scene: Scene) -> dict[str, tuple[int, int, int]]:
    return {one.kind: (one.shown, one.hidden, one.truncated) for one in sums(scene)}


def test_a_small_community_is_drawn_whole(graph: Pinned) -> None:
    scene = opened(graph, CAMPAIGN)
    assert shown(scene)["account"] == (96, 0, 0)
    assert {"payment_method", "device", "ip", "prompt_cluster"} <= set(shown(scene))
    assert not any(node.kind == CELL for node in scene.nodes.values())
    hubs = [node for node in scene.nodes.values() if node.hub]
    others = [node for node in scene.nodes.values() if not node.hub]
    assert hubs
    assert min(node.x for node in hubs) > max(node.x for node in others) + 100


def test_kinds_that_say_little_are_laid_out_but_off(graph: Pinned) -> None:
    scene = opened(graph, HOUSEHOLD)
    assert "user_agent" in scene.off
    assert shown(scene)["user_agent"] == (0, 1, 0)


def test_a_large_community_closes_its_largest_cells_and_counts_them(graph: Pinned) -> None:
    scene = opened(graph, RESELLER)
    closed = [node for node in scene.nodes.values() if node.kind == CELL]
    drawn, hidden, truncated = shown(scene)["account"]
    assert closed
    assert len(scene.nodes) < FLUENT
    assert drawn + hidden + truncated == 420
    assert hidden == sum(node.size for node in closed)
    joined = {name for edge in scene.edges.values() for name in (edge.a, edge.b)}
    assert {node.id for node in closed} <= joined | {node.id for node in closed}


@pytest.mark.parametrize("community", [CAMPAIGN, RESELLER, HOUSEHOLD])
def test_nothing_covers_anything_and_the_same_community_looks_the_same(
    graph: Pinned, community: str
) -> None:
    scene = opened(graph, community)
    for (_, a), (_, b) in itertools.combinations(scene.places.items(), 2):
        assert math.dist(a, b) >= 24, (a, b)
    assert opened(graph, community) == scene


def test_expanding_asks_per_kind_and_folds_what_is_alike_for_room(graph: Pinned) -> None:
    scene = opened(graph, HOUSEHOLD)
    hub = "ip:240.99.0.1"
    for _ in range(8):
        scene = apply(scene, growing.expand(graph, scene, [hub], Asking(("account",), limit=100)))
    drawn, hidden, truncated = shown(scene)["account"]
    assert (drawn + hidden, truncated) == (662, 0)
    assert len(scene.nodes) <= FLUENT
    assert any(node.kind == BUNDLE and node.size >= 3 for node in scene.nodes.values())


def test_new_accounts_come_with_the_edges_to_what_is_drawn(graph: Pinned) -> None:
    scene = apply(Scene(), opening.open_node(graph, "payment_method:stripe/fp_7c1e04_0"))
    assert set(scene.nodes) == {"payment_method:stripe/fp_7c1e04_0"}
    grown = apply(scene, growing.expand(graph, scene, list(scene.nodes), Asking(("account",))))
    assert shown(grown)["account"] == (9, 0, 0)
    device = apply(grown, growing.add_nodes(graph, grown, ["device:dv_7c1e04_0"]))
    users = [edge for edge in device.edges.values() if "device:dv_7c1e04_0" in (edge.a, edge.b)]
    assert users
    assert device.expanded == grown.expanded


def test_links_are_drawn_only_when_asked_for(graph: Pinned) -> None:
    scene = opened(graph, CAMPAIGN)
    name = "account:acct_7c10005"
    assert all(edge.relation == "USED" for edge in scene.edges.values())
    linked = apply(scene, growing.expand(graph, scene, [name], Asking(("account",))))
    bits = [edge.bits for edge in linked.edges.values() if edge.relation == "LINKED"]
    assert len(bits) == 2
    assert all(value and value > 5 for value in bits)


def test_a_cell_opens_beside_the_others_and_closes_again(graph: Pinned) -> None:
    scene = opened(graph, RESELLER)
    bundle = next(node for node in scene.nodes.values() if node.kind == CELL)
    grown = apply(scene, cells.open_cell(graph, scene, bundle.id))
    rest = {name: at for name, at in scene.places.items() if name != bundle.id}
    assert grown.places.items() >= rest.items()
    assert shown(grown)["account"][0] == shown(scene)["account"][0] + bundle.size
    closed = apply(grown, cells.close_cell(grown, bundle.cell))
    assert shown(closed)["account"] == shown(scene)["account"]
    with pytest.raises(UsageError):
        cells.close_cell(closed, bundle.cell)


def test_what_is_not_there_is_said(graph: Pinned) -> None:
    for name in ("account:nobody", "no colon", "ip:"):
        with pytest.raises(UsageError):
            opening.open_node(graph, name)


# ---- gestures, as they come from a browser


def work(graph: Pinned, folder: Path, by: str = "kim") -> Investigation:
    log = SceneLog(open_database(folder), "s-0123456789", by)
    return Investigation(graph, log, lambda: datetime(2026, 7, 1, tzinfo=UTC))


def test_every_gesture_of_the_canvas_is_a_step(graph: Pinned, tmp_path: Path) -> None:
    case = work(graph, tmp_path)
    case.open(f"community:{HOUSEHOLD}")
    assert case.open(f"community:{HOUSEHOLD}").head == 1
    assert "added" in case.do(Gesture("expand", node="ip:240.99.0.1", kinds=("account",)))
    assert case.do(Gesture("expand", node="account:acct_5d90000", kinds=("nonsense",)))
    assert case.do(Gesture("switch", names=("ip",))) == "Hid ip"
    assert case.do(Gesture("switch", names=("ip",))) == "Showed ip"
    assert case.do(Gesture("move", places={"account:acct_5d90000": (7.0, 8.0)})) == "Moved 1 node"
    assert case.do(Gesture("remove", names=("account:acct_5d90000",))).startswith(
        "Removed acct_5d90000"
    )
    assert "Collapsed" in case.do(Gesture("collapse", node="ip:240.99.0.1"))
    assert case.add("account:acct_5d90000").startswith("Added")
    assert case.add("account:acct_5d90000") == "It is drawn already."
    undo = case.history().undo_to
    assert case.go(undo).startswith("At: Collapsed")
    for gesture in (Gesture("expand", node="ghost"), Gesture("remove", names=("ghost",)),
                    Gesture("move", places={}), Gesture("open_cell", node="ghost")):  # fmt: skip
        with pytest.raises(UsageError):
            case.do(gesture)


def test_asking_again_for_what_is_all_drawn_adds_no_step(graph: Pinned, tmp_path: Path) -> None:
    case = work(graph, tmp_path)
    case.open("payment_method:stripe/fp_5d90aa_0")
    case.do(Gesture("expand", node="payment_method:stripe/fp_5d90aa_0", kinds=("account",)))
    head = case.history().head
    assert case.do(
        Gesture("expand", node="payment_method:stripe/fp_5d90aa_0", kinds=("account",))
    ) == ("Nothing new to draw.")
    assert case.history().head == head


@pytest.mark.parametrize(
    "message",
    [None, 7, "expand", {}, {"do": "format_disk"}, {"do": ["expand"]}, {"node": "x"}],
)
def test_a_strange_message_is_no_gesture(message: object) -> None:
    assert gesture_of(message) is None


def test_a_message_is_reduced_to_what_a_gesture_may_hold() -> None:
    told = gesture_of(
        {"do": "move", "node": 5, "names": ["a", 3, None], "at": 1, "__proto__": {},
         "places": {"x": {"x": 1.234, "y": 2}, "y": {"x": float("nan"), "y": 1},
                    "z": {"x": "1", "y": 2},
                    "w": 3, "v": {"x": True, "y": 2}}}
    )  # fmt: skip
    assert told == Gesture("move", names=("a",), places={"x": (1.2, 2.0)})


def test_default_kinds_prefer_identifiers_to_links(graph: Pinned) -> None:
    scene = opened(graph, HOUSEHOLD)
    assert "account" not in default_kinds(scene.nodes["account:acct_5d90000"])
    assert default_kinds(scene.nodes["ip:240.99.0.1"]) == ("account",)


# ---- labels and layout


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_are_short_and_visible(text: str) -> None:
    for kind in ("account", "ip", "device", "unheard-of"):
        label = label_of(kind, text)
        assert label.isprintable()
        assert len(label) <= 40


# ---- layout alone


def test_layout_does_not_depend_on_order_and_survives_odd_graphs() -> None:
    spots = [Spot(f"a{i}", "account", f"c{i % 3}") for i in range(40)]
    spots += [Spot(f"i{i}", "identifier", weight=9) for i in range(12)] + [Spot("h", "hub")]
    edges = [(f"a{i}", f"i{i % 12}") for i in range(40)] + [
        ("a1", "h"),
        ("a1", "a1"),
        ("ghost", "a2"),
    ]
    places = first_layout(spots, edges)
    assert set(places) == {spot.id for spot in spots}
    assert first_layout(spots[::-1], edges[::-1]) == places
    assert first_layout([], []) == {}
    assert first_layout([Spot("only", "identifier")], []) == first_layout(
        [Spot("only", "identifier")], []
    )
    assert set(first_layout([Spot("h", "hub"), Spot("b", "bundle", radius=20)], [])) == {"h", "b"}


def test_new_places_are_free_and_point_away_from_the_crowd() -> None:
    drawn = {f"n{i}": (40.0 * i, 0.0) for i in range(6)}
    places = place_new(drawn, "n5", [f"new{i}" for i in range(12)])
    everything = [*drawn.values(), *places.values()]
    assert min(math.dist(a, b) for a, b in itertools.combinations(everything, 2)) >= 36
    assert sum(x for x, _ in places.values()) / 12 > 200
    assert place_new({}, "nowhere", ["one"]).keys() == {"one"}
