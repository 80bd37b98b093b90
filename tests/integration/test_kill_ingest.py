"""kill -9 at any moment of an ingest: the old snapshot or the whole new one, and a re-run heals."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.store.snapshots import current_manifest
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

KILLS, PER_DESK = 10, 5

# Imports once, then forks one child an order; the parent itself never opens a database. It kills
# before it waits, so the process id is still the child's.
SERVER = """
import os, sys, time
from pathlib import Path
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs
for line in sys.stdin:
    desk, source, kill_after = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        logs.load(Workspace.open(desk), Path(source))
        os._exit(0)
    if kill_after:
        time.sleep(float(kill_after))
        os.kill(child, 9)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def run(server: subprocess.Popen[str], desk: Path, source: Path, kill_after: str = "") -> int:
    """One ingest in a process of its own, killed after so many seconds; its wait status."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{desk}\t{source}\t{kill_after}\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def source_of_many_files(folder: Path) -> Path:
    for number in range(3):
        rows = logs.exchanges(200, seed=number, days=4)
        for row in rows:
            row["exchange_id"] += f"_{number % 2}"  # the last file repeats ids of the first
        logs.write(folder / f"exchanges_{number}.jsonl", rows)
    logs.write(folder / "accounts.csv", logs.accounts())
    return folder


def test_a_killed_ingest_leaves_old_or_new_and_a_rerun_is_the_clean_run(
    tmp_path: Path, server: subprocess.Popen[str]
) -> None:
    source = source_of_many_files(tmp_path / "logs")
    assert run(server, tmp_path / "warm", source) == 0  # compiled kernels are cached by now
    started = time.monotonic()
    assert run(server, tmp_path / "clean", source) == 0
    seconds = time.monotonic() - started
    clean = Workspace.open(tmp_path / "clean").current()
    moments, killed = random.Random(4), 0
    for number in range(KILLS):
        desk = tmp_path / f"desk_{number // PER_DESK}"
        killed += run(server, desk, source, str(moments.uniform(0, seconds))) == 9
        manifest = current_manifest(Workspace.open(desk).layout)
        assert manifest.digest == clean.digest or not manifest.loads
        if number % PER_DESK == PER_DESK - 1:
            assert run(server, desk, source) == 0
            healed = Workspace.open(desk)
            assert healed.current().digest == clean.digest
            assert set(healed.packages()["state"]) == {"published"}
            assert not list(healed.path.rglob(".*.new"))
    assert killed >= KILLS // 2
