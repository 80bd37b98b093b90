"""Disagreement as evidence, for foreign types of which every account has one value.

Fellegi and Sunter (1969): a field on which two records of one person nearly always agree speaks
against the pair when they differ. How often fellows agree is learned from the table itself, from
pairs that the *other* types link; where operators vary a field at will, it then says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.layers import Layer, is_foreign

__all__ = ["agree", "both_known", "disagreement", "is_single"]

SINGLE = 0.98  # share of accounts with at most one value that makes a type single-valued


def disagreement(view: PairView, layer: Layer, agreement: Mapping[str, float]) -> Evidence:
    """Both accounts have a value of this type and the values differ, which fellows' rarely do."""
    differ = both_known(layer, view) & ~agree(layer, view)
    bits = np.where(differ, np.log2(1 - agreement[layer.kind]), 0.0)
    return evidence(
        f"different {layer.kind}",
        Family.PROFILE,
        np.arange(len(view)),
        bits,
        inputs={"agreement_of_fellows": np.full(len(view), agreement[layer.kind])},
        foreign=True,
    )


def is_single(layer: Layer) -> bool:
    """Whether a foreign type gives (nearly) every account one value at most."""
    holders = layer.spread[layer.spread > 0]
    return is_foreign(layer.kind) and bool((holders <= 1).mean() >= SINGLE)


def both_known(layer: Layer, view: PairView) -> NDArray[np.bool_]:
    """Pairs of which both accounts have a value, shape (pairs,)."""
    known: NDArray[np.bool_] = layer.spread > 0
    return known[view.a] & known[view.b]


def agree(layer: Layer, view: PairView) -> NDArray[np.bool_]:
    """Pairs with the same value, shape (pairs,)."""
    value = np.full(layer.accounts, -1, np.int64)
    value[layer.account[::-1]] = layer.value[::-1]
    same: NDArray[np.bool_] = value[view.a] == value[view.b]
    return same
