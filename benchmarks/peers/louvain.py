"""networkx' Louvain on the graph, or on the projection of accounts that share values."""

from __future__ import annotations

import networkx as nx
import numpy as np

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table, pair_counts

__all__ = ["LOUVAIN"]

MOST_PAIRS = 400_000  # networkx holds a pair in about a kilobyte and takes minutes beyond


def _find(table: Table, setting: Setting) -> Labels:
    graph = _graph(table, setting)
    found = nx.community.louvain_communities(
        graph, weight="weight", resolution=setting["resolution"], seed=setting["seed"]
    )
    labels = np.full(len(table.accounts), -1, np.int64)
    for number, members in enumerate(found):
        labels[list(members)] = number
    return labels


def _graph(table: Table, setting: Setting) -> nx.Graph:
    accounts = table.accounts
    graph = nx.Graph()
    graph.add_nodes_from(range(len(accounts)))
    if table.edges is not None:
        ends = [accounts.get_indexer(table.edges[end]).tolist() for end in ("a", "b")]
        graph.add_edges_from(zip(*ends, strict=True))
        return graph
    most = setting["most_accounts"]
    a, b, common = pair_counts(table.values, accounts, most_accounts=most)
    while len(a) > MOST_PAIRS:
        most //= 2
        a, b, common = pair_counts(table.values, accounts, most_accounts=most)
    strong = common >= setting["least_common"]
    rows = zip(a[strong].tolist(), b[strong].tolist(), common[strong].tolist(), strict=True)
    graph.add_weighted_edges_from(rows)
    return graph


LOUVAIN = Peer(
    name="Louvain",
    find=_find,
    settings=tuple(
        {"least_common": least, "most_accounts": 200, "resolution": 1.0, "seed": 0}
        for least in (1, 2, 3)
    ),
    reason="networkx.community.louvain_communities with its default resolution, weighted by the "
    "number of common values (EvilCohort, Stringhini et al. 2015, does the same over addresses and "
    "drops pairs below a number in common). Values of more than 200 accounts are left out (of "
    "fewer where that leaves above 400,000 pairs), as no projection with hubs fits in memory.",
    needs=("networkx",),
)
