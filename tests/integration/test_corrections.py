"""F13: a file that comes again under its name. A correction takes the old version out; a new day,
a window that moved on, or a copy that was cut short does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.report import IngestReport, Package
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

Rows = list[logs.Row]


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def again(
    desk: Workspace, tmp_path: Path, first: Rows, second: Rows
) -> tuple[IngestReport, Package]:
    """Load two versions of one file, one after the other; the first report, the second package."""
    path = tmp_path / "logs" / "exchanges.jsonl"
    before = logs.load(desk, logs.write(path, first))
    (package,) = logs.load(desk, logs.write(path, second)).packages
    return before, package


def corrected(rows: Rows) -> Rows:
    changed = [dict(row) for row in rows]
    changed[0]["ip"] = "9.9.9.9"
    return [*changed[:-1], dict(rows[-1], exchange_id="ex_new")]


def test_a_corrected_file_takes_the_place_of_its_earlier_version(
    desk: Workspace, tmp_path: Path
) -> None:
    rows = logs.exchanges(40)
    before, package = again(desk, tmp_path, rows, corrected(rows))
    assert package.replaces == before.packages[0].load_id
    assert package.changes == {"added": 1, "changed": 1, "gone": 1}
    assert (package.rows, package.loaded, package.duplicate) == (40, 40, 0)
    assert "1 rows added, 1 changed, 1 gone" in " ".join(package.warnings)
    assert "analyse again" in " ".join(package.warnings)
    states = dict(zip(desk.packages()["load_id"], desk.packages()["state"], strict=True))
    assert states == {package.replaces: "withdrawn", package.load_id: "published"}
    clean = Workspace.open(tmp_path / "clean")
    logs.load(clean, logs.write(tmp_path / "exchanges.jsonl", corrected(rows)))
    assert desk.current().digest == clean.current().digest


def test_the_earlier_version_can_be_had_back(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(40)
    before, _ = again(desk, tmp_path, rows, corrected(rows))
    path = logs.write(tmp_path / "logs" / "exchanges.jsonl", rows)
    (package,) = logs.load(desk, path).packages
    assert package.load_id == before.packages[0].load_id
    assert desk.current().digest == before.snapshot
    assert logs.load(desk, path).packages[0].replaces == ""


def moved_on(rows: Rows) -> Rows:
    return [row for row in rows if row["ts"] >= logs.at(0.5)] + later(rows)[:3]


def later(rows: Rows) -> Rows:
    return [dict(row, exchange_id=f"later_{row['exchange_id']}", ts=logs.at(5)) for row in rows]


def cut_short(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: str(row["ts"]))[: len(rows) - 4]


def other(rows: Rows) -> Rows:
    return [dict(row, exchange_id=f"other_{row['exchange_id']}") for row in rows]


def half_kept(rows: Rows) -> Rows:
    return rows[: len(rows) // 2] + other(rows[len(rows) // 2 :])


@pytest.mark.parametrize("second", [moved_on, later, cut_short, other, half_kept])
def test_what_is_no_correction_stays_beside_what_is_there(
    desk: Workspace, tmp_path: Path, second: Callable[[Rows], Rows]
) -> None:
    rows = [dict(row, ts=logs.at(number / 40)) for number, row in enumerate(logs.exchanges(40))]
    rows = [dict(row, ts=logs.at(3 * number / 40)) for number, row in enumerate(rows)]
    _, package = again(desk, tmp_path, rows, second(rows))
    assert package.replaces == ""
    ids = {row["exchange_id"] for row in (*rows, *second(rows))}
    assert desk.current().rows_by_event["exchange"] >= len(ids)
    assert set(desk.packages()["state"]) == {"published"}


def test_an_appended_log_takes_the_place_of_what_it_begins_with(
    desk: Workspace, tmp_path: Path
) -> None:
    rows = logs.exchanges(40)
    _, package = again(desk, tmp_path, rows, rows + later(rows))
    assert package.changes == {"added": 40, "changed": 0, "gone": 0}
    assert desk.current().rows_by_event == {"exchange": 80}


def test_another_name_or_another_folder_is_another_source(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(40)
    folder = tmp_path / "logs"
    logs.write(folder / "a" / "exchanges.jsonl", rows)
    logs.write(folder / "b" / "exchanges.jsonl", corrected(rows))
    reports = [logs.load(desk, folder), logs.load(desk, folder)]
    assert [p.replaces for report in reports for p in report.packages] == [""] * 4
    assert reports[0].snapshot == reports[1].snapshot


def test_a_register_that_comes_again_is_a_newer_register(desk: Workspace, tmp_path: Path) -> None:
    people = logs.accounts(10)
    path = logs.write(tmp_path / "accounts.csv", people)
    logs.load(desk, path)
    closed = [dict(people[0], closed_at=logs.at(9)), *people[1:], dict(people[1], account_id="new")]
    (package,) = logs.load(desk, logs.write(path, closed)).packages
    assert package.changes == {"added": 1, "changed": 1, "gone": 0}
    assert desk.current().rows_by_event == {"account": 11}
