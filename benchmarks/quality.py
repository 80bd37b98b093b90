"""Ten seeds end to end, the worst reported: ``make quality``. One shipped configuration.

Worlds: quickstart (find the guilty, spare the innocent), all-benign (accuse nobody), rewired
(chance p-values uniform: Kolmogorov–Smirnov against U(0, 1) over all communities of all seeds).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scipy.stats import kstest

RESULTS = Path(__file__).parent / "results" / "quality.json"


def demo(world: str, seed: int, folder: Path) -> dict[str, Any]:
    """Run the main job in a process of its own, as a user would; returns its JSON."""
    workspace = folder / f"{world}-{seed}"
    command = [sys.executable, "-m", "workbench"]
    run = [*command, "demo", "--no-serve", "--json", "--world", world, "--seed", str(seed)]
    done = subprocess.run(
        [*run, "--workspace", str(workspace)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    listed = [*command, "communities", "--json", "--min-size", "0", "--workspace", str(workspace)]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    communities = json.loads(done.stdout)
    found["chance_p"] = [item["chance_p"] for item in communities]
    found["campaign_p"] = [
        item["chance_p"] for item in communities if item["assessed_as"] == "campaign"
    ]
    return found


def row(seed: int, result: dict[str, Any]) -> dict[str, Any]:
    """The figures of one seed that the table shows."""
    grade = result["found"]
    return {
        "seed": seed,
        "precision": grade["account"]["precision"],
        "recall": grade["account"]["recall"],
        "reseller": grade["reseller_customers_accused"],
        "benign": grade["benign_accused"],
        "accused_by_kind": grade["accused_by_kind"],
        "b3": grade["b3"],
        "cells": grade["cells"]["ari"],
        "largest_p": max(result["campaign_p"], default=None),
        "communities": result["communities"],
        "seconds": result["seconds"],
    }


def measure(seeds: Sequence[int]) -> dict[str, Any]:
    """All worlds on all seeds."""
    table: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for world in ("quickstart", "all-benign", "rewired"):
            results = [demo(world, seed, Path(scratch)) for seed in seeds]
            table[world] = [row(*pair) for pair in zip(seeds, results, strict=True)]
            if world == "rewired":
                chances = [p for result in results for p in result["chance_p"]]
                test = kstest(chances, "uniform") if chances else None
                table["uniformity"] = {
                    "n": len(chances),
                    "ks": float(test.statistic) if test else None,
                    "p": float(test.pvalue) if test else None,
                }
    return table


def main() -> None:
    """Measure, print each seed and the worst, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(101, 111)))
    table = measure(parser.parse_args().seeds)
    for world in ("quickstart", "all-benign", "rewired"):
        print(f"\n{world}")
        for line in table[world]:
            print("  " + json.dumps(line))
    quick = table["quickstart"]
    print("\nworst of quickstart:",
          f"precision {min(line['precision'] or 0 for line in quick):.3f},",
          f"recall {min(line['recall'] or 0 for line in quick):.3f},",
          f"reseller's customers {max(line['reseller'] for line in quick):.4f}")  # fmt: skip
    print("all-benign accused:", sum(line["benign"] for line in table["all-benign"]))
    print("rewired uniformity:", table["uniformity"])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
