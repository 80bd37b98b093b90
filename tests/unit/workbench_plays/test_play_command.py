"""``workbench play``: the list, each play's help, one JSON value, refusals with what is valid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from graph_models.errors import UsageError
from workbench import Workbench
from workbench.cli import app
from workbench.plays import PLAYS


def run(desk: Workbench, *words: str) -> Any:
    workspace = ["--workspace", str(desk.workspace.path)]
    return CliRunner().invoke(app, ["play", *words, *workspace], catch_exceptions=True)


def test_the_list_names_every_play(desk: Workbench) -> None:
    told = json.loads(run(desk, "list", "--json").stdout)
    assert [one["play"] for one in told] == [play.name for play in PLAYS]
    assert {"question", "parameters", "misleads", "budget"} <= told[0].keys()
    assert "handover" in run(desk).stdout


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_help_shows_the_parameters_of_a_play(desk: Workbench, play: Any) -> None:
    said = run(desk, play.name, "--help").stdout
    assert play.question in said
    assert play.misleads in said
    for parameter in play.parameters:
        assert f"--{parameter.name}" in said


def test_one_json_value_and_the_same_counts(desk: Workbench) -> None:
    result = run(desk, "handover", "--kind=device", "--least", "2", "--json")
    told = json.loads(result.stdout)
    answer = desk.play("handover", kind="device", least=2)
    assert told["shown"] + told["hidden"] + told["truncated"] == told["total"] == answer.total
    assert told["rows"][0]["node"] == "device:dv_handed" or len(told["rows"]) == answer.shown
    table = run(desk, "handover", "--kind", "device")
    assert "How it misleads" in table.stderr
    assert "Looked at all" in " ".join(table.stderr.split())


@pytest.mark.parametrize(
    "words",
    [("nope",), ("handover", "--day", "3"), ("handover", "kind"), ("handover", "--days"),
     ("list", "--days", "3")],
)  # fmt: skip
def test_what_is_wrong_is_refused(desk: Workbench, words: tuple[str, ...]) -> None:
    result = run(desk, *words)
    assert isinstance(result.exception, UsageError)
    assert result.exception.fix


def test_search_keeps_its_list_of_entities(desk: Workbench) -> None:
    workspace = ["--workspace", str(desk.workspace.path)]
    result = CliRunner().invoke(app, ["search", "dv_al", "--json", *workspace])
    (told,) = json.loads(result.stdout)
    assert told["node"] == "device:DV_Alone"
    assert told["draw"] == "account:x1"
    assert {"properties", "counts", "private", "hub"} <= told.keys()
    shown = CliRunner().invoke(app, ["search", "crowd_0", "--limit", "2", *workspace])
    assert "2 shown + 78 more = 80" in shown.stderr
