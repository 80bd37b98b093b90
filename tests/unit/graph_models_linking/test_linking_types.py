"""Types of accounts, and what likeness says: rare types speak, common ones do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from graph_models.linking.types import Types, fit_binomial, fit_profiles

RARE, COMMON = 0, 1
KEPT = np.array([0.6, 0.6])


@pytest.fixture
def two() -> Types:
    """Accounts 0 and 1 are of a rare type, 2 and 3 of a common one, 4 is unknown."""
    share = np.array([0.05, 0.95])
    posterior = np.array([[1, 0], [1, 0], [0, 1], [0, 1], share], np.float32)
    return Types(posterior, share)


def ratio(types: Types, a: int, b: int, kept: NDArray[np.float64] = KEPT) -> float:
    return float(types.ratio(np.array([a], np.int32), np.array([b], np.int32), kept)[0])


def test_likeness_says_more_the_rarer_the_type(two: Types) -> None:
    assert ratio(two, 0, 1) == pytest.approx(0.6 / 0.05 + 0.4, rel=1e-5)
    assert ratio(two, 2, 3) == pytest.approx(0.6 / 0.95 + 0.4, rel=1e-5)


def test_difference_speaks_against_as_far_as_fellows_keep_to_a_type(two: Types) -> None:
    assert ratio(two, 0, 2) == pytest.approx(0.4, rel=1e-5)
    assert ratio(two, 0, 2, np.zeros(2)) == pytest.approx(1.0)


def test_an_unknown_account_says_nothing(two: Types) -> None:
    for other in range(5):
        assert ratio(two, 4, other) == pytest.approx(1.0, abs=1e-5)


def test_ratio_is_the_same_from_both_sides(two: Types) -> None:
    uneven = np.array([0.8, 0.2])
    assert ratio(two, 0, 2, uneven) == pytest.approx(ratio(two, 2, 0, uneven))


def test_ratios_average_to_one_over_strangers() -> None:
    rng = np.random.default_rng(1)
    share = np.array([0.2, 0.3, 0.5])
    of = rng.choice(3, 6000, p=share)
    types = Types(np.eye(3, dtype=np.float32)[of], share)
    a, b = rng.integers(6000, size=(2, 200_000)).astype(np.int32)
    assert types.ratio(a, b, np.array([0.9, 0.5, 0.1])).mean() == pytest.approx(1.0, abs=0.02)


def test_fellows_who_keep_to_a_type_teach_it_and_strangers_do_not() -> None:
    share = np.array([0.5, 0.5])
    types = Types(np.eye(2, dtype=np.float32)[np.repeat([0, 1], 500)], share)
    alike = np.arange(0, 1000, 2, dtype=np.int32)
    mixed = np.random.default_rng(2).permutation(1000).astype(np.int32)
    together = types.kept(alike, alike + 1, (0.3, 30.0))
    apart = types.kept(mixed[:500], mixed[500:], (0.3, 30.0))
    assert (together > 0.9).all()
    assert (apart < 0.15).all()


def test_without_fellows_the_prior_stands(two: Types) -> None:
    none = np.zeros(0, np.int32)
    assert two.kept(none, none, (0.3, 30.0)) == pytest.approx([0.3, 0.3])


def test_profiles_tell_accounts_apart_and_leave_the_silent_at_the_shares() -> None:
    counts = np.zeros((60, 4))
    counts[:40, 0], counts[40:59, 3] = 20, 20  # the last account never did anything
    start = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]])
    found = fit_profiles(counts, start).types(counts)
    assert (found.posterior[:40, 0] > 0.99).all()
    assert (found.posterior[40:59, 1] > 0.99).all()
    assert found.posterior[59] == pytest.approx(found.share, abs=1e-5)
    assert found.share == pytest.approx([40 / 59, 19 / 59], abs=0.01)


def test_shares_of_hits_land_on_the_nearest_rate() -> None:
    tries = np.full(40, 50.0)
    hits = np.where(np.arange(40) < 30, 1.0, 45.0)
    events = np.column_stack([hits, tries - hits])
    found = fit_binomial(events, (0.02, 0.5, 0.9)).types(events)
    assert (found.posterior[:30].argmax(axis=1) == 0).all()
    assert (found.posterior[30:].argmax(axis=1) == 2).all()


def test_no_type_is_taken_for_rarer_than_the_floor() -> None:
    found = fit_binomial(np.tile([0.0, 60.0], (100, 1)), (0.02, 0.9))
    assert found.share.min() >= 0.009
    assert found.share.sum() == pytest.approx(1.0)
