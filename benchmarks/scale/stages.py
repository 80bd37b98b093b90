"""Processes and what they cost, as the operating system counts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Stage", "bytes_in", "measured", "scanned"]

_SCAN = """
import sys, duckdb
con = duckdb.connect(config={"threads": 2})
first = sys.argv[1]
rel = (con.read_parquet if first.endswith(".parquet") else con.read_json)(sys.argv[1:])
one = rel.limit(100_000)
counts = ", ".join(f'count("{name}")' for name in rel.columns)
found = con.sql(f"SELECT {counts} FROM one").fetchall()[0]
filled = [name for name, count in zip(rel.columns, found) if count]
columns = ", ".join(f'min("{name}"), max("{name}")' for name in filled)
con.execute(f"SELECT count(*), {columns} FROM rel").fetchall()
"""

# What a process starts with counts for its peak: a child of the bench itself would begin with all
# that the bench holds, a child of this begins with nothing.
_LAUNCH = """
import json, os, sys, time
began = time.perf_counter()
child = os.fork()
if not child:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
told = (time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
with open(sys.argv[1], "w") as file:
    json.dump(told, file)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 1)
"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What one process cost, its children included; ``peak_mb`` is the largest resident set."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    bytes: int = 0

    def __post_init__(self) -> None:
        if min(self.wall_seconds, self.cpu_seconds, self.peak_mb, self.bytes) < 0:
            raise ValueError(f"The stage {self.name!r} cost less than nothing.")

    def as_json(self) -> dict[str, Any]:
        """What the results file holds."""
        return asdict(self)


def measured(
    name: str, command: Sequence[str], *, writes: Path | None = None, answer: Path | None = None
) -> Stage:
    """Run a command to its end and read its cost.

    Args:
        name: What the stage is called.
        command: The program and its arguments; its complaints are shown.
        writes: The folder whose growth counts as the stage's bytes.
        answer: Where its output goes; dropped when not given.

    Raises:
        SystemExit: the command failed.
    """
    before = bytes_in(writes) if writes else 0
    with Path(answer or os.devnull).open("wb") as output, tempfile.NamedTemporaryFile() as cost:
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCH, cost.name]
        code = subprocess.run([*launcher, *command], stdout=output, check=False).returncode
        if code:
            sys.exit(f"{name} failed: {' '.join(command)}")
        wall, cpu, peak = json.loads(cost.read())
    return Stage(
        name=name,
        wall_seconds=round(wall, 2),
        cpu_seconds=round(cpu, 2),
        peak_mb=round(peak / 1024, 0),
        bytes=max(0, bytes_in(writes) - before) if writes else 0,
    )


def scanned(files: Sequence[Path]) -> Stage:
    """The yardstick: one DuckDB scan of Parquet or JSONL files on two threads.

    It counts the rows and finds the least and the greatest value of every column that is filled.
    """
    return measured("scan", [sys.executable, "-c", _SCAN, *map(str, files)])


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder; 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
