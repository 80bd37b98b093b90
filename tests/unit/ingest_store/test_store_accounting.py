"""Every row is loaded, a duplicate, or in quarantine; a finished load is never read twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_models.errors import BadDataError, UsageError
from ingest.load import Package, withdraw
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def test_rows_add_up_per_file_and_in_all(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(20)
    rows += rows[:3]  # the same rows again in one file
    rows.append({**rows[0], "exchange_id": "late", "ts": "2031-01-01T00:00:00Z"})
    report = logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", rows))
    (package,) = report.packages
    assert (package.rows, package.loaded, package.duplicate, package.quarantined) == (24, 20, 3, 1)
    assert report.as_json()["rows"] == 24
    assert desk.current().rows_by_event == {"exchange": 20}


def test_a_package_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="add up"):
        Package(load_id="x", file="f", mapping="m", rows=3, loaded=1, duplicate=1)


def test_a_finished_file_is_a_no_op_and_all_duplicate(desk: Workspace, tmp_path: Path) -> None:
    path = logs.write(tmp_path / "exchanges.csv", logs.exchanges(12))
    first = logs.load(desk, path)
    renamed = path.rename(tmp_path / "other.csv")
    again = logs.load(desk, renamed)
    assert again.snapshot == first.snapshot
    assert (again.packages[0].loaded, again.packages[0].duplicate) == (0, 12)
    assert again.packages[0].load_id == first.packages[0].load_id
    assert len(desk.snapshots()) == 1


def test_the_same_id_on_another_day_is_another_row(desk: Workspace, tmp_path: Path) -> None:
    row = logs.exchanges(1)[0]
    rows = [row, {**row, "ts": logs.at(20)}, {**row, "model": "other"}]
    report = logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", rows))
    assert (report.packages[0].loaded, report.packages[0].duplicate) == (2, 1)


def test_overlapping_files_count_only_what_is_new(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(30)
    logs.load(desk, logs.write(tmp_path / "a.jsonl", rows[:20]))
    report = logs.load(desk, logs.write(tmp_path / "b.csv", rows[10:]))
    assert (report.packages[0].loaded, report.packages[0].duplicate) == (10, 10)


def test_a_bad_file_is_loud_and_the_others_load(desk: Workspace, tmp_path: Path) -> None:
    folder = logs.small_world(tmp_path / "logs")
    (folder / "notes.txt").write_text("nothing that anybody would call a log\n")
    report = logs.load(desk, folder)
    states = {package.file: package.state for package in report.packages}
    assert states == {
        "accounts.csv": "published",
        "exchanges.jsonl": "published",
        "notes.txt": "refused",
        "payments.parquet": "published",
    }
    assert report.total("loaded") == 52
    with pytest.raises(BadDataError, match=r"1 of 4 files were refused.*") as raised:
        report.raise_for_refused()
    assert "notes.txt" in str(raised.value)


def test_a_good_report_raises_nothing(desk: Workspace, tmp_path: Path) -> None:
    logs.load(desk, logs.small_world(tmp_path / "logs")).raise_for_refused()


def test_hidden_files_and_the_truth_are_never_read(desk: Workspace, tmp_path: Path) -> None:
    folder = logs.small_world(tmp_path / "logs")
    for name in (".hidden.csv", "world.truth/accounts.csv", ".git/accounts.csv"):
        logs.write(folder / name, logs.accounts(9))
    (folder / "README.md").write_text("synthetic: quickstart\n")
    report = logs.load(desk, folder)
    assert [package.file for package in report.packages] == [
        "accounts.csv", "exchanges.jsonl", "payments.parquet",
    ]  # fmt: skip
    assert desk.world == "quickstart"


def test_real_logs_are_not_marked_synthetic(desk: Workspace, tmp_path: Path) -> None:
    logs.load(desk, logs.small_world(tmp_path / "logs"))
    assert desk.world is None


def test_withdraw_takes_a_load_out_and_brings_its_duplicates_back(
    desk: Workspace, tmp_path: Path
) -> None:
    rows = logs.exchanges(30)
    before = logs.load(desk, logs.write(tmp_path / "a.jsonl", rows[:20])).snapshot
    second = logs.load(desk, logs.write(tmp_path / "b.csv", rows[10:]))
    first_id = desk.packages().query("file == 'a.jsonl'")["load_id"].item()
    assert withdraw(desk, second.packages[0].load_id).digest == before
    assert desk.current().digest == before
    assert withdraw(desk, first_id).rows_by_event == {}
    logs.load(desk, tmp_path / "b.csv")
    assert desk.current().rows_by_event == {"exchange": 20}
    states = dict(zip(desk.packages()["file"], desk.packages()["state"], strict=True))
    assert states == {"a.jsonl": "withdrawn", "b.csv": "published"}


def test_withdrawing_what_is_not_there_says_so(desk: Workspace) -> None:
    with pytest.raises(UsageError, match="no load 'nope'"):
        withdraw(desk, "nope")


def test_quarantine_names_file_row_column_reason_and_fix(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(3)
    rows[1]["ip"] = "010.0.0.1"
    report = logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", rows))
    found = desk.quarantine(report.packages[0].load_id)
    assert found[["file", "row", "column", "value"]].values.tolist() == [
        ["exchanges.jsonl", 2, "ip", "010.0.0.1"]
    ]
    assert found["reason"].item().endswith(".")
    assert found["fix"].item().endswith(".")
    assert len(desk.quarantine()) == 1


def test_the_quarantine_of_an_unknown_load_is_refused(desk: Workspace) -> None:
    with pytest.raises(UsageError, match="no load"):
        desk.quarantine("nope")
    assert desk.quarantine().empty
