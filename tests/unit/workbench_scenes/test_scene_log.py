"""The undo tree in a database: nothing is lost, whoever writes, and whenever somebody is killed."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from graph_models.errors import UsageError
from workbench.database import open_database
from workbench.scenes.history import History, folded
from workbench.scenes.log import SceneLog, scene_id
from workbench.scenes.merging import compare, diverged, to_repeat
from workbench.scenes.model import Command, Edge, Node
from workbench.scenes.record import digest, scene_bytes
from workbench.scenes.tables import STEPS

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SCENE = scene_id("community:k", "run")


def start() -> Command:
    nodes = tuple(Node(id=f"ip:{name}", kind="ip", label=name) for name in "xyz")
    edges = (Edge(a="ip:x", b="ip:y", relation="USED"),)
    return Command(do="open", node="ip:x", nodes=nodes, edges=edges)


def moved(name: str, x: float) -> Command:
    return Command(do="move", places={name: (x, x)})


def opened(database: Engine, by: str = "kim") -> SceneLog:
    log = SceneLog(database, SCENE, by)
    if not log.history().head:
        log.add(start(), "Opened", now=NOW)
    return log


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def test_undo_redo_and_branches_lose_nothing(database: Engine, tmp_path: Path) -> None:
    log = opened(database)
    log.add(moved("ip:x", 1), "Moved", now=NOW)
    second = log.add(moved("ip:x", 2), "Moved", now=NOW)
    assert second.scene().places["ip:x"] == (2, 2)
    undone = log.go(second.undo_to or 0, now=NOW)
    assert undone.scene().places["ip:x"] == (1, 1)
    assert undone.redo_to == 3
    branch = log.add(moved("ip:x", 9), "Moved", now=NOW)
    assert branch.scene().places["ip:x"] == (9, 9)
    assert [entry.number for entry in branch.path()] == [1, 2, 4]
    # A fresh process, as after a crash or in another browser, finds head and branches alike.
    again = SceneLog(open_database(tmp_path), SCENE, "kim")
    assert again.history() == branch
    assert again.go(3, now=NOW).scene().places["ip:x"] == (2, 2)


def test_the_opening_stays(database: Engine) -> None:
    first = opened(database).history()
    assert (first.head, first.undo_to, first.redo_to) == (1, None, None)


@pytest.mark.parametrize("name", ["../x", "s-", "s-12345678/../..", "S-12345678", "s-1234567g", ""])
def test_a_scene_has_an_id_of_ours(database: Engine, name: str) -> None:
    with pytest.raises(UsageError):
        SceneLog(database, name)


def test_going_to_a_step_that_is_not_there_is_refused(database: Engine) -> None:
    with pytest.raises(UsageError, match="no step 7"):
        opened(database).go(7, now=NOW)


# ---- two people


def test_everybody_has_a_head_and_a_new_one_starts_where_work_goes_on(database: Engine) -> None:
    kim = opened(database)
    kim.add(moved("ip:x", 1), "Moved", now=NOW)
    lee = SceneLog(database, SCENE, "lee")
    assert lee.history().head == 2
    lee.go(1, now=NOW)
    assert kim.history().head == 2
    assert kim.history().heads == {"kim": 2, "lee": 1}


def test_a_step_made_on_an_older_picture_becomes_a_branch(database: Engine) -> None:
    kim = opened(database)
    kim.add(moved("ip:x", 1), "Moved", now=NOW)
    late = SceneLog(database, SCENE, "lee").add(moved("ip:y", 5), "Moved", now=NOW, parent=1)
    assert late.by_number[3].parent == 1
    assert late.scene().places["ip:x"] == (0, 0)
    (branch,) = diverged(kim.history())
    assert (branch.by, branch.head, branch.common, branch.ahead) == ("lee", 3, 1, 1)
    assert not branch.only_ahead


def merged(log: SceneLog, theirs: str) -> History:
    history = log.history()
    told = compare(history, history.head, history.heads[theirs])
    return log.extend(to_repeat(told, history.scene()), now=NOW, parent=history.head)


def test_merging_repeats_the_others_steps_after_mine_and_once(database: Engine) -> None:
    kim, lee = opened(database), SceneLog(database, SCENE, "lee")
    lee.add(moved("ip:y", 5), "Moved y", now=NOW, parent=1)
    lee.add(moved("ip:z", 6), "Moved z", now=NOW)
    kim.add(moved("ip:x", 1), "Moved x", now=NOW, parent=1)
    after = merged(kim, "lee")
    assert after.scene().places == {"ip:x": (1, 1), "ip:y": (5, 5), "ip:z": (6, 6)}
    assert [(e.label, e.origin) for e in after.path()[2:]] == [("Moved y", 2), ("Moved z", 3)]
    assert diverged(after) == []
    (branch,) = diverged(lee.history())  # kim's own step and nothing that lee did himself
    assert branch.ahead == 1
    assert merged(lee, "kim").scene() == after.scene()


def test_what_both_drew_in_the_same_place_does_not_cover_each_other(database: Engine) -> None:
    kim, lee = opened(database), SceneLog(database, SCENE, "lee")
    for log, name in ((lee, "ip:l"), (kim, "ip:k")):
        drawn = Node(id=name, kind="ip", label=name, x=90.0, y=90.0)
        log.add(Command(do="expand", nodes=(drawn,)), "Expanded", now=NOW, parent=1)
    places = merged(kim, "lee").scene().places
    assert places["ip:k"] == (90.0, 90.0)
    assert math.dist(places["ip:k"], places["ip:l"]) > 30


def test_conflicts_are_named_before_merging(database: Engine) -> None:
    kim, lee = opened(database), SceneLog(database, SCENE, "lee")
    lee.add(moved("ip:x", 5), "Moved", now=NOW, parent=1)
    lee.add(Command(do="remove", names=("ip:y",)), "Removed", now=NOW)
    kim.add(moved("ip:x", 1), "Moved", now=NOW, parent=1)
    kim.add(Command(do="pin", names=("ip:y",)), "Pinned", now=NOW)
    history = kim.history()
    told = compare(history, history.head, history.heads["lee"])
    assert [(c.node, c.what) for c in told.conflicts] == [
        ("ip:x", "moved by both"),
        ("ip:y", "used here, removed there"),
    ]


ops = st.lists(
    st.tuples(
        st.sampled_from(["kim", "lee"]),
        st.sampled_from(["move", "remove", "undo", "redo", "go", "branch", "merge"]),
        st.integers(0, 99),
    ),
    max_size=25,
)


def _carry_out(log: SceneLog, op: str, number: int) -> None:
    history = log.history()
    name = f"ip:{'xyz'[number % 3]}"
    other = "lee" if log.by == "kim" else "kim"
    if op == "undo" and history.undo_to:
        log.go(history.undo_to, now=NOW)
    elif op == "redo" and history.redo_to:
        log.go(history.redo_to, now=NOW)
    elif op == "go":
        log.go(1 + number % len(history.entries), now=NOW)
    elif op == "branch":
        seen = 1 + number % len(history.entries)
        log.add(moved(name, number), "Moved", now=NOW, parent=seen)
    elif op == "merge" and other in history.heads:
        told = compare(history, history.head, history.heads[other])
        log.extend(to_repeat(told, history.scene()), now=NOW, parent=history.head)
    elif op == "remove":
        log.add(Command(do="remove", names=(name,)), "Removed", now=NOW)
    elif op == "move":
        log.add(moved(name, number), "Moved", now=NOW)


@settings(max_examples=20, deadline=None)
@given(some=ops)
def test_the_log_is_the_state_and_no_branch_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, some: Sequence[tuple[str, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    database = open_database(folder)
    logs = {by: opened(database, by) for by in ("kim", "lee")}
    seen: dict[int, bytes] = {}
    for by, op, number in some:
        _carry_out(logs[by], op, number)
        history = logs[by].history()
        seen[history.head] = scene_bytes(history.scene())
    for by in logs:
        fresh = SceneLog(open_database(folder), SCENE, by).history()
        assert fresh == logs[by].history()
        assert scene_bytes(folded(fresh, fresh.head)) == scene_bytes(logs[by].history().scene())
        for entry in fresh.entries:
            assert fresh.path(entry.number)[0].number == 1
            assert digest(folded(fresh, entry.number)) == entry.digest
        assert {number: scene_bytes(folded(fresh, number)) for number in seen} == seen
        assert not logs[by].replayed().differing


def test_a_changed_step_is_found_by_replaying(database: Engine) -> None:
    log = opened(database)
    log.add(moved("ip:x", 1), "Moved", now=NOW)
    assert log.replayed().differing == ()
    forged = json.dumps({"do": "move", "places": {"ip:x": [8, 8]}})
    with database.begin() as link:
        link.execute(update(STEPS).where(STEPS.c.number == 2).values(command=forged))
    assert log.replayed().differing == (2,)


# ---- at the same time, and in the middle


def test_appending_at_once_loses_nothing(tmp_path: Path) -> None:
    opened(open_database(tmp_path))

    def append(by: str) -> None:
        log = SceneLog(open_database(tmp_path), SCENE, by)
        for i in range(15):
            log.add(moved("ip:x", float(i)), f"{by} {i}", now=NOW)

    threads = [threading.Thread(target=append, args=(by,)) for by in ("kim", "lee", "ann")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = SceneLog(open_database(tmp_path), SCENE, "kim").history()
    assert [entry.number for entry in history.entries] == list(range(1, 47))
    for by in ("kim", "lee", "ann"):
        own = [entry.label for entry in history.path(history.heads[by]) if entry.by == by]
        assert own[-15:] == [f"{by} {i}" for i in range(15)]


_WRITER = """
import sys
from pathlib import Path
from tests.unit.workbench_scenes.test_scene_log import NOW, SCENE, moved
from workbench.database import open_database
from workbench.scenes.log import SceneLog
log = SceneLog(open_database(Path(sys.argv[1])), SCENE, "kim")
for i in range(100000):
    print(log.add(moved("ip:x", float(i)), str(i), now=NOW).head, flush=True)
