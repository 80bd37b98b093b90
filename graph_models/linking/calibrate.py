"""What a table of unknown meaning says of itself: on which types fellows agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graph_models.linking.agreement import agree, both_known, is_single
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.layers import Layer
from graph_models.linking.scoring import Ledger, probability, score_pairs

__all__ = ["learn_agreement"]

LEAST_PAIRS = 20  # linked pairs from which agreement may be learned
ROUNDS = 6  # of expectation and maximisation; estimates move by less than a hundredth after
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
    some = (view.a[::step], view.b[::step])
    for _ in range(ROUNDS if len(single) > 1 else 0):
        ledger = score_pairs(context, PairView(context, *some), heavy=False)
        learned = {layer.kind: _agreement(context, ledger, layer) for layer in single}
        known = {kind: value for kind, value in learned.items() if value is not None}
        context = replace(context, agreement=known)
    return context


def _agreement(context: LinkContext, ledger: Ledger, layer: Layer) -> float | None:
    """Weighted share of fellows that agree; None where too few are known to say."""
    pairs = len(ledger.view)
    own = np.zeros(pairs, np.int64)
    for part in ledger.parts:
        if part.signal in (f"shared {layer.kind}", f"different {layer.kind}"):
            own += np.bincount(part.pair, weights=part.millibits, minlength=pairs).astype(np.int64)
    fellows = probability(ledger.millibits - own, context.prior_bits)
    fellows = np.where(both_known(layer, ledger.view), fellows, 0.0)
    if fellows.sum() < LEAST_PAIRS:
        return None
    same = fellows[agree(layer, ledger.view)].sum()
    return float(min(MOST, (same + 1) / (fellows.sum() + 2)))
