"""Every command has help with an example, and one JSON value on stdout."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from graph_models.errors import UsageError
from graph_models.families import Family, families_named
from graph_models.lineage import Lineage
from graph_models.nodes import NodeRef
from tests.contract.graphs import sample_lineage
from workbench.cli import app, findings
from workbench.cli.output import emit, plain

CONTRACT = {
    "synth", "ingest", "withdraw", "snapshots", "quarantine", "analyse", "communities", "members",
    "show", "search", "expand", "explain", "attribute", "export", "verify", "grade", "sources",
    "link", "templates", "serve", "doctor", "demo", "case", "play",
}  # fmt: skip


def commands() -> dict[str, typer.models.CommandInfo]:
    return {info.callback.__name__: info for info in app.registered_commands if info.callback}


def test_the_commands_of_the_contract_are_there() -> None:
    groups = {info.typer_instance.info.name for info in app.registered_groups}
    assert set(commands()) | groups >= CONTRACT


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert f"Example: workbench {name}" in " ".join(result.output.split())


def test_lineage_without_a_log_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Desk:
        def lineage(self, community: str | None) -> pd.DataFrame:
            assert community is None
            return Lineage().log

    monkeypatch.setattr(findings, "open_workbench", lambda *_: Desk())
    told = CliRunner().invoke(app, ["lineage"])
    assert told.exit_code == 0
    assert "workbench analyse" in told.stderr
    assert json.loads(CliRunner().invoke(app, ["lineage", "--json"]).stdout) == []


def test_lineage_tells_each_event_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Desk:
        def lineage(self, community: str | None) -> pd.DataFrame:
            return sample_lineage().of(str(community))

    monkeypatch.setattr(findings, "open_workbench", lambda *_: Desk())
    done = CliRunner().invoke(app, ["lineage", "--community", "cm_b", "--json"])
    rows = json.loads(done.stdout)
    assert [row["event"] for row in rows] == ["new", "respawn"]
    assert rows[1].keys() >= {"line", "before", "community", "shared", "reason", "run", "at"}
    assert CliRunner().invoke(app, ["lineage", "--community", "cm_b"]).exit_code == 0


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["frobnicate"]).exit_code == 2


def test_analyse_hands_over_the_families_to_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    class Desk:
        def analyse(self, **asked: object) -> dict[str, object]:
            seen.update(asked)
            return {}

    monkeypatch.setattr(findings, "open_workbench", lambda *_: Desk())
    done = CliRunner().invoke(app, ["analyse", "--without", "network,device", "--json"])
    assert done.exit_code == 0
    assert families_named(seen["without"]) == {Family.NETWORK, Family.DEVICE}
    CliRunner().invoke(app, ["analyse", "--json"])
    assert families_named(seen["without"]) == set()


def test_an_unknown_family_to_leave_out_is_a_usage_error_that_lists_them() -> None:
    assert families_named(["Device", " network ", ""]) == {Family.DEVICE, Family.NETWORK}
    with pytest.raises(UsageError, match="instrument, device, network"):
        families_named(["weather"])


def test_plain_values_are_json() -> None:
    frame = pd.DataFrame({"when": [pd.Timestamp("2026-05-01"), pd.NaT], "x": [1.5, float("nan")]})
    value = plain({"frame": frame, "node": NodeRef("ip", "240.0.0.1"), "set": {1}})
    assert json.loads(json.dumps(value, allow_nan=False)) == {
        "frame": [{"when": "2026-05-01T00:00:00Z", "x": 1.5}, {"when": None, "x": None}],
        "node": "ip:240.0.0.1",
        "set": [1],
    }


def test_terminal_escapes_of_a_log_are_shown_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    emit([{"value": "\x1b[2J\x1b]0;owned\x07"}], as_json=False)
    assert "\x1b[2J" not in capsys.readouterr().out
