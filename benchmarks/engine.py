"""Each stage of the engine against its yardstick in the same run: ``make bench``.

The yardstick is one DuckDB scan (count, min and max of every column) of the exchanges that are
ingested, on the same two threads. Every stage is a process of its own; CPU and peak memory are the
operating system's figures for it. Compare ratios, not seconds: machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "engine.json"

SCAN = """
import duckdb, sys
con = duckdb.connect(config={"threads": 2})
rel = con.read_parquet(sys.argv[1] + "/exchanges/*.parquet")
columns = ", ".join(f'min("{name}"), max("{name}")' for name in rel.columns)
con.execute(f"SELECT count(*), {columns} FROM rel").fetchall()
"""


@dataclass(frozen=True)
class Stage:
    """What one process cost."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def run(name: str, command: list[str]) -> Stage:
    """Run a command to its end and read its cost from the operating system."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"{name} failed: {' '.join(command)}")
    cpu = usage.ru_utime + usage.ru_stime
    return Stage(name, round(wall, 1), round(cpu, 1), round(usage.ru_maxrss / 1024, 0))


def measure(world: str, scale: float, seed: int) -> list[Stage]:
    """Synthesise once, then scan, ingest and analyse."""
    workbench = [sys.executable, "-m", "workbench"]
    with tempfile.TemporaryDirectory() as scratch:
        data, workspace = Path(scratch) / "world", Path(scratch) / "workspace"
        synth = ["synth", world, "--out", str(data), "--scale", str(scale), "--seed", str(seed)]
        place = ["--workspace", str(workspace), "--json"]
        return [
            run("synth", [*workbench, *synth, "--json"]),
            run("scan (yardstick)", [sys.executable, "-c", SCAN, str(data)]),
            run("ingest", [*workbench, "ingest", str(data), *place]),
            run("analyse", [*workbench, "analyse", *place]),
            run("ingest again (nothing new)", [*workbench, "ingest", str(data), *place]),
            run("communities", [*workbench, "communities", *place]),
        ]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="large")
    parser.add_argument("--scale", type=float, default=3.34, help="3.34: 2 M exchanges")
    parser.add_argument("--seed", type=int, default=5)
    chosen = parser.parse_args()
    stages = measure(chosen.world, chosen.scale, chosen.seed)
    scan = next(stage for stage in stages if stage.name.startswith("scan")).cpu_seconds
    print(f"{'stage':<28}{'wall s':>9}{'CPU s':>9}{'x scan':>9}{'peak MB':>10}")
    for stage in stages:
        print(
            f"{stage.name:<28}{stage.wall_seconds:>9.1f}{stage.cpu_seconds:>9.1f}"
            f"{stage.cpu_seconds / max(scan, 0.1):>9.1f}{stage.peak_mb:>10.0f}"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    about = {"python": platform.python_version(), "cpus": os.cpu_count(), **vars(chosen)}
    kept = {"about": about, "stages": [asdict(stage) for stage in stages]}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
