"""Leiden under the constant Potts model on arrays, compiled, for components of many links.

The algorithm of Traag, Waltman and van Eck (2019): move nodes while that gains, refine what came
out so that no community falls apart, make nodes of its parts, and over again. Without chance: a
node joins what gains most, in an order that is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

__all__ = ["Graph", "potts", "quality"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_LEAST = 1e-9  # a gain below it is the rounding of sums
_MOST_ROUNDS = 3  # what more would gain is less than another order of the nodes does
_ONCE = 1_000_000  # links beyond which one round must do: the others gain a thousandth


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected weighted graph by rows, both directions of each link.

    ``start`` (nodes + 1,); ``far`` and ``weight`` (2 · links,): the other end, and a positive
    weight; ``mass`` (nodes, 2): how many a node stands for, and how much of it is unlisted. A pair
    of nodes is charged for as the product of the first less the product of the second.
    """

    start: Ints
    far: NDArray[np.int32]
    weight: Floats
    mass: Floats

    @classmethod
    def of(cls, a: Ints, b: Ints, weight: Floats, mass: Floats) -> Graph:
        """The graph of links between nodes 0…, each of which is listed once; all (links,)."""
        nodes = len(mass)
        ends = (np.concatenate([a, b]), np.concatenate([b, a]))
        return cls._rows(csr_array((np.tile(weight, 2), ends), shape=(nodes, nodes)), mass)

    @classmethod
    def _rows(cls, table: csr_array, mass: Floats) -> Graph:
        return cls(table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data, mass)

    def joined(self, label: Ints) -> Graph:
        """The graph whose nodes are the groups 0… of this one's; what is inside them is left."""
        groups = int(label.max()) + 1
        row = np.repeat(label, np.diff(self.start))
        column = label[self.far]
        out = row != column
        table = csr_array((self.weight[out], (row[out], column[out])), shape=(groups, groups))
        return self._rows(table, _summed(self.mass, label, groups))

    @property
    def _arrays(self) -> tuple[Ints, NDArray[np.int32], Floats, Floats]:
        return self.start, self.far, self.weight, self.mass

    def moved(self, label: Ints, order: Ints, resolution: float) -> Ints:
        """Communities after nodes have moved until none gains; ids are any of 0…nodes - 1."""
        found: Ints = _moved(self._arrays, label.copy(), order, resolution)
        return found

    def refined(self, label: Ints, order: Ints, resolution: float) -> Ints:
        """Parts of communities, each held together by what it gains; ids are those of nodes."""
        found: Ints = _refined(self._arrays, label, order, resolution)
        return found


def potts(graph: Graph, resolution: float, order: Ints) -> Ints:
    """Communities of a graph, such that no node and no part of one gains by a move.

    Args:
        graph: The graph; nodes without links stay alone.
        resolution: Least density of links inside a community.
        order: The nodes in the order in which they may move first.

    Returns:
        Labels 0… without gaps, shape (nodes,).
    """
    label = np.arange(len(graph.mass))
    for _ in range(_MOST_ROUNDS if len(graph.far) <= 2 * _ONCE else 1):
        again = _improved(graph, label, resolution, order)
        if (again == label).all():
            break
        label = again
    return _named(label)[0]


def _improved(graph: Graph, label: Ints, resolution: float, order: Ints) -> Ints:
    """One round: communities named after their first nodes, shape (nodes,)."""
    belongs = np.arange(len(label))  # the node of the current graph that each node is part of
    while True:
        label = graph.moved(label, order, resolution)
        parts, whole = _named(graph.refined(label, order, resolution))
        if whole == len(label):
            return _firsts(label[belongs])
        community = np.empty(whole, np.int64)
        community[parts] = label
        rank = np.full(whole, len(order), np.int64)
        np.minimum.at(rank, parts[order], np.arange(len(order)))
        graph, order, belongs = graph.joined(parts), np.argsort(rank), parts[belongs]
        label = _named(community)[0]


def _firsts(label: Ints) -> Ints:
    first = np.full(int(label.max(initial=-1)) + 1, len(label))
    np.minimum.at(first, label, np.arange(len(label)))
    return first[label]


def quality(graph: Graph, label: Ints, resolution: float) -> float:
    """Weight inside communities less what their pairs are charged for."""
    row = np.repeat(label, np.diff(graph.start))
    inside = float(graph.weight[row == label[graph.far]].sum()) / 2
    whole = _summed(graph.mass, label, int(label.max()) + 1)
    pairs = [float((part**2).sum(axis=0) @ (1, -1)) / 2 for part in (whole, graph.mass)]
    return inside - resolution * (pairs[0] - pairs[1])


def _summed(mass: Floats, label: Ints, groups: int) -> Floats:
    return np.column_stack([np.bincount(label, column, minlength=groups) for column in mass.T])


