"""The fit of curves, on worlds whose truth is known by construction."""

from __future__ import annotations

import tomllib

import numpy as np

from benchmarks.calibrating import ENOUGH, Heard, fitted, learned, table_text
from graph_models.curves import Curve

TRUE = Curve((-6.0, 0.0, 10.0), (-8.0, -3.0, 5.0))  # overstated in the middle, as sums are


def world(seed: int, *, shift: float = 0.0, items: int = 4000) -> Heard:
    rng = np.random.default_rng(seed)
    score = rng.uniform(-8, 14, items)
    return Heard.of(score, rng.random(items) < TRUE.chance(score + shift))


def test_the_fit_finds_the_curve_that_made_the_truth() -> None:
    found = fitted([world(seed) for seed in range(8)])
    score = np.arange(-6.0, 12.0, 0.5)
    assert np.abs(found.chance(score) - TRUE.chance(score)).max() < 0.05


def test_it_rises_even_where_the_truth_falls() -> None:
    score = np.random.default_rng(0).uniform(0, 10, 5000)
    falling = Heard.of(score, np.random.default_rng(1).random(5000) < 0.9 - 0.08 * score)
    assert (np.diff(fitted([falling]).odds) > 0).all()


def test_worlds_left_out_come_true_as_stated() -> None:
    found = learned({f"w{seed}": world(seed) for seed in range(6)})
    assert found.left_out.error is not None
    assert found.left_out.error < 0.03
    assert found.left_out.brier is not None
    assert found.left_out.base_brier is not None
    assert found.left_out.brier < found.left_out.base_brier
    assert min(one.items for one in found.left_out.bins) >= ENOUGH


def test_a_world_of_another_kind_shows_only_when_it_is_left_out() -> None:
    worlds = {f"w{seed}": world(seed) for seed in range(3)} | {"odd": world(9, shift=-8.0)}
    honest = learned({name: one for name, one in worlds.items() if name != "odd"})
    mixed = learned(worlds)
    assert mixed.left_out.error is not None
    assert honest.left_out.error is not None
    assert mixed.left_out.error > honest.left_out.error + 0.02


def test_the_table_reads_back() -> None:
    found = learned({f"w{seed}": world(seed) for seed in range(3)})
    table = tomllib.loads(table_text({"pair": found, "member": found}))
    assert [tuple(knot) for knot in table["pair"]["knots"]] == list(
        zip(found.curve.score, found.curve.odds, strict=True)
    )
    assert sum(row[0] for row in table["member"]["left_out"]["reliability"]) > 0
    assert table["source"].startswith("python -m benchmarks.calibrate")
