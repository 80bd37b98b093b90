"""Twenty runs of one small world, each a process of its own, must conclude the same bit for bit.

Every process has another hash seed; every second one reads the files' rows in another order, and
the files under other names. ``python -m benchmarks.quality.repeat FOLDER`` is one such run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from fixtures import synthesise
from graph_models.analysis import analyse
from graph_models.inference import Inference
from workbench import Workbench

__all__ = ["Repeated", "conclusion", "repeated", "shuffled"]

SMALL = ("quickstart", 0.05)


@dataclass(frozen=True)
class Repeated:
    """How many of the runs concluded what most did."""

    runs: int
    same: int
    shuffled: int

    def as_json(self) -> dict[str, int]:
        """Plain values."""
        return asdict(self)


def repeated(runs: int, *, seed: int = 1) -> Repeated:
    """Ingest and analyse one small world ``runs`` times; odd runs read shuffled files."""
    world, scale = SMALL
    with tempfile.TemporaryDirectory() as scratch:
        logs = Path(scratch) / "logs"
        synthesise(world, logs, seed=seed, scale=scale)
        answers = []
        for run in range(runs):
            folder = logs
            if run % 2:
                folder = Path(scratch) / f"shuffled-{run}"
                shuffled(logs, folder, seed=run)
            answers.append(_in_a_process(folder, hash_seed=run))
            if run % 2:
                shutil.rmtree(folder)
    return Repeated(runs, max(Counter(answers).values()), runs // 2)


def shuffled(logs: Path, out: Path, *, seed: int) -> None:
    """The same files with their rows in another order, under names in another order."""
    rng = np.random.default_rng(seed)
    for path in sorted(logs.rglob("*")):
        if not path.is_file():
            continue
        to = out / path.relative_to(logs)
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".parquet":
            shutil.copy(path, to)
            continue
        table = pq.read_table(path, partitioning=None)
        place = to.with_name(f"{rng.integers(1 << 30):08x}-{to.name}")
        pq.write_table(table.take(rng.permutation(len(table))), place)


def conclusion(found: Inference) -> str:
    """A digest of everything concluded: links with their bits, members, communities in full."""
    digest = hashlib.sha256()
    for table in (found.links, found.members):
        digest.update(table.to_csv(index=False).encode())
    communities = [community.as_json() for community in found.communities]
    digest.update(json.dumps(communities, sort_keys=True).encode())
    return digest.hexdigest()


def _in_a_process(logs: Path, *, hash_seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quality.repeat", str(logs)],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _one(logs: Path) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        desk = Workbench.open(Path(scratch) / "workspace", create=True)
        desk.ingest([logs]).raise_for_refused()
        return conclusion(analyse(desk.observations()))


if __name__ == "__main__":
    print(_one(Path(sys.argv[1])))
