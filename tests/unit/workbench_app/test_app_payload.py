"""What the canvas receives: lean rows, inert text, and differences that end in the same drawing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.desks import StoredDesk, busy_published, hostile_published
from workbench.app.payload import (
    NODE_KEYS,
    Drawing,
    cell_names,
    difference,
    drawing,
    whole,
)
from workbench.scenes.gesture import Gesture
from workbench.scenes.investigation import Investigation
from workbench.scenes.scene import CELL, Edge, Node, Scene

CAMPAIGN, RESELLER = "community:cm_7c1e04", "community:cm_31fa88"
MOST_BYTES = 50_000  # of an expansion of up to 25 nodes, whatever is drawn


@pytest.fixture
def busy(tmp_path_factory: pytest.TempPathFactory) -> StoredDesk:
    return StoredDesk(tmp_path_factory.mktemp("busy"), busy_published())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Drawing:
    desk = StoredDesk(tmp_path_factory.mktemp("hostile"), hostile_published())
    return drawn(desk.open_scene("community:cm_hostile"))


def drawn(work: Investigation) -> Drawing:
    history = work.history()
    return drawing(history.scene(), revision=f"{work.log.scene}.{history.head}")


def held_after(held: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """What a component holds after a message, by the rules that main.js follows."""
    if not message["base"]:
        held = {"nodes": {}, "edges": {}}
    parts = ("added", "changed", "removed", "joined", "cut", "base")
    nodes = {k: v for k, v in held["nodes"].items() if k not in message["removed"]}
    nodes |= {row["id"]: row for row in message["added"]}
    for change in message["changed"]:
        nodes[change["id"]] = merged(nodes[change["id"]], change)
    edges = {k: v for k, v in held["edges"].items() if k not in unpacked(message["cut"])}
    edges |= unpacked(message["joined"])
    rest = {k: v for k, v in message.items() if k not in parts}
    return {**held, **rest, "nodes": nodes, "edges": edges}


def merged(row: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    told = dict(change)
    if told.get("near"):
        told["near"] = merged(row.get("near", {}), told["near"])
    return {k: v for k, v in {**row, **told}.items() if v is not None}


def unpacked(packed: dict[str, Any]) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    names, relations = packed["names"], packed["relations"]
    return {(names[a], names[b], relations[r]): tuple(more) for a, b, r, *more in packed["rows"]}


def test_rows_have_only_allowed_keys_and_inert_text(hostile: Drawing) -> None:
    assert len(hostile.nodes) > 20
    for node in hostile.nodes.values():
        assert set(node) <= NODE_KEYS
        for text in (node["label"], node.get("name", ""), node.get("warn", "")):
            assert all(mark.isprintable() or mark == "\n" for mark in text)
            assert len(text) <= 700
    json.dumps(whole(hostile), allow_nan=False)


def test_a_kind_nobody_registered_gets_the_grey_pentagon(hostile: Drawing) -> None:
    sheets = {sheet["name"]: sheet for sheet in hostile.rest["kinds"]}
    assert sheets["foreign"]["shape"] == "pentagon"
    assert sheets["account"]["shape"] == "dot"


def test_cells_keep_their_letters_when_one_is_closed(busy: StoredDesk) -> None:
    work = busy.open_scene(CAMPAIGN)
    names = cell_names(work.history().scene())
    assert sorted(names.values()) == ["cell A", "cell B", "cell C", "cell D"]
    cell = next(n.cell for n in work.history().scene().nodes.values() if n.kind == "account")
    work.do(Gesture("close_cell", node=cell))
    assert cell_names(work.history().scene()) == names


def test_any_walk_by_differences_ends_in_what_the_whole_would_draw(busy: StoredDesk) -> None:
    work = busy.open_scene(RESELLER)
    before = drawn(work)
    held = held_after({}, whole(before))
    cell = next(n.id for n in work.history().scene().nodes.values() if n.kind == CELL)
    device = next(n for n in before.nodes if n.startswith("device:"))
    steps = [
        Gesture("open_cell", node=cell),
        Gesture("switch", names=("device",)),
        Gesture("unfilter"),
        Gesture("expand", node=device, kinds=("account",)),
        Gesture("pin", names=(device,)),
        Gesture("fold"),
        Gesture("collapse", node=device),
        Gesture("move", places={device: (5.0, 7.0)}),
        Gesture("remove", names=(device,)),
    ]
    for step in steps:
        work.do(step)
        now = drawn(work)
        held = held_after(held, difference(before, now))
        assert held == held_after({}, whole(now))
        before = now
    for _ in steps:
        work.undo()
    held = held_after(held, difference(before, drawn(work)))
    assert held == held_after({}, whole(drawn(work)))


def test_an_expansion_sends_little_however_much_is_drawn(busy: StoredDesk) -> None:
    work = busy.open_scene(RESELLER)
    for cell in [n.id for n in work.history().scene().nodes.values() if n.kind == CELL]:
        work.do(Gesture("open_cell", node=cell))
    before = drawn(work)
    assert len(before.nodes) > 150
    assert len(json.dumps(whole(before))) > MOST_BYTES
    work.do(Gesture("expand", node="ip:240.99.0.1", kinds=("account",), limit=25))
    now = drawn(work)
    assert len(json.dumps(difference(before, now))) < MOST_BYTES
    assert len(json.dumps(difference(now, now))) < 400


def test_a_hub_says_what_sharing_it_is_worth_and_what_an_expansion_would_bring(
    busy: StoredDesk,
) -> None:
    row = drawn(busy.open_scene("community:cm_5d90aa")).nodes["ip:240.99.0.1"]
    assert "662 accounts" in row["warn"]
    shown, fresh = row["near"]["account"]
    assert (shown, fresh) == (4, 658)


def test_a_link_that_is_judged_to_be_none_is_not_drawn_and_nothing_else_goes() -> None:
    nodes = {name: Node(id=name, kind="account", label=name) for name in ("account:a", "account:b")}
    link = Edge(a="account:b", b="account:a", relation="LINKED", bits=9.0)
    shared = Edge(a="account:a", b="account:b", relation="USED")
    scene = Scene(held=nodes, ties={edge.id: edge for edge in (link, shared)})
    kept = drawing(scene, revision="r", rejected=("link:a|c",))
    assert kept == drawing(scene, revision="r")
    assert set(kept.edges) - set(drawing(scene, revision="r", rejected=("link:a|b",)).edges) == {
        ("account:b", "account:a", "LINKED")
    }
