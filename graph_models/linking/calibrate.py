"""What a table of unknown meaning says of itself: its threshold, and what fellows agree on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.agreement import agree, both_known, is_single
from graph_models.linking.candidates import candidate_pairs
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.scoring import link_pairs, link_threshold, score_pairs

__all__ = ["calibrated_threshold", "learn_agreement"]

WORLDS = 3  # rewired worlds: their links are counted by the hundred, so three are enough
FALSE_LINKS = 0.05  # share of links that chance may explain at the threshold
LEAST_PAIRS = 20  # linked pairs from which agreement may be learned
MOST = 0.95  # agreement is never taken for certain: typing errors are not independent


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


def learn_agreement(context: LinkContext, view: PairView) -> LinkContext:
    """The context with P(agree | one controller) for each single-valued foreign type.

    Args:
        context: A context without agreement.
        view: Candidate pairs.
    """
    single = [layer for layer in context.layers if is_single(layer)]
    if len(single) < 2:
        return context
    ledger = score_pairs(context, view, heavy=False)
    learned = {}
    for layer in single:
        own = np.zeros(len(view), np.int64)
        for part in ledger.parts:
            if part.signal == f"shared {layer.kind}":
                own = np.bincount(part.pair, weights=part.millibits, minlength=len(view))
        fellows = ledger.millibits - own >= link_threshold(context)
        both = fellows & both_known(layer, view)
        if both.sum() >= LEAST_PAIRS:
            same = agree(layer, view)[both].sum()
            learned[layer.kind] = float(min(MOST, (same + 1) / (both.sum() + 2)))
    return replace(context, agreement=learned)
