"""Signals of timing and of prompts beyond shared frames: what accounts do, and when."""

from __future__ import annotations

import numpy as np

from graph_models.families import Family
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.kernels import least

__all__ = ["capability_mix", "close_first_use", "no_common_frame", "synchrony"]

FIRST_USE_REUSE = 0.3  # P(second use within the gap | one controller), by experience of roll-outs
SYNCHRONY_MIN = 5  # common buckets; fewer are retries and coincidence
SYNCHRONY_EXCESS = 1.5  # weekdays and public holidays alone explain half as much again
SYNCHRONY_TRUST = 0.5  # common buckets come in runs: one batch of work is no two coincidences
SYNCHRONY_MOST = 8.0
FRAME_MIN_EXCHANGES = 30  # below that an account has not shown its work
NO_FRAME_BITS = -1.5  # cells of one campaign may work different queues, so it is mild


def synchrony(view: PairView) -> Evidence:
    """Both accounts are active in the same ten minutes far more often than their habits explain."""
    rhythm = view.population.rhythm
    observed, by_day, common = rhythm.coincidence(view.a, view.b)
    by_hour = rhythm.an_hour_apart(view.a, view.b)
    expected = SYNCHRONY_EXCESS * np.maximum(by_day, by_hour) + 1
    says = (observed >= SYNCHRONY_MIN) & (common >= 3) & (observed > expected)
    # log2 likelihood ratio of Poisson counts: as many as were seen, against as many as habit makes.
    surplus = observed * np.log2(np.maximum(observed, 1) / expected)
    surplus -= (observed - expected) / np.log(2)
    bits = np.where(says, np.clip(SYNCHRONY_TRUST * surplus, 0.0, SYNCHRONY_MOST), 0.0)
    inputs = {
        "common_buckets": observed.astype(np.float64),
        "expected_by_hours_of_the_day": by_day,
        "common_an_hour_apart": by_hour,
    }
    return evidence("synchrony", Family.TIMING, np.arange(len(view)), bits, inputs=inputs)


def close_first_use(view: PairView) -> Evidence:
    """Both accounts began to use something that they share at nearly the same time."""
    gap = np.full(len(view), np.inf)
    tries = np.zeros(len(view))
    for layer in view.context.layers:
        if (layer.position < 0).all() or layer.family is Family.PROFILE:
            continue
        shared = view.shared(layer)
        apart = np.abs(layer.first[shared.edge_a] - layer.first[shared.edge_b])
        known = ~np.isnan(apart)
        least(gap, shared.pair[known], apart[known])
        tries += np.bincount(shared.pair[known], minlength=len(view))
    window = np.minimum(1.0, 2 * np.maximum(gap, 1 / 24) / view.population.span_days)
    chance = 1 - (1 - window) ** np.maximum(tries, 1)
    bits = np.clip(np.log2(FIRST_USE_REUSE / np.maximum(chance, 1e-9)), 0.0, 2.0)
    inputs = {"gap_days": gap, "shared_values": tries, "chance": chance}
    at = np.arange(len(view))
    return evidence(
        "close first use", Family.TIMING, at, np.where(tries > 0, bits, 0.0), inputs=inputs
    )


def no_common_frame(view: PairView) -> Evidence:
    """Both accounts sent many prompts, yet no prompt frame is common to them."""
    layer = view.context.layer("prompt_cluster")
    none = np.zeros(0)
    if layer is None or not layer.joins:
        return evidence("no common frame", Family.PROMPTS, none.astype(np.int64), none)
    busy = view.population.exchanges
    least = np.minimum(busy[view.a], busy[view.b])
    both = (layer.spread[view.a] > 0) & (layer.spread[view.b] > 0)
    shared = np.bincount(view.shared(layer).pair, minlength=len(view))
    silent = (least >= FRAME_MIN_EXCHANGES) & both & (shared == 0)
    bits = np.where(silent, NO_FRAME_BITS, 0.0)
    inputs = {"exchanges_of_quieter": least.astype(np.float64)}
    return evidence("no common frame", Family.PROMPTS, np.arange(len(view)), bits, inputs=inputs)


def capability_mix(view: PairView) -> Evidence:
    """Both accounts do almost nothing but the same narrow kind of work, which few accounts do."""
    main, rarity = view.population.narrow
    same = (main[view.a] >= 0) & (main[view.a] == main[view.b])
    share = np.where(same, rarity[np.maximum(main[view.a], 0)], 1.0)
    bits = np.clip(-np.log2(share), 0.0, 2.0)
    return evidence(
        "narrow capability",
        Family.PROMPTS,
        np.arange(len(view)),
        bits,
        inputs={"share_of_accounts": share},
    )
