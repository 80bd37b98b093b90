"""Leiden on arrays against the library's, against the best of all partitions, and by itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from graph_models.communities.graph import Ground, components, leiden, partition
from graph_models.communities.potts import Graph, potts, quality
from graph_models.communities.rules import PARTITION
from graph_models.communities.spared import spared
from graph_models.linking import PairView

DENSITY = PARTITION.density


def _graph(links: pd.DataFrame, nodes: int, *, unlisted: float = 0.0) -> Graph:
    a, b = links["a"].to_numpy(np.int64), links["b"].to_numpy(np.int64)
    mass = np.column_stack([np.ones(nodes), np.full(nodes, np.sqrt(unlisted))])
    return Graph.of(a, b, links["weight"].to_numpy(np.float64), mass)


def _links(ends: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    a, b = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0).T
    millibits = rng.integers(12_000, 20_000, len(a))
    weight = rng.uniform(0.5, 1.0, len(a))
    return pd.DataFrame({"a": a, "b": b, "millibits": millibits, "weight": weight})


def _lfr(seed: int, mixing: float) -> pd.DataFrame:
    made = nx.LFR_benchmark_graph(
        600,
        2.5,
        1.5,
        mixing,
        average_degree=10,
        max_degree=50,
        min_community=30,
        max_iters=2000,
        seed=seed,
    )
    return _links(np.array(made.edges()), np.random.default_rng(seed))


def _random(seed: int, nodes: int, chance: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ends = np.argwhere(np.triu(rng.random((nodes, nodes)) < chance, 1))
    return _links(ends, rng)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mixing", [0.1, 0.4])
def test_it_is_as_good_as_the_library(seed: int, mixing: float) -> None:
    links = _lfr(seed, mixing)
    graph = _graph(links, 600)
    found = leiden(links, resolution=DENSITY, modularity=False, seed=seed).reindex(range(600))
    theirs = quality(graph, found.to_numpy(np.int64), DENSITY)
    ours = quality(graph, potts(graph, DENSITY, np.arange(600)), DENSITY)
    assert ours >= 0.995 * theirs > 0


def _partitions(nodes: int) -> list[list[int]]:
    grown = [[0]]
    for _ in range(nodes - 1):
        grown = [[*one, new] for one in grown for new in range(max(one) + 2)]
    return grown


@pytest.mark.parametrize("density", [0.3, 0.6])
def test_small_graphs_are_cut_nearly_as_well_as_they_can_be(density: float) -> None:
    best = []
    for seed in range(12):
        graph = _graph(_random(seed, 7, 0.45), 7)
        most = max(quality(graph, np.array(one), density) for one in _partitions(7))
        best.append(quality(graph, potts(graph, density, np.arange(7)), density) >= most - 1e-9)
    assert sum(best) >= 10


@pytest.mark.parametrize("seed", range(4))
def test_in_the_end_no_move_gains_and_communities_hang_together(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_models.communities.potts._MOST_ROUNDS", 20)
    links = _random(seed, 80, 0.06)
    graph = _graph(links, 80)
    label = potts(graph, 0.2, np.random.default_rng(seed).permutation(80))
    whole = quality(graph, label, 0.2)
    for node in range(80):
        for other in range(label.max() + 2):
            moved = label.copy()
            moved[node] = other
            assert quality(graph, moved, 0.2) <= whole + 1e-6
    inside = links[label[links["a"]] == label[links["b"]]]
    parts = components(inside["a"].to_numpy(), inside["b"].to_numpy(), 80)
    assert len(np.unique(parts)) == label.max() + 1


def test_what_happens_in_one_component_moves_no_other() -> None:
    parts = [_random(seed, 60, 0.08).assign(base=60 * seed) for seed in range(4)]
    links = pd.concat(parts, ignore_index=True)
    links["a"], links["b"] = links["a"] + links["base"], links["b"] + links["base"]
    together = partition(links, 240, seed=3)
    for one in parts:
        shifted = one.assign(a=one["a"] + one["base"], b=one["b"] + one["base"])
        alone = partition(shifted, 240, seed=3)
        assert len(np.unique(alone[alone >= 0])) > 1
        assert np.array_equal(together[alone >= 0], alone[alone >= 0])


# --- pairs that were never listed ----------------------------------------------------------------


def _listed(seed: int, nodes: int, most: int) -> pd.DataFrame:
    """A block of which everybody is linked to everybody, but few pairs of each were looked at."""
    rng = np.random.default_rng(seed)
    return _links(np.column_stack([np.repeat(np.arange(nodes), most // 2),
                                   rng.integers(0, nodes, nodes * (most // 2))]), rng)  # fmt: skip


def test_a_block_too_dense_to_be_listed_stays_whole() -> None:
    nodes, most = 1200, 24
    links = _listed(1, nodes, most)
    plain = partition(links, nodes, seed=0)
    assert np.bincount(plain[plain >= 0]).max() < nodes / 4
    ground = replace(Ground.of(links, nodes), unlisted=np.full(nodes, 1 - most / nodes))
    whole = partition(links, nodes, seed=0, ground=ground)
    assert np.bincount(whole[whole >= 0]).max() >= 0.95 * nodes


def _view(links: pd.DataFrame) -> PairView:
    a, b = links["a"].to_numpy(np.int32), links["b"].to_numpy(np.int32)
    return PairView(None, a, b)  # type: ignore[arg-type]  # no signal is asked


def test_pairs_that_are_left_out_change_neither_blocks_nor_small_communities() -> None:
    rng = np.random.default_rng(6)
    block = np.argwhere(np.triu(rng.random((400, 400)) < 0.5, 1))
    loose = np.argwhere(np.triu(rng.random((150, 150)) < 0.03, 1)) + 400
    homes = np.array([(low, low + 1) for low in range(550, 600, 2)])
    bridges = np.column_stack([rng.integers(0, 400, 30), rng.integers(400, 600, 30)])
    links = _links(np.concatenate([block, loose, homes, bridges]), rng)
    ground = Ground.of(links, 600)
    stay, known = spared(ground, _view(links), 40)
    left = links[stay]
    degree = np.bincount(links[["a", "b"]].to_numpy().ravel(), minlength=600)
    kept = np.bincount(left[["a", "b"]].to_numpy().ravel(), minlength=600)
    assert (kept >= np.minimum(degree, 40)).all()
    assert len(left) < len(links) / 2
    whole = partition(links, 600, seed=0, ground=ground)
    part = partition(left, 600, seed=0, ground=known)
    assert (part[:400] == part[0]).mean() >= 0.99
    assert not (part[400:] == part[0]).any() or (whole[400:] == whole[0]).any()
    assert np.array_equal(part[550:] >= 0, whole[550:] >= 0)


def test_where_nobody_has_many_pairs_all_stay() -> None:
    links = _random(1, 60, 0.1)
    ground = Ground.of(links, 60)
    stay, known = spared(ground, _view(links), 40)
    assert stay.all()
    assert not known.unlisted.any()


def test_strangers_whose_pairs_were_looked_at_are_not_drawn_into_it() -> None:
    nodes, most = 1200, 24
    rng = np.random.default_rng(5)
    strangers = np.arange(nodes, nodes + 40)
    some = rng.integers(0, nodes, (40, 3))
    ends = np.column_stack([np.repeat(strangers, 3), some.ravel()])
    links = pd.concat([_listed(1, nodes, most), _links(ends, rng)], ignore_index=True)
    cut = np.concatenate([np.full(nodes, 1 - most / nodes), np.zeros(40)])
    ground = replace(Ground.of(links, nodes + 40), unlisted=cut)
    label = partition(links, nodes + 40, seed=0, ground=ground)
    block = np.bincount(label[:nodes][label[:nodes] >= 0]).argmax()
    assert (label[:nodes] == block).mean() >= 0.95
    assert not (label[strangers] == block).any()


def test_a_chain_of_accounts_is_no_block_however_much_was_left_out() -> None:
    ends = np.array(list(pairwise(range(300))))
    links = _links(ends, np.random.default_rng(2))
    ground = replace(Ground.of(links, 300), unlisted=np.full(300, 0.5))
    label = partition(links, 300, seed=0, ground=ground)
    assert np.bincount(label[label >= 0]).max() < 60
