"""Each world is synthesised and ingested once and kept for later runs."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.plan import Task
from fixtures import synthesise
from fixtures.synthesis import GENERATOR
from workbench import Workbench

__all__ = ["Prepared", "prepare", "sources_digest"]

ROOT = Path(__file__).parents[2]
_DONE = "done.json"


@dataclass(frozen=True)
class Prepared:
    """Where an ingested world and its truth lie."""

    workspace: Path
    truth: Path


def sources_digest(*packages: str) -> str:
    """Eight hex digits over all sources of some packages: what was measured with what."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def prepare(task: Task, cache: Path, *, reuse: bool = False) -> Prepared:
    """The ingested world of a task, made when it is not there.

    Args:
        task: Names the world.
        cache: Folder that keeps worlds between runs.
        reuse: Take a world of the same generator version even when sources changed since.
    """
    made_by = GENERATOR if reuse else f"{GENERATOR}-{sources_digest('fixtures', 'ingest')}"
    folder = cache / "worlds" / made_by / task.slug
    found = Prepared(folder / "workspace", folder / "logs.truth")
    if (folder / _DONE).is_file():
        return found
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began, spent = time.perf_counter(), time.process_time()
    logs, trial = folder / "logs", task.trial
    made = synthesise(trial.sheet(), logs, seed=trial.seed, scale=trial.scale)
    loaded = Workbench.open(found.workspace, create=True).ingest([logs])
    loaded.raise_for_refused()
    shutil.rmtree(logs)
    cost = {
        "accounts": made.accounts,
        "exchanges": made.exchanges,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
    }
    (folder / _DONE).write_text(json.dumps(cost), encoding="utf-8")
    return found
