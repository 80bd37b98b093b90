"""Reliability against worlds whose probabilities are right, and wrong, by construction."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.calibration import ENOUGH, counts, reliability


def world(seed: int, *, bend: float = 1.0, items: int = 3000) -> dict[str, list[float]]:
    """Items that come true with probability said ** bend; 1 is honest."""
    rng = np.random.default_rng(seed)
    said = rng.random(items)
    return counts(said, rng.random(items) < said**bend)


def test_honest_probabilities_have_a_small_error() -> None:
    found = reliability([world(seed) for seed in range(5)])
    assert found.error is not None
    assert found.error < 0.02
    assert found.brier is not None
    assert found.base_brier is not None
    assert found.brier < found.base_brier
    assert min(one.items for one in found.bins) >= ENOUGH


def test_boastful_probabilities_have_a_large_one() -> None:
    found = reliability([world(seed, bend=3.0) for seed in range(5)])
    assert found.error is not None
    assert found.error > 0.15


def test_one_bad_world_shows_in_the_spread() -> None:
    honest = [world(seed) for seed in range(3)]
    bad = reliability([*honest, world(9, bend=6.0)])
    assert bad.spread is not None
    assert bad.error is not None
    assert bad.spread[0] < bad.error / 2
    assert reliability(honest).worlds == 3


def test_sure_items_are_counted_apart() -> None:
    found = reliability([counts(np.array([0.99, 0.97, 0.01]), np.array([True, False, False]))])
    assert (found.items, found.above, found.below) == (0, (2, 1), (1, 0))
    assert found.error is None


def test_too_few_items_give_no_figure() -> None:
    found = reliability([counts(np.full(ENOUGH - 1, 0.5), np.zeros(ENOUGH - 1, bool))])
    assert (found.items, found.error, found.brier, found.bins) == (ENOUGH - 1, None, None, ())


def test_sums_equal_the_definition() -> None:
    rng = np.random.default_rng(4)
    said = rng.uniform(0.05, 0.95, 1000)
    true = rng.random(1000) < 0.4
    found = reliability([counts(said[:300], true[:300]), counts(said[300:], true[300:])])
    assert found.brier == pytest.approx(float(((said - true) ** 2).mean()), abs=1e-6)
    assert found.base_brier == pytest.approx(float(true.mean() * (1 - true.mean())))
    assert sum(one.items for one in found.bins) == 1000
