"""A scene is the fold of its commands; nothing drawn moves, and every sum adds up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph_models.errors import UsageError
from workbench.scenes.log import SceneLog, scene_id
from workbench.scenes.scene import (
    CELL,
    Command,
    Edge,
    Node,
    Scene,
    apply,
    command_of,
    visible,
)
from workbench.scenes.sums import sums

NOW = datetime(2026, 7, 1, tzinfo=UTC)


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
    edges = tuple(Edge(a=n.id, b="ip:x") for n in nodes[:3])
    return apply(Scene(), Command(do="open", node="community:k", nodes=nodes, edges=edges,
                                  truncated={"ip": 5}))  # fmt: skip


def totals(scene: Scene) -> dict[str, tuple[int, int, int]]:
    return {one.kind: (one.shown, one.hidden, one.truncated) for one in sums(scene)}


def test_expanding_adds_and_moves_nothing() -> None:
    before = opened()
    stale = replace(before.nodes["account:a"], x=777.0)  # the store knows no places
    nodes, edges = (stale, ip("y", 50)), (Edge(a="account:a", b="ip:y"),)
    step = Command(do="expand", node="account:a", names=("ip",), nodes=nodes, edges=edges)
    after = apply(before, step)
    assert after.places.items() >= before.places.items()
    assert set(after.nodes) - set(before.nodes) == {"ip:y"}


def test_sums_tell_hidden_from_truncated() -> None:
    assert totals(opened()) == {"account": (3, 0, 0), "ip": (1, 0, 5)}
    grown = apply(opened(), Command(do="expand", node="account:a", names=("ip",)))
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
    scene = apply(opened(), Command(do="expand", node="account:a", names=("ip",), nodes=(ip("y"),),
                                    edges=(Edge(a="account:a", b="ip:y"),)))  # fmt: skip
    left = apply(scene, Command(do="collapse", node="account:a"))
    assert set(left.nodes) == {"account:a", "account:b", "account:c", "ip:x"}
    assert left.expanded == {}
    assert totals(left)["ip"] == (1, 1, 5)


def test_removing_counts_as_hidden_until_drawn_again() -> None:
    left = apply(opened(), Command(do="remove", names=("ip:x", "ip:unknown")))
    assert totals(left)["ip"] == (0, 1, 5)
    again = apply(left, Command(do="expand", node="account:a", nodes=(ip("x", 9),)))
    assert totals(again)["ip"][:2] == (1, 0)


def test_a_cell_closes_into_a_bundle_and_opens_again() -> None:
    scene = opened()
    bundle = Node(id="cell:c1", kind=CELL, label="cell", cell="c1", size=2, x=1.5)
    closed = apply(scene, Command(do="close_cell", node="cell:c1", nodes=(bundle,)))
    assert set(closed.nodes) == {"cell:c1", "account:c", "ip:x"}
    joint = next(edge for edge in closed.edges.values() if "cell:c1" in (edge.a, edge.b))
    assert joint.count == 2
    assert totals(closed)["account"] == (1, 2, 0)
    members = (account("a", 1, cell="c1"), account("b", 2, cell="c1"))
    edges = tuple(Edge(a=n.id, b="ip:x") for n in members)
    back = apply(closed, Command(do="open_cell", node="cell:c1", nodes=members, edges=edges))
    assert back.nodes == scene.nodes
    assert back.edges == scene.edges


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
                      places={node.id: (1.5, -2.0)}, truncated={"ip": 4})  # fmt: skip
    assert command_of(json.loads(json.dumps(command.as_json()))) == command


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ValueError, match="no step"):
        Command(do="format_disk")


# ---- the log


def log(folder: Path) -> SceneLog:
    return SceneLog(folder, scene_id("community:k", "run"))


def test_undo_redo_and_branches_lose_nothing(tmp_path: Path) -> None:
    scenes = log(tmp_path)
    start = Command(do="open", node="ip:x", nodes=(ip("x"),))
    scenes.add(start, "Opened", now=NOW)
    scenes.add(Command(do="move", places={"ip:x": (1, 1)}), "Moved", now=NOW)
    second = scenes.add(Command(do="move", places={"ip:x": (2, 2)}), "Moved", now=NOW)
    assert second.scene().places["ip:x"] == (2, 2)
    assert second.undo_to is not None
    undone = scenes.go(second.undo_to)
    assert undone.scene().places["ip:x"] == (1, 1)
    assert undone.redo_to == 3
    branch = scenes.add(Command(do="move", places={"ip:x": (9, 9)}), "Moved", now=NOW)
    assert branch.scene().places["ip:x"] == (9, 9)
    assert [entry.number for entry in branch.path()] == [1, 2, 4]
    # A fresh reader, as after a refresh, finds head and branches alike.
    again = log(tmp_path).history()
    assert (again.head, len(again.entries)) == (4, 4)
    assert log(tmp_path).go(3).scene().places["ip:x"] == (2, 2)


def test_the_opening_stays(tmp_path: Path) -> None:
    first = log(tmp_path).add(Command(do="open", node="ip:x", nodes=(ip("x"),)), "Opened", now=NOW)
    assert first.undo_to is None
    assert first.redo_to is None


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    scenes = log(tmp_path)
    scenes.add(Command(do="open", node="ip:x", nodes=(ip("x"),)), "Opened", now=NOW)
    file = next(tmp_path.glob("*.jsonl"))
    with file.open("a") as handle:
        handle.write('{"number":2,"parent":1,"comm')
    assert log(tmp_path).history().head == 1
    after = log(tmp_path).add(Command(do="move", places={"ip:x": (3, 3)}), "Moved", now=NOW)
    assert after.scene().places["ip:x"] == (3, 3)
    assert log(tmp_path).history().head == after.head


@pytest.mark.parametrize("name", ["../x", "s-", "s-12345678/../..", "S-12345678", "s-1234567g", ""])
def test_a_scene_cannot_name_another_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        SceneLog(tmp_path, name)


def test_going_to_a_step_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no step 7"):
        log(tmp_path).go(7)
