"""Signals of lifecycle and profile: how accounts begin, move, end, and what they say they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.evidence import Evidence, PairView, evidence

__all__ = ["close_births", "common_end", "respawn", "same_profile"]

# P(births this close | one controller): operators open accounts in batches, but over weeks.
BIRTH_MODEL = ((1 / 24, 0.25), (1.0, 0.40), (7.0, 0.60))
RESPAWN_DAYS, RESPAWN_REUSE = 3.0, 0.3  # a closed account is replaced within days
END_REUSE = 0.3
PROFILE_BITS = {"organisation": 4.0, "pathway": 1.0, "country": 0.5}


def close_births(view: PairView) -> Evidence:
    """Both accounts were opened closer together than the pace of new accounts explains."""
    born = view.population.created
    order = view.population.births
    gap = np.abs(born[view.a] - born[view.b])
    middle = (born[view.a] + born[view.b]) / 2
    best = np.zeros(len(view))
    for window, reuse in BIRTH_MODEL:
        within = np.nan_to_num(gap, nan=np.inf) <= window
        near = _within(order, middle, window)
        says = np.log2(reuse * max(len(order), 1) / np.maximum(near, 1.0))
        best = np.maximum(best, np.where(within, says, 0.0))
    inputs = {"gap_days": gap, "births_within_a_day": _within(order, middle, 1.0)}
    at = np.arange(len(view))
    return evidence("close births", Family.LIFECYCLE, at, np.clip(best, 0.0, 3.0), inputs=inputs)


def respawn(view: PairView) -> Evidence:
    """One account was opened within days of the other being closed, as a replacement would be."""
    people = view.population
    order = people.births
    best = np.zeros(len(view))
    gap = np.full(len(view), np.nan)
    for ended, began in ((view.a, view.b), (view.b, view.a)):
        wait = people.created[began] - people.closed[ended]
        within = np.nan_to_num(wait, nan=-1.0)
        fits = (within >= 0) & (within <= RESPAWN_DAYS)
        near = _within(order, people.closed[ended] + RESPAWN_DAYS / 2, RESPAWN_DAYS / 2)
        says = np.log2(RESPAWN_REUSE * max(len(order), 1) / np.maximum(near, 1.0))
        best = np.maximum(best, np.where(fits, says, 0.0))
        gap = np.where(fits, within, gap)
    return evidence(
        "respawn",
        Family.LIFECYCLE,
        np.arange(len(view)),
        np.clip(best, 0.0, 2.5),
        inputs={"days_between": gap},
    )


def common_end(view: PairView) -> Evidence:
    """Both accounts were closed within a day for the same reason, when few others were."""
    people = view.population
    reason = people.codes["close_reason"]
    gap = np.nan_to_num(np.abs(people.closed[view.a] - people.closed[view.b]), nan=np.inf)
    same = (gap <= 1.0) & (reason[view.a] == reason[view.b])
    order = people.ends
    near = _within(order, (people.closed[view.a] + people.closed[view.b]) / 2, 1.0)
    says = np.log2(END_REUSE * max(len(order), 1) / np.maximum(near, 1.0))
    bits = np.where(same, np.clip(says, 0.0, 2.0), 0.0)
    return evidence(
        "common end", Family.LIFECYCLE, np.arange(len(view)), bits, inputs={"closed_then": near}
    )


def same_profile(view: PairView) -> Evidence:
    """Both accounts name the same organisation, pathway or country, which few accounts name."""
    bits = np.zeros(len(view))
    rarest = np.ones(len(view))
    for column, cap in PROFILE_BITS.items():
        code = view.population.codes[column]
        known = code >= 0
        if not known.any():
            continue
        share = view.population.shares[column]
        same = (code[view.a] == code[view.b]) & known[view.a]
        of_value = np.where(same, share[np.maximum(code[view.a], 0)], 1.0)
        bits += np.clip(-np.log2(of_value), 0.0, cap)
        rarest = np.minimum(rarest, of_value)
    return evidence(
        "same profile",
        Family.PROFILE,
        np.arange(len(view)),
        bits,
        inputs={"share_of_accounts": rarest},
    )


def _within(
    sorted_days: NDArray[np.float64], middle: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """How many of the sorted days lie within ``radius`` of each middle (NaN: none)."""
    at = np.nan_to_num(middle, nan=-np.inf)
    high = np.searchsorted(sorted_days, at + radius, side="right")
    low = np.searchsorted(sorted_days, at - radius, side="left")
    return (high - low).astype(np.float64)
