"""Confidence and tiers of members from the traces of their place."""

from __future__ import annotations

import numpy as np
import pytest

from graph_models.communities.membership import TRACES, belief, standing, tiers
from graph_models.communities.rules import MEMBERSHIP


def traced(**values: float) -> np.ndarray:
    """One member with the given traces, the others at nought."""
    return np.array([[values.get(name, 0.0) for name in TRACES]])


def test_standing_is_the_weighed_sum_in_bits() -> None:
    score = MEMBERSHIP.intercept + 2.0 * MEMBERSHIP.weights["stood"]
    assert standing(traced(stood=2.0)) == pytest.approx([score / np.log(2)])


@pytest.mark.parametrize("name", TRACES)
def test_a_better_trace_never_lowers_confidence(name: str) -> None:
    values = [traced(**{name: value}) for value in np.linspace(-4, 4, 9)]
    assert (np.diff(belief(np.concatenate(values))) >= 0).all()


def test_confidence_and_tiers_keep_one_order() -> None:
    rows = np.random.default_rng(0).normal(0, 2, (500, len(TRACES)))
    order = np.argsort(standing(rows))
    rank = np.array([["possible", "probable", "core"].index(tier) for tier in tiers(rows)])
    assert set(rank) == {0, 1, 2}
    assert (np.diff(rank[order]) >= 0).all()
    assert (np.diff(belief(rows)[order]) >= 0).all()


def test_who_only_hangs_on_is_possible_at_most_and_hardly_believed() -> None:
    stray = traced(real=-2.9, stood=-2.9, fell=-3.0, support=-4.0, tie=0.1, work=-4.0, aside=-1.0)
    firm = traced(real=2.9, stood=2.9, tie=2.9)
    assert tiers(np.concatenate([stray, firm])).tolist() == ["possible", "core"]
    assert belief(stray)[0] < 0.1 < 0.5 < belief(firm)[0]
