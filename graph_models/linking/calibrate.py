"""A threshold that the data itself sets: how many links would a rewired world have?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.candidates import candidate_pairs
from graph_models.linking.context import LinkContext
from graph_models.linking.scoring import link_pairs

__all__ = ["calibrated_threshold"]

WORLDS = 3  # rewired worlds: their links are counted by the hundred, so three are enough
FALSE_LINKS = 0.05  # share of links that chance may explain at the threshold


def calibrated_threshold(
    context: LinkContext, millibits: NDArray[np.int64], least: int, *, seed: int
) -> int:
    """Lowest threshold (≥ ``least``) at which chance explains at most a twentieth of the links.

    For tables of unknown meaning, where no policy says how innocently values are shared: compare
    how many pairs reach the threshold with how many do on rewired worlds (an empirical null).

    Args:
        context: The population.
        millibits: Totals of the observed pairs, shape (pairs,).
        least: Threshold in millibits that the prior asks for.
        seed: Seed of the rewired worlds.
    """
    rng = np.random.default_rng([seed, 3])
    totals = []
    for _ in range(WORLDS):
        null = context.rewired(rng)
        found = link_pairs(null, candidate_pairs(null).view, least).millibits
        totals.append(found[found >= least])
    chance = np.sort(np.concatenate(totals))
    observed = np.sort(millibits[millibits >= least])
    if not len(chance) or not len(observed):
        return least
    steps = np.unique(np.concatenate([[least], chance + 1]))
    by_chance = (len(chance) - np.searchsorted(chance, steps)) / WORLDS
    in_fact = len(observed) - np.searchsorted(observed, steps)
    fine = by_chance <= FALSE_LINKS * in_fact
    return int(steps[np.argmax(fine)]) if fine.any() else int(steps[-1])
