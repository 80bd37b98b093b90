"""Fields of records: foreign types of which every account has one value at most.

Fellegi and Sunter (1969): agreement on a rare value speaks for a pair, disagreement on a field that
fellows nearly always agree on speaks against it, and a value one slip away lies between. What a
field adds to a rarer one that says the same (a postcode to a suburb) is taken off again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.fields import FieldModel
from graph_models.linking.layers import Layer, is_foreign
from graph_models.linking.slips import one_slip_apart

__all__ = ["AGREE", "CLOSE", "DIFFER", "Compared", "compare", "field_evidence", "is_single",
           "is_telltale"]  # fmt: skip

TELLTALE_VALUES, TELLTALE_FELLOWS = 1.5, 3
SINGLE = 0.98  # share of accounts with at most one value that makes a type single-valued
DIFFER, CLOSE, AGREE = 0, 1, 2  # levels of agreement; -1 where a value is missing
CLOSE_CAP = 6.0
TELLS = 3.0  # bits from which a value brings pairs together by itself, so that others depend on it


@dataclass(frozen=True, eq=False)
class Compared:
    """One field on some pairs: level of agreement and the chance of the common value, (pairs,)."""

    kind: str
    level: NDArray[np.int8]
    chance: NDArray[np.float64]

    def bits(self, model: FieldModel, cap_bits: float) -> NDArray[np.float64]:
        """Match weight of each pair: log2 m/u at its level, 0 where a value is missing."""
        same = np.minimum(np.log2(model.agree / self.chance), cap_bits)
        near = min(float(np.log2(model.close / model.close_chance)), CLOSE_CAP)
        apart = np.log2((1 - model.agree - model.close) / (1 - model.close_chance))
        return np.select(
            [self.level == AGREE, self.level == CLOSE, self.level == DIFFER],
            [same, near, apart],
            0.0,
        )


def is_single(layer: Layer) -> bool:
    """Whether a foreign type gives (nearly) every account one value at most."""
    holders = layer.spread[layer.spread > 0]
    return is_foreign(layer.kind) and bool((holders <= 1).mean() >= SINGLE)


def is_telltale(layer: Layer) -> bool:
    """Whether a type names accounts nearly as well as their own ids do.

    About one value an account, and the typical account shares it with hardly anybody: a device, not
    a surname. No null model that keeps degrees can judge one common value of such a type.
    """
    holders = layer.spread[layer.spread > 0]
    if not len(holders) or holders.mean() > TELLTALE_VALUES:
        return False
    fellows = np.bincount(
        layer.account, weights=layer.degree[layer.value] - 1.0, minlength=layer.accounts
    )
    return bool(np.median(fellows[layer.spread > 0]) <= TELLTALE_FELLOWS)


def compare(layer: Layer, view: PairView) -> Compared:
    """Levels of agreement of pairs on a field."""
    value = np.full(layer.accounts, -1, np.int64)
    value[layer.account[::-1]] = layer.value[::-1]
    left, right = value[view.a], value[view.b]
    known = (left >= 0) & (right >= 0)
    level = np.where(known, np.where(left == right, AGREE, DIFFER), -1).astype(np.int8)
    differ = np.flatnonzero(level == DIFFER)
    near = one_slip_apart(layer.text, left[differ], right[differ])
    level[differ[near]] = CLOSE
    others = np.maximum(layer.degree[left] - 1, 1) / max(len(layer.account) - 1, 1)
    return Compared(layer.kind, level, np.where(known, others, 1.0))


def field_evidence(view: PairView, layers: Sequence[Layer]) -> list[Evidence]:
    """What each field says, and what it only repeats."""
    models = view.context.agreement
    fields = [layer for layer in layers if layer.kind in models]
    seen = [compare(layer, view) for layer in fields]
    bits = [
        one.bits(models[one.kind], layer.policy.cap_bits)
        for one, layer in zip(seen, fields, strict=True)
    ]
    parts: list[Evidence] = []
    for at, (one, layer) in enumerate(zip(seen, fields, strict=True)):
        for level, name in ((AGREE, "shared"), (CLOSE, "close"), (DIFFER, "different")):
            rows = np.flatnonzero(one.level == level)
            inputs = {
                "chance": one.chance[rows],
                "agreement_of_fellows": np.full(len(rows), models[one.kind].agree),
            }
            parts.append(_entry(f"{name} {layer.kind}", rows, bits[at][rows], inputs))
        rows, less, chance = _repeated(at, seen, bits, models[one.kind])
        parts.append(_entry(f"repeated {layer.kind}", rows, less, {"chance": chance}))
    return parts


def _entry(
    name: str,
    rows: NDArray[np.int64],
    bits: NDArray[np.float64],
    inputs: dict[str, NDArray[np.float64]],
) -> Evidence:
    return evidence(name, Family.PROFILE, rows, bits, inputs=inputs, foreign=True)


def _repeated(
    at: int, seen: Sequence[Compared], bits: Sequence[NDArray[np.float64]], model: FieldModel
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Bits of agreement that a rarer common value explains: P(this too | strangers with that)."""
    own = bits[at]
    chance = np.zeros(len(own))
    for other, one in enumerate(seen):
        known = model.given.get(one.kind)
        if other == at or known is None:
            continue
        first = (bits[other] > own) | ((bits[other] == own) & (other < at))
        both = (one.level == AGREE) & (seen[at].level == AGREE) & first & (bits[other] >= TELLS)
        chance[both] = np.maximum(chance[both], known)
    rows = np.flatnonzero(chance > 0)
    left = np.maximum(np.log2(model.agree / np.maximum(chance[rows], 1e-9)), 0.0)
    return rows, np.minimum(left - own[rows], 0.0), chance[rows]
