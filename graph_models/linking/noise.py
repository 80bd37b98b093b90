"""What the same bits are worth among strangers: a table is scored again after it was rewired.

A rewired table keeps all degrees, dates and habits, and has no controllers. Where it holds as many
pairs of some score as the real table, that score says nothing, however rare the shared values are:
the local false discovery rate (Efron et al. 2001), with the rewired tables as the null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.agreement import is_telltale
from graph_models.linking.candidates import candidate_pairs
from graph_models.linking.context import LinkContext
from graph_models.linking.layers import Layer
from graph_models.linking.scoring import Ledger, score_pairs
from graph_models.rewire import rewire

__all__ = ["Noise", "learn_noise", "telltale_bits"]

Floats = NDArray[np.float64]

STEP_BITS = 0.5
MOST_BITS = 60.0
WORLDS = 4  # rewired tables: their pooled counts are smooth enough to divide by
ENOUGH_PAIRS = 400_000  # candidate pairs from which fewer worlds do
SMOOTH = np.array([1, 2, 3, 2, 1]) / 9
_LEAST = 2.0**-30


@dataclass(frozen=True, eq=False)
class Noise:
    """``fair[i]``: what ``STEP_BITS * i`` raw bits are worth once chance is taken off."""

    fair: Floats

    @classmethod
    def of(cls, real: Floats, null: Sequence[Floats], prior_bits: float) -> Noise:
        """Compare scores of real pairs with those of rewired tables.

        Args:
            real: Bits of the real table's candidate pairs.
            null: The same of each rewired table.
            prior_bits: log2 prior odds, which the caller adds again.
        """
        steps = np.arange(0.0, MOST_BITS + STEP_BITS, STEP_BITS)
        seen = _density(real)
        chance = sum((_density(part) for part in null), np.zeros(len(steps))) / max(len(null), 1)
        odds = np.maximum(seen - chance, _LEAST) / np.maximum(chance, _LEAST)
        fair = np.where(chance > 0, np.log2(odds) - prior_bits, steps)
        # More bits never mean less, and chance taken off never adds any.
        return cls(np.minimum(np.maximum.accumulate(fair), steps))

    def take_off(self, bits: Floats) -> Floats:
        """Bits after chance, shape of the input; what speaks against a pair stays as it is."""
        steps = STEP_BITS * np.arange(len(self.fair))
        return np.where(bits > 0, np.interp(bits, steps, self.fair), bits)


def _density(bits: Floats) -> Floats:
    """Pairs by step of bits, smoothed."""
    at = np.rint(np.clip(bits, 0.0, MOST_BITS) / STEP_BITS).astype(np.int64)
    count = np.bincount(at, minlength=int(MOST_BITS / STEP_BITS) + 1).astype(np.float64)
    return np.convolve(count, SMOOTH, mode="same")


def telltale_bits(ledger: Ledger) -> Floats:
    """Bits of each pair from types whose values are nearly all private (see ``is_telltale``)."""
    pairs = len(ledger.view)
    context = ledger.view.context
    telltale = {layer.kind for layer in context.layers if is_telltale(layer)}
    total = np.zeros(pairs)
    for part in ledger.parts:
        name, _, kind = part.signal.partition(" ")
        field = part.foreign and kind in context.agreement
        if field or (name == "shared" and kind in telltale):
            total += np.bincount(part.pair, weights=part.millibits / 1000, minlength=pairs)
    return total


def learn_noise(
    context: LinkContext, ledger: Ledger, *, seed: int, scene: NDArray[np.int64] | None = None
) -> Noise:
    """Score rewired copies of the table and compare.

    Args:
        context: A context whose types are foreign.
        ledger: The real table's candidate pairs, scored without heavy signals.
        seed: Seed of the rewiring.
        scene: Label of each account, shape (accounts,): values are dealt anew within a scene only,
            so that what everybody there has in common is chance too. One scene by default.
    """
    rng = np.random.default_rng([seed, 3])
    within = np.zeros(context.accounts, np.int64) if scene is None else scene
    real = ledger.millibits / 1000 - telltale_bits(ledger)
    null: list[Floats] = []
    for _ in range(WORLDS):
        layers = tuple(_dealt(layer, within, rng) for layer in context.layers)
        rewired = replace(context, layers=layers)
        again = score_pairs(rewired, candidate_pairs(rewired).view, heavy=False)
        null.append(again.millibits / 1000 - telltale_bits(again))
        if sum(map(len, null)) >= ENOUGH_PAIRS:
            break
    return Noise.of(real, null, context.prior_bits)


def _dealt(layer: Layer, scene: NDArray[np.int64], rng: np.random.Generator) -> Layer:
    """The layer with its values dealt anew within each scene; times stay with the account."""
    value = layer.value.copy()
    of_edge = scene[layer.account]
    for label in np.unique(of_edge):
        rows = np.flatnonzero(of_edge == label)
        value[rows] = rewire(layer.account[rows], value[rows].astype(np.int32), rng)
    return layer.holding(value)
