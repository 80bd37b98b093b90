"""How finely to cut a graph, told by the graph: the partition with the highest posterior.

Any one resolution is wrong somewhere: a least density breaks up large sparse groups, modularity
joins small ones. The degree-corrected planted partition model (Zhang and Peixoto 2020, Statistical
inference of assortative community structures) weighs the fit of a partition against what it costs
to state it, so that partitions of different fineness can be compared, and one group is the answer
where nothing is to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from graph_models.communities.graph import leiden

__all__ = ["RESOLUTIONS", "Resolution", "likeliest", "log_posterior"]


@dataclass(frozen=True)
class Resolution:
    """A way to run Leiden: modularity or the constant Potts model at a resolution."""

    value: float
    modularity: bool


# Nats by which one group must be likelier than the best cut before nothing is cut: strong evidence
# (20 to 1) after Kass and Raftery 1995, since whoever asks for groups has seen some.
STRONG = 3.0
# Half-decades around what is usual: coarser than groups of half a graph and finer than pairs
# nothing is left to find.
RESOLUTIONS = (
    *(Resolution(value, modularity=True) for value in (0.3, 1.0, 3.0, 10.0, 30.0)),
    *(Resolution(value, modularity=False) for value in (0.015, 0.05, 0.15, 0.5)),
)


def log_posterior(a: NDArray[np.int64], b: NDArray[np.int64], label: NDArray[np.int64]) -> float:
    """Log of P(graph, partition) in nats, up to a constant of the graph.

    Args:
        a: One end of each link, shape (links,).
        b: The other end.
        label: Group of each node, shape (nodes,), from 0 without gaps.
    """
    nodes, links = len(label), len(a)
    size = np.bincount(label).astype(np.float64)
    groups = len(size)
    degree = np.bincount(label[a], minlength=groups) + np.bincount(label[b], minlength=groups)
    inside = float(np.count_nonzero(label[a] == label[b]))
    between = links - inside
    graph = float(np.sum(gammaln(size) - gammaln(degree + size)))
    graph += gammaln(inside + 1) - inside * np.log(groups / 2)
    if groups > 1:
        graph += gammaln(between + 1) - between * np.log(groups * (groups - 1) / 2)
        graph -= np.log(links + 1)
    chosen = float(np.sum(gammaln(size + 1))) - gammaln(nodes + 1) - np.log(nodes)
    chosen -= gammaln(nodes) - gammaln(groups) - gammaln(nodes - groups + 1)
    return float(graph + chosen)


def likeliest(links: pd.DataFrame, *, seed: int) -> tuple[pd.Series, Resolution | None]:
    """The likeliest of the partitions that Leiden finds at several resolutions.

    Args:
        links: Columns a, b, millibits, weight; at least one link.
        seed: Seed of every run.

    Returns:
        Labels indexed by account position, and the resolution (None: one group).
    """
    node, end = np.unique(links[["a", "b"]].to_numpy().ravel(), return_inverse=True)
    a, b = end.reshape(-1, 2).T
    everybody = np.zeros(len(node), np.int64)
    highest = log_posterior(a, b, everybody) - STRONG
    best, chosen = pd.Series(everybody, index=node), None
    for resolution in RESOLUTIONS:
        found = leiden(
            links, resolution=resolution.value, modularity=resolution.modularity, seed=seed
        )
        label = np.unique(found.reindex(node), return_inverse=True)[1].astype(np.int64)
        told = log_posterior(a, b, label)
        if label.max() and told > highest:
            highest, chosen, best = told, resolution, pd.Series(label, index=node)
    return best, chosen
