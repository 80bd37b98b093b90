"""The folder, its key, its lock and its errors."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from graph_models.errors import StoreUnreachableError, UsageError, WorkbenchError
from ingest.protection.keys import key_file
from ingest.store.lock import exclusive
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs


def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="workbench ingest PATH"):
        Workspace.open(tmp_path / "desk").current()


def test_no_workspace_is_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no workspace"):
        Workspace.open(tmp_path / "desk", create=False)
    assert not (tmp_path / "desk").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(UsageError, match="something else"):
        Workspace.open(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_half_made_workspace_is_finished(tmp_path: Path) -> None:
    (tmp_path / "desk" / "loads").mkdir(parents=True)
    assert Workspace.open(tmp_path / "desk").packages().empty


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "desk")
    card = json.loads(desk.layout.card.read_text())
    desk.layout.card.write_text(json.dumps({**card, "schema": 99}))
    with pytest.raises(WorkbenchError, match="newer version"):
        Workspace.open(tmp_path / "desk")


def test_no_input_at_all_is_refused(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "desk")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no file to load"):
        logs.load(desk, tmp_path / "empty")
    with pytest.raises(UsageError, match="no such file"):
        logs.load(desk, tmp_path / "missing")


# ---- the key


def test_the_key_lies_outside_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "desk")
    key, path = desk.key(), key_file(desk.id)
    assert not path.is_relative_to(desk.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert desk.key() == key
    inside = b"".join(file.read_bytes() for file in desk.path.rglob("*") if file.is_file())
    assert path.read_text().strip().encode() not in inside
    assert key not in inside


def test_a_lost_or_another_key_is_loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Workspace.open(tmp_path / "desk")
    desk.key()
    monkeypatch.setenv("WORKBENCH_KEY", "another key that is long enough")
    with pytest.raises(WorkbenchError, match="not the key"):
        desk.key()
    monkeypatch.delenv("WORKBENCH_KEY")
    key_file(desk.id).unlink()
    with pytest.raises(WorkbenchError, match="missing"):
        desk.key()


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    desk = Workspace.open(tmp_path / "desk")
    desk.key()
    key_file(desk.id).chmod(0o644)
    with pytest.raises(WorkbenchError, match="chmod 600"):
        desk.key()


def test_a_key_inside_the_workspace_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Workspace.open(tmp_path / "desk")
    monkeypatch.setenv("WORKBENCH_KEY_FILE", str(desk.path / "my.key"))
    with pytest.raises(UsageError, match="inside the workspace"):
        desk.key()
    monkeypatch.setenv("WORKBENCH_KEY_FILE", str(tmp_path / "elsewhere.key"))
    assert len(desk.key()) == 32


def test_a_short_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_KEY", "short")
    with pytest.raises(UsageError, match="shorter than"):
        Workspace.open(tmp_path / "desk").key()


# ---- the lock

HOLD = """
import sys, time
from pathlib import Path
from ingest.store.lock import exclusive
with exclusive(Path(sys.argv[1]), doing="ingest"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_workspace_and_a_dead_one_holds_nothing(
    tmp_path: Path,
) -> None:
    lock = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreUnreachableError, match=f"process {holder.pid}"),
            exclusive(lock, doing="test", wait=0.1),
        ):
            pass
        holder.kill()
    with exclusive(lock, doing="test", wait=5):
        assert json.loads(lock.read_text())["pid"] == os.getpid()


def test_a_short_wait_is_enough_when_the_holder_ends(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock", doing="first"):
        pass
    with exclusive(tmp_path / "lock", doing="second", wait=0):
        pass
