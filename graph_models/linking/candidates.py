"""Which pairs are scored: those that shared identifiers could link, found without listing hubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.families import FAMILIES
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.kernels import reachable_pairs
from graph_models.linking.layers import Layer
from graph_models.linking.rules import CANDIDATES

__all__ = ["Candidates", "candidate_pairs", "is_candidate", "met_bits"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs worth scoring, and an honest count of what was not enumerated."""

    view: PairView
    met: int
    values_skipped: int
    pairs_skipped: int

    @property
    def words(self) -> tuple[str, ...]:
        """What was not enumerated, for ``lacking``; empty when nothing was."""
        if not self.values_skipped:
            return ()
        words = (
            f"candidates: {self.values_skipped:,} shared values ({self.pairs_skipped:,} pairs, "
            "rarest values first) were over the budget and linked nothing"
        )
        return (words,)


def candidate_pairs(context: LinkContext) -> Candidates:
    """Find all pairs that share at least ``CANDIDATES.floor_bits`` bits of identifiers.

    Values are taken from rare to common until the pair budget is spent; the rest is counted.
    """
    layers = [layer for layer in context.layers if layer.bridging.any()]
    base = np.cumsum([0, *(len(layer.position) for layer in layers)])
    value = _joined([layer.value + low for layer, low in zip(layers, base, strict=False)], int)
    account = _joined([layer.account for layer in layers], int)
    degree = _joined([layer.degree for layer in layers], int)
    bridging = _joined([layer.bridging for layer in layers], bool)
    walked, skipped_pairs = _within_budget(degree, bridging, context.accounts)
    keep = walked[value]
    order = np.lexsort((value[keep], account[keep]))
    account, value = account[keep][order], value[keep][order]
    by_value = np.lexsort((account, value))
    a, b, met = reachable_pairs(
        (_starts(account, context.accounts), value),
        (_starts(value, len(degree)), account[by_value].astype(np.int32)),
        _weights(layers),
        _spread(layers, context.accounts),
        CANDIDATES.floor_bits,
    )
    view = PairView(context, a, b)
    return Candidates(view, met, int((bridging & ~walked).sum()), skipped_pairs)


def is_candidate(view: PairView) -> bool:
    """Whether the one pair of a view shares enough bits of identifiers to be scored."""
    return bool(met_bits(view).sum() >= CANDIDATES.floor_bits)


def met_bits(view: PairView) -> NDArray[np.float64]:
    """Bits of shared identifiers that make a pair a candidate, by family, shape (pairs, 7)."""
    bits = np.zeros((len(view), len(FAMILIES)))
    for layer in view.context.layers:
        shared = view.shared(layer)
        busier = np.maximum(layer.spread[view.a[shared.pair]], layer.spread[view.b[shared.pair]])
        says = layer.value_bits[layer.value[shared.edge_a]] - np.log2(np.maximum(busier, 1))
        fair = np.clip(says, 0.0, layer.policy.cap_bits)
        column = FAMILIES.index(layer.family)
        bits[:, column] += np.bincount(shared.pair, weights=fair, minlength=len(view))
    return bits


def _joined(parts: list[Any], dtype: type) -> Any:
    return np.concatenate([np.zeros(0, dtype), *parts])


def _within_budget(
    degree: NDArray[np.int64], bridging: NDArray[np.bool_], accounts: int
) -> tuple[NDArray[np.bool_], int]:
    budget = max(CANDIDATES.pair_budget, CANDIDATES.pairs_per_account * accounts)
    pairs = np.where(bridging, degree * (degree - 1) // 2, 0)
    # Whole degree classes, so that no order among equally common values decides.
    classes, index = np.unique(degree, return_inverse=True)
    spent = np.cumsum(np.bincount(index, weights=pairs, minlength=len(classes)))
    walked = bridging & (spent <= budget)[index]
    return walked, int(pairs[bridging & ~walked].sum())


def _starts(row: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)


def _weights(
    layers: list[Layer],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    sizes = [len(layer.position) for layer in layers]
    bits = _joined([layer.value_bits for layer in layers], float)
    cap = np.repeat([layer.policy.cap_bits for layer in layers] or [0.0], sizes or [0])
    return bits, cap.astype(np.float64), np.repeat(np.arange(len(layers)), sizes).astype(np.int64)


def _spread(layers: list[Layer], accounts: int) -> NDArray[np.float64]:
    rows = [np.log2(np.maximum(layer.spread, 1)) for layer in layers]
    return np.array(rows or [np.zeros(accounts)], dtype=np.float64)
