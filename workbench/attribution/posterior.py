"""From evidence to probabilities: dependent items damped, false flags held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from workbench.attribution.model import BENIGN, RESELLER_ONLY, UNKNOWN, EvidenceItem, Hypothesis
from workbench.attribution.rules import EVIDENCE, GUARD, PRIOR

__all__ = ["posterior"]


def posterior(
    layer: str, named: tuple[str, ...], evidence: Sequence[EvidenceItem], *, has_work: bool
) -> tuple[Hypothesis, ...]:
    """Probabilities of one layer's hypotheses, most probable first.

    Args:
        layer: Which layer's evidence counts.
        named: Operators that indicators name for this layer.
        evidence: Items of all layers.
        has_work: Whether members do common work; without it a beneficiary stays unlikely.
    """
    names = (*named, UNKNOWN, RESELLER_ONLY, BENIGN)
    mine = [item for item in evidence if item.layer == layer]
    bits = np.log2(_prior(named)) + sum(
        (_family_bits(group, names) for group in _by_family(mine).values()), np.zeros(len(names))
    )
    odds = np.exp2(bits - bits.max())
    found = dict(zip(names, (odds / odds.sum()).tolist(), strict=True))
    held = _guarded(
        found, named, {name: _ceiling(layer, name, mine, has_work=has_work) for name in named}
    )
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Hypothesis(name, probability) for name, probability in ranked)


def _prior(named: tuple[str, ...]) -> NDArray[np.float64]:
    each = [PRIOR.named / len(named)] * len(named) if named else []
    weights = np.array([*each, PRIOR.unknown, PRIOR.reseller_only, PRIOR.benign], np.float64)
    prior: NDArray[np.float64] = weights / weights.sum()
    return prior


def _by_family(items: Sequence[EvidenceItem]) -> Mapping[tuple[Family, str], list[EvidenceItem]]:
    """Matches of one family depend on one another; assessment and absence stand for themselves."""
    groups: dict[tuple[Family, str], list[EvidenceItem]] = {}
    for item in items:
        kind = item.method if item.method.startswith(("inferred", "absent")) else "match"
        groups.setdefault((item.family, kind), []).append(item)
    return groups


def _family_bits(items: Sequence[EvidenceItem], names: tuple[str, ...]) -> NDArray[np.float64]:
    """Strongest item in full, a part of the rest, capped; bits against *unknown*."""
    rows = np.array(
        [
            [np.log2(item.likelihoods[n] / item.likelihoods[UNKNOWN]) for n in names]
            for item in items
        ]
    )
    order = np.argsort(-np.abs(rows), axis=0, kind="stable")
    sorted_rows = np.take_along_axis(rows, order, axis=0)
    total = sorted_rows[0] + EVIDENCE.rest * sorted_rows[1:].sum(axis=0)
    capped: NDArray[np.float64] = np.clip(total, -EVIDENCE.cap_bits, EVIDENCE.cap_bits)
    return capped


def _ceiling(layer: str, name: str, items: Sequence[EvidenceItem], *, has_work: bool) -> float:
    """The most that an operator may reach, by independent costly families that speak for it."""
    if layer == "beneficiary" and not has_work:
        return GUARD.beneficiary_without_work
    costly = {
        item.family
        for item in items
        if item.costly_to_fake
        and item.likelihoods[name] >= EVIDENCE.speaking * item.likelihoods[UNKNOWN]
    }
    return GUARD.ceilings[min(len(costly), len(GUARD.ceilings) - 1)]


def _guarded(
    found: Mapping[str, float], named: tuple[str, ...], ceilings: Mapping[str, float]
) -> dict[str, float]:
    held = dict(found)
    for name in named:
        over = max(0.0, held[name] - ceilings[name])
        held[name] -= over
        held[UNKNOWN] += over
    return held
