"""Which pairs are scored: those that shared identifiers could link, found without listing hubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.families import FAMILIES
from graph_models.linking.closest import closest
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.kernels import by_row, reachable_pairs, starts
from graph_models.linking.layers import Layer
from graph_models.linking.rules import CANDIDATES

__all__ = ["Candidates", "candidate_pairs", "enough", "is_candidate", "met_bits", "walked_degree"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs worth scoring, and an honest count of what was not enumerated.

    ``cut`` (accounts,): partners of each account that were left out because it, and they, have
    more than ``CANDIDATES.partners`` others with as many bits of identifiers: such accounts stand
    in a block so dense that its pairs need not all be listed.
    """

    view: PairView
    met: int
    values_skipped: int
    pairs_skipped: int
    cut: NDArray[np.int64]

    @property
    def words(self) -> tuple[str, ...]:
        """What was not enumerated, for ``lacking``; empty when nothing was."""
        words = []
        if self.values_skipped:
            words.append(
                f"candidates: {self.values_skipped:,} shared values ({self.pairs_skipped:,} pairs, "
                "rarest values first) were over the budget: they speak for pairs that other values "
                "bring together, and bring none together themselves"
            )
        if self.cut.any():
            words.append(
                f"candidates: {int(self.cut.sum()) // 2:,} pairs of {int((self.cut > 0).sum()):,} "
                f"accounts that each have {CANDIDATES.partners:,} closer ones were not scored"
            )
        return tuple(words)


def candidate_pairs(context: LinkContext) -> Candidates:
    """Find all pairs that share enough bits of identifiers (``CandidateRule.floor``).

    Values are walked from rare to common until the pair budget is spent; the rest is counted, and
    looked up for the pairs that were met.
    """
    layers = [layer for layer in context.layers if layer.bridging.any()]
    degree = _joined([layer.degree[layer.bridging] for layer in layers], np.int64)
    walked = degree <= walked_degree(context)
    account, value = _bridging_edges(layers, context.accounts)
    along = walked[value]
    a, b, bits, met = reachable_pairs(
        _walked(account[along], value[along], (context.accounts, len(degree))),
        (starts(account[~along], context.accounts), value[~along]),
        _weights(layers),
        _spread(layers, context.accounts),
        CANDIDATES.floor(context.accounts),
    )
    keep, cut = closest(a, b, bits, context.accounts)
    over = degree[~walked]
    return Candidates(
        PairView(context, a[keep], b[keep]),
        met,
        values_skipped=len(over),
        pairs_skipped=int((over * (over - 1) // 2).sum()),
        cut=cut,
    )


def walked_degree(context: LinkContext) -> int:
    """The most accounts that a value may have to bring pairs together, within the pair budget.

    Whole degrees, so that no order among equally common values decides.
    """
    values = context.values_of_degree
    degree = np.arange(len(values))
    spent = np.cumsum(values * (degree * (degree - 1) // 2))
    return int(np.searchsorted(spent, CANDIDATES.budget(context.accounts), side="right")) - 1


def is_candidate(view: PairView) -> bool:
    """Whether the one pair of a view shares enough bits of identifiers to be scored."""
    return bool(enough(*met_bits(view), view.context.accounts)[0])


def enough(
    bits: NDArray[np.float64], brought: NDArray[np.bool_], accounts: int
) -> NDArray[np.bool_]:
    """Which pairs are candidates by the bits of some families, and by what brought them together.

    Args:
        bits: Bits of shared identifiers by pair and family, as from ``met_bits``.
        brought: Whether a value of the family is walked, of the same shape.
        accounts: N.
    """
    fine: NDArray[np.bool_] = bits.sum(axis=1) >= CANDIDATES.floor(accounts)
    return fine & brought.any(axis=1)


def met_bits(view: PairView) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Bits of shared identifiers that make a pair a candidate, by family, shape (pairs, 7).

    And whether one of these identifiers is walked, so that it brings the pair together.
    """
    bits = np.zeros((len(view), len(FAMILIES)))
    brought = np.zeros((len(view), len(FAMILIES)), bool)
    limit = walked_degree(view.context)
    for layer in view.context.layers:
        shared = view.shared(layer)
        value = layer.value[shared.edge_a]
        busier = np.maximum(layer.spread[view.a[shared.pair]], layer.spread[view.b[shared.pair]])
        says = layer.value_bits[value] - np.log2(np.maximum(busier, 1))
        fair = np.clip(says, 0.0, layer.policy.cap_bits)
        column = FAMILIES.index(layer.family)
        bits[:, column] += np.bincount(shared.pair, weights=fair, minlength=len(view))
        brought[shared.pair[layer.degree[value] <= limit], column] = True
    return bits, brought


def _joined(parts: list[Any], dtype: Any) -> Any:
    return np.concatenate([np.zeros(0, dtype), *parts])


def _bridging_edges(
    layers: list[Layer], accounts: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Account and value of all bridging edges by account, values numbered through all layers."""
    account, value, base = [], [], 0
    for layer in layers:
        number = np.cumsum(layer.bridging) - 1
        edge = layer.bridging_edges
        account.append(layer.account[edge])
        value.append(number[layer.value[edge]] + base)
        base += int(number[-1]) + 1
    every = _joined(account, np.int32)
    order = by_row(every, accounts)
    return every[order], _joined(value, np.int64)[order]


def _walked(
    account: NDArray[np.int32], value: NDArray[np.int64], shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Row tables account → value and value → account of edges that come by account."""
    accounts, values = shape
    users = account[by_row(value, values)]
    return starts(account, accounts), value, starts(value, values), users


def _weights(
    layers: list[Layer],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    sizes = [int(layer.bridging.sum()) for layer in layers]
    bits = _joined([layer.value_bits[layer.bridging] for layer in layers], np.float64)
    cap = np.repeat([layer.policy.cap_bits for layer in layers] or [0.0], sizes or [0])
    return bits, cap.astype(np.float64), np.repeat(np.arange(len(layers)), sizes).astype(np.int64)


def _spread(layers: list[Layer], accounts: int) -> NDArray[np.float64]:
    rows = [np.log2(np.maximum(layer.spread, 1)) for layer in layers]
    return np.column_stack(rows or [np.zeros(accounts)])
