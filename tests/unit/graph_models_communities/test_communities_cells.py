"""Cells: who shares more with one another than everybody in the community does."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from graph_models.communities.cells import cells_of, placed

FAMILIES = ("instrument", "device", "network")


def links_of(size: int, bits: dict[tuple[int, int], tuple[int, int, int]]) -> pd.DataFrame:
    """Links between all pairs of ``size`` accounts, with millibits by family for some."""
    pairs = list(combinations(range(size), 2))
    shared = [bits.get(pair, (0, 0, 0)) for pair in pairs]
    return pd.DataFrame(pairs, columns=["a", "b"]).join(pd.DataFrame(shared, columns=FAMILIES))


def cells(links: pd.DataFrame, size: int) -> list[set[int]]:
    found = cells_of(links, np.zeros(size, dtype=np.int64), seed=1)
    return [set(np.flatnonzero(found == label).tolist()) for label in np.unique(found)]


def test_a_pool_that_every_member_uses_joins_no_cells() -> None:
    groups, size = 6, 10
    rng = np.random.default_rng(1)
    shared = {
        (a, b): (8_000 * (a // size == b // size and rng.random() < 0.3), 0, rng.integers(6_000))
        for a, b in combinations(range(groups * size), 2)
    }
    links = links_of(groups * size, shared)
    found = cells_of(links, np.zeros(groups * size, dtype=np.int64), seed=1)
    pairs = [(a // size == b // size) for a, b in shared if found[a] == found[b]]
    assert np.mean(pairs) > 0.8
    assert len(pairs) > 0.7 * groups * size * (size - 1) / 2


def test_cells_are_found_where_nothing_else_is_shared() -> None:
    card = {(a, b): (5_000 * (a // 8 == b // 8), 0, 0) for a, b in combinations(range(16), 2)}
    assert cells(links_of(16, card), 16) == [set(range(8)), set(range(8, 16))]


def test_where_all_share_everything_there_is_one_cell() -> None:
    office = links_of(12, dict.fromkeys(combinations(range(12), 2), (0, 0, 8_000)))
    assert cells(office, 12) == [set(range(12))]


def test_a_large_cell_with_a_card_keeps_it() -> None:
    sizes = dict.fromkeys(combinations(range(12), 2), (6000, 0, 0))
    sizes |= dict.fromkeys(combinations(range(12, 16), 2), (6000, 0, 0))
    assert cells(links_of(16, sizes), 16) == [set(range(12)), set(range(12, 16))]


def test_members_without_infrastructure_stand_alone() -> None:
    links = links_of(4, {(0, 1): (4_000, 0, 0), (2, 3): (1_000, 0, 0)})
    labels = np.zeros(4, dtype=np.int64)
    assert cells(links, 4) == [{0, 1}, {2}, {3}]
    assert placed(links, labels).tolist() == [True, True, False, False]
