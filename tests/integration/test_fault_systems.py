"""Faults of the machine around an ingest (docs/bad-input.md): disks, other processes, signals."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph_models.errors import StoreUnreachableError
from ingest.store import lock
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs
from workbench.export.verify import verify_pack
from workbench.library import Workbench


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def small(folder: Path) -> Path:
    logs.write(folder / "accounts.csv", logs.accounts())
    logs.write(folder / "exchanges.jsonl", logs.exchanges(20))
    return folder


# ---- F02: an export that is killed

EXPORTS = """
import os, sys, time
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.workbench_export.records import record
from workbench.export.pack import build_pack
from workbench.export.seal import Signer
signer = Signer("test", Ed25519PrivateKey.generate())
made = record()
for line in sys.stdin:
    out, kill_after = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        build_pack(made, Path(out), signer)
        os._exit(0)
    if kill_after:
        time.sleep(float(kill_after))
        os.kill(child, 9)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_f02_a_killed_export_leaves_nothing_under_its_name_and_the_next_cleans_up(
    tmp_path: Path,
) -> None:
    moments, killed = random.Random(2), 0
    packs = tmp_path / "packs"
    process = subprocess.Popen(
        [sys.executable, "-c", EXPORTS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )

    def export(name: str, kill_after: str = "") -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{packs / name}\t{kill_after}\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    with process:
        started = time.monotonic()
        assert export("whole") == 0
        seconds = time.monotonic() - started
        for number in range(8):
            name = f"pack {number}"
            killed += export(name, str(moments.uniform(0, 0.6 * seconds))) == 9
            assert not (packs / name).exists() or verify_pack(packs / name).ok
        assert export("last") == 0
        assert process.stdin is not None
        process.stdin.close()
    assert killed >= 2
    assert not list(packs.glob(".*"))
    assert verify_pack(packs / "last").ok


# ---- F05, F06: a disk that is full or cannot be written

FULL = """
import sys
from pathlib import Path
from graph_models.errors import WorkbenchError
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

disk, source, room = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
desk = Workspace.open(disk / "desk")
desk.key()
ballast = disk / "ballast"
free = __import__("shutil").disk_usage(disk).free
ballast.write_bytes(bytes(max(free - room, 0)))
try:
    logs.load(desk, source)
except WorkbenchError as error:
    print(error.what, error.fix)
else:
    print("nothing was refused")
print(len(desk.snapshots()))
ballast.unlink()
print(logs.load(Workspace.open(desk.path), source).total("rows"), len(desk.snapshots()))
"""
READ_ONLY = """
import subprocess, sys
from pathlib import Path
from graph_models.errors import WorkbenchError
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

disk, source = Path(sys.argv[1]), Path(sys.argv[2])
logs.load(Workspace.open(disk / "desk"), source / "accounts.csv")
subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
desk = Workspace.open(disk / "desk", create=False)
print(len(desk.current().observations().accounts))
try:
    logs.load(desk, source)
except WorkbenchError as error:
    print(error.what, error.fix)
"""


FULL_EXPORT = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from graph_models.errors import WorkbenchError
from tests.unit.workbench_export.records import record
from workbench.export.pack import build_pack
from workbench.export.seal import Signer

disk, signer = Path(sys.argv[1]), Signer("test", Ed25519PrivateKey.generate())
try:
    build_pack(record(), disk / "pack", signer)
except WorkbenchError as error:
    print(error.what, error.fix)
print(*[path.name for path in disk.iterdir()])
"""


def on_own_disk(tmp_path: Path, script: str, *arguments: str, size: str = "16m") -> list[str]:
    """Run a script with a small disk that only it sees; the lines that it printed."""
    disk = tmp_path / "disk"
    disk.mkdir(exist_ok=True)
    mount = 'mount -t tmpfs -o size=$2 none "$1" || exit 77; d="$1"; shift 2; exec "$@"'
    command = [sys.executable, "-c", script, str(disk), *arguments]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(disk), size, *command],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no private mount namespace here: {done.stderr.strip()[:120]}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("room", [0, 4_096, 20_480, 40_960])
def test_f05_a_full_disk_is_told_and_the_same_command_goes_on(tmp_path: Path, room: int) -> None:
    source = small(tmp_path / "logs")
    lines = on_own_disk(tmp_path, FULL, str(source), str(room))
    assert "disk of the workspace is full" in lines[0], lines
    assert "run the same command again" in lines[0]
    assert lines[1] == "0"
    assert lines[2] == "26 1"


def test_f05_an_export_to_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    lines = on_own_disk(tmp_path, FULL_EXPORT, size="40k")
    assert "No space left on device" in lines[0]
    assert "Free some space" in lines[0]
    assert lines[1] == ""


def test_f06_a_read_only_workspace_is_read_and_refuses_to_be_written(tmp_path: Path) -> None:
    source = small(tmp_path / "logs")
    lines = on_own_disk(tmp_path, READ_ONLY, str(source))
    assert lines[0] == "6"
    assert "cannot be written" in lines[1]
    assert "Reading works" in lines[1]


# ---- F23, F35: other processes

HOLDER = """
import sys, time
from ingest.store.workspace import Workspace
with Workspace.open(sys.argv[1]).exclusive("ingest"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_f23_a_second_writer_names_the_holder_and_a_dead_holder_holds_nothing(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small(tmp_path / "logs")
    monkeypatch.setattr(lock, "WAIT", 0.2)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(desk.path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreUnreachableError, match=rf"process {holder.pid} \(ingest\)"),
            lock.exclusive(desk.layout.lock, doing="ingest", wait=0.2),
        ):
            pytest.fail("two held it")
        holder.kill()
        holder.wait()
    assert logs.load(desk, source).total("loaded") == 26


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_f35_a_stopped_ingest_ends_soon_and_the_same_command_goes_on(
    tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    source = logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(20_000))
    command = [sys.executable, "-m", "workbench", "ingest", str(source), "--json", "--workspace"]
    command.append(str(tmp_path / "desk"))
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    # A suite that runs in the background passes "ignore SIGINT" on to its children.
    running = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    ledgers = tmp_path / "desk" / "loads"
    while running.poll() is None and not list(ledgers.glob("*/ledger.json")):
        time.sleep(0.02)
    stopped = time.monotonic()
    running.send_signal(sign)
    assert running.wait(timeout=60) == code
    assert time.monotonic() - stopped <= 10
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
    assert json.loads(done.stdout)["loaded"] == 20_000


# ---- F34: a hub


def test_f34_an_address_of_everybody_links_nobody_and_is_shown_in_pages(tmp_path: Path) -> None:
    people = 3_000
    rows = [
        {
            "exchange_id": f"e{number}",
            "ts": logs.at(number / people),
            "account_id": f"acct_{number}",
            "ip": "9.9.9.9",
        }
        for number in range(people)
    ]
    clock = datetime(2026, 7, 1, tzinfo=UTC)
    bench = Workbench.open(tmp_path / "desk", create=True, clock=lambda: clock)
    bench.ingest([logs.write(tmp_path / "hub.jsonl", rows)])
    assert bench.analyse().links == 0
    began = time.monotonic()
    page = bench.expand("ip:9.9.9.9", limit=25)
    assert page.shown + page.hidden + page.truncated == page.total == people
    assert page.shown == 25
    assert time.monotonic() - began < 5
