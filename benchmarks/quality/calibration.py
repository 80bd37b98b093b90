"""Do stated probabilities come true? Reliability over items that the model was unsure about.

Items are counted in narrow bins while worlds are measured, so that a run of many worlds keeps a few
numbers each; bins are joined afterwards until each holds enough items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bin", "Counts", "Reliability", "counts", "reliability", "together"]

LOW, HIGH = 0.05, 0.95
ENOUGH = 200  # items a bin, as the acceptance list asks
MOST_BINS = 10
_NARROW = 90

Counts = Mapping[str, list[float]]


def counts(said: NDArray[np.float64], true: NDArray[np.bool_]) -> dict[str, list[float]]:
    """Count items by stated probability.

    Args:
        said: Stated probabilities, 0..1, shape (items,).
        true: Whether each came true, shape (items,).

    Returns:
        ``n``, ``said`` and ``true`` (sums) and ``squares`` (summed squared errors) of 90 narrow
        bins between 0.05 and 0.95; ``below`` and ``above`` are (items, true ones) outside.
    """
    inside = (said >= LOW) & (said <= HIGH)
    p, y = said[inside], true[inside].astype(np.float64)
    at = np.clip(((p - LOW) / (HIGH - LOW) * _NARROW).astype(np.int64), 0, _NARROW - 1)
    sums = {"n": np.ones(len(p)), "said": p, "true": y, "squares": (p - y) ** 2}
    found = {
        name: np.bincount(at, weights=w, minlength=_NARROW).round(6).tolist()
        for name, w in sums.items()
    }
    for name, outside in (("below", said < LOW), ("above", said > HIGH)):
        found[name] = [float(outside.sum()), float(true[outside].sum())]
    return found


def together(runs: Sequence[Counts]) -> dict[str, list[float]]:
    """The counts of several runs on one world as one."""
    return {name: np.sum([run[name] for run in runs], axis=0).tolist() for name in runs[0]}


@dataclass(frozen=True)
class Bin:
    """Items of like stated probability: how many, what was said on average, what came true."""

    items: int
    said: float
    true: float


@dataclass(frozen=True)
class Reliability:
    """How one kind of probability holds. ``error`` is the expected calibration error.

    ``spread``: the least and largest error when one world is left out; all None below ``ENOUGH``
    items. ``brier`` stands beside that of always stating the share of true items.
    """

    items: int
    worlds: int
    bins: tuple[Bin, ...]
    error: float | None
    brier: float | None
    base_brier: float | None
    spread: tuple[float, float] | None
    above: tuple[int, int]
    below: tuple[int, int]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def reliability(worlds: Sequence[Counts]) -> Reliability:
    """Pool the counts of several worlds, and see how far each world alone moves the error."""
    pooled = {name: _sum(worlds, name) for name in ("n", "said", "true", "squares")}
    outside = {name: _sum(worlds, name, 2) for name in ("below", "above")}
    items = int(pooled["n"].sum())
    bins = _joined(pooled)
    used = [world for world in worlds if sum(world["n"])]
    without = [_error(_joined(_less(pooled, world))) for world in used] if len(used) > 1 else []
    left = [error for error in without if error is not None]
    rate = float(pooled["true"].sum()) / items if items else 0.0
    enough = items >= ENOUGH
    return Reliability(
        items=items,
        worlds=len(used),
        bins=bins,
        error=_error(bins),
        brier=float(pooled["squares"].sum()) / items if enough else None,
        base_brier=rate * (1 - rate) if enough else None,
        spread=(min(left), max(left)) if left else None,
        above=(int(outside["above"][0]), int(outside["above"][1])),
        below=(int(outside["below"][0]), int(outside["below"][1])),
    )


def _sum(worlds: Sequence[Counts], name: str, width: int = _NARROW) -> NDArray[np.float64]:
    total = np.zeros(width)
    for world in worlds:
        total += np.asarray(world[name])
    return total


def _less(pooled: Counts | Mapping[str, NDArray[np.float64]], world: Counts) -> dict[str, Any]:
    return {name: np.asarray(pooled[name]) - np.asarray(world[name]) for name in pooled}


def _joined(sums: Mapping[str, NDArray[np.float64]]) -> tuple[Bin, ...]:
    """Narrow bins joined from the left until each holds enough; what is left joins the last."""
    total = float(sums["n"].sum())
    if total < ENOUGH:
        return ()
    wanted = max(ENOUGH, total / MOST_BINS)
    groups: list[NDArray[np.float64]] = []
    open_ = np.zeros(3)
    for at in range(_NARROW):
        open_ = open_ + [sums[name][at] for name in ("n", "said", "true")]
        if open_[0] >= wanted:
            groups.append(open_)
            open_ = np.zeros(3)
    groups[-1] = groups[-1] + open_
    return tuple(Bin(int(n), float(said / n), float(true / n)) for n, said, true in groups)


def _error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error (Naeini et al. 2015): mean gap, weighted by items."""
    items = sum(one.items for one in bins)
    return sum(one.items * abs(one.said - one.true) for one in bins) / items if items else None
