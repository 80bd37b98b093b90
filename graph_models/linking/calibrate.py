"""What a table of records says of itself: where fellows agree, and which fields repeat others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.agreement import (
    AGREE,
    CLOSE,
    DIFFER,
    Compared,
    compare,
    field_evidence,
    is_single,
)
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import PairView
from graph_models.linking.fields import FieldModel
from graph_models.linking.layers import Layer

__all__ = ["learn_agreement"]

LEAST_FIELDS = 3  # with fewer, agreement of two fields cannot judge a third
LEAST_PAIRS = 20.0  # weight of pairs from which anything is learned
ROUNDS = 6  # of expectation and maximisation; estimates move by less than a hundredth after
MOST_PAIRS = 200_000  # enough to learn a few numbers per field
AGREE_FIRST, CLOSE_FIRST = 0.9, 0.04  # a strict start: nearly every field must agree
STRANGERS = 0.1  # probability below which a pair tells how strangers agree
LEAST_PARTNERS = 0.02  # a table of records that holds hardly any duplicates
LEAST, MOST = 0.01, 0.97  # agreement is never taken for certain: slips are not independent


@dataclass(frozen=True, eq=False)
class _Record:
    """The fields of some pairs, P(fellows) by all fields but each one, and by all of them."""

    seen: Sequence[Compared]
    without: NDArray[np.float64]
    fellows: NDArray[np.float64]


def learn_agreement(context: LinkContext, view: PairView) -> LinkContext:
    """The context with a model for each single-valued foreign type, and how many fellows there are.

    Expectation and maximisation from a strict start: weigh each pair by the probability that its
    *other* fields give it, take weighted shares of agreement, score again.

    Args:
        context: A context without agreement.
        view: Candidate pairs.
    """
    single = [layer for layer in context.layers if is_single(layer)]
    if len(single) < LEAST_FIELDS:
        return context
    step = max(1, len(view) // MOST_PAIRS)
    some = PairView(context, view.a[::step], view.b[::step])
    seen = [compare(layer, some) for layer in single]
    now = replace(context, agreement={one.kind: _first(one) for one in seen}, partners=1.0)
    for _ in range(ROUNDS):
        bits = _field_bits(now, some, single)
        total = bits.sum(axis=0)
        record = _Record(seen, _probable(total - bits, now), _probable(total, now))
        models = {
            one.kind: _learned(record, at, now.agreement[one.kind]) for at, one in enumerate(seen)
        }
        fellows = 2 * step * float(record.fellows.sum()) / context.accounts
        partners = max(LEAST_PARTNERS, fellows)
        now = replace(now, agreement=models, partners=partners)
    return now


def _first(seen: Compared) -> FieldModel:
    """Before anything is learned nearly all pairs are strangers, so they tell how slips look."""
    close, differ = (np.count_nonzero(seen.level == level) for level in (CLOSE, DIFFER))
    chance = float(np.clip((close + 0.5) / (close + differ + 1), 1e-5, 0.9))
    return FieldModel(agree=AGREE_FIRST, close=CLOSE_FIRST, close_chance=chance)


def _field_bits(context: LinkContext, some: PairView, single: list[Layer]) -> NDArray[np.float64]:
    """What each field says of each pair, shape (fields, pairs)."""
    bits = np.zeros((len(single), len(some)))
    row = {layer.kind: at for at, layer in enumerate(single)}
    for part in field_evidence(PairView(context, some.a, some.b), single):
        at = row[part.signal.split(" ", 1)[1]]
        bits[at] += np.bincount(part.pair, weights=part.millibits / 1000, minlength=len(some))
    return bits


def _probable(bits: NDArray[np.float64], context: LinkContext) -> NDArray[np.float64]:
    odds = np.clip(bits + context.prior_bits, -60.0, 60.0)
    chance: NDArray[np.float64] = 1 / (1 + np.exp2(-odds))
    return chance


def _learned(record: _Record, at: int, before: FieldModel) -> FieldModel:
    own = record.seen[at]
    fellow = np.where(own.level >= 0, record.without[at], 0.0)
    strange = np.where(own.level >= 0, 1 - record.without[at], 0.0)
    if fellow.sum() < LEAST_PAIRS:
        return before
    agree = (fellow[own.level == AGREE].sum() + 1) / (fellow.sum() + 2)
    close = (fellow[own.level == CLOSE].sum() + 0.1) / (fellow.sum() + 2)
    apart = strange[own.level == DIFFER].sum() + strange[own.level == CLOSE].sum()
    close_chance = (strange[own.level == CLOSE].sum() + 0.5) / (apart + 1)
    agree = float(np.clip(agree, LEAST, MOST))
    return FieldModel(
        agree=agree,
        close=float(np.clip(close, 1e-4, (1 - agree) / 2)),
        close_chance=float(np.clip(close_chance, 1e-5, 0.9)),
        given=_given(record, at),
    )


def _given(record: _Record, at: int) -> dict[str, float]:
    """P(same value | strangers who agree on another field), where enough of them were seen."""
    own = record.seen[at]
    found = {}
    for other, one in enumerate(record.seen):
        if other == at:
            continue
        both = (one.level == AGREE) & (own.level >= 0) & (record.fellows < STRANGERS)
        if both.sum() >= LEAST_PAIRS:
            found[one.kind] = float((both & (own.level == AGREE)).sum() / both.sum())
    return found
