"""The presets end to end, each step a process of its own: exit code 1 when one falls short.

For every preset and seed: synth, ingest, analyse, grade at one scale. A campaign counts as found
when at least half of its accounts are accused. The limits are those of the issue: four minutes and
4 GiB a preset at the scale that fits a laptop, every campaign found. Seconds depend on what else
the machine does, so CPU seconds stand beside them.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fixtures.splits import PRESET_SCALES

RESULTS = Path(__file__).parent / "results" / "presets.json"
PRESETS = ("qwen-2026", "deepseek-2026", "moonshot-2026", "minimax-2026", "hydra")
FOUND = 0.5  # of a campaign's accounts
LIMITS = {"seconds": 240.0, "peak_mb": 4096.0}


@dataclass(frozen=True)
class Step:
    """What one command cost."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass
class Outcome:
    """One preset at one seed: cost by step, the grade, what falls short."""

    world: str
    seed: int
    scale: float
    accounts: int = 0
    exchanges: int = 0
    steps: list[Step] = field(default_factory=list)
    grade: dict[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """All steps together."""
        return round(sum(step.seconds for step in self.steps), 1)

    @property
    def peak_mb(self) -> float:
        """The largest step's peak."""
        return max(step.peak_mb for step in self.steps)

    def short(self) -> list[str]:
        """Every way in which the outcome misses what was asked."""
        found = [
            f"{item['campaign']}: {item['found']} of {item['size']} accounts"
            for item in self.grade["campaigns"]
            if item["recall"] < FOUND
        ]
        if self.seconds > LIMITS["seconds"]:
            found.append(f"{self.seconds} s")
        if self.peak_mb > LIMITS["peak_mb"]:
            found.append(f"{self.peak_mb} MB")
        return found

    def as_json(self) -> dict[str, Any]:
        """What is kept."""
        sums = {"seconds": self.seconds, "peak_mb": self.peak_mb, "short": self.short()}
        return asdict(self) | sums


def measure(world: str, seed: int, scale: float, folder: Path) -> Outcome:
    """Run the four commands as a user would."""
    outcome = Outcome(world, seed, scale)
    data, place = folder / "world", ["--workspace", str(folder / "workspace"), "--json"]
    size = ["--scale", str(scale), "--seed", str(seed), "--json"]
    made = _run(outcome, "synth", [world, "--out", str(data), *size])
    outcome.accounts, outcome.exchanges = made["accounts"], made["exchanges"]
    _run(outcome, "ingest", [str(data), *place])
    _run(outcome, "analyse", place)
    outcome.grade = _run(outcome, "grade", ["--truth", f"{data}.truth", *place])
    return outcome


def _run(outcome: Outcome, name: str, words: Sequence[str]) -> Any:
    """One command to its end; its cost goes to the outcome, its JSON back."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "workbench", name, *words]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{outcome.world}: {name} failed: {' '.join(command)}")
        out.seek(0)
        answer = json.load(out)
    wall, cpu = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    peak = round(usage.ru_maxrss / 1024, 0)
    outcome.steps.append(Step(name, round(wall, 1), round(cpu, 1), peak))
    return answer


def _line(outcome: Outcome) -> str:
    """One row of the table."""
    costs = " ".join(f"{step.seconds:>6.0f}/{step.cpu_seconds:<5.0f}" for step in outcome.steps)
    account, grade = outcome.grade["account"], outcome.grade
    shares = [account["precision"], account["recall"], grade["reseller_customers_accused"]]
    words = " ".join(f"{'-' if share is None else format(share, '.3f'):>7}" for share in shares)
    found = sum(item["recall"] >= FOUND for item in grade["campaigns"])
    return (
        f"{outcome.world:<14}{outcome.seed:>4}{outcome.accounts:>8}{outcome.exchanges:>9} {costs} "
        f"{outcome.seconds:>6.0f}{outcome.peak_mb:>7.0f} {words}{grade['benign_accused']:>7}"
        f"  {found}/{len(grade['campaigns'])}"
    )


_HEAD = (
    f"{'preset':<14}{'seed':>4}{'accounts':>8}{'exchanges':>10} "
    f"{'synth, ingest, analyse, grade: wall/CPU s':<51} {'all s':>6}{'MB':>7} "
    f"{'prec':>7} {'recall':>7} {'resold':>7}{'benign':>7}  found"
)


def main() -> int:
    """Measure, print, keep; 1 when anything falls short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", help="default: all five presets", default=PRESETS)
    parser.add_argument("--scale", type=float, help="default: some 5,000 accounts each")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    outcomes = []
    print(_HEAD, flush=True)
    for world in chosen.worlds:
        scale = chosen.scale or PRESET_SCALES[world]
        for seed in chosen.seeds:
            with tempfile.TemporaryDirectory() as folder:
                outcomes.append(measure(world, seed, scale, Path(folder)))
            print(_line(outcomes[-1]), *outcomes[-1].short(), sep="  ", flush=True)
    about = {"python": platform.python_version(), "cpus": os.cpu_count(), "limits": LIMITS}
    kept = {"about": about, "presets": [outcome.as_json() for outcome in outcomes]}
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return int(any(outcome.short() for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
