"""Agreement of groupings against oracles: scikit-learn and counting pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from workbench.contingency import Contingency, Scores, f1

LABELS = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=2, max_size=40)


def spread(labels: list[int]) -> list[int]:
    """-1 as a group of its own for every item."""
    return [100 + i if label < 0 else label for i, label in enumerate(labels)]


@given(LABELS)
def test_pairs_equal_counting_every_pair(labels: list[tuple[int, int]]) -> None:
    predicted, truth = (spread(list(column)) for column in zip(*labels, strict=True))
    said = {p for p in combinations(range(len(labels)), 2) if predicted[p[0]] == predicted[p[1]]}
    real = {p for p in combinations(range(len(labels)), 2) if truth[p[0]] == truth[p[1]]}
    scores = Contingency.of(*zip(*labels, strict=True)).pairs()
    assert scores == Scores.of(len(said & real), len(said), len(real))


@given(LABELS)
def test_b_cubed_equals_the_definition(labels: list[tuple[int, int]]) -> None:
    predicted, truth = (np.array(spread(list(column))) for column in zip(*labels, strict=True))
    same_p, same_t = predicted[:, None] == predicted, truth[:, None] == truth
    both = (same_p & same_t).sum(1)
    scores = Contingency.of(*zip(*labels, strict=True)).b_cubed()
    assert scores.precision == pytest.approx((both / same_p.sum(1)).mean())
    assert scores.recall == pytest.approx((both / same_t.sum(1)).mean())


@given(LABELS)
def test_adjusted_rand_equals_scikit_learn(labels: list[tuple[int, int]]) -> None:
    predicted, truth = (spread(list(column)) for column in zip(*labels, strict=True))
    found = Contingency.of(*zip(*labels, strict=True)).adjusted_rand()
    assert found == pytest.approx(adjusted_rand_score(truth, predicted))


def test_weighted_precision_weighs_groups_by_what_they_got_right() -> None:
    predicted = [0, 0, 0, 0, 1, 1, 2, 2, -1]
    truth = [0, 0, 0, -1, 0, 1, -1, -1, 1]
    scores = Contingency.of(predicted, truth).weighted_precision()
    assert scores == pytest.approx((4 * (3 / 4) ** 2 + 2 * (1 / 2) ** 2) / (3 + 1))


def test_innocent_groups_alone_have_no_weighted_precision() -> None:
    assert Contingency.of([0, 0, 1, 1], [-1, -1, -1, -1]).weighted_precision() is None


def test_a_hundred_thousand_accounts_are_no_trouble() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(-1, 3, 100_000)
    assert Contingency.of(truth, truth).pairs() == Scores(1.0, 1.0)


def test_nothing_to_compare() -> None:
    empty = Contingency.of(np.zeros(0, int), np.zeros(0, int))
    assert empty.pairs() == Scores(None, None)
    assert empty.b_cubed() == Scores(None, None)
    assert empty.adjusted_rand() is None


def test_f1() -> None:
    assert f1(0.5, 1.0) == pytest.approx(2 / 3)
    assert f1(0.0, 0.0) == 0.0
    assert f1(None, 1.0) is None
