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
    some = np.flatnonzero(gap <= BIRTH_MODEL[-1][0])
    gap, middle = gap[some], (born[view.a[some]] + born[view.b[some]]) / 2
    best = np.zeros(len(some))
    for window, reuse in BIRTH_MODEL:
        near = _within(order, middle, window)
        says = np.log2(reuse * max(len(order), 1) / np.maximum(near, 1.0))
        best = np.maximum(best, np.where(gap <= window, says, 0.0))
    inputs = {"gap_days": gap, "births_within_a_day": _within(order, middle, 1.0)}
    bits = np.clip(best, 0.0, 3.0)
    return evidence("close births", Family.LIFECYCLE, some, bits, inputs=inputs)


def respawn(view: PairView) -> Evidence:
    """One account was opened within days of the other being closed, as a replacement would be."""
    people = view.population
    order = people.births
    waits = [people.created[view.b] - people.closed[view.a]]
    waits.append(people.created[view.a] - people.closed[view.b])
    fits = [(wait >= 0) & (wait <= RESPAWN_DAYS) for wait in waits]
    some = np.flatnonzero(fits[0] | fits[1])
    best = np.zeros(len(some))
    gap = np.full(len(some), np.nan)
    for wait, fit, ended in zip(waits, fits, (view.a, view.b), strict=True):
        near = _within(order, people.closed[ended[some]] + RESPAWN_DAYS / 2, RESPAWN_DAYS / 2)
        says = np.log2(RESPAWN_REUSE * max(len(order), 1) / np.maximum(near, 1.0))
        best = np.maximum(best, np.where(fit[some], says, 0.0))
        gap = np.where(fit[some], wait[some], gap)
    bits = np.clip(best, 0.0, 2.5)
    return evidence("respawn", Family.LIFECYCLE, some, bits, inputs={"days_between": gap})


def common_end(view: PairView) -> Evidence:
    """Both accounts were closed within a day for the same reason, when few others were."""
    people = view.population
    reason = people.codes["close_reason"]
    same = np.abs(people.closed[view.a] - people.closed[view.b]) <= 1.0
    some = np.flatnonzero(same & (reason[view.a] == reason[view.b]))
    order = people.ends
    middle = (people.closed[view.a[some]] + people.closed[view.b[some]]) / 2
    near = _within(order, middle, 1.0)
    says = np.log2(END_REUSE * max(len(order), 1) / np.maximum(near, 1.0))
    bits = np.clip(says, 0.0, 2.0)
    return evidence("common end", Family.LIFECYCLE, some, bits, inputs={"closed_then": near})


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
