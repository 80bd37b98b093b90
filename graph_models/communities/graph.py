"""A weighted graph of links whose Leiden partition depends on its structure alone.

Names and the order of edges carry no information, so nodes are renamed by structure (colour
refinement on integer weights; ties by account) before the seeded run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import graspologic_native
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graph_models.communities.potts import Graph, potts
from graph_models.communities.rules import PARTITION
from graph_models.linking.rules import CANDIDATES

__all__ = ["Ground", "components", "leiden", "mixed", "named_by_first", "partition"]

Ends = NDArray[np.int32] | NDArray[np.int64]
_ROUNDS = 3
_MIX = np.uint64(0x9E3779B97F4A7C15)


def components(a: Ends, b: Ends, nodes: int) -> NDArray[np.int64]:
    """Connected component of every node, shape (nodes,)."""
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers that look drawn at random, one for each (an xorshift-multiply hash)."""
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
        np.add.at(gathered, ends, mixed(mixed(colour[far]) + both))
        colour = mixed(colour * _MIX + gathered)
    return colour


@dataclass(frozen=True, eq=False)
class Ground:
    """What partitions of one population know beside their links, arrays (accounts,).

    ``colour``: a number that depends on whom an account is linked to. ``unlisted``: part of its
    candidate pairs that nobody looked at. Of two accounts that both have some, a pair is charged
    for only as far as it was looked at. ``outsiders``: who leaves a community for want of common
    work, by the members, where it was asked before.
    """

    colour: NDArray[np.uint64]
    unlisted: NDArray[np.float64]
    outsiders: dict[bytes, NDArray[np.int64]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, links: pd.DataFrame, accounts: int, unseen: NDArray[np.int64] | None = None
    ) -> Ground:
        """The ground of a population.

        Args:
            links: Columns a, b, millibits.
            accounts: How many accounts there are.
            unseen: How many partners of each account nobody looked at (``Candidates.unseen``), for
                which as many stayed as ``CANDIDATES`` says.
        """
        a, b, millibits = (links[name].to_numpy(np.int64) for name in ("a", "b", "millibits"))
        lost = np.zeros(accounts, np.int64) if unseen is None else unseen
        unlisted = lost / (lost + CANDIDATES.most_partners(accounts))
        return cls(_colours(a, b, millibits, accounts), unlisted)


def leiden(links: pd.DataFrame, *, resolution: float, modularity: bool, seed: int) -> pd.Series:
    """Leiden on links a, b, millibits, weight; returns labels indexed by account position.

    Args:
        links: Columns a, b (positions), millibits (structure) and weight (0..1).
        resolution: CPM density, or modularity resolution.
        modularity: Modularity instead of the constant Potts model.
        seed: Seed of the one-threaded run.
    """
    edges = _Edges.of(links)
    node, labels = _leiden(edges, resolution=resolution, modularity=modularity, seed=seed)
    return pd.Series(labels, index=node)


@dataclass(frozen=True, eq=False)
class _Edges:
    """Links as arrays, each of shape (links,)."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    millibits: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, links: pd.DataFrame) -> _Edges:
        a, b, millibits = (links[name].to_numpy(np.int64) for name in ("a", "b", "millibits"))
        return cls(a, b, millibits, links["weight"].to_numpy(np.float64))

    def take(self, at: NDArray[np.int64] | slice) -> _Edges:
        return _Edges(self.a[at], self.b[at], self.millibits[at], self.weight[at])


def _leiden(
    edges: _Edges, *, resolution: float, modularity: bool, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nodes, ascending, and the label of each."""
    node, end = np.unique(np.concatenate([edges.a, edges.b]), return_inverse=True)
    a, b = end.reshape(2, -1)
    order = np.lexsort((np.arange(len(node)), _colours(a, b, edges.millibits, len(node))))
    name = np.empty(len(node), np.int64)
    name[order] = np.arange(len(node))
    low, high = np.minimum(name[a], name[b]), np.maximum(name[a], name[b])
    by_edge = np.lexsort((high, low))
    text = [f"{rank:07d}" for rank in range(len(node))]
    # The library panics where no link weighs anything, so that the least weight is not zero.
    value = np.maximum(np.round(edges.weight, 6), 1e-6)[by_edge]
    ends = ([text[rank] for rank in end[by_edge].tolist()] for end in (low, high))
    _, found = graspologic_native.leiden(
        list(zip(*ends, value.tolist(), strict=True)),
        resolution=resolution, use_modularity=modularity, seed=seed, iterations=1,
    )  # fmt: skip
    return node, np.array([found[text[rank]] for rank in name.tolist()], dtype=np.int64)


def partition(
    links: pd.DataFrame, nodes: int, *, seed: int, ground: Ground | None = None
) -> NDArray[np.int64]:
    """Communities of linked accounts; -1 for accounts that no link touches.

    Dense components are communities as they stand; others are cut by Leiden under the constant
    Potts model, where what happens in one component never moves another.

    Args:
        links: Columns a, b, millibits, weight.
        nodes: How many accounts there are.
        seed: Seed of the order in which accounts move.
        ground: What is known of the accounts; made of the links when not given.

    Returns:
        Labels, shape (nodes,): the smallest account position of the community.
    """
    labels = np.full(nodes, -1, np.int64)
    if not len(links):
        return labels
    edges = _Edges.of(links)
    component = components(edges.a, edges.b, nodes)
    size = np.bincount(component)
    linked = size[component] >= 2
    labels[linked] = component[linked]
    inside = component[edges.a]
    loose = np.flatnonzero(_loose(size, inside, edges.weight)[inside])
    if len(loose):
        known = ground or Ground.of(links, nodes)
        node, found = _potts(edges.take(loose), seed, known)
        labels[node] = len(size) + found
    return named_by_first(labels)


def _potts(edges: _Edges, seed: int, ground: Ground) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nodes, ascending, and the community of each under the constant Potts model."""
    touched = np.zeros(len(ground.colour), np.bool_)
    touched[edges.a] = touched[edges.b] = True
    node = np.flatnonzero(touched)
    order = node[np.argsort(mixed(ground.colour[node] ^ np.uint64(seed + 1)), kind="stable")]
    name = np.empty(len(touched), np.int64)
    name[order] = np.arange(len(node))
    mass = np.column_stack([np.ones(len(node)), np.sqrt(ground.unlisted[order])])
    graph = Graph.of(name[edges.a], name[edges.b], np.maximum(edges.weight, 1e-6), mass)
    return node, potts(graph, PARTITION.density, np.arange(len(node)))[name[node]]


def _loose(
    size: NDArray[np.int64], inside: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which components a cut may improve, shape (components,).

    Two parts of a component of n, which at least one link joins, are better one whenever its weight
    exceeds what the Potts model charges for the pairs between them: at most density · n² / 4.
    """
    pairs = np.maximum(size * (size - 1) / 2, 1)
    loose: NDArray[np.bool_] = (
        np.bincount(inside, minlength=len(size)) < PARTITION.whole_density * pairs
    )
    weakest = np.ones(len(size))
    np.minimum.at(weakest, inside, weight)
    return loose & (weakest <= PARTITION.density * (size // 2) * ((size + 1) // 2))


def named_by_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rename labels to their smallest position; communities of one become -1."""
    named = np.full(len(labels), -1, np.int64)
    member = np.flatnonzero(labels >= 0)
    _, first, inverse, size = np.unique(
        labels[member], return_index=True, return_inverse=True, return_counts=True
    )
    named[member] = np.where(size[inverse] > 1, member[first][inverse], -1)
    return named
