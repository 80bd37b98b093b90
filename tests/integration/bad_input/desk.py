"""Runs the ``workbench`` command in a process of its own and measures what it cost.

A server imports everything once and forks one child an order, so that a case costs its own work
only, a hang can be killed, and memory is that of the case.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Desk", "Outcome", "desks"]

LONGEST = 120  # seconds after which a child has hung

SERVER = r"""
import contextlib, io, json, os, signal, sys, tempfile, time, traceback
from pathlib import Path

import pyarrow as pa

import ingest.load
from ingest.mapping.detect import detect
from ingest.prompts.sketch import sketch
from workbench.cli import main

# Kernels, mappings and imports are loaded here, once; a database is opened by children only.
with tempfile.TemporaryDirectory() as folder:
    for text in ("account_id,created_at\na,2026-01-01T00:00:00Z\n", '{"account_id": "a"}\n'):
        path = Path(folder) / "warm"
        path.write_text(text)
        detect(path)
sketch(pa.array(["warm"]), key=bytes(32))


def memory(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1]) / 1024


def run(arguments):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["workbench", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            code = "traceback"
            err.write(traceback.format_exc())
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        leaked = os.open(order["leak"], os.O_WRONLY | os.O_CREAT)
        os.dup2(leaked, 1)
        os.dup2(leaked, 2)
        os.environ.update(order["env"])
        signal.alarm(order["longest"])
        open("/proc/self/clear_refs", "w").write("5")
        before, cpu = memory("VmRSS"), time.process_time()
        runs = [run(order["commands"][0])]
        first = time.process_time() - cpu
        runs += [run(arguments) for arguments in order["commands"][1:]]
        found = {"runs": runs, "cpu": first, "grown": memory("VmHWM") - before}
        with open(order["answer"], "w") as answer:
            json.dump(found, answer)
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What one ingest did: the report, the quarantine, both as people see them, and the cost."""

    code: int | str
    report: dict[str, Any] | None
    quarantine: list[dict[str, Any]]
    shown: str
    errors: str
    leaked: str
    status: int
    cpu: float
    grown: float

    @property
    def packages(self) -> list[dict[str, Any]]:
        return [] if self.report is None else list(self.report["packages"])

    @property
    def refused(self) -> list[dict[str, Any]]:
        return [item for item in self.packages if item["state"] == "refused"]

    @property
    def why(self) -> dict[str, tuple[tuple[int, str, str], ...]]:
        """What was put aside of each file: row, column, code."""
        found: dict[str, tuple[tuple[int, str, str], ...]] = {}
        for row in self.quarantine:
            place = (row["row"], row["column"], row["code"])
            found[row["file"]] = (*found.get(row["file"], ()), place)
        return found


class Desk:
    """Orders to the server; each ingest gets a workspace of its own unless one is named."""

    def __init__(self, server: subprocess.Popen[str], home: Path) -> None:
        self.server, self.home, self.count = server, home, 0

    def ingest(
        self,
        paths: list[Path],
        *,
        options: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        workspace: Path | None = None,
    ) -> Outcome:
        self.count += 1
        home = self.home / f"order_{self.count}"
        home.mkdir()
        where = workspace or home / "workspace"
        ingest = ["ingest", *map(str, paths), *options, "--workspace", str(where)]
        rejects = ["quarantine", "--workspace", str(where)]
        found, status = self._ask(
            home, [[*ingest, "--json"], [*rejects, "--json"], ingest, rejects], env or {}
        )
        return _outcome(found, status, (home / "leak").read_text(errors="replace"))

    def _ask(
        self, home: Path, commands: list[list[str]], env: dict[str, str]
    ) -> tuple[dict[str, Any], int]:
        order = {
            "commands": commands,
            "env": env,
            "leak": str(home / "leak"),
            "answer": str(home / "answer"),
            "longest": LONGEST,
        }
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        status = int(self.server.stdout.readline())
        answer = home / "answer"
        empty = {"runs": [{"code": "killed", "out": "", "err": ""}] * 4, "cpu": 0, "grown": 0}
        return json.loads(answer.read_text()) if answer.exists() else empty, status


def _outcome(found: dict[str, Any], status: int, leaked: str) -> Outcome:
    ingested, rejected, shown, shown_rejected = found["runs"]
    return Outcome(
        code=ingested["code"],
        report=json.loads(ingested["out"]) if ingested["out"] else None,
        quarantine=json.loads(rejected["out"]) if rejected["out"] else [],
        shown=shown["out"] + shown["err"] + shown_rejected["out"] + shown_rejected["err"],
        errors=ingested["err"] + rejected["err"],
        leaked=leaked,
        status=status,
        cpu=found["cpu"],
        grown=found["grown"],
    )


@contextmanager
def desks(home: Path) -> Iterator[Desk]:
    """A server, ended by the end of its input."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path.cwd()),
        "XDG_CONFIG_HOME": str(home / "config"),
        "COLUMNS": "200",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        yield Desk(process, home)
        assert process.stdin is not None
        process.stdin.close()
