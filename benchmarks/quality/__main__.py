"""``make quality``: worlds with a known truth, the shipped configuration, the worst reported.

Example: python -m benchmarks.quality --split tuning --only hard --seeds 1 2 --workers 1
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.quality.acceptance import acceptance
from benchmarks.quality.keeping import Shelf, figures, keep, redraw
from benchmarks.quality.plan import SPLITS, Task, group_of, planned, quick
from benchmarks.quality.prepare import sources_digest
from benchmarks.quality.repeat import repeated
from benchmarks.quality.running import Places, run_all
from benchmarks.quality.tables import acceptance_table, group_table
from benchmarks.quality.tally import Row, read_rows, tally

CACHE = Path(".workbench/bench")
_SOURCES = ("graph_models", "ingest", "fixtures", "workbench", "benchmarks/quality")


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print and keep; 1 when a run failed or an acceptance line is not reached."""
    asked = _arguments(words)
    if asked.redraw:
        redraw(Shelf())
        return 0
    tasks = _tasks(asked)
    name = asked.run or f"{asked.split}-{sources_digest(*_SOURCES)}"
    places = Places(cache=asked.cache, results=asked.cache / "runs" / name, reuse=asked.reuse)
    failed = run_all(tasks, places, workers=asked.workers, say=_say)
    wanted = {task.key(without) for task in tasks for without in task.without}
    rows = read_rows(places.results, wanted)
    tallied = tally(rows)
    if asked.repeats:
        _say(f"repeating one small world {asked.repeats} times")
        tallied["repeated"] = repeated(asked.repeats).as_json()
    lines = acceptance(tallied)
    print(group_table(tallied), acceptance_table(lines), *failed, sep="\n\n")
    kept = figures(tallied, _about(asked, rows))
    (asked.cache / f"{name}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    if asked.date:
        keep(kept, Shelf())
    return int(bool(failed) or any(line.reached is False for line in lines))


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--split", choices=sorted(SPLITS), default="tuning")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="WORD",
        default=[],
        help="groups or worlds: hard, sampled, 'no *', hydra:hard …",
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="of those that the split has")
    parser.add_argument("--quick", action="store_true", help="one world a group, no ablations")
    parser.add_argument("--shipped", action="store_true", help="leave no family out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=0, help="runs of the determinism check")
    parser.add_argument("--cache", type=Path, default=CACHE, help="worlds and figures of each run")
    parser.add_argument("--run", help="name of the run to go on with; else by split and sources")
    parser.add_argument(
        "--reuse",
        action="store_true",
        help="keep ingested worlds although generator or ingest changed since",
    )
    parser.add_argument("--date", help="keep the figures in the repository under this date")
    parser.add_argument(
        "--redraw",
        action="store_true",
        help="only write page and pictures again from the kept figures",
    )
    return parser.parse_args(words)  # fmt: skip


def _tasks(asked: argparse.Namespace) -> tuple[Task, ...]:
    tasks = planned(asked.split)
    if asked.only:
        tasks = tuple(task for task in tasks if _meant(task, asked.only))
    if asked.seeds:
        tasks = tuple(task for task in tasks if task.trial.seed in asked.seeds)
    if asked.shipped:
        tasks = tuple(Task(task.trial) for task in tasks)
    return quick(tasks) if asked.quick else tasks


def _meant(task: Task, words: Sequence[str]) -> bool:
    names = (group_of(task.trial), task.trial.world)
    return any(fnmatch(name, word) for word in words for name in names)


def _about(asked: argparse.Namespace, rows: Sequence[Row]) -> dict[str, Any]:
    """Which run it was, for the results and the history."""
    return {
        "date": asked.date,
        "split": asked.split,
        "version": f"{version('workbench')}-{sources_digest(*_SOURCES)}",
        "worlds": len({(row["world"], row["seed"], row["scale"], *row["absent"]) for row in rows}),
        "runs": len(rows),
        "cpu_seconds": round(sum(row["figures"]["cpu_seconds"] for row in rows), 1),
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