"""


def test_a_process_killed_while_appending_leaves_a_good_log(tmp_path: Path) -> None:
    opened(open_database(tmp_path))
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(5)]
        time.sleep(0.05)
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout.read().split()]
    log = SceneLog(open_database(tmp_path), SCENE, "kim")
    history = log.history()
    assert [entry.number for entry in history.entries] == list(range(1, len(history.entries) + 1))
    assert history.head == len(history.entries) >= told[-1]
    assert log.replayed().differing == ()
    assert log.add(moved("ip:y", 3), "Moved", now=NOW).head == history.head + 1


def test_a_click_after_five_hundred_steps_folds_one(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opened(database)
    for i in range(60):
        log.add(moved("ip:x", float(i)), "Moved", now=NOW)
    log.history().scene()
    count = 0

    def counted(scene: object, command: object) -> object:
        nonlocal count
        count += 1
        return apply(scene, command)  # type: ignore[arg-type]

    from workbench.scenes import log as module
    from workbench.scenes.scene import apply

    monkeypatch.setattr(module, "apply", counted)
    log.add(moved("ip:x", 99.0), "Moved", now=NOW).scene()
    assert count == 2  # once to name its digest before it is written, once to draw it


# ---- saved views


def test_a_view_is_a_name_for_a_step_given_once(database: Engine) -> None:
    log = opened(database)
    log.add(moved("ip:x", 1), "Moved", now=NOW)
    assert log.views.save("  the  <b>rack</b>\u202e ", 2, now=NOW).startswith("Saved")
    (view,) = log.views.list()
    assert view.name.isprintable()
    assert log.views.number(view.name) == 2
    log.views.save(view.name, 2, now=NOW)
    with pytest.raises(UsageError, match="that name already"):
        log.views.save(view.name, 1, now=NOW)
    for bad in ("", " ", "x" * 81):
        with pytest.raises(UsageError):
            log.views.save(bad, 1, now=NOW)
    with pytest.raises(UsageError, match="no saved view"):
        log.views.number("other")
