"""How often chance alone makes a community this strong: ranks among communities of rewired worlds.

Each rewired world deals every kind of identifier anew, keeping all degrees; accounts keep their
dates, rhythm and profile, and whatever nobody else or nearly everybody used. On it the *same*
steps run: candidates, bits, partition, split by work. The p of a community is the randomised
rank of its strength among the pooled null communities; if the real world is itself a
rewired one, real and null are exchangeable and p is uniform. Beyond the upper tenth an exponential
tail continues the rank. Chance is not guilt: a household is no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from graph_models.communities.draft import Draft
from graph_models.communities.formation import form, weighted
from graph_models.communities.rules import CHANCE
from graph_models.linking import LinkContext, candidate_pairs, link_pairs

__all__ = [
    "Null", "beyond_chance", "chance_p", "null_strengths", "real_share", "strength",
]  # fmt: skip


def strength(links: pd.DataFrame, labels: NDArray[np.int64], threshold: int) -> pd.Series:
    """Root of the summed squares of excess bits inside each community, indexed by label.

    Squares, because chance makes many weak links sooner than a few strong ones.
    """
    a, b = labels[links["a"].to_numpy()], labels[links["b"].to_numpy()]
    inside = (a == b) & (a >= 0)
    excess = (links["millibits"].to_numpy()[inside] - threshold + 1000) / 1000
    total: pd.Series = pd.Series(excess**2).groupby(a[inside]).sum() ** 0.5
    return total


@dataclass(frozen=True, eq=False)
class Null:
    """Strengths of the communities of ``worlds`` rewired worlds, pooled, ascending."""

    strengths: NDArray[np.float64]
    worlds: int

    @property
    def per_world(self) -> float:
        """How many communities chance makes in one world."""
        return len(self.strengths) / self.worlds


def null_strengths(context: LinkContext, threshold: int, observed: int, *, seed: int) -> Null:
    """The communities that chance makes: rewire, link, form, over and over.

    Args:
        context: The population.
        threshold: Millibits from which a pair is a link.
        observed: How many communities are to be compared with these.
        seed: Seed of the rewiring and of the partition.
    """
    enough = max(CHANCE.enough, CHANCE.enough_each * observed)
    rng = np.random.default_rng([seed, 1])
    pooled: list[NDArray[np.float64]] = []
    for world in range(CHANCE.worlds):
        null = context.rewired(rng)
        ledger = link_pairs(null, candidate_pairs(null).view, threshold)
        links = weighted(ledger.links(threshold), context.prior_bits)
        labels = form(null, links, seed=seed + world)
        pooled.append(strength(links, labels, threshold).to_numpy(dtype=np.float64))
        if sum(map(len, pooled)) >= enough:
            break
    return Null(np.sort(np.concatenate(pooled)), len(pooled))


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


def real_share(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that chance did not make a community, from how many it makes as strong.

    One less the local false discovery rate (Efron et al. 2001): where rewired worlds hold as many
    communities of some strength as the real one, that strength says nothing. The density of real
    communities per null one is the slope of the least concave majorant of their number (Grenander
    1956), so stronger never means less probable.

    Args:
        counts: ``Draft.chance_count`` of every community of one world, shape (communities,).

    Returns:
        Probabilities 0..1, shape (communities,).
    """
    if not len(counts):
        return np.zeros(0)
    order = np.argsort(counts, kind="stable")
    steps = np.maximum(np.diff(counts[order], prepend=0.0), 1e-12)
    density = isotonic_regression(1 / steps, weights=steps, increasing=False).x
    real = np.empty(len(counts))
    real[order] = 1 - np.minimum(1.0, 1 / density)
    return real


def beyond_chance(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The communities of which chance explains at most a twentieth (Benjamini–Hochberg).

    A draft stays when, of all drafts at least as strong, rewired worlds have no more than
    ``CHANCE.false_share`` on average.
    """
    ranked = sorted(drafts, key=lambda draft: (draft.chance_count, draft.community))
    counts = np.array([draft.chance_count for draft in ranked])
    fine = np.flatnonzero(counts <= CHANCE.false_share * np.arange(1, len(ranked) + 1))
    return tuple(ranked[: fine[-1] + 1]) if len(fine) else ()
