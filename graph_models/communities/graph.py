"""A weighted graph of links whose Leiden partition depends on its structure alone.

Names and the order of edges carry no information, so nodes are renamed by structure (colour
refinement on integer weights; ties by account) and edges sorted before the seeded run.
"""

from __future__ import annotations

import graspologic_native
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graph_models.communities.rules import PARTITION

__all__ = ["components", "leiden", "named_by_first", "partition"]

_ROUNDS = 3
_MIX = np.uint64(0x9E3779B97F4A7C15)


def components(a: NDArray[np.int32], b: NDArray[np.int32], nodes: int) -> NDArray[np.int64]:
    """Connected component of every node, shape (nodes,)."""
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = (value ^ (value >> np.uint64(31))) * _MIX
    return value ^ (value >> np.uint64(29))


def _colours(
    a: NDArray[np.int64], b: NDArray[np.int64], weight: NDArray[np.int64], nodes: int
) -> NDArray[np.uint64]:
    """A number per node that depends on its weighted neighbourhood only, shape (nodes,)."""
    ends = np.concatenate([a, b])
    far = np.concatenate([b, a])
    both = np.concatenate([weight, weight]).astype(np.uint64)
    colour = np.zeros(nodes, np.uint64)
    for _ in range(_ROUNDS):
        gathered = np.zeros(nodes, np.uint64)
        np.add.at(gathered, ends, _mixed(_mixed(colour[far]) + both))
        colour = _mixed(colour * _MIX + gathered)
    return colour


def leiden(links: pd.DataFrame, *, resolution: float, modularity: bool, seed: int) -> pd.Series:
    """Leiden on links a, b, millibits, weight; returns labels indexed by account position.

    Args:
        links: Columns a, b (positions), millibits (structure) and weight (0..1).
        resolution: CPM density, or modularity resolution.
        modularity: Modularity instead of the constant Potts model.
        seed: Seed of the one-threaded run.
    """
    node, end = np.unique(links[["a", "b"]].to_numpy().ravel(), return_inverse=True)
    a, b = end.reshape(-1, 2).T
    weight = links["millibits"].to_numpy(dtype=np.int64)
    order = np.lexsort((np.arange(len(node)), _colours(a, b, weight, len(node))))
    name = np.empty(len(node), np.int64)
    name[order] = np.arange(len(node))
    low, high = np.minimum(name[a], name[b]), np.maximum(name[a], name[b])
    by_edge = np.lexsort((high, low))
    text = [f"{rank:07d}" for rank in range(len(node))]
    # The library panics where no link weighs anything, so that the least weight is not zero.
    value = np.maximum(np.round(links["weight"].to_numpy(dtype=np.float64), 6), 1e-6)
    edges = [(text[low[edge]], text[high[edge]], float(value[edge])) for edge in by_edge.tolist()]
    _, found = graspologic_native.leiden(
        edges, resolution=resolution, use_modularity=modularity, seed=seed, iterations=1
    )
    labels = np.array([found[text[rank]] for rank in name.tolist()], dtype=np.int64)
    return pd.Series(labels, index=node)


def partition(links: pd.DataFrame, nodes: int, *, seed: int) -> NDArray[np.int64]:
    """Communities of linked accounts; -1 for accounts that no link touches.

    Dense components are communities as they stand; others are cut by Leiden under the constant
    Potts model, each on its own, so that what happens in one never moves another.

    Args:
        links: Columns a, b, millibits, weight.
        nodes: How many accounts there are.
        seed: Seed of every Leiden run.

    Returns:
        Labels, shape (nodes,): the smallest account position of the community.
    """
    labels = np.full(nodes, -1, np.int64)
    if not len(links):
        return labels
    component = components(links["a"].to_numpy(), links["b"].to_numpy(), nodes)
    size = np.bincount(component)
    linked = size[component] >= 2
    labels[linked] = component[linked]
    inside = component[links["a"].to_numpy()]
    pairs = np.maximum(size * (size - 1) / 2, 1)
    loose = np.bincount(inside, minlength=len(size)) < PARTITION.whole_density * pairs
    cut = loose[inside]
    base = len(size)
    for _, part in links[cut].groupby(inside[cut], sort=True):
        found = leiden(part, resolution=PARTITION.density, modularity=False, seed=seed)
        labels[found.index.to_numpy()] = base + found.to_numpy()
        base += int(found.max()) + 1
    return named_by_first(labels)


def named_by_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rename labels to their smallest position; communities of one become -1."""
    named = np.full(len(labels), -1, np.int64)
    member = np.flatnonzero(labels >= 0)
    _, first, inverse, size = np.unique(
        labels[member], return_index=True, return_inverse=True, return_counts=True
    )
    named[member] = np.where(size[inverse] > 1, member[first][inverse], -1)
    return named
