"""Curves from scores to probabilities: they rise, they go on beyond their ends, they ship."""

from __future__ import annotations

import numpy as np
import pytest

from graph_models.curves import Curve, curve_named, curves_version
from graph_models.errors import UsageError

BENT = Curve((-2.0, 0.0, 4.0), (-6.0, -1.0, 1.0))


def test_knots_and_what_lies_between_them() -> None:
    assert BENT.odds_of(np.array([-2.0, -1.0, 0.0, 2.0])).tolist() == [-6.0, -3.5, -1.0, 0.0]
    assert float(BENT.chance(2.0)) == 0.5


def test_the_end_pieces_go_on() -> None:
    assert BENT.odds_of(np.array([-4.0, 8.0])).tolist() == [-11.0, 3.0]


def test_far_out_it_stays_a_probability() -> None:
    assert 0 < float(BENT.chance(-1e6)) < 1e-9
    assert float(BENT.chance(1e6)) <= 1


@pytest.mark.parametrize(
    ("score", "odds"),
    [((0.0,), (0.0,)), ((0.0, 1.0), (0.0,)), ((0.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (1.0, 1.0))],
)
def test_a_curve_that_does_not_rise_is_refused(
    score: tuple[float, ...], odds: tuple[float, ...]
) -> None:
    with pytest.raises(UsageError):
        Curve(score, odds)


@pytest.mark.parametrize("kind", ["pair", "member"])
def test_shipped_curves_keep_the_order_of_scores(kind: str) -> None:
    score = np.arange(-12.0, 45.0, 0.001)  # every millibit
    assert (np.diff(curve_named(kind).odds_of(score)) > 0).all()


def test_the_pair_curve_takes_off_what_weak_bits_overstate() -> None:
    curve = curve_named("pair")
    assert float(curve.chance(0.0)) < 0.5
    assert float(curve.chance(30.0)) > 0.95
    assert float(curve.chance(-8.0)) < 0.01


def test_a_curve_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="campaign"):
        curve_named("campaign")
    assert curves_version().startswith("curves-")
