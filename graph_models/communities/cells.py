"""Cells: members of one community who share cards, machines or networks more closely."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import members_by_label
from graph_models.communities.graph import leiden
from graph_models.communities.rules import PARTITION
from graph_models.families import Family

__all__ = ["cells_of", "placed"]

_SHARED = [Family.INSTRUMENT.value, Family.DEVICE.value, Family.NETWORK.value]
_MIN_MILLIBITS = 3000  # three bits of infrastructure, as a candidate pair needs
_ONE_CELL = 6  # a community this small is one cell, save members who share no infrastructure


def cells_of(links: pd.DataFrame, labels: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Cell label of every account: its smallest position; accounts without one stand alone.

    Leiden by modularity on the bits of infrastructure inside each community: cells differ by whom
    they share with, not by a density that anyone could state beforehand.
    """
    cell = np.where(labels >= 0, np.arange(len(labels)), -1)
    usable = _infrastructure(links, labels)
    sizes = {label: len(who) for label, who in members_by_label(labels).items()}
    for label, part in usable.groupby(labels[usable["a"].to_numpy()], sort=True):
        if sizes[int(label)] <= _ONE_CELL:
            who = np.unique(part[["a", "b"]].to_numpy())
            cell[who] = who.min()
            continue
        found = leiden(part, resolution=PARTITION.cell_resolution, modularity=True, seed=seed)
        first = found.index.to_series().groupby(found.to_numpy()).min()
        cell[found.index.to_numpy()] = found.map(first).to_numpy()
    return cell


def placed(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which accounts share infrastructure with a fellow member, shape (accounts,)."""
    found = np.zeros(len(labels), bool)
    found[_infrastructure(links, labels)[["a", "b"]].to_numpy().ravel()] = True
    return found


def _infrastructure(links: pd.DataFrame, labels: NDArray[np.int64]) -> pd.DataFrame:
    """Links inside communities with three bits of cards, devices and addresses, and those bits."""
    a = links["a"].to_numpy()
    inside = (labels[a] >= 0) & (labels[a] == labels[links["b"].to_numpy()])
    bits = links[_SHARED].to_numpy().sum(axis=1)
    keep = inside & (bits >= _MIN_MILLIBITS)
    strong: pd.DataFrame = links[keep].assign(millibits=bits[keep], weight=bits[keep] / 1000)
    return strong
