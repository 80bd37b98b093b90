"""``python -m benchmarks.scale``: what each stage costs as a world grows (``make bench``)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.scale.growth import SEED, SIZES, Run, measure
from benchmarks.scale.page import picture, printed, told, with_measured
from benchmarks.scale.rivals import compared, days_of

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/scale.json"
PAGE = ROOT / "docs/scale.md"
PICTURE = ROOT / "docs/pictures/scale-growth.svg"
ENGINES = ("duckdb", "numpy", "pandas", "pyarrow", "numba")


def main() -> None:
    """Measure the chosen sizes; with a date they are kept beside those of other sizes."""
    chosen = _arguments()
    run = Run(
        folder=chosen.folder, seed=chosen.seed,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )  # fmt: skip
    run.folder.mkdir(parents=True, exist_ok=True)
    if chosen.memory:
        os.environ["WORKBENCH_MEMORY"] = chosen.memory
    sizes = []
    for size in measure(run, chosen.millions):
        sizes.append(size)
        print(printed(size), flush=True)
    rivals = compared(days_of(run.data(chosen.millions[-1])))
    print(told(rivals), flush=True)
    if chosen.date:
        _keep(sizes, rivals, {"date": chosen.date, **_machine(chosen)})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 3], choices=SIZES)
    parser.add_argument("--folder", type=Path, default=ROOT / ".workbench/scale")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--memory", help="the memory setting of every stage, such as 3GiB")
    parser.add_argument("--date", help="keep the figures under this date")
    return parser.parse_args()


def _machine(chosen: argparse.Namespace) -> Mapping[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 1),
        "memory setting": chosen.memory or "default",
        "python": platform.python_version(),
        "seed": chosen.seed,
        **{name: version(name) for name in ENGINES},
    }


def _keep(
    sizes: list[Mapping[str, Any]], rivals: list[dict[str, Any]], about: Mapping[str, Any]
) -> None:
    """Sizes that were not measured now stay as they were: the largest take hours."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"sizes": []}
    fresh = {size["millions"]: size for size in (*kept["sizes"], *sizes)}
    kept = {"about": about, "sizes": [fresh[at] for at in sorted(fresh)], "rivals": rivals}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(with_measured(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    PICTURE.write_text(picture(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
