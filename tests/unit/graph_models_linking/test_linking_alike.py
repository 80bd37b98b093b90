"""Signals of habit on a crowd: bounded, silent without data, and the same from both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking import LinkContext, PairView
from graph_models.linking.alike import (
    MOST_ALIKE,
    MOST_UNLIKE,
    elicitation,
    model_move,
    same_hours,
    same_pace,
)
from graph_models.linking.evidence import Evidence
from graph_models.observations import rows_of
from tests.unit.graph_models_linking.crowd import Crowd, crowd

SIGNALS = (same_hours, same_pace, elicitation, model_move)
HERD = range(40, 60)  # accounts that never rest, and all move to a new model at once


@pytest.fixture(scope="module")
def made() -> Crowd:
    return crowd(5, ordinary=200, campaign=0, customers=0)


@pytest.fixture(scope="module")
def context(made: Crowd) -> LinkContext:
    obs = made.observations()
    ids = made.position[list(HERD)]
    begin = obs.activity["hour"].min().floor("D")
    hours = begin + pd.to_timedelta(np.arange(20 * 24), unit="h")
    herd = pd.DataFrame({
        "account": np.repeat(ids, len(hours)), "hour": np.tile(hours, len(ids)), "model": "m1",
        "exchanges": 3, "capability": None, "elicited": 3, "input_tokens": 0, "output_tokens": 0,
    })  # fmt: skip
    herd.loc[herd["hour"] >= begin + pd.Timedelta(days=10), "model"] = "m2"
    kept = obs.activity[~obs.activity["account"].isin(ids)]
    table = pd.concat([kept, herd[kept.columns].astype(kept.dtypes)], ignore_index=True)
    return LinkContext.of(replace(obs, activity_of=rows_of(table)))


def view(context: LinkContext, a: NDArray[np.int32], b: NDArray[np.int32]) -> PairView:
    return PairView(context, np.minimum(a, b), np.maximum(a, b))


def bits(found: Evidence, pairs: int) -> NDArray[np.float64]:
    return np.bincount(found.pair, weights=found.millibits / 1000, minlength=pairs)


def herd_pairs(made: Crowd) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    ids = made.position[list(HERD)]
    return ids[:-1], ids[1:]


def others(made: Crowd) -> NDArray[np.int32]:
    return made.position[np.arange(100, 100 + len(HERD) - 1)]


@pytest.mark.parametrize("signal", SIGNALS)
def test_what_habits_say_is_bounded(context: LinkContext, signal) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    ends = rng.integers(context.accounts, size=(2, 3000)).astype(np.int32)
    said = bits(signal(view(context, *ends)), 3000)
    assert said.max() <= MOST_ALIKE
    assert said.min() >= -MOST_UNLIKE
    assert np.abs(said).max() > 0


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_herd_is_alike_and_ordinary_accounts_are_no_part_of_it(  # type: ignore[no-untyped-def]
    made: Crowd, context: LinkContext, signal
) -> None:
    a, b = herd_pairs(made)
    inside = bits(signal(view(context, a, b)), len(a))
    across = bits(signal(view(context, a, others(made))), len(a))
    assert inside.mean() > 0.5
    assert across.mean() < inside.mean()
    assert across.mean() <= 0


@pytest.mark.parametrize("signal", SIGNALS)
def test_families_are_as_the_table_of_signals_says(context: LinkContext, signal) -> None:  # type: ignore[no-untyped-def]
    pair = np.array([0], np.int32), np.array([1], np.int32)
    family = signal(view(context, *pair)).family
    assert family in {Family.TIMING, Family.PROMPTS, Family.LIFECYCLE}


def test_ratio_is_given_so_that_bits_can_be_recomputed(made: Crowd, context: LinkContext) -> None:
    a, b = herd_pairs(made)
    found = same_pace(view(context, a, b))
    again = np.clip(np.log2(found.inputs["likelihood_ratio"]), -MOST_UNLIKE, MOST_ALIKE)
    assert found.millibits == pytest.approx(1000 * again, abs=0.5)


def test_without_a_release_nobody_moved(made: Crowd) -> None:
    context = LinkContext.of(made.observations())
    a, b = herd_pairs(made)
    assert len(model_move(view(context, a, b))) == 0
