"""Who speaks for a population that is too large to be read whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models import observations as module
from graph_models.observations import COLUMNS, Observations, empty_table, rows_of


def _population(size: int) -> Observations:
    accounts = empty_table("accounts").reindex(range(size))
    accounts["account"] = [f"acct_{number:05d}" for number in range(size)]
    return Observations(
        snapshot="test",
        accounts=accounts,
        identifiers=empty_table("identifiers"),
        sightings=empty_table("sightings"),
    )


def test_a_small_population_speaks_for_itself() -> None:
    assert _population(40).sample.tolist() == list(range(40))


def test_a_large_one_is_drawn_by_id_and_keeps_who_was_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SAMPLE", 100)
    few, many = _population(1000), _population(1100)
    assert len(few.sample) == len(many.sample) == 100
    assert (np.diff(few.sample) > 0).all()
    # Of a tenth more accounts about a tenth is drawn anew; the others stay.
    assert len(np.intersect1d(few.sample, many.sample)) > 80


def test_rows_come_in_the_order_of_the_table() -> None:
    table = pd.DataFrame({name: [0] * 6 for name in COLUMNS["activity"]})
    table["account"] = [0, 0, 1, 2, 2, 4]
    table["exchanges"] = range(6)
    obs = replace(_population(5), activity_of=rows_of(table.astype(COLUMNS["activity"])))

    def read(*asked: int) -> list[int]:
        who: NDArray[np.int32] = np.array(asked, np.int32)
        return obs.activity_of(who)["exchanges"].tolist()

    assert read(4, 0) == [0, 1, 5]
    assert read(3) == read() == []
    assert obs.activity["exchanges"].tolist() == list(range(6))
