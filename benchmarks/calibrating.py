"""Fit of a rising curve from scores to probabilities, and its test on worlds left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.quality.calibration import Reliability, counts, reliability
from graph_models.curves import Curve

__all__ = ["KINDS", "Heard", "Learned", "fitted", "learned", "table_text"]

KINDS = ("pair", "member")
VERSION = "curves-1"
COMMAND = "python -m benchmarks.calibrate --cache FOLDER"

STEP = 0.1  # bits: scores are counted in bins of this width
LEAST, MOST = -10.0, 40.0
KNOT_BITS = 1.0
ENOUGH = 200  # items beyond the last knot on either side, as a bin of the reliability has
LEAST_RISE = 0.02  # bits of odds for each bit of score: flatter pieces would lose the order
SMOOTH = 1e-5  # weight of squared bends: keeps single worlds from bending the curve
_BINS = round((MOST - LEAST) / STEP)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """Items of one world by score: ``n`` and how many came true, in ``STEP`` wide bins."""

    n: Sequence[float]
    true: Sequence[float]

    @classmethod
    def of(cls, score: Floats, true: NDArray[np.bool_]) -> Heard:
        """Count items by score (bits), both of shape (items,)."""
        at = np.clip(np.floor((score - LEAST) / STEP).astype(np.int64), 0, _BINS - 1)
        return cls(
            np.bincount(at, minlength=_BINS).astype(float).tolist(),
            np.bincount(at, weights=true, minlength=_BINS).tolist(),
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def tallied(self, curve: Curve) -> dict[str, list[float]]:
        """What a curve states of the items, and what came true, as ``calibration.counts``."""
        hit, all_ = (np.asarray(column, dtype=np.int64) for column in (self.true, self.n))
        said = curve.chance(_middles())
        chances = np.concatenate([np.repeat(said, hit), np.repeat(said, all_ - hit)])
        return counts(chances, np.arange(len(chances)) < hit.sum())


@dataclass(frozen=True)
class Learned:
    """A curve from all worlds, and how curves from the others did on each world."""

    curve: Curve
    left_out: Reliability
    worlds: tuple[str, ...]
    items: int


def learned(worlds: Mapping[str, Heard]) -> Learned:
    """Fit a curve on all worlds, and test its like on each world in turn.

    Args:
        worlds: Items by the world that they are from.
    """
    told = []
    for name, own in worlds.items():
        others = [world for other, world in worlds.items() if other != name]
        told.append(own.tallied(fitted(others)))
    items = int(sum(sum(world.n) for world in worlds.values()))
    return Learned(fitted(list(worlds.values())), reliability(told), tuple(sorted(worlds)), items)


def fitted(worlds: Sequence[Heard]) -> Curve:
    """The likeliest strictly rising curve; every item counts the same.

    Odds at knots a bit apart, joined by straight lines: a first one and rises of at least
    ``LEAST_RISE``, with a small price on bends.
    """
    n: Floats = np.sum([world.n for world in worlds], axis=0)
    true: Floats = np.sum([world.true for world in worlds], axis=0)
    knots = _knots(n)
    basis = np.array([np.interp(_middles(), knots, unit) for unit in np.eye(len(knots))]).T
    rising = np.tril(np.ones((len(knots), len(knots))))
    used = n > 0
    rises = _likeliest(basis[used] @ rising, n[used], true[used], first=knots[0] - 2)
    odds = np.round(rising @ rises, 3)
    return Curve(tuple(knots.tolist()), tuple(odds.tolist()))


def _likeliest(design: Floats, n: Floats, true: Floats, *, first: float) -> Floats:
    """First odds and rises (bits) under which ``true`` of ``n`` items is likeliest."""

    def loss(theta: Any) -> tuple[float, Any]:
        odds = np.log(2) * design @ theta
        bends = np.diff(theta[1:])
        chance = 1 / (1 + np.exp(-odds))
        value = (n @ np.logaddexp(0, odds) - true @ odds) / n.sum()
        slope: Floats = np.log(2) * design.T @ (n * chance - true) / n.sum()
        slope[1:-1] -= 2 * SMOOTH * bends
        slope[2:] += 2 * SMOOTH * bends
        return float(value + SMOOTH * bends @ bends), slope

    rises = design.shape[1] - 1
    start: Floats = np.concatenate([[first], np.full(rises, 0.7)])
    least, most = [None, *[LEAST_RISE * KNOT_BITS] * rises], [None] * (rises + 1)
    options: Any = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-10}
    found = minimize(
        loss, start, jac=True, bounds=list(zip(least, most, strict=True)),
        method="L-BFGS-B", options=options,
    )  # fmt: skip
    return np.asarray(found.x, dtype=np.float64)


def _middles() -> Floats:
    return np.asarray(LEAST + STEP * (np.arange(_BINS) + 0.5), dtype=np.float64)


def _knots(n: Floats) -> Floats:
    """A bit apart, from where enough items lie below to where enough lie above."""
    below, above = np.cumsum(n), np.cumsum(n[::-1])[::-1]
    inside = _middles()[(below >= ENOUGH) & (above >= ENOUGH)]
    last = np.ceil(inside.max()) + KNOT_BITS / 2
    knots: Floats = np.arange(np.floor(inside.min()), last, KNOT_BITS)
    return knots


def table_text(found: Mapping[str, Learned]) -> str:
    """The curves as TOML, with where they come from and how they held on worlds left out."""
    lines = [
        "# What scores come to in truth. Made by the command below: do not edit by hand.",
        f'version = "{VERSION}"',
        f'source = "{COMMAND}"',
        'learned_on = "tuning split (seeds 1 to 10), never the report split"',
    ]
    for kind, one in found.items():
        knots = zip(one.curve.score, one.curve.odds, strict=True)
        held = one.left_out
        lines += [
            "",
            f"[{kind}]",
            f"items = {one.items}",
            "worlds = [",
            *(f'    "{name}",' for name in one.worlds),
            "]",
            "# score and log2 odds, in bits",
            "knots = [",
            *(f"    [{score:g}, {odds:g}]," for score, odds in knots),
            "]",
            "",
            f"[{kind}.left_out]  # each world stated by a curve learned on the others",
            *([f"error = {held.error:.4f}"] if held.error is not None else []),
            *([f"brier = {held.brier:.4f}"] if held.brier is not None else []),
            *([f"base_brier = {held.base_brier:.4f}"] if held.base_brier is not None else []),
            "# items, what was said of them on average, what came true",
            "reliability = [",
            *(f"    [{one.items}, {one.said:.4f}, {one.true:.4f}]," for one in held.bins),
            "]",
        ]
    return "\n".join(lines) + "\n"
