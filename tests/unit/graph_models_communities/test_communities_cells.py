"""Cells: who shares more with one another than everybody in the community does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models.communities.cells import cells_of, placed
from graph_models.families import Family
from graph_models.linking import LinkContext
from tests.unit.graph_models_linking.crowd import Crowd

SIZE, CELLS = 12, 3
KINDS = {"payment_method": (3, 2), "device": (3, 2), "ip": (6, 3)}  # how many, how many used


def cell_world(*kinds: str) -> Crowd:
    """Three crews of twelve, who use two of their three cards and machines, and a pool of exits."""
    made = Crowd(7)
    for member in range(SIZE * CELLS):
        one = made.account(f"cell{member // SIZE}", born=0.0)
        for kind in kinds or KINDS:
            for number in made.rng.choice(*KINDS[kind], replace=False):
                crew = "all" if kind == "ip" else member // SIZE
                made.use(one, kind, f"{kind}/{crew}.{number}")
        made.works(one, 30, [], 0)
    for _ in range(60):
        one = made.account("benign")
        made.use(one, "payment_method", f"psp/own{one}")
        made.works(one, 10, [], 0)
    return made


def found_in(
    made: Crowd, *, without: tuple[Family, ...] = (), lent: str = ""
) -> tuple[list[NDArray[np.str_]], NDArray[np.int64]]:
    """Roles of the members of each cell, the cells largest first; and the cells of all accounts."""
    context = LinkContext.of(made.observations()).leaving_out(without)
    role = made.truth().to_numpy().astype(str)
    labels = np.where(role == "benign", -1, 0)
    found = cells_of(context, labels, seed=1, lent=role == lent if lent else None)
    cells = [role[found == label] for label in np.unique(found[found >= 0])]
    return sorted(cells, key=len, reverse=True), found


def test_a_pool_that_every_member_uses_joins_no_cells() -> None:
    cells, _ = found_in(cell_world())
    assert [len(cell) for cell in cells] == [SIZE] * CELLS
    assert all(len(set(cell)) == 1 for cell in cells)


@pytest.mark.parametrize("family", [Family.INSTRUMENT, Family.DEVICE, Family.NETWORK])
def test_cells_are_found_without_any_one_family(family: Family) -> None:
    cells, _ = found_in(cell_world(), without=(family,))
    assert all(len(set(cell)) == 1 for cell in cells)
    assert sum(len(cell) > 3 for cell in cells) <= 2 * CELLS


def test_where_all_share_the_same_there_is_one_cell() -> None:
    made = Crowd(2)
    for _ in range(14):
        one = made.account("office", born=0.0)
        made.use(one, "ip", "10.1.1.1")
        made.use(one, "payment_method", "psp/corporate")
        made.works(one, 30, [], 0)
    cells, _ = found_in(made)
    assert [len(cell) for cell in cells] == [14]


def test_what_is_mostly_other_peoples_makes_no_cell() -> None:
    made = cell_world("payment_method", "ip")
    for member in range(SIZE * CELLS):
        made.use(member, "device", f"dv_shop{member % 4}")
    for shop in range(4):
        for _ in range(20):
            made.use(made.account("benign"), "device", f"dv_shop{shop}")
    cells, _ = found_in(made)
    assert all(len(set(cell)) == 1 for cell in cells)


def test_lent_accounts_of_a_community_are_one_cell_and_do_not_touch_the_others() -> None:
    made = cell_world()
    first = len(made.accounts)
    for number in range(10):
        one = made.account("lent", born=0.0)
        made.use(one, "payment_method", f"payment_method/{number % CELLS}.0")
        made.works(one, 30, [], 0)
    cells, found = found_in(made, lent="lent")
    assert sorted(len(cell) for cell in cells) == [10, SIZE, SIZE, SIZE]
    assert all(len(set(cell)) == 1 for cell in cells)
    assert len(set(found[made.position[first:]])) == 1


def test_who_shares_nothing_stands_alone() -> None:
    made = cell_world("payment_method", "device")
    loner = made.account("cell9", born=0.0)
    made.use(loner, "payment_method", "psp/alone")
    _, found = found_in(made, without=(Family.TIMING, Family.PROMPTS))
    mine = found[made.position[loner]]
    assert (found == mine).sum() == 1
    assert mine == made.position[loner]


def test_placed_are_those_who_share_infrastructure_with_a_fellow() -> None:
    rows = [(0, 1, 4000, 0, 0), (2, 3, 1000, 0, 0), (0, 4, 9000, 0, 0)]
    links = pd.DataFrame(rows, columns=["a", "b", "instrument", "device", "network"])
    assert placed(links, np.array([0, 0, 0, 0, 4])).tolist() == [True, True, False, False, False]
