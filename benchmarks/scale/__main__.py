"""``python -m benchmarks.scale``: what each stage costs as a world grows (``make bench``)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.scale import pairing, partitions, rivals
from benchmarks.scale.growth import SEED, SIZES, Run, as_lines, measure
from benchmarks.scale.material import ACCOUNTS, LINKS, USES
from benchmarks.scale.page import picture, printed, told, with_measured
from benchmarks.scale.sides import compared
from benchmarks.scale.stages import measured

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/scale.json"
PAGE = ROOT / "docs/scale.md"
PICTURE = ROOT / "docs/pictures/scale-growth.svg"
# The most that peers are asked about: beyond, some need more than they may take (sides.LIMIT).
MOST = {"communities": 10, "pairs": 1}
LINES = 1  # millions of rows as JSONL
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
    fresh: dict[str, Any] = {"sizes": []}
    for size in measure(run, chosen.millions):
        fresh["sizes"].append(size)
        print(printed(size), flush=True)
    stages = [stage.as_json() for stage in as_lines(run, LINES)]
    fresh["lines"] = {"millions": LINES, "stages": stages}
    print(printed(fresh["lines"]), flush=True)
    fresh["sides"] = []
    for side in _sides(run, chosen.millions):
        fresh["sides"].append(side)
        print(told(side), flush=True)
    if chosen.date:
        _keep({**fresh, "about": {"date": chosen.date, **_machine(chosen)}})


def _sides(run: Run, millions: list[int]) -> Iterator[Mapping[str, Any]]:
    """Peers beside ours: on rows of the largest size, on links and sightings of what they bear."""
    with tempfile.TemporaryDirectory() as name:
        scratch, largest = Path(name), max(millions)
        run.say(f"side by side: {rivals.QUESTION.name}")
        files = rivals.days_of(run.data(largest))
        yield compared(rivals.QUESTION, files, scratch) | {"of": f"{largest} M"}
        for question, most, table in (
            (partitions.QUESTION, MOST["communities"], LINKS),
            (pairing.QUESTION, MOST["pairs"], USES),
        ):
            size = max((size for size in millions if size <= most), default=min(millions))
            run.say(f"side by side: {question.name}")
            folder = _material(run, size, scratch)
            files = [str(folder / name) for name in (table, ACCOUNTS)]
            yield compared(question, files, scratch) | {"of": f"{size} M"}


def _material(run: Run, millions: int, scratch: Path) -> Path:
    folder = scratch / f"material-{millions}M"
    if not folder.exists():
        places = {
            "workspace": run.workspace(millions), "truth": run.truth(millions), "out": folder
        }  # fmt: skip
        options = [text for name, path in places.items() for text in (f"--{name}", str(path))]
        measured("material", [sys.executable, "-m", "benchmarks.scale.material", *options])
    return folder


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


def _keep(fresh: Mapping[str, Any]) -> None:
    """Sizes that were not measured now stay as they were: the largest take hours."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"sizes": []}
    sizes = {size["millions"]: size for size in (*before["sizes"], *fresh["sizes"])}
    kept = {**fresh, "sizes": [sizes[at] for at in sorted(sizes)]}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(with_measured(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    PICTURE.write_text(picture(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
