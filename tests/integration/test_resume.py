"""What is loaded is not read again: after a kill between two files, and when a new day comes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ingest.load
from ingest.store.packages import folder_of, loads
from ingest.store.snapshots import current_manifest
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

# Kills itself, as nobody can catch, when the second file begins.
KILLED = """
import os, signal, sys
from pathlib import Path
from ingest.load import ingest_paths
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs
begun = []
def progress(step, share):
    begun.append(step)
    if len(begun) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
ingest_paths(Workspace.open(sys.argv[1]), [Path(sys.argv[2])], now=logs.NOW, progress=progress)
"""


def days(folder: Path, count: int) -> Path:
    for number in range(count):
        rows = logs.exchanges(30, seed=number, days=1)
        for row in rows:
            row["exchange_id"] += f"_{number}"
            row["ts"] = row["ts"].replace("2026-05-01", f"2026-05-0{number + 1}")
            del row["prompt"]
        logs.write(folder / f"day_{number}.parquet", rows)
    return folder


def test_a_kill_between_two_files_loses_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, desk = days(tmp_path / "logs", 3), tmp_path / "desk"
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", KILLED, str(desk), str(source)]
    killed = subprocess.run(command, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    workspace = Workspace.open(desk)
    (done,) = loads(workspace.layout)
    assert done.state == "verified"
    assert not current_manifest(workspace.layout).loads
    read: list[str] = []
    real = ingest.load.read_shared

    def reading(con: object, path: Path, *args: object, **options: object) -> object:
        read.append(path.name)
        return real(con, path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest.load, "read_shared", reading)
    report = logs.load(workspace, source)
    assert read == ["day_1.parquet", "day_2.parquet"]
    assert [package.loaded for package in report.packages] == [30, 30, 30]
    clean = Workspace.open(tmp_path / "clean")
    assert logs.load(clean, source).snapshot == report.snapshot


def test_a_new_day_reads_no_part_of_another(tmp_path: Path) -> None:
    source, workspace = days(tmp_path / "logs", 3), Workspace.open(tmp_path / "desk")
    last = source / "day_2.parquet"
    logs.load(workspace, source / "day_0.parquet", source / "day_1.parquet")
    kept = tmp_path / "kept"
    for load in list(loads(workspace.layout)):
        folder = folder_of(workspace.layout, load.load_id) / "exchange"
        shutil.move(folder, kept / load.load_id)
    report = logs.load(workspace, last)
    assert [package.loaded for package in report.packages] == [30]
    for folder in kept.iterdir():
        shutil.move(folder, folder_of(workspace.layout, folder.name) / "exchange")
    clean = Workspace.open(tmp_path / "clean")
    assert logs.load(clean, source).snapshot == report.snapshot


def test_a_day_in_many_files_is_the_day_in_one(tmp_path: Path) -> None:
    rows = logs.exchanges(60, days=1)
    for number in range(3):
        logs.write(tmp_path / "hours" / f"{number}.jsonl", rows[number * 20 : number * 20 + 20])
    logs.write(tmp_path / "hours" / "again.jsonl", rows[15:25])
    logs.write(tmp_path / "day.jsonl", rows)
    report = logs.load(Workspace.open(tmp_path / "a"), tmp_path / "hours")
    # "again" is the last by name: all of it was there.
    assert [package.duplicate for package in report.packages] == [0, 0, 0, 10]
    whole = logs.load(Workspace.open(tmp_path / "b"), tmp_path / "day.jsonl")
    assert report.snapshot == whole.snapshot
