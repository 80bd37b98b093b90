"""Evidence from values of foreign types, of which nothing is known but who has them and since when.

For each type the pair's values in common are weighed against a null model that keeps all degrees
(``cooccurrence``); values that only the quieter account has count against; first uses that lie
close together add a little, and much where they do so again and again; and single-valued types
speak by agreement (``agreement``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.agreement import field_evidence
from graph_models.linking.cooccurrence import (
    Chances,
    likeliest_reuse,
    lockstep_bits,
    shared_value_bits,
    unshared_bits,
)
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.layers import Layer, Shared, is_foreign

__all__ = ["foreign_evidence"]

CLOSE_BITS = 3.0  # a launch or a fair also brings strangers to one thing at one time
CLOSE_POWER = 0.5  # of the calibrator k p^(k-1) (Vovk 1993): an even bet over orders of magnitude
CLOCK_DAYS = 1 / 1440  # gaps under a minute are not told apart


def foreign_evidence(view: PairView) -> list[Evidence]:
    """What values of foreign types say: shared ones, those left over, and those that differ."""
    fields = view.context.agreement
    layers = [layer for layer in view.context.layers if is_foreign(layer.kind)]
    parts = [
        part for layer in layers if layer.kind not in fields for part in _of_layer(view, layer)
    ]
    return parts + field_evidence(view, layers)


def _of_layer(view: PairView, layer: Layer) -> list[Evidence]:
    shared = view.shared(layer)
    value = layer.value[shared.edge_a].astype(np.int64)
    a, b = view.a[shared.pair], view.b[shared.pair]
    busier = np.where(layer.spread[a] >= layer.spread[b], a, b)
    chance = Chances.fit(layer.spread, layer.degree).of(busier, value)
    own = _telling(layer)
    common = np.bincount(shared.pair, minlength=len(view))
    left = np.maximum(np.minimum(own[view.a], own[view.b]) - common, 0)
    reuse = likeliest_reuse(shared.pair, chance, left, cap_bits=layer.policy.cap_bits)
    bits = shared_value_bits(chance, reuse[shared.pair], layer.policy.cap_bits)
    gain = np.bincount(shared.pair, weights=bits, minlength=len(view)).astype(np.float64)
    parts = [
        evidence(
            f"shared {layer.kind}",
            layer.family,
            shared.pair,
            bits,
            identifier=layer.position[value],
            inputs={
                "accounts": layer.degree[value].astype(np.float64),
                "values_of_busier": layer.spread[busier].astype(np.float64),
                "edges": np.full(len(value), float(layer.edges)),
                "chance": chance,
                "reuse": reuse[shared.pair],
                "claimed": np.zeros(len(value)),
                "gap_days": np.zeros(len(value)),
            },
            foreign=True,
        ),
        _unshared(layer, left, reuse, gain),
    ]
    gap = np.abs(layer.first[shared.edge_a] - layer.first[shared.edge_b])
    if len(gap) and not np.isnan(gap).all():
        parts.append(_close_use(view, layer, shared, gap))
    return parts


def _telling(layer: Layer) -> NDArray[np.int64]:
    """Values of each account that are no hub; hubs speak neither for nor against."""
    plain = layer.degree[layer.value] <= layer.policy.hub_at(layer.accounts)
    counts: NDArray[np.int64] = np.bincount(layer.account[plain], minlength=layer.accounts)
    return counts


def _unshared(
    layer: Layer,
    left: NDArray[np.int64],
    reuse: NDArray[np.float64],
    gain: NDArray[np.float64],
) -> Evidence:
    """The quieter account also used values of this type that the busier one never did."""
    some = np.flatnonzero(gain > 0)
    # What is not shared may cancel what is, but sharing something is never worse than nothing.
    bits = np.maximum(unshared_bits(left[some], reuse[some]), -gain[some])
    inputs = {"values_left": left[some].astype(np.float64), "reuse": reuse[some]}
    name = f"not shared {layer.kind}"
    return evidence(name, layer.family, some, bits, inputs=inputs, foreign=True)


def _close_use(view: PairView, layer: Layer, shared: Shared, gap: NDArray[np.float64]) -> Evidence:
    """Both began with a common value closer together than chance, or with many, again and again."""
    pair = shared.pair
    closest = np.full(len(view), np.inf)
    known = ~np.isnan(gap)
    np.minimum.at(closest, pair[known], gap[known])
    tries = np.bincount(pair[known], minlength=len(view))
    some = np.flatnonzero(tries > 0)
    once = _gap_chance(layer, closest[some])
    chance = 1 - (1 - once) ** tries[some]
    bits = np.log2(CLOSE_POWER) + (CLOSE_POWER - 1) * np.log2(chance)
    near, others = _crowd(layer, shared, gap)
    together = lockstep_bits(pair[known], near[known], others[known], len(view))
    inputs = {"gap_days": closest[some], "shared_values": tries[some].astype(np.float64)}
    inputs["chance"] = chance
    inputs["lockstep_bits"] = together[some]
    return evidence(
        f"close first use of {layer.kind}",
        Family.TIMING,
        some,
        np.maximum(np.clip(bits, 0.0, CLOSE_BITS), together[some]),
        inputs=inputs,
    )


def _crowd(
    layer: Layer, shared: Shared, gap: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A value's other users who first used it as close to one of the pair as the other, and all.

    A launch brings everybody at once: then both are the same and closeness says nothing. Whichever
    of the two has the larger crowd around counts.
    """
    first = layer.first[:]
    dated = np.flatnonzero(~np.isnan(first))
    begin = first[dated].min()
    width = 3 * (first[dated].max() - begin + 1)  # wide enough that values never meet
    place = layer.value * width + (first - begin)
    line = np.sort(place[dated])
    users = np.bincount(layer.value[dated], minlength=len(layer.degree))
    others = np.maximum(users[layer.value[shared.edge_a]] - 1, 1)
    near = np.ones(len(gap), np.int64)
    reach = np.maximum(gap, CLOCK_DAYS)
    for edge in (shared.edge_a, shared.edge_b):
        at = place[edge]
        inside = np.searchsorted(line, at + reach, "right") - np.searchsorted(line, at - reach)
        near = np.maximum(near, inside - 1)
    return np.minimum(near, others), others


def _gap_chance(layer: Layer, gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(two random first uses of the type lie within ``gap`` days of each other)."""
    first = layer.first[:]
    first = np.sort(first[~np.isnan(first)])
    # Evenly spaced quantiles stand for all uses, so that no order of rows matters.
    some = first[np.linspace(0, len(first) - 1, min(len(first), 400)).astype(np.int64)]
    apart = np.sort(np.abs(some[:, None] - some[None, :])[np.triu_indices(len(some), 1)])
    near = np.searchsorted(apart, np.maximum(gap, CLOCK_DAYS), side="right")
    chance: NDArray[np.float64] = (near + 1) / (len(apart) + 1)
    return chance
