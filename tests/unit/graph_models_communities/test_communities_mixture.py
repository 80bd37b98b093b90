"""The evidence that members draw from one store or from several."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import gammaln

from graph_models.communities.kernels import asked, gains, likelihoods, summed
from graph_models.communities.mixture import Mixture, settled
from graph_models.communities.views import View
from graph_models.families import Family


def view(uses: NDArray[np.float64], *, least: float = 4.0) -> View:
    return View(
        name="device",
        family=Family.DEVICE,
        uses=csr_matrix(uses),
        group=np.zeros(uses.shape[1], np.int64),
        weight=1.0,
        least=least,
    )


def stores(cells: int, members: int, values: int, *, noise: int = 0, seed: int = 1) -> View:
    """Each member uses two of its cell's values, and one of a pool that all draw from."""
    rng = np.random.default_rng(seed)
    uses = np.zeros((cells * members, cells * values + noise))
    for member in range(cells * members):
        own = rng.choice(values, 2, replace=False) + values * (member // members)
        uses[member, own] = 1
        if noise:
            uses[member, cells * values + rng.integers(noise)] = 1
    return view(uses)


def alone(members: int) -> NDArray[np.int64]:
    return np.arange(members, dtype=np.int64)


def test_members_of_the_same_store_settle_in_one_cell() -> None:
    found, mixture = settled((stores(3, 10, 4, noise=5),), alone(30))
    assert [len(set(found[low : low + 10])) for low in (0, 10, 20)] == [1, 1, 1]
    assert len(set(found)) == 3
    assert mixture.concentration[0] <= 64


def test_where_everybody_draws_from_one_pool_there_is_one_cell() -> None:
    rng = np.random.default_rng(3)
    for members, values, drawn in ((24, 12, 3), (40, 20, 5), (60, 30, 8)):
        uses = np.zeros((members, values))
        for row in uses:
            row[rng.choice(values, drawn, replace=False)] = 1
        found, _ = settled((view(uses),), alone(members))
        assert len(set(found)) == 1


def test_a_merge_gains_what_the_pair_factor_says() -> None:
    part = stores(2, 3, 2)
    mixture = Mixture((part,), (8.0,))
    factor = mixture.pairs()
    assert np.allclose(factor, factor.T)
    assert factor[0, 1] > 0 > factor[0, 3]
    merged = mixture.merged(alone(6))
    assert merged.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_member_without_a_cell_joins_where_its_uses_are_expected() -> None:
    part = stores(2, 8, 3)
    labels = np.repeat([0, 1], 8).astype(np.int64)
    labels[[3, 12]] = -1
    assert Mixture((part,), (8.0,)).moved(labels).tolist() == [0] * 8 + [1] * 8


def test_a_member_with_a_store_of_its_own_leaves() -> None:
    uses = np.zeros((9, 8))
    uses[:8, :2] = 1
    uses[8, 2:] = 1
    moved = Mixture((view(uses),), (8.0,)).moved(np.zeros(9, np.int64))
    assert len(set(moved[:8])) == 1
    assert moved[8] not in moved[:8]


def test_labels_depend_on_the_partition_and_not_on_its_names() -> None:
    part = stores(3, 6, 3, noise=3)
    one, _ = settled((part,), alone(18))
    other, _ = settled((part,), alone(18)[::-1].copy() + 40)
    assert one.tolist() == other.tolist()


def test_compiled_loops_say_what_sums_over_all_values_say() -> None:
    rng = np.random.default_rng(8)
    part = view((rng.random((20, 9)) < 0.3).astype(np.float64))
    labels = rng.integers(-1, 4, 20)
    used = np.array([part.uses.toarray()[labels == cell].sum(axis=0) for cell in range(4)])
    drawn = np.array([part.choices.toarray()[labels == cell].sum(axis=0) for cell in range(4)])
    assert np.array_equal(summed(labels, part.uses), used)
    plain = sum(
        (gammaln(base + table) - gammaln(base)).sum() * sign
        for table, base, sign in ((used, 8 * part.share, 1), (drawn, np.array([8.0]), -1))
    )
    told = likelihoods(used, drawn, part.share, np.array([2.0, 8.0]))
    assert told[1] == pytest.approx(plain)
    mixture = Mixture((part,), (8.0,))
    gained = gains(used, drawn, part.share, 8.0, 1)
    for other in (0, 2, 3):
        merged = np.where(labels == other, 1, labels)
        more = mixture.evidence(merged) - mixture.evidence(labels)
        assert gained[other] == pytest.approx(more, abs=1e-6)
    cost = asked(labels, part.choices, drawn, 8.0)
    for member, (cell, count) in enumerate(zip(labels, part.choices.toarray()[:, 0], strict=True)):
        before = 8.0 + drawn[:, 0] - np.where(np.arange(4) == cell, count, 0.0)
        assert cost[member] == pytest.approx(gammaln(before) - gammaln(before + count))
