"""One world, analysed as shipped and with families left out: every figure of the table."""

from __future__ import annotations

import json
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.belonging import Belonging
from benchmarks.quality.campaigns import (
    grouped,
    main_communities,
    mistakes,
    of_main,
    pivots,
)
from benchmarks.quality.lineage import kept_through_rounds
from benchmarks.quality.plan import Task, group_of
from benchmarks.quality.prepare import Prepared
from graph_models.analysis import analyse
from graph_models.families import families_named
from graph_models.inference import Inference
from graph_models.linking import LinkContext
from graph_models.observations import Observations
from ingest.observing.citations import register
from workbench import Workbench
from workbench.attribution import attribute
from workbench.grading import Grade, Truth, grade

__all__ = ["measure"]

FOUND = 0.5  # of a campaign's accounts
_NO_LOOK_ALIKE = ("ordinary", "reseller")


@dataclass(frozen=True, eq=False)
class _World:
    """An ingested world in memory."""

    task: Task
    obs: Observations
    indicators: pd.DataFrame
    folder: Path
    truth: Truth
    belonging: Belonging


def measure(task: Task, prepared: Prepared, folder: Path) -> None:
    """Run what is not yet in ``folder``; one JSON file a run, written as it comes."""
    missing = [without for without in task.without if not (folder / _file(task, without)).exists()]
    if not missing:
        return
    desk = Workbench.open(prepared.workspace)
    obs = desk.observations()
    truth = Truth.read(prepared.truth)
    belonging = Belonging.of(truth, obs.accounts["account"])
    indicators = register(desk.snapshot(), "indicator")
    world = _World(task, obs, indicators, prepared.truth, truth, belonging)
    for without in missing:
        text = json.dumps(_run(world, without), allow_nan=False)
        half = folder / (_file(task, without) + ".half")
        half.write_text(text, encoding="utf-8")
        half.rename(folder / _file(task, without))


def _file(task: Task, without: tuple[str, ...]) -> str:
    return task.key(without) + ".json"


def _run(world: _World, without: tuple[str, ...]) -> dict[str, Any]:
    """One run with everything that the tables need of it."""
    began, spent = time.perf_counter(), time.process_time()
    found = analyse(world.obs, without=families_named(without))
    cost = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - spent, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    graded = _graded(world, found)
    mains = main_communities(world.truth, found)
    row = _named(world.task, without) | {
        "figures": _figures(graded) | _of_campaigns(world, found, mains) | cost,
        "accused_by_kind": dict(graded.accused_by_kind),
        "campaigns": mains,
        "mistakes": mistakes(world.truth, found),
        "largest": graded.largest.as_json() if graded.largest else None,
        "calibration": {"campaign": world.belonging.communities(found)},
    }
    if len(world.task.without) > 1:
        row["survivors"] = _survivors(found)
    if without:
        return row
    row["figures"]["lineage_kept"] = kept_through_rounds(world.task.trial)
    return row | _as_shipped(world, found, row["calibration"])


def _named(task: Task, without: tuple[str, ...]) -> dict[str, Any]:
    """Which run it is."""
    trial = task.trial
    return {
        "world": trial.world,
        "seed": trial.seed,
        "scale": trial.scale,
        "absent": list(trial.absent),
        "without": list(without),
        "group": group_of(trial, without),
    }


def _of_campaigns(
    world: _World, found: Inference, mains: list[dict[str, Any]]
) -> dict[str, float | None]:
    guilty = pd.Series(world.belonging.guilty, index=world.belonging.index)
    told = {"pivot_told": pivots(mains, world.obs.calendar, world.folder), "lineage_kept": None}
    return of_main(mains) | grouped(found, guilty) | told


def _as_shipped(world: _World, found: Inference, known: dict[str, Any]) -> dict[str, Any]:
    """What only the run with all families tells: chance, and probabilities of pairs and members."""
    pairs = world.belonging.pairs(LinkContext.of(world.obs))
    return {
        "chance": [float(f"{c.chance_p:.6g}") for c in found.communities],
        "calibration": known | {"pair": pairs, "member": world.belonging.members(found)},
    }


def _graded(world: _World, found: Inference) -> Grade:
    accounts = world.obs.accounts
    accused = [c for c in found.communities if c.assessment.assessed_as == "campaign"]
    known = accused if len(world.indicators) else []
    return grade(
        found.members,
        found.communities,
        world.folder,
        exchanges=dict(zip(accounts["account"], accounts["exchanges"], strict=True)),
        attributions=[attribute(c, found.members, world.obs, world.indicators) for c in known],
    )


def _figures(graded: Grade) -> dict[str, float | None]:
    """The grade as flat figures."""
    whole = graded.as_json()
    kinds = graded.accused_by_kind
    planted = graded.campaigns
    found = [campaign.found / campaign.size >= FOUND for campaign in planted]
    largest = graded.largest
    return {
        "account_precision": whole["account"]["precision"],
        "account_recall": whole["account"]["recall"],
        "pair_precision": whole["pair"]["precision"],
        "pair_recall": whole["pair"]["recall"],
        "b3_f1": whole["b3"]["f1"],
        "weighted_precision": graded.weighted_precision,
        "cells_ari": graded.cells_ari,
        "cells_b3_f1": whole["cells"]["b3"]["f1"],
        "traffic_precision": whole["traffic"]["precision"],
        "traffic_recall": whole["traffic"]["recall"],
        "traffic_f1": whole["traffic"]["f1"],
        "campaigns_found": float(np.mean(found)) if planted else None,
        "innocents_accused": float(graded.benign_accused),
        "look_alikes_accused": float(
            sum(n for kind, n in kinds.items() if kind not in _NO_LOOK_ALIKE)
        ),
        "resold_accused": graded.reseller_customers_accused,
        "operator_top1": graded.operator.top1,
        "largest_accounts": float(largest.accounts) if largest else None,
        "largest_innocent": float(2 * largest.guilty < largest.accounts) if largest else None,
    }


def _survivors(found: Inference) -> dict[str, list[list[str]]]:
    """Communities by name: families said to be survived, and all members (for brute force)."""
    accounts = found.members.groupby("community")["account"].agg(sorted)
    return {
        c.community: [list(c.robust_to), list(accounts[c.community])] for c in found.communities
    }
