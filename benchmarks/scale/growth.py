"""One world at growing sizes: every stage from files to assessed communities, beside a scan.

The yardstick of a size is one DuckDB scan (count, least and greatest value) of the exchanges'
columns that are filled, on the same two threads, before and after the stages: their mean is the
scan that the stages are compared with, so that a machine that slows down slows both.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale.stages import Stage, measured, scanned

__all__ = ["SIZES", "Run", "as_lines", "exponent", "grown", "measure"]

# Rows in millions → scale of the world; the rows of a world follow its scale to about a hundredth.
SIZES = {1: 0.01, 3: 0.03, 10: 0.1, 30: 0.3, 100: 1.0}
WORLD, SEED = "qwen-2026", 3

_ANSWERS = ("analyse", "grade")  # whose JSON is kept beside the cost


@dataclass(frozen=True, kw_only=True)
class Run:
    """Where a run keeps what it makes, and who hears how far it is."""

    folder: Path
    seed: int = SEED
    say: Callable[[str], None] = field(default=lambda _: None)

    def data(self, millions: int) -> Path:
        """The files of one size."""
        return self.folder / f"{WORLD}-{self.seed}-{millions}M"

    def workspace(self, millions: int) -> Path:
        """Where the files of one size were ingested."""
        data = self.data(millions)
        return data.with_name(data.name + ".workspace")

    def truth(self, millions: int) -> Path:
        """The truth of one size."""
        data = self.data(millions)
        return data.with_name(data.name + ".truth")

    def answer(self, stage: str) -> Path:
        """What a stage printed, of the size that was measured last."""
        return self.folder / f"{stage}.json"


def measure(run: Run, sizes: Sequence[int]) -> Iterator[Mapping[str, Any]]:
    """Make, scan, ingest and analyse each size; yields its figures as soon as they are there."""
    for millions in sizes:
        made = list(_made(run, millions))
        stages = [*made, *_stages(run, millions)]
        yield {
            "millions": millions,
            "stages": [stage.as_json() for stage in stages],
            **{name: json.loads(run.answer(name).read_bytes()) for name in _ANSWERS},
        }


def as_lines(run: Run, millions: int) -> Iterator[Stage]:
    """The same world as JSONL: one scan of its exchanges, and its ingest."""
    lines = Run(folder=run.folder / "lines", seed=run.seed, say=run.say)
    lines.folder.mkdir(exist_ok=True)
    yield from _made(lines, millions, "--format", "jsonl")
    data, workspace = lines.data(millions), lines.workspace(millions)
    shutil.rmtree(workspace, ignore_errors=True)
    run.say(f"{millions} M: JSONL")
    yield scanned(sorted((data / "exchanges").iterdir()))
    place = ["--workspace", str(workspace), "--json"]
    yield _step("ingest", ["ingest", str(data), *place], writes=workspace)
    yield scanned(sorted((data / "exchanges").iterdir()))


def _made(run: Run, millions: int, *form: str) -> Iterator[Stage]:
    data = run.data(millions)
    if data.exists():
        return
    run.say(f"making {millions} M exchanges")
    half = data.with_name(data.name + ".half")
    for stale in (half, half.with_name(half.name + ".truth")):
        shutil.rmtree(stale, ignore_errors=True)
    options = ["--scale", str(SIZES[millions]), "--seed", str(run.seed), "--prompts", "clusters"]
    options += form
    yield _step("synth", ["synth", WORLD, "--out", str(half), *options, "--json"], writes=half)
    half.with_name(half.name + ".truth").rename(run.truth(millions))
    half.rename(data)


def _stages(run: Run, millions: int) -> Iterator[Stage]:
    data = run.data(millions)
    workspace = run.workspace(millions)
    shutil.rmtree(workspace, ignore_errors=True)
    place = ["--workspace", str(workspace), "--json"]
    files = sorted(data.rglob("*.parquet"))
    last = max(path.stem for path in (data / "exchanges").iterdir())
    before = [str(path) for path in files if path.stem != last]
    new = [str(path) for path in files if path.stem == last]
    for name, arguments in {
        "ingest": ["ingest", *before, *place],
        "a new day": ["ingest", *new, *place],
        "analyse": ["analyse", *place],
        "nothing new": ["ingest", str(data), *place],
        "communities": ["communities", *place],
    }.items():
        run.say(f"{millions} M: {name}")
        if name in ("ingest", "nothing new"):
            yield scanned(sorted((data / "exchanges").iterdir()))
        yield _step(name, arguments, writes=workspace, answer=run.answer(name))
    grade = ["grade", "--truth", str(run.truth(millions)), *place]
    yield _step("grade", grade, answer=run.answer("grade"))


def _step(
    name: str, arguments: Sequence[str], *, writes: Path | None = None, answer: Path | None = None
) -> Stage:
    command = [sys.executable, "-m", "workbench", *arguments]
    return measured(name, command, writes=writes, answer=answer)


def exponent(rows: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope of log seconds over log rows by least squares: 1 is linear; NaN for one size."""
    if len(rows) < 2:
        return float("nan")
    return float(np.polyfit(np.log(rows), np.log(np.maximum(seconds, 1e-3)), 1)[0])


def grown(kept: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Growth exponent of the CPU seconds of each stage that was measured at two sizes or more."""
    points: dict[str, list[tuple[float, float]]] = {}
    for size in kept:
        for stage in size["stages"]:
            at = (float(size["millions"]), float(stage["cpu_seconds"]))
            points.setdefault(stage["name"], []).append(at)
    return {
        name: round(exponent(*zip(*found, strict=True)), 2)
        for name, found in points.items()
        if len({rows for rows, _ in found}) > 1
    }
