"""``case`` and ``person``: each step of a case from the command line, and its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.unit.workbench_casebook.desks import PaperDesk
from workbench.cli import app, cases, main, persons


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaperDesk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    for commands in (cases, persons):
        monkeypatch.setattr(commands, "open_workbench", lambda *_: PaperDesk(tmp_path))
    return PaperDesk(tmp_path)


def ran(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result


def told(*words: str) -> Any:
    return json.loads(ran(*words, "--json").stdout)


def code(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(str(stopped.value.code))


GROUPS = [
    (group.info.name, command.name)
    for group in (persons.person, cases.case)
    for command in group.registered_commands
]


@pytest.mark.parametrize(("group", "name"), GROUPS)
def test_every_command_has_an_example(group: str, name: str) -> None:
    shown = " ".join(ran(group, name, "--help").output.split())
    assert f"Example: workbench {group} {name}" in shown


def test_a_case_from_its_opening_to_its_end(desk: PaperDesk) -> None:
    assert told("person", "list") == []
    assert told("person", "add", "ana")["name"] == "ana"
    case = told("case", "open", "Amber kiln", "--focus", "account:x", "--as", "ana")["case"]
    filed = told("case", "judge", case, "x", "y", "no", "--because", "a hotel", "--as", "ana")
    assert (filed["state"], filed["hidden"]) == ("rejected", True)
    held = told("case", "judge", case, "community:cm_1", "yes", "--because", "b", "--as", "ana")
    assert held["subject"] == "community:cm_1"
    told("case", "note", case, "ip:1", "a library", "--citing", "--as", "ana")
    told("case", "retract", str(held["number"]), "--because", "too soon", "--as", "ana")
    shown = told("case", "show", case)
    assert [one["state"] for one in shown["judgements"]] == ["rejected", "open"]
    assert [note["text"] for note in shown["notes"]] == ["a library"]
    told("case", "rename", case, "Amber kiln II", "--as", "ana")
    told("case", "close", case, "--because", "done", "--as", "ana")
    assert told("case", "list")[0]["state"] == "closed"
    assert told("case", "replay", case)["same"] is True
    told("case", "reopen", case, "--because", "not done", "--as", "ana")
    assert [row["kind"] for row in told("case", "log", case, "--person", "ana")][:2] == [
        "case opened",
        "judgement",
    ]
    assert told("case", "check")["ok"] is True
    assert len(told("case", "log", case, "--scenes")) == len(told("case", "log", case))


def test_people_read_tables_with_hostile_titles_made_inert(desk: PaperDesk) -> None:
    assert "person add" in ran("person", "list").stderr
    assert "case open" in ran("case", "list").stderr
    ran("person", "add", "ana")
    case = desk.case_open("\x1b[31mred \u202egnp", by="ana").case
    for words in (("list",), ("show", case), ("log",)):
        shown = ran("case", *words).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_exit_codes(desk: PaperDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(monkeypatch, "case", "open", "x", "--as", "ana") == 2
    desk.person_add("ana")
    case = desk.case_open("x", by="ana").case
    assert code(monkeypatch, "case", "judge", case, "x", "y", "maybe", "--as", "ana") == 2
    assert code(monkeypatch, "case", "judge", case, "x", "y", "no", "--as", "ana") == 2
    assert code(monkeypatch, "case", "check") == 0
    assert code(monkeypatch, "case", "check", "--head", "beef") == 1
    with desk.database.begin() as connection:
        connection.exec_driver_sql("UPDATE casebook_entries SET person = 'bo' WHERE number = 2")
    assert code(monkeypatch, "case", "check") == 1
