"""An operator outlives three enforcement rounds and keeps its line; innocents share none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.quality.lineage import Standing, cut, follow_rounds, lineage_kept, rounds
from fixtures import synthesise
from graph_models.errors import UsageError
from graph_models.lineage import EVENTS
from workbench import Workbench
from workbench.cli import app
from workbench.grading import Truth

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SCALE = 0.1  # 300 accounts, 24 of them the operator's
Waves = tuple[Path, list[Standing]]


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> Waves:
    folder = tmp_path_factory.mktemp("waves")
    synthesise("waves", folder / "logs", seed=1, scale=SCALE)
    return folder, follow_rounds(folder / "logs", folder / "ws", now=NOW)


def test_members_keep_their_line_through_three_rounds(waves: Waves) -> None:
    folder, found = waves
    assert len(rounds(folder / "logs")) == 3
    kept = lineage_kept(found, Truth.read(folder / "logs.truth"))
    assert kept is not None
    assert kept.accounts >= 15
    assert kept.members >= 0.9
    assert kept.one_line >= 0.9


def test_the_replacements_are_logged_with_a_reason(waves: Waves) -> None:
    folder, found = waves
    accused = found[-1].table[found[-1].table["accused"]]
    log = Workbench.open(folder / "ws").lineage(str(accused["community"].iloc[0]))
    assert (log["event"] == "respawn").sum() >= 2
    assert set(log["event"]) <= set(EVENTS)
    assert (log["reason"].str.len() > 0).all()


def test_innocents_with_no_common_member_never_share_a_line(waves: Waves) -> None:
    folder, found = waves
    known = Truth.read(folder / "logs.truth").accounts.set_index("account_id")
    innocent = set(known.index[known["role"] == "benign"])
    stood: dict[str, list[set[str]]] = {}
    for standing in found:
        for line, who in standing.table.groupby("line")["account"]:
            if set(who) <= innocent:
                stood.setdefault(str(line), []).append(set(who))
    assert any(len(sets) > 1 for sets in stood.values())
    assert all(a & b for sets in stood.values() for a in sets for b in sets)


def test_the_same_analysis_again_changes_nothing(waves: Waves) -> None:
    folder, _ = waves
    desk = Workbench.open(folder / "ws", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC))
    before, graph = desk.lineage(), desk.about()["graph"]
    desk.analyse()
    pd.testing.assert_frame_equal(desk.lineage(), before)
    assert desk.about()["graph"] == graph


def test_the_command_tells_the_log(waves: Waves) -> None:
    folder, _ = waves
    asked = ["lineage", "--workspace", str(folder / "ws"), "--json"]
    rows = json.loads(CliRunner().invoke(app, asked).stdout)
    assert {row["step"] for row in rows} == {1, 2, 3, 4}
    unknown = CliRunner().invoke(app, [*asked, "--community", "cm_none"])
    assert isinstance(unknown.exception, UsageError)


def test_logs_that_were_cut_tell_nothing_of_later(waves: Waves, tmp_path: Path) -> None:
    logs, moment = waves[0] / "logs", rounds(waves[0] / "logs")[0]
    cut(logs, tmp_path, moment)
    accounts = pd.read_parquet(tmp_path / "accounts.parquet")
    assert (accounts["created_at"] < moment).all()
    assert not (accounts["closed_at"] >= moment).any()
    assert accounts.loc[accounts["closed_at"].isna(), "status"].eq("active").all()
    whole = pd.read_parquet(logs / "accounts.parquet")
    assert (whole["closed_at"] >= moment).any()
    assert pd.read_parquet(tmp_path / "payments.parquet")["ts"].max() < moment
