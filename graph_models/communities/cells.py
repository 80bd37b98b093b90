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

_HELD = [Family.INSTRUMENT.value, Family.DEVICE.value]
_MIN_MILLIBITS = 3000  # three bits of infrastructure, as a candidate pair needs
_ONE_CELL = 6  # a community this small is one cell, save members who share no infrastructure


def cells_of(links: pd.DataFrame, labels: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Cell label of every account: its smallest position; accounts without one stand alone.

    Leiden by modularity on the bits of infrastructure inside each community, beyond what any two
    members share: cells differ by whom they share with, not by a density that anyone could state
    beforehand, and the proxy pool that everybody uses joins no cell.
    """
    cell = np.where(labels >= 0, np.arange(len(labels)), -1)
    sizes = {label: len(who) for label, who in members_by_label(labels).items()}
    inside = links[_inside(links, labels)]
    for label, whole in inside.groupby(labels[inside["a"].to_numpy()], sort=True):
        size, plain = sizes[int(label)], _strong(whole, 0)
        if plain.empty:
            continue
        who = np.unique(plain[["a", "b"]].to_numpy())
        if size <= _ONE_CELL:
            cell[who] = who.min()
            continue
        fellows = whole[whole["a"].isin(who) & whole["b"].isin(who)]
        beyond = _strong(whole, _common(fellows, len(who)))
        part = plain if beyond.empty else beyond  # where all share all there is one cell
        found = leiden(part, resolution=PARTITION.cell_resolution, modularity=True, seed=seed)
        first = found.index.to_series().groupby(found.to_numpy()).min()
        cell[found.index.to_numpy()] = found.map(first).to_numpy()
    return cell


def placed(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which accounts share infrastructure with a fellow member, shape (accounts,)."""
    found = np.zeros(len(labels), bool)
    strong = _strong(links[_inside(links, labels)], 0)
    found[strong[["a", "b"]].to_numpy().ravel()] = True
    return found


def _inside(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which links join members of one community."""
    a = links["a"].to_numpy()
    joined: NDArray[np.bool_] = (labels[a] >= 0) & (labels[a] == labels[links["b"].to_numpy()])
    return joined


def _common(links: pd.DataFrame, size: int) -> int:
    """Millibits of addresses that half of all pairs of members share; unlinked pairs share none.

    Only addresses: a pool of proxies is everybody's, while a card or a machine is in some hands.
    """
    pairs = size * (size - 1) // 2
    place = pairs // 2 - (pairs - len(links))
    return int(np.sort(links[Family.NETWORK.value].to_numpy())[place]) if place >= 0 else 0


def _strong(links: pd.DataFrame, common: int) -> pd.DataFrame:
    """Links with three bits of cards, devices and uncommon addresses, and those bits."""
    network = np.maximum(links[Family.NETWORK.value].to_numpy() - common, 0)
    bits = network + links[_HELD].to_numpy().sum(axis=1)
    keep = bits >= _MIN_MILLIBITS
    strong: pd.DataFrame = links[keep].assign(millibits=bits[keep], weight=bits[keep] / 1000)
    return strong
