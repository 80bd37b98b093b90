"""Accounts and identifiers of our own worlds as a plain table, without anything else we know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers.table import Table
from benchmarks.quality.belonging import Belonging
from benchmarks.quality.plan import Task
from benchmarks.quality.prepare import prepare
from fixtures.splits import Trial
from graph_models.observations import Observations
from workbench.grading import Truth
from workbench.library import Workbench

__all__ = ["identifiers", "world_table"]


def world_table(trial: Trial, cache: Path) -> Table:
    """The world's accounts by identifiers, made and ingested when it is not there."""
    made = prepare(Task(trial), cache)
    obs = Workbench.open(made.workspace).observations()
    name = f"{trial.world}-x{trial.scale:g}"
    return identifiers(obs, Truth.read(made.truth), name=name, seed=trial.seed)


def identifiers(obs: Observations, truth: Truth, *, name: str, seed: int) -> Table:
    """The table, and who is controlled by whom: campaigns and innocent groups run together."""
    sightings = obs.sightings
    values = obs.identifiers.iloc[sightings["identifier"].to_numpy()]
    names = obs.accounts["account"].astype(str)
    rows = pd.DataFrame({
        "account": names.to_numpy()[sightings["account"]],
        "type": values["kind"].astype(str).to_numpy(),
        "value": values["value"].astype(str).to_numpy(),
        "first_seen": _text(sightings["first"]),
        "last_seen": _text(sightings["last"]),
        "weight": sightings["count"].astype(str).to_numpy(),
    })  # fmt: skip
    belonging = Belonging.of(truth, obs.accounts["account"])
    group = belonging.controlled
    own = np.where(group >= 0, "g" + pd.Series(group).astype(str), "one:" + names)
    told = pd.Series(own, index=names.to_numpy())[belonging.any_group != -2]
    told = told[told.index.isin(rows["account"])]
    return Table(name=name, seed=seed, attributes=rows, truth=told)


def _text(times: pd.Series) -> list[str]:
    return [when.isoformat() + "Z" if pd.notna(when) else "" for when in times]
