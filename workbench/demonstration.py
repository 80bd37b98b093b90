"""The main job end to end on a synthetic world: what ``make demo`` and ``workbench demo`` run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures import synthesise
from graph_models.errors import UsageError
from graph_models.stores import open_store
from workbench.library import Workbench

__all__ = ["Demo", "run"]


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What to demonstrate, and where. The world's files lie in ``workspace``/../<name>.world."""

    world: str
    workspace: Path
    seed: int | None = None
    scale: float = 1.0
    store: str = "embedded:"

    @property
    def data(self) -> Path:
        """Where the world's files go: beside the workspace, so that the app can show them."""
        return self.workspace.with_name(self.workspace.name + ".world")


def run(job: Demo, *, progress: Callable[..., None] | None = None) -> Mapping[str, Any]:
    """Synthesise, ingest, analyse and grade; the JSON of ``workbench demo`` (contract §1)."""
    say = progress or (lambda *_: None)
    started = time.perf_counter()
    # A store that does not answer is told before anything is removed or made.
    open_store(job.store, job.workspace).published()
    _start_afresh(job)
    say(f"making the world {job.world} (synthetic)")
    report = synthesise(job.world, job.data, seed=job.seed, scale=job.scale, progress=progress)
    desk = Workbench.open(job.workspace, store=job.store, create=True)
    say("ingesting")
    loaded = desk.ingest([job.data], progress=progress)
    loaded.raise_for_refused()
    analysis = desk.analyse(progress=progress)
    found = desk.grade(job.data.with_name(job.data.name + ".truth"))
    return {
        "workspace": str(job.workspace),
        "world": job.world,
        "accounts": report.accounts,
        "exchanges": report.exchanges,
        "snapshot": analysis.snapshot,
        "communities": analysis.communities,
        "found": found.as_json(),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _start_afresh(job: Demo) -> None:
    """Remove what an earlier demo left; never a folder that is not a demo's."""
    truth = job.data.with_name(job.data.name + ".truth")
    if job.workspace.exists() and not job.data.exists():
        raise UsageError(
            "The demo's workspace exists and is not a demo's.",
            where=str(job.workspace),
            fix="Name another one: workbench demo --workspace DIR",
        )
    for folder in (job.workspace, job.data, truth):
        shutil.rmtree(folder, ignore_errors=True)