def _named(label: Ints) -> tuple[Ints, int]:
    """Labels renamed 0… in their order, and how many there are."""
    used = np.zeros(int(label.max(initial=-1)) + 1, np.bool_)
    used[label] = True
    return (np.cumsum(used) - 1)[label], int(used.sum())


@njit(cache=True)
def _ties(graph, label, node, tie, met):  # type: ignore[no-untyped-def]
    """Weight from a node to every label next to it, in ``tie``; which they are, in ``met``."""
    start, far, weight, _ = graph
    count = 0
    for at in range(start[node], start[node + 1]):
        near = label[far[at]]
        if tie[near] == 0.0:
            met[count] = near
            count += 1
        tie[near] += weight[at]
    return count


@njit(cache=True)
def _charge(one, other):  # type: ignore[no-untyped-def]
    return one[0] * other[0] - one[1] * other[1]


@njit(cache=True)
def _best(seen, tie, total, own, mass):  # type: ignore[no-untyped-def]
    """The community that gains most, its own if it can; -1 for none; ``tie`` is cleared."""
    best, most = own, tie[own] - _charge(mass, total[own])
    for near in seen:
        gain = tie[near] - _charge(mass, total[near])
        if gain > most + _LEAST:
            best, most = near, gain
        tie[near] = 0.0
    return -1 if most < -_LEAST else best


@njit(cache=True)
def _sums(label, mass):  # type: ignore[no-untyped-def]
    total, size = np.zeros(mass.shape), np.zeros(len(mass), np.int64)
    for node in range(len(mass)):
        total[label[node]] += mass[node]
        size[label[node]] += 1
    return total, size


@njit(cache=True)
def _placed(node, new, state):  # type: ignore[no-untyped-def]
    """Put a node into a community, or where nobody is (-1); returns where it went."""
    label, size, empty, spare = state
    own = label[node]
    if new < 0 and size[own] > 1:
        spare[0] -= 1
        new = empty[spare[0]]
    if new < 0 or new == own:
        return own
    size[own] -= 1
    size[new] += 1
    label[node] = new
    if size[own] == 0:
        empty[spare[0]] = own
        spare[0] += 1
    return new


@njit(cache=True)
def _moved(graph, label, order, resolution):  # type: ignore[no-untyped-def]
    start, far, _, mass = graph
    nodes = len(mass)
    total, size = _sums(label, mass)
    empty, spare = np.zeros(nodes, np.int64), np.zeros(1, np.int64)
    for name in range(nodes):
        if size[name] == 0:
            empty[spare[0]] = name
            spare[0] += 1
    tie, met = np.zeros(nodes), np.empty(nodes, np.int64)
    queue, waiting = order.copy(), np.ones(nodes, np.bool_)
    head, length = 0, nodes
    while length:
        node = queue[head]
        head, length = (head + 1) % nodes, length - 1
        waiting[node] = False
        own = label[node]
        total[own] -= mass[node]
        count = _ties(graph, label, node, tie, met)
        best = _best(met[:count], tie, total, own, resolution * mass[node])
        new = _placed(node, best, (label, size, empty, spare))
        if size[own] == 0:
            total[own] = 0.0
        total[new] += mass[node]
        for at in range(start[node], start[node + 1] if new != own else start[node]):
            other = far[at]
            if not waiting[other] and label[other] != new:
                queue[(head + length) % nodes] = other
                length += 1
                waiting[other] = True
    return label


@njit(cache=True)
def _inner(graph, label):  # type: ignore[no-untyped-def]
    """Weight from each node to the others of its community."""
    start, far, weight, mass = graph
    inner = np.zeros(len(mass))
    for node in range(len(mass)):
        for at in range(start[node], start[node + 1]):
            if label[far[at]] == label[node]:
                inner[node] += weight[at]
    return inner


@njit(cache=True)
def _refined(graph, label, order, resolution):  # type: ignore[no-untyped-def]
    mass = graph[3]
    nodes = len(mass)
    whole, _ = _sums(label, mass)
    part, total, inner = np.arange(nodes), mass.copy(), _inner(graph, label)
    alone = np.ones(nodes, np.bool_)
    tie, met = np.zeros(nodes), np.empty(nodes, np.int64)
    for node in order:
        mine, all_of = resolution * mass[node], whole[label[node]]
        if not alone[node] or inner[node] < _charge(mine, all_of - mass[node]) - _LEAST:
            continue
        count = _ties(graph, part, node, tie, met)
        best, most, joined = node, _LEAST, 0.0
        for near in met[:count]:
            # A part has the name of a node in it, so that its community is that node's.
            gain = tie[near] - _charge(mine, total[near])
            if label[near] == label[node] and gain > most:
                firm = resolution * _charge(total[near], all_of - total[near])
                if inner[near] >= firm - _LEAST:
                    best, most, joined = near, gain, tie[near]
            tie[near] = 0.0
        if best != node:
            part[node], alone[node], alone[best] = best, False, False
            total[best] += mass[node]
            inner[best] += inner[node] - 2 * joined
    return part
