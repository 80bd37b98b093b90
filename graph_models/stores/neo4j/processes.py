"""Processes and ports of this machine, as the server runner sees them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from graph_models.errors import UsageError

__all__ = [
    "HOST", "alive", "check_free", "end_noted", "free_port", "gone", "listens", "run_noted",
]  # fmt: skip

HOST = "127.0.0.1"


def alive(pid: int) -> bool:
    """Whether that process still runs, and is a Neo4j where that can be seen."""
    try:
        # A child of this process holds its port until the last thread is gone and it is waited for.
        return os.waitpid(pid, os.WNOHANG)[0] != pid
    except ChildProcessError:
        pass
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        return _signalled(pid)
    return b"org.neo4j" in told


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def gone(pid: int, seconds: float) -> bool:
    """Wait until it has ended; False when it has not in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def run_noted(
    command: Sequence[str], environment: Mapping[str, str], note: Path, *, seconds: float,
    folder: Path | None,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a command to its end, its process id in ``note`` while it lasts."""
    with subprocess.Popen(  # noqa: S603
        command, env=environment, cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            note.write_text(str(process.pid), encoding="ascii")
            out, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
        finally:
            note.unlink(missing_ok=True)
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def end_noted(note: Path) -> None:
    """End what a killed ``run_noted`` left running."""
    try:
        pid = int(note.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return
    if alive(pid):
        os.kill(pid, signal.SIGKILL)
        gone(pid, 10.0)


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def check_free(port: int) -> None:
    """UsageError when the port is taken."""
    if listens(port):
        raise UsageError(
            f"Port {port} is taken.",
            fix="Stop what listens there, or take a free one: --port 0 (make: NEO4J_PORT=0).",
        )


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
