"""How often chance alone makes a community this strong: ranks among communities of rewired worlds.

Each rewired world deals every kind of identifier anew, keeping all degrees; accounts keep their
dates, rhythm and profile, and whatever nobody else or nearly everybody used. On it the *same*
steps run: candidates, bits, partition, split by work. The p of a community is the randomised
rank of its strength among the pooled null communities; if the real world is itself a
rewired one, real and null are exchangeable and p is uniform. Beyond the upper tenth an exponential
tail continues the rank. Chance is not guilt: a household is no chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from graph_models.communities.formation import form, weighted
from graph_models.communities.graph import Ground
from graph_models.communities.rules import CHANCE
from graph_models.linking import LinkContext, PairView, candidate_pairs, link_pairs
from graph_models.linking.scoring import BLOCK

__all__ = [
    "Null", "chance_p", "made_by_chance", "null_strengths", "real_share", "strength",
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
    """Strengths of communities of ``worlds`` rewired worlds, pooled, ascending.

    ``part``: of all communities of these worlds, the part that was looked at, chosen at random.
    """

    strengths: NDArray[np.float64]
    worlds: int
    part: float = 1.0

    @property
    def per_world(self) -> float:
        """How many communities chance makes in one world."""
        return len(self.strengths) / self.worlds / self.part


def null_strengths(context: LinkContext, threshold: int, observed: int, *, seed: int) -> Null:
    """The communities that chance makes: rewire, link, form, over and over.

    A large population is rewired whole, but looked at in part (see ``made_by_chance``).

    Args:
        context: The population.
        threshold: Millibits from which a pair is a link.
        observed: How many communities are to be compared with these.
        seed: Seed of the rewiring and of the partition.
    """
    part = len(context.obs.sample) / max(context.accounts, 1)
    enough = max(CHANCE.enough, CHANCE.enough_each * observed if part == 1 else 0)
    rng = np.random.default_rng([seed, 1])
    pooled: list[NDArray[np.float64]] = []
    for world in range(CHANCE.worlds):
        null = context.rewired(rng)
        found = made_by_chance(null, threshold, context.obs.sample, seed=seed + world)
        pooled.append(found.to_numpy(dtype=np.float64))
        if sum(map(len, pooled)) >= enough:
            break
    return Null(np.sort(np.concatenate(pooled)), len(pooled), part)


def made_by_chance(
    null: LinkContext, threshold: int, sample: NDArray[np.int32], *, seed: int
) -> pd.Series:
    """Strengths of the communities of a world that are named after accounts of a sample.

    Every community is named after one account, its smallest, so each is as likely to be looked at
    as any other, however large. Pairs are scored from the sample outwards, until all accounts that
    hang together with it are linked: what is looked at is what a look at everything would show.

    Args:
        null: The world.
        threshold: Millibits from which a pair is a link.
        sample: Accounts, drawn without a look at any of this.
        seed: Seed of the partition.

    Returns:
        Strengths indexed by label.
    """
    chosen = np.zeros(null.accounts, np.bool_)
    chosen[sample] = True
    found = candidate_pairs(null)
    links = weighted(_links_around(found.view, threshold, chosen), null.prior_bits)
    ground = Ground.of(links, null.accounts, found.unseen)
    strong = strength(links, form(null, links, seed=seed, ground=ground), threshold)
    return strong[chosen[strong.index.to_numpy(dtype=np.int64)]]


def _links_around(view: PairView, threshold: int, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    """Links of the chosen accounts, of whomever these are linked to, and so on to the end."""
    null = view.context
    if chosen.all():
        return link_pairs(null, view, threshold).links(threshold)
    reached, seen = chosen.copy(), np.zeros(len(view), np.bool_)
    parts: list[pd.DataFrame] = []
    while True:
        fresh = (reached[view.a] | reached[view.b]) & ~seen
        if not fresh.any():
            return pd.concat(parts).sort_values(["a", "b"], ignore_index=True)
        seen |= fresh
        for block in view.take(fresh).blocks(BLOCK):
            parts.append(link_pairs(null, block, threshold).links(threshold))
            reached[parts[-1][["a", "b"]].to_numpy().ravel()] = True


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
        counts: Of every community of one world, how many as strong chance makes, (communities,).

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
