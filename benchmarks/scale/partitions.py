"""Communities of the same links: our partition, networkx' Louvain, Leiden over the whole graph.

    python -m benchmarks.scale.partitions --engine networkx --out FOLDER --files links.parquet …

From links (a, b, millibits, weight) to a label for each account. The methods maximise different
things, so that the table says of each what the others ask for: modularity (Louvain), the constant
Potts quality (ours), and the adjusted Rand index against who is run by whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.scale.sides import COST, OURS, Engine, Find, Question, answer, spent
from workbench.contingency import Contingency

__all__ = ["QUESTION", "modularity", "potts"]

Labels = NDArray[np.int64]
SEED = 0
ANSWER = "labels.parquet"


def _ours(links: pd.DataFrame, nodes: int) -> Labels:
    from graph_models.communities.graph import partition

    return partition(links, nodes, seed=SEED)


def _networkx(links: pd.DataFrame, nodes: int) -> Labels:
    import networkx as nx

    graph = nx.Graph()
    rows = zip(*(links[name].tolist() for name in ("a", "b", "weight")), strict=True)
    graph.add_weighted_edges_from(rows)
    labels = np.full(nodes, -1, np.int64)
    for number, members in enumerate(nx.community.louvain_communities(graph, seed=SEED)):
        labels[list(members)] = number
    return labels


def _graspologic(links: pd.DataFrame, nodes: int) -> Labels:
    import graspologic_native

    ends = (links[name].astype(str).tolist() for name in ("a", "b"))
    edges = list(zip(*ends, links["weight"].tolist(), strict=True))
    _, found = graspologic_native.leiden(edges, use_modularity=True, seed=SEED)
    labels = np.full(nodes, -1, np.int64)
    labels[[int(name) for name in found]] = list(found.values())
    return labels


def _answering(method: Callable[[pd.DataFrame, int], Labels]) -> Find:
    def find(files: Sequence[str], folder: Path) -> Mapping[str, float]:
        links, nodes = pd.read_parquet(files[0]), len(pd.read_parquet(files[1]))
        began = spent()
        labels = method(links, nodes)
        told = {COST: round(spent() - began, 3)}
        pd.DataFrame({"label": labels}).to_parquet(folder / ANSWER)
        return told

    return find


def _judged(files: Sequence[str], folders: Mapping[str, Path]) -> Mapping[str, Mapping[str, float]]:
    from graph_models.communities.rules import PARTITION

    links, accounts = pd.read_parquet(files[0]), pd.read_parquet(files[1])
    known = accounts["group"].to_numpy() != -2
    known &= np.isin(np.arange(len(accounts)), links[["a", "b"]])
    worth = {}
    for name, folder in folders.items():
        labels = pd.read_parquet(folder / ANSWER)["label"].to_numpy()
        table = Contingency.of(labels[known], accounts["group"].to_numpy()[known])
        worth[name] = {
            "modularity": round(modularity(links, labels), 4),
            "Potts quality": round(potts(links, labels, density=PARTITION.density)),
            "Rand": round(table.adjusted_rand() or 0.0, 4),
            "communities": len(np.unique(labels[labels >= 0])),
        }
    return worth


def modularity(links: pd.DataFrame, labels: Labels) -> float:
    """Weighted modularity of a grouping of linked nodes (Newman 2006), at resolution 1."""
    a, b, weight = (links[name].to_numpy() for name in ("a", "b", "weight"))
    own = _own(labels)
    inside = weight[own[a] == own[b]].sum()
    strength = np.bincount(own[a], weight, len(own)) + np.bincount(own[b], weight, len(own))
    total = weight.sum()
    return float(inside / total - (strength**2).sum() / (2 * total) ** 2)


def potts(links: pd.DataFrame, labels: Labels, *, density: float) -> float:
    """Weight inside groups beyond ``density`` a pair (Traag, Van Dooren, Nesterov 2011)."""
    a, b, weight = (links[name].to_numpy() for name in ("a", "b", "weight"))
    own = _own(labels)
    size = np.bincount(own)
    return float(weight[own[a] == own[b]].sum() - density * (size * (size - 1) / 2).sum())


def _own(labels: Labels) -> Labels:
    """A group of its own for everybody who is in none, shape (nodes,)."""
    alone = labels.max(initial=-1) + 1 + np.arange(len(labels))
    return np.unique(np.where(labels < 0, alone, labels), return_inverse=True)[1].astype(np.int64)


ENGINES = {
    OURS: Engine(find=_answering(_ours), needs="graph_models.communities.graph"),
    "networkx Louvain": Engine(find=_answering(_networkx), needs="networkx"),
    "graspologic Leiden": Engine(
        find=_answering(_graspologic),
        needs="graspologic_native",
        why="it optimises modularity, ours the constant Potts model; ours also names nodes by "
        "structure, so that the order of rows decides nothing.",
    ),
}
QUESTION = Question(
    name="communities of the same links",
    module="benchmarks.scale.partitions",
    engines=ENGINES,
    judged=_judged,
)

if __name__ == "__main__":
    answer(ENGINES)
