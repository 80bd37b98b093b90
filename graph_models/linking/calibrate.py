"""What a table of unknown meaning says of itself: on which types fellows agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.agreement import agree, both_known, is_single
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.layers import Layer
from graph_models.linking.scoring import Ledger, probability, score_pairs

__all__ = ["learn_agreement"]

LEAST_PAIRS = 20  # linked pairs from which agreement may be learned
ROUNDS = 3  # of expectation and maximisation; estimates move by less than a hundredth after
MOST_PAIRS = 200_000  # enough to learn one number per type
MOST = 0.95  # agreement is never taken for certain: typing errors are not independent


def learn_agreement(context: LinkContext, view: PairView) -> LinkContext:
    """The context with P(agree | one controller) for each single-valued foreign type.

    A few rounds of expectation and maximisation: weigh each pair by the probability that the other
    types give it, take the weighted share of pairs that agree, score again.

    Args:
        context: A context without agreement.
        view: Candidate pairs.
    """
    single = [layer for layer in context.layers if is_single(layer)]
    step = max(1, len(view) // MOST_PAIRS)
    some = PairView(context, view.a[::step], view.b[::step])
    likely = {layer.kind: _majority(some, layer, single) for layer in single}
    fellows = likely
    for _ in range(ROUNDS if len(single) > 2 else 0):
        learned = {layer.kind: _agreement(layer, some, fellows[layer.kind]) for layer in single}
        known = {kind: value for kind, value in learned.items() if value is not None}
        context = replace(context, agreement=known)
        ledger = score_pairs(context, PairView(context, some.a, some.b), heavy=False)
        fellows = {layer.kind: likely[layer.kind] * _fellows(ledger, layer) for layer in single}
    return context


def _majority(view: PairView, layer: Layer, single: list[Layer]) -> NDArray[np.float64]:
    """1 for pairs that agree on most of the other types.

    From bits alone the rounds drift to pairs of one town, whose postcode, suburb and state say the
    same thing three times (methods §2.1).
    """
    known, same = np.zeros(len(view)), np.zeros(len(view))
    for other in single:
        if other.kind != layer.kind:
            known += both_known(other, view)
            same += both_known(other, view) & agree(other, view)
    most: NDArray[np.float64] = ((known >= 2) & (same > known / 2)).astype(np.float64)
    return most


def _fellows(ledger: Ledger, layer: Layer) -> NDArray[np.float64]:
    """Probability of one controller from everything but the layer itself."""
    pairs = len(ledger.view)
    own = np.zeros(pairs, np.int64)
    for part in ledger.parts:
        if part.signal in (f"shared {layer.kind}", f"different {layer.kind}"):
            own += np.bincount(part.pair, weights=part.millibits, minlength=pairs).astype(np.int64)
    return probability(ledger.millibits - own, ledger.view.context.prior_bits)


def _agreement(layer: Layer, view: PairView, fellows: NDArray[np.float64]) -> float | None:
    """Weighted share of fellows that agree; None where too few are known to say."""
    weight = np.where(both_known(layer, view), fellows, 0.0)
    if weight.sum() < LEAST_PAIRS:
        return None
    return float(min(MOST, (weight[agree(layer, view)].sum() + 1) / (weight.sum() + 2)))
