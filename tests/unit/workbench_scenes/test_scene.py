"""A scene is the fold of its commands; nothing drawn moves, and every sum adds up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from workbench.scenes.filters import chips, visible, without
from workbench.scenes.model import BUNDLE, CELL, Command, Edge, Filters, Fold, Node
from workbench.scenes.record import command_of, record_of, scene_bytes
from workbench.scenes.scene import Scene, apply
from workbench.scenes.sums import around, sums


def account(name: str, x: float = 0.0, **more: object) -> Node:
    counts = {"ip": 3, "account": 2}
    return Node(id=f"account:{name}", kind="account", label=name, x=x, counts=counts, **more)  # type: ignore[arg-type]


def ip(name: str, x: float = 0.0) -> Node:
    return Node(id=f"ip:{name}", kind="ip", label=name, x=x, counts={"account": 4})


def opened() -> Scene:
    nodes = (
        account("a", 1, cell="c1"),
        account("b", 2, cell="c1"),
        account("c", 3, cell="c2"),
        ip("x", 9),
    )
    edges = tuple(Edge(a=n.id, b="ip:x", relation="USED") for n in nodes[:3])
    return apply(Scene(), Command(do="open", node="community:k", nodes=nodes, edges=edges,
                                  truncated={"ip": 5}))  # fmt: skip


def expansion(*nodes: Node) -> Command:
    """What expanding account a brought."""
    edges = tuple(Edge(a="account:a", b=node.id, relation="USED") for node in nodes)
    return Command(do="expand", asked={"account:a": ("ip",)}, nodes=nodes, edges=edges)


def fold(*members: str, name: str = "bundle:1") -> Fold:
    return Fold(node=Node(id=name, kind=BUNDLE, label="some", x=77.0), members=members)


def totals(scene: Scene) -> dict[str, tuple[int, int, int]]:
    return {one.kind: (one.shown, one.hidden, one.truncated) for one in sums(scene)}


def test_expanding_adds_and_moves_nothing() -> None:
    before = opened()
    stale = replace(before.nodes["account:a"], x=777.0)  # the store knows no places
    after = apply(before, replace(expansion(ip("y", 50)), nodes=(stale, ip("y", 50))))
    assert after.places.items() >= before.places.items()
    assert set(after.nodes) - set(before.nodes) == {"ip:y"}


def test_sums_tell_hidden_from_truncated() -> None:
    assert totals(opened()) == {"account": (3, 0, 0), "ip": (1, 0, 5)}
    grown = apply(opened(), Command(do="expand", node="account:a", asked={"account:a": ("ip",)}))
    # a has 3 addresses, one is drawn, two were asked for and did not come; 2 links not asked for
    assert totals(grown) == {"account": (3, 2, 0), "ip": (1, 0, 7)}
    assert all(one.shown + one.hidden + one.truncated == one.total for one in sums(grown))


def test_switching_a_kind_off_hides_it_and_is_its_own_inverse() -> None:
    scene = opened()
    off = apply(scene, Command(do="switch", names=("ip",)))
    nodes, edges = visible(off)
    assert {node.kind for node in nodes} == {"account"}
    assert edges == []
    assert totals(off)["ip"] == (0, 1, 5)
    assert apply(off, Command(do="switch", names=("ip",))) == scene


def test_collapse_takes_what_hangs_on_the_node_alone() -> None:
    scene = apply(opened(), expansion(ip("y")))
    left = apply(scene, Command(do="collapse", node="account:a"))
    assert set(left.nodes) == {"account:a", "account:b", "account:c", "ip:x"}
    assert left.expanded == {}
    assert totals(left)["ip"] == (1, 1, 5)


def test_removing_counts_as_hidden_until_drawn_again() -> None:
    left = apply(opened(), Command(do="remove", names=("ip:x", "ip:unknown")))
    assert totals(left)["ip"] == (0, 1, 5)
    again = apply(left, Command(do="expand", node="account:a", nodes=(ip("x", 9),)))
    assert totals(again)["ip"][:2] == (1, 0)


def test_what_collapsed_comes_back_to_its_place_and_a_pinned_leaf_stays() -> None:
    scene = apply(opened(), expansion(ip("y", 50), ip("z", 60)))
    pinned = apply(scene, Command(do="pin", names=("ip:z",)))
    left = apply(pinned, Command(do="collapse", node="account:a"))
    assert set(pinned.nodes) - set(left.nodes) == {"ip:y"}
    again = apply(left, Command(do="expand", asked={"account:a": ("ip",)}, names=("ip:y",)))
    assert again.nodes == pinned.nodes
    assert again.expanded == pinned.expanded


def test_a_closed_cell_counts_only_whom_it_still_stands_for() -> None:
    cell = Node(id="cell:c9", kind=CELL, label="cell", cell="c9", size=2)
    tie = Edge(a="cell:c9", b="ip:x", relation="USED", count=2)
    scene = apply(opened(), Command(do="expand", nodes=(cell,), edges=(tie,)))
    assert totals(scene)["account"] == (3, 2, 0)
    one = account("n", 70, cell="c9")
    out = Edge(a="account:n", b="ip:x", relation="USED")
    apart = apply(scene, Command(do="expand", nodes=(one,), edges=(out,)))
    assert totals(apart)["account"] == (4, 1, 0)
    assert apart.nodes["cell:c9"].size == 1
    assert apart.edges[tie.id].count == 1
    two = replace(one, id="account:m", x=80)
    alone = apply(apart, Command(do="expand", nodes=(two,), edges=(replace(out, a="account:m"),)))
    assert "cell:c9" not in alone.nodes
    opened_again = apply(scene, Command(do="open_cell", node="cell:c9", nodes=(one, two)))
    assert totals(opened_again)["account"] == (5, 0, 0)


def test_a_bundle_joins_what_its_members_join_and_opens_exactly() -> None:
    scene = opened()
    folded = apply(scene, Command(do="fold", folds=(fold("account:a", "account:b"),)))
    assert set(folded.nodes) == {"bundle:1", "account:c", "ip:x"}
    assert folded.nodes["bundle:1"].size == 2
    assert {e.count for e in folded.edges.values() if "bundle:1" in (e.a, e.b)} == {2}
    assert {one.kind: dict(one.why) for one in sums(folded)}["account"] == {"folded": 2}
    grown = apply(folded, expansion(ip("y", 50)))  # of a folded account: joins the bundle
    assert {"bundle:1", "ip:y"} in [{e.a, e.b} for e in grown.edges.values()]
    opened_again = apply(grown, Command(do="unfold", names=("bundle:1",)))
    assert opened_again == apply(scene, expansion(ip("y", 50)))


def test_bundles_may_hold_bundles_but_never_themselves() -> None:
    inner = apply(opened(), Command(do="fold", folds=(fold("account:a", "account:b"),)))
    outer = fold("bundle:1", "account:c", name="bundle:2")
    both = apply(inner, Command(do="fold", folds=(outer,)))
    assert set(both.nodes) == {"bundle:2", "ip:x"}
    assert both.nodes["bundle:2"].size == 3
    assert apply(both, Command(do="unfold", names=("bundle:2",))) == inner
    loop = apply(both, Command(do="fold", folds=(fold("bundle:2", "ip:x", name="bundle:1"),)))
    assert loop == both
    gone = apply(both, Command(do="remove", names=("bundle:2",)))
    assert set(gone.nodes) == {"ip:x"}
    assert totals(gone)["account"] == (0, 3, 0)


# ---- filters


def linked() -> Scene:
    a = account("a", 1, first="2026-05-01", last="2026-05-09")
    b = account("b", 2, first="2026-05-20", last="2026-05-29")
    weak, strong = replace(ip("w", 5), bits=0.4), replace(ip("s", 6), bits=9.0)
    edges = (
        Edge(a=a.id, b=b.id, relation="LINKED", bits=8.0, families={"network": 5.0, "timing": 3.0}),
        Edge(a=a.id, b=weak.id, relation="USED", first="2026-05-01", last="2026-05-02"),
        Edge(a=b.id, b=strong.id, relation="USED", first="2026-05-21", last="2026-05-21"),
    )
    return apply(Scene(), Command(do="open", node=a.id, nodes=(a, b, weak, strong), edges=edges))


@pytest.mark.parametrize(
    ("filters", "nodes", "links"),
    [
        (Filters(), {"account:a", "account:b", "ip:w", "ip:s"}, 1),
        (Filters(bits=1.0), {"account:a", "account:b", "ip:s"}, 1),
        (Filters(bits=8.5), {"account:a", "account:b", "ip:s"}, 0),
        (Filters(families=frozenset({"network"})), {"account:a", "account:b"}, 1),
        (Filters(families=frozenset({"network"}), bits=4.0), {"account:a", "account:b"}, 0),
        (Filters(families=frozenset({"network", "timing"})), {"account:a", "account:b"}, 0),
        (Filters(since="2026-05-10"), {"account:b", "ip:s"}, 0),
        (Filters(until="2026-05-10"), {"account:a", "ip:w"}, 0),
        (Filters(kinds=frozenset({"account"})), {"ip:w", "ip:s"}, 0),
    ],
)
def test_filters_hide_and_count_what_they_say(
    filters: Filters, nodes: set[str], links: int
) -> None:
    scene = apply(linked(), Command(do="filter", filters=filters))
    shown, edges = visible(scene)
    assert {node.id for node in shown} == nodes
    assert sum(edge.relation == "LINKED" for edge in edges) == links
    hidden = sum(one.why.get("filtered", 0) for one in sums(scene))
    assert hidden == 4 - len(nodes)
    assert scene.places == linked().places
    left = filters
    for chip in chips(scene):
        left = without(left, chip.id)
    assert left == Filters()


def test_each_chip_says_what_it_hides_by_itself() -> None:
    both = Filters(bits=1.0, kinds=frozenset({"ip"}))
    told = chips(apply(linked(), Command(do="filter", filters=both)))
    assert [(chip.id, chip.hidden) for chip in told] == [("kind:ip", 2), ("bits", 1)]
    assert told[1].words == "at least 1 bits"
    assert without(both, "bits") == Filters(kinds=frozenset({"ip"}))


@pytest.mark.parametrize(
    "bad",
    [{"since": "yesterday"}, {"since": "2026-05-02", "until": "2026-05-01"}, {"bits": -1.0},
     {"bits": float("nan")}],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"day|after|threshold"):
        Filters(**bad)  # type: ignore[arg-type]


def test_around_counts_the_neighbours_of_one_node() -> None:
    scene = apply(opened(), expansion(ip("y", 50)))
    scene = apply(scene, Command(do="remove", names=("ip:y",)))
    lines = {one.kind: one for one in around(scene, "account:a")}
    assert (lines["ip"].shown, dict(lines["ip"].why), lines["ip"].truncated) == (
        1,
        {"removed": 1},
        1,
    )
    assert lines["account"].why == {"not asked": 2}


def test_moving_unknown_nodes_is_harmless() -> None:
    scene = opened()
    moved = apply(scene, Command(do="move", places={"account:a": (5, 6), "ghost": (1, 1)}))
    assert moved.places["account:a"] == (5, 6)
    assert {k: v for k, v in moved.places.items() if k != "account:a"} == {
        k: v for k, v in scene.places.items() if k != "account:a"
    }


def test_commands_survive_json_whatever_they_hold() -> None:
    node = account('<script>"\u202e\n', 3, cell="c", hub=True, first="2026-04-22")
    command = Command(do="expand", node=node.id, names=("ip",), nodes=(node,),
                      edges=(Edge(a=node.id, b="ip:x", bits=3.5, count=2),),
                      folds=(fold(node.id),), asked={node.id: ("ip",)}, paths=(("a", "b"),),
                      filters=Filters(kinds=frozenset({"ip"}), since="2026-04-22", bits=2.5),
                      places={node.id: (1.5, -2.0)}, truncated={"ip": 4})  # fmt: skip
    assert command_of(json.loads(json.dumps(record_of(command)))) == command


def test_equal_scenes_give_equal_bytes_whatever_the_order() -> None:
    scene = opened()
    turned = replace(scene, held=dict(reversed(scene.held.items())))
    assert scene_bytes(turned) == scene_bytes(scene)
    assert scene_bytes(apply(scene, Command(do="pin", names=("ip:x",)))) != scene_bytes(scene)


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ValueError, match="no step"):
        Command(do="format_disk")
