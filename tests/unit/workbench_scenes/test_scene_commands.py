"""The same scenes from library and command line, on a real embedded store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graph_models.errors import UsageError
from graph_models.stores.embedded import EmbeddedStore
from ingest.store.workspace import Workspace
from tests.browser.desks import busy_published
from workbench import Workbench
from workbench.cli import app
from workbench.cli.scenes import scene_app
from workbench.scenes.gesture import Gesture
from workbench.scenes.model import Filters

HOUSEHOLD = "community:cm_5d90aa"
ACCOUNT, HUB = "account:acct_5d90000", "ip:240.99.0.1"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("busy")
    Workspace.open(folder, create=True)
    with EmbeddedStore(folder).writer() as writer:
        writer.publish(busy_published())
    return folder


@pytest.fixture
def desk(published: Path) -> Workbench:
    (published / "casebook.sqlite").unlink(missing_ok=True)
    return Workbench.open(published)


def run(desk: Workbench, *arguments: str, code: int = 0) -> Any:
    told = ["scene", *arguments, "--workspace", str(desk.workspace.path), "--json"]
    result = CliRunner().invoke(app, told)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if result.stdout else None


def test_a_scene_on_the_command_line_is_the_scene_of_the_library(desk: Workbench) -> None:
    first = run(desk, "open", HOUSEHOLD, "--as", "kim")
    scene = first["scene"]
    work = desk.scene(scene, by="kim")
    done = run(desk, "do", scene, "expand", HUB, "--kind", "account", "--limit", "4", "--as", "kim")
    assert done["nodes"] == first["nodes"] + 4 == len(work.history().scene().nodes)
    for line in done["sums"]:
        assert line["shown"] + line["hidden"] + line["truncated"] == line["total"]
    assert run(desk, "undo", scene, "--as", "kim")["nodes"] == first["nodes"]
    assert run(desk, "redo", scene, "--as", "kim")["nodes"] == done["nodes"]
    assert run(desk, "go", scene, "1", "--as", "kim")["step"] == 1
    assert [row["label"] for row in run(desk, "log", scene)] == [
        "Opened cm_5d90aa", "Expanded 240.99.0.1: 4 added",
    ]  # fmt: skip
    assert run(desk, "replay", scene)["ok"]
    assert [row["scene"] for row in run(desk, "list")] == [scene]


@pytest.mark.parametrize("name", sorted(one.name or "" for one in scene_app.registered_commands))
def test_every_scene_command_has_an_example(name: str) -> None:
    result = CliRunner().invoke(app, ["scene", name, "--help"])
    assert result.exit_code == 0
    assert f"Example: workbench scene {name}" in " ".join(result.output.split())


def test_the_preview_warns_of_a_hub(desk: Workbench) -> None:
    work = desk.open_scene(HOUSEHOLD)
    (line,) = run(desk, "preview", work.log.scene, HUB)
    assert line["total"] == line["drawn"] + line["new"] + line["truncated"] == 662
    assert (
        line["warning"]
        == "IP address 240.99.0.1: 662 accounts · 0.0 bit each – context, never a bridge"
    )


def test_each_action_is_one_step(desk: Workbench) -> None:
    scene = run(desk, "open", HOUSEHOLD)["scene"]
    steps = (
        ("expand", ACCOUNT, HUB, "--sort", "connected", "--limit", "3"),
        ("fold",),
        ("unfold",),
        ("pin", ACCOUNT),
        ("path", ACCOUNT, "account:acct_5d90001"),
        ("filter", "--bits", "2", "--kind", "device"),
        ("unfilter", "bits"),
        ("add", "account:acct_7c10003"),
        ("fold", "community:cm_5d90aa"),
        ("collapse", HUB),
        ("remove", HUB),
    )
    for number, (action, *rest) in enumerate(steps, start=2):
        told = run(desk, "do", scene, action, *rest)
        assert told["step"] == number, (action, told["said"])
    assert {chip["id"] for chip in told["filters"]} == {"kind:device", "kind:user_agent"}
    held = desk.scene(scene).history().scene()
    assert HUB in held.removed
    assert "bundle:cm_5d90aa" in held.nodes


def test_two_people_and_saved_views(desk: Workbench) -> None:
    scene = run(desk, "open", HOUSEHOLD, "--as", "kim")["scene"]
    run(desk, "do", scene, "remove", HUB, "--as", "lee")
    run(desk, "do", scene, "pin", HUB, "--as", "kim")
    told = run(desk, "merge", scene, "lee", "--as", "kim", "--compare")
    assert told["conflicts"][0]["what"] == "used here, removed there"
    assert run(desk, "merge", scene, "lee", "--as", "kim")["step"] == 4
    assert not run(desk, "show", scene, "--as", "kim")["diverged"]
    assert run(desk, "views", scene, "--save", "both", "--as", "kim")[0]["number"] == 4
    assert run(desk, "go", scene, "--view", "both", "--as", "lee")["step"] == 4
    with pytest.raises(UsageError, match="never in this scene"):
        desk.scene(scene, by="kim").merge("ann")


def test_what_cannot_be_done_is_said(desk: Workbench) -> None:
    scene = run(desk, "open", HOUSEHOLD)["scene"]
    for wrong in (["fly", HUB], ["expand", "ip:nowhere"], ["expand", HUB, "--sort", "best"],
                  ["filter", "--since", "soon"], ["path", HUB], ["fold", HUB]):  # fmt: skip
        told = ["scene", "do", scene, *wrong, "--workspace", str(desk.workspace.path)]
        result = CliRunner().invoke(app, told)
        assert isinstance(result.exception, UsageError), wrong
    assert len(desk.scene(scene).history().entries) == 1


def test_a_step_that_was_altered_fails_the_replay(desk: Workbench) -> None:
    from sqlalchemy import text

    scene = run(desk, "open", HOUSEHOLD)["scene"]
    with desk.database.begin() as link:
        link.execute(text("UPDATE scene_steps SET digest = 'x'"))
    assert run(desk, "replay", scene, code=1)["differing"] == [1]


def test_a_community_is_drawn_as_one_node_and_opened_up_to_a_limit(desk: Workbench) -> None:
    work = desk.open_scene(ACCOUNT)
    work.do(Gesture("add", node="community:cm_7c1e04"))
    drawn = work.history().scene().nodes["community:cm_7c1e04"]
    assert drawn.counts == {"account": 96}
    assert (
        work.do(Gesture("expand", node=drawn.id, limit=10))
        == "Expanded community cm_7c1e04: 10 added"
    )
    scene = work.history().scene()
    assert sum(edge.relation == "MEMBER_OF" for edge in scene.edges.values()) == 10


def test_the_answer_to_a_question_is_no_step(desk: Workbench) -> None:
    work = desk.open_scene(ACCOUNT)
    assert "No path" in work.do(Gesture("path", node=ACCOUNT, to="account:acct_7c10003"))
    assert work.do(Gesture("filter", filters=Filters())) == "That filter is set already."
    assert work.do(Gesture("fold")).startswith("No three accounts")
    assert len(work.history().entries) == 1
