"""How finely a graph is cut is read from the graph."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

from graph_models.communities import tight_communities
from graph_models.communities.inferred import likeliest, log_posterior


def links_of(graph: nx.Graph) -> pd.DataFrame:
    ends = np.array([sorted(edge) for edge in sorted(graph.edges) if edge[0] != edge[1]])
    table = pd.DataFrame(ends, columns=["a", "b"])
    return table.assign(millibits=10_000, weight=1.0)


def groups_found(graph: nx.Graph) -> list[set[int]]:
    found = tight_communities(links_of(graph), len(graph))
    return [set(each.accounts.tolist()) for each in found]


def test_small_groups_in_a_large_graph_are_neither_joined_nor_broken() -> None:
    graph = nx.planted_partition_graph(40, 10, 0.7, 0.004, seed=1)
    blocks = [{node for node in graph if node // 10 == block} for block in range(40)]
    found = groups_found(graph)
    assert max(map(len, found)) < 20
    assert sum(any(len(each & block) >= 9 for each in found) for block in blocks) >= 36


def test_large_sparse_groups_are_not_broken_up() -> None:
    graph = nx.planted_partition_graph(4, 150, 0.06, 0.002, seed=1)
    label, resolution = likeliest(links_of(graph), seed=0)
    table = pd.crosstab(label.to_numpy(), label.index.to_numpy() // 150).to_numpy()
    assert resolution is not None
    assert (np.sort(table.max(axis=1))[-4:] >= 140).all()


def test_links_by_chance_alone_tell_no_cut() -> None:
    graph = nx.gnm_random_graph(300, 900, seed=1)
    assert likeliest(links_of(graph), seed=0)[1] is None
    assert max(map(len, groups_found(graph)), default=0) < 30


def test_the_posterior_prefers_the_planted_groups_to_finer_and_coarser_ones() -> None:
    graph = nx.planted_partition_graph(20, 20, 0.5, 0.01, seed=3)
    links = links_of(graph)
    a, b, node = links["a"].to_numpy(), links["b"].to_numpy(), np.arange(400)
    planted, coarse, fine = (log_posterior(a, b, node // width) for width in (20, 40, 10))
    assert planted > coarse
    assert planted > fine


def test_names_of_nodes_do_not_matter_to_the_posterior() -> None:
    graph = nx.planted_partition_graph(5, 12, 0.5, 0.02, seed=2)
    links, rng = links_of(graph), np.random.default_rng(0)
    label, name, group = np.arange(60) // 12, rng.permutation(60), rng.permutation(5)
    renamed = np.empty(60, np.int64)
    renamed[name] = group[label]
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    assert np.isclose(log_posterior(a, b, label), log_posterior(name[b], name[a], renamed))
