"""How often chance alone makes a community this strong: ranks among communities of rewired worlds.

Each rewired world deals every kind of identifier anew, keeping all degrees; accounts keep their
dates, rhythm and profile. On it the *same* steps run: candidates, bits, partition, split by work.
The p of a community is the randomised rank of its strength among the pooled null communities; if
the real world is itself a rewired one, real and null are exchangeable and p is uniform. Beyond the
upper tenth an exponential tail continues the rank. Chance is not guilt: a household is no chance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import form, weighted
from graph_models.communities.rules import CHANCE
from graph_models.linking import LinkContext, candidate_pairs, link_pairs

__all__ = ["chance_p", "null_strengths", "strength"]


def strength(links: pd.DataFrame, labels: NDArray[np.int64], threshold: int) -> pd.Series:
    """Root of the summed squares of excess bits inside each community, indexed by label.

    Squares, because chance makes many weak links sooner than a few strong ones.
    """
    a, b = labels[links["a"].to_numpy()], labels[links["b"].to_numpy()]
    inside = (a == b) & (a >= 0)
    excess = (links["millibits"].to_numpy()[inside] - threshold + 1000) / 1000
    total: pd.Series = pd.Series(excess**2).groupby(a[inside]).sum() ** 0.5
    return total


def null_strengths(context: LinkContext, threshold: int, *, seed: int) -> NDArray[np.float64]:
    """Strengths of the communities that chance makes, pooled over rewired worlds, ascending."""
    rng = np.random.default_rng([seed, 1])
    pooled: list[NDArray[np.float64]] = []
    for world in range(CHANCE.worlds):
        null = context.rewired(rng)
        ledger = link_pairs(null, candidate_pairs(null).view, threshold)
        links = weighted(ledger.links(threshold), context.prior_bits)
        labels = form(null, links, seed=seed + world)
        pooled.append(strength(links, labels, threshold).to_numpy(dtype=np.float64))
        if sum(map(len, pooled)) >= CHANCE.enough_communities:
            break
    return np.sort(np.concatenate(pooled))


def chance_p(
    observed: NDArray[np.float64], null: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Randomised rank of each observed strength among the null ones, 0 < p ≤ 1.

    Args:
        observed: Strengths, shape (communities,), in an order that no load order decides.
        null: Null strengths, ascending.
        rng: Breaks ties, so that p is uniform under the null.
    """
    if not len(null):
        # No rewired world made any community: one beyond all of them is the honest bound.
        return np.full(len(observed), 1 / (CHANCE.worlds + 1))
    below = np.searchsorted(null, observed, side="left")
    up_to = np.searchsorted(null, observed, side="right")
    above, ties = len(null) - up_to, up_to - below
    rank = (above + rng.random(len(observed)) * (ties + 1)) / (len(null) + 1)
    return np.maximum(np.minimum(rank, _tail(observed, null, rank)), 1e-12)


def _tail(
    observed: NDArray[np.float64], null: NDArray[np.float64], rank: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Chance of strengths beyond every null one: exponential tail on the logarithm."""
    cut = float(np.quantile(null, 1 - CHANCE.tail))
    beyond = np.log(null[null > cut]) - np.log(max(cut, 1e-9))
    if len(beyond) < 5:
        return rank
    scale = max(float(beyond.mean()), 1e-6)
    far = np.log(np.maximum(observed, 1e-9)) - np.log(max(cut, 1e-9))
    outside = observed > null[-1]
    return np.where(outside, len(beyond) / len(null) * np.exp(-far / scale), rank)
