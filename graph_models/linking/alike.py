"""Signals of habit: two accounts behave alike, in a way that few accounts do – or unlike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.types import Types

__all__ = ["MOST_ALIKE", "MOST_UNLIKE", "elicitation", "model_move", "same_hours", "same_pace"]

MOST_ALIKE = 4.0  # likeness of habit is no identity: at most what a type of one in sixteen says
MOST_UNLIKE = 2.0  # one controller may keep accounts of several kinds, some of them for show


def same_hours(view: PairView) -> Evidence:
    """Both accounts are active in the same hours of the week, which few accounts keep."""
    return _alike(view, view.population.hours, "same hours", Family.TIMING)


def same_pace(view: PairView) -> Evidence:
    """Both accounts are active for the same number of hours a day, which few accounts are."""
    return _alike(view, view.population.pace, "same pace", Family.TIMING)


def elicitation(view: PairView) -> Evidence:
    """Both accounts ask in like part for reasoning, grades or evasive rewriting, as few do."""
    return _alike(view, view.population.eliciting, "elicitation", Family.PROMPTS)


def model_move(view: PairView) -> Evidence:
    """Both accounts moved to a new model in like part within two days, as few accounts did."""
    ratios = [_ratio(view, types) for types in view.population.moves]
    best = np.ones(len(view))
    for ratio in ratios:
        best = np.where(np.abs(np.log2(ratio)) > np.abs(np.log2(best)), ratio, best)
    return _says(view, best, "model move", Family.LIFECYCLE)


def _alike(view: PairView, types: Types, name: str, family: Family) -> Evidence:
    return _says(view, _ratio(view, types), name, family)


def _ratio(view: PairView, types: Types) -> NDArray[np.float64]:
    return np.maximum(view.context.likeness(types).ratio(view.a, view.b), 1e-3)


def _says(view: PairView, ratio: NDArray[np.float64], name: str, family: Family) -> Evidence:
    bits = np.clip(np.log2(ratio), -MOST_UNLIKE, MOST_ALIKE)
    return evidence(name, family, np.arange(len(view)), bits, inputs={"likelihood_ratio": ratio})
