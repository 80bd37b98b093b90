"""Cells: who shares more with one another than everybody in the community does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph_models.communities.cells import parted, placed
from graph_models.communities.views import View
from graph_models.families import Family

Uses = Sequence[Sequence[int]]


def view(family: Family, uses: Uses) -> View:
    """Which values each member uses, as views_of would tell it."""
    width = 1 + max((value for row in uses for value in row), default=0)
    table = np.zeros((len(uses), width))
    for member, values in enumerate(uses):
        table[member, list(values)] = 1.0
    table = table[:, table.sum(axis=0) >= 2]
    return View(
        name=family.value,
        family=family,
        uses=csr_matrix(table),
        group=np.zeros(table.shape[1], dtype=np.int64),
        weight=1.0,
    )


def cells(labels: NDArray[np.int64]) -> list[list[int]]:
    """Members by cell, without those who stand alone."""
    return [np.flatnonzero(labels == name).tolist() for name in np.unique(labels[labels >= 0])]


def test_a_pool_that_every_member_uses_joins_no_cells() -> None:
    groups, size = 6, 10
    rng = np.random.default_rng(1)
    own = [[member // size] for member in range(groups * size)]
    exits = [rng.choice(8, 3, replace=False) for _ in own]
    views = (view(Family.INSTRUMENT, own), view(Family.DEVICE, own), view(Family.NETWORK, exits))
    assert cells(parted(views, seed=1)) == [
        list(range(first, first + size)) for first in range(0, groups * size, size)
    ]


def test_cells_are_found_where_nothing_else_is_shared() -> None:
    card = view(Family.INSTRUMENT, [[member // 8] for member in range(16)])
    assert cells(parted((card,), seed=1)) == [list(range(8)), list(range(8, 16))]


def test_where_all_share_everything_there_is_one_cell() -> None:
    office = view(Family.NETWORK, [[0]] * 12)
    assert cells(parted((office,), seed=1)) == [list(range(12))]


def test_a_large_cell_with_a_card_keeps_it() -> None:
    card = view(Family.INSTRUMENT, [[member // 12] for member in range(16)])
    assert cells(parted((card,), seed=1)) == [list(range(12)), list(range(12, 16))]


def test_members_who_share_nothing_stand_alone() -> None:
    card = view(Family.INSTRUMENT, [[0], [0], [1], [2], [0], [0]])
    assert parted((card,), seed=1).tolist() == [0, 0, -1, -1, 0, 0]


def test_three_bits_of_infrastructure_place_a_member() -> None:
    bits = {"instrument": [4_000, 1_000], "device": [0, 0], "network": [0, 0]}
    links = pd.DataFrame({"a": [0, 2], "b": [1, 3], **bits})
    assert placed(links, np.zeros(4, dtype=np.int64)).tolist() == [True, True, False, False]
