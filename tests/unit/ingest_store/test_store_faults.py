"""What goes wrong in the middle: nothing is half visible, and the same command goes on."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from graph_models.errors import WorkbenchError
from ingest import load as loading
from ingest.load import IngestReport, ingest_paths
from ingest.store import packages
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are really read."""
    read, real = [], loading.read_shared

    def spy(con: Any, path: Path, *args: Any, **options: Any) -> Any:
        read.append(path.name)
        return real(con, path, *args, **options)

    monkeypatch.setattr(loading, "read_shared", spy)
    return read


def test_after_ctrl_c_whole_files_are_not_read_again(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = logs.small_world(tmp_path / "logs")
    read = counting(monkeypatch)

    def stop(step: str, done: float) -> None:
        if "exchanges" in step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_paths(desk, [folder], now=logs.NOW, progress=stop)
    assert desk.packages()["state"].tolist() == ["verified"]
    assert desk.snapshots().empty
    report = logs.load(desk, folder)
    assert read == ["accounts.csv", "exchanges.jsonl", "payments.parquet"]
    assert report.total("loaded") == 52
    assert set(desk.packages()["state"]) == {"published"}


def test_a_full_disk_says_so_and_the_same_command_goes_on(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = logs.small_world(tmp_path / "logs"), packages.write_part

    def full(con: Any, query: str, where: Path, stem: str) -> str:
        if "exchange" in str(where):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(con, query, where, stem)

    monkeypatch.setattr(packages, "write_part", full)
    with pytest.raises(WorkbenchError, match="disk of the workspace is full"):
        logs.load(desk, folder)
    states = dict(zip(desk.packages()["file"], desk.packages()["state"], strict=True))
    assert states == {"accounts.csv": "verified", "exchanges.jsonl": "failed"}
    monkeypatch.setattr(packages, "write_part", real)
    assert logs.load(desk, folder).total("loaded") == 52


def test_a_file_that_grows_while_it_is_read_is_refused(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = logs.small_world(tmp_path / "logs"), loading.read_shared

    def growing(con: Any, path: Path, *args: Any, **options: Any) -> Any:
        reading = real(con, path, *args, **options)
        if path.suffix == ".jsonl":
            with path.open("a") as file:
                file.write("\n")
        return reading

    monkeypatch.setattr(loading, "read_shared", growing)
    report = logs.load(desk, folder)
    (refused,) = report.refused
    assert refused.file == "exchanges.jsonl"
    assert "changed while it was read" in refused.reason
    assert desk.current().rows_by_event == {"account": 6, "payment": 6}
    monkeypatch.setattr(loading, "read_shared", real)
    assert logs.load(desk, folder).total("loaded") == 40


def test_a_lost_part_is_made_again_from_the_file(desk: Workspace, tmp_path: Path) -> None:
    path = logs.write(tmp_path / "exchanges.csv", logs.exchanges())
    first = logs.load(desk, path)
    next(desk.layout.loads.rglob("exchange/*.parquet")).unlink()
    again = logs.load(desk, path)
    assert again.snapshot == first.snapshot
    assert len(desk.current().observations().accounts) == 6


def test_two_ingests_at_once_both_arrive(desk: Workspace, tmp_path: Path) -> None:
    rows = logs.exchanges(40)
    halves = [logs.write(tmp_path / f"{i}.jsonl", rows[20 * i : 20 * i + 20]) for i in range(2)]
    reports: list[IngestReport] = []
    threads = [
        threading.Thread(target=lambda path=path: reports.append(logs.load(desk, path)))
        for path in halves
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.total("loaded") for report in reports] == [20, 20]
    assert desk.current().rows_by_event == {"exchange": 40}


def test_a_reader_keeps_its_snapshot_while_another_is_published(
    desk: Workspace, tmp_path: Path
) -> None:
    rows = logs.exchanges(40)
    logs.load(desk, logs.write(tmp_path / "a.jsonl", rows[:20]))
    pinned = desk.current()
    logs.load(desk, logs.write(tmp_path / "b.jsonl", rows[20:]))
    assert pinned.observations().accounts["exchanges"].sum() == 20
    assert desk.current().observations().accounts["exchanges"].sum() == 40
    assert desk.snapshot(pinned.digest[:12]).digest == pinned.digest


def test_what_killed_processes_left_is_swept(desk: Workspace, tmp_path: Path) -> None:
    gone = desk.layout.scratch / "999999999-0"
    gone.mkdir()
    (desk.layout.cache / ".999999999.half.parquet").write_bytes(b"x")
    (desk.layout.snapshots / ".current.999999999.new").write_bytes(b"x")
    logs.load(desk, logs.write(tmp_path / "a.jsonl", logs.exchanges(4)))
    assert not list(desk.path.rglob("*999999999*"))
