"""What scores come to in truth: learned monotone curves from summed bits to a probability.

Bits are added up as if their families were independent and the prior were known; neither holds, so
a sum is a score and no probability. The curves were learned on worlds with truth (tuning seeds
only), each a maximum-likelihood fit that may only rise, and ship as data: ``curves.toml`` beside
this file says which version, which command, which worlds, and how far worlds that were left out of
the fit came out as stated (Platt 1999; Zadrozny and Elkan 2002).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from graph_models.errors import UsageError

__all__ = ["Curve", "curve_named", "curves_version"]

Floats = NDArray[np.float64]

MOST_ODDS = 60.0  # bits: beyond, a double cannot tell a probability from certainty


@dataclass(frozen=True)
class Curve:
    """A strictly rising, piecewise linear map of scores to log2 odds.

    ``score`` and ``odds``: its knots, in bits. Beyond them the end pieces go on, so that order is
    kept everywhere.
    """

    score: tuple[float, ...]
    odds: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.score) != len(self.odds) or len(self.score) < 2:
            raise UsageError(
                f"A curve has {len(self.score)} scores and {len(self.odds)} odds.",
                fix="Give at least two knots, each with a score and its odds.",
            )
        if not ((np.diff(self.score) > 0).all() and (np.diff(self.odds) > 0).all()):
            raise UsageError(
                "The knots of a curve do not rise.", fix="Order them, and let odds rise by score."
            )

    def odds_of(self, score: Floats | float) -> Floats:
        """log2 odds of each score, both in bits; the shape of the input."""
        at, up = np.asarray(self.score), np.asarray(self.odds)
        given = np.asarray(score, dtype=np.float64)
        slope = np.diff(up) / np.diff(at)
        below = np.minimum(given - at[0], 0.0) * slope[0]
        above = np.maximum(given - at[-1], 0.0) * slope[-1]
        bent: Floats = np.interp(given, at, up) + below + above
        return bent

    def chance(self, score: Floats | float) -> Floats:
        """Probability of each score (bits), 0..1; the shape of the input."""
        odds = np.clip(self.odds_of(score), -MOST_ODDS, MOST_ODDS)
        found: Floats = 1 / (1 + np.exp2(-odds))
        return found


def curve_named(name: str) -> Curve:
    """The shipped curve of a kind of score: ``pair`` or ``member``."""
    table = _shipped()
    if name not in table or not isinstance(table[name], Mapping):
        raise UsageError(f"No curve is named {name!r}.", fix="Take 'pair' or 'member'.")
    return _curve(name)


def curves_version() -> str:
    """Version of the shipped curves, for the hash of a run."""
    return str(_shipped()["version"])


@cache
def _curve(name: str) -> Curve:
    knots = _shipped()[name]["knots"]
    return Curve(*(tuple(float(value) for value in column) for column in zip(*knots, strict=True)))


@cache
def _shipped() -> dict[str, Mapping[str, list[list[float]]]]:
    text = files("graph_models").joinpath("curves.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
