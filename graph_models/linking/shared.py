"""The generic signal: two accounts share an identifier, and its rarity says how much that means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView, evidence
from graph_models.linking.layers import Layer, Shared, is_foreign

__all__ = [
    "CLAIMED_DISCOUNT", "bits_of", "reuse_of", "shared_bits", "shared_identifier", "shared_inputs",
]  # fmt: skip

CLAIMED_DISCOUNT = 0.5  # a value that the caller wrote himself is cheap to forge: half its bits


def shared_bits(
    layer: Layer,
    degree: NDArray[np.float64],
    spread: NDArray[np.float64],
    claimed: NDArray[np.float64],
    gap_days: NDArray[np.float64],
    *,
    reuse: NDArray[np.float64] | float | None = None,
) -> NDArray[np.float64]:
    """Bits of shared values: log2(reuse · E / (k · d)), less a gap in time, capped, discounted.

    The denominator is the configuration model's chance that the more active of the two accounts
    meets the value anyway: k · d / E (methods §7: normalise by activity). Addresses that the two
    used at different times may have changed hands, so each doubling of the gap costs a bit.

    Args:
        layer: Gives reuse, cap and E.
        degree: k, accounts that used the value.
        spread: d, distinct values of the more active account.
        claimed: Share of sightings that the caller wrote himself, 0..1.
        gap_days: Days between the two periods of use, 0 when they overlap.
        reuse: P(the second account shows the value | one controller); the policy's when not given.

    Returns:
        Bits, at least 0; the shape of the inputs.
    """
    policy = layer.policy
    again = policy.reuse if reuse is None else reuse
    raw = np.log2(again * layer.edges / (degree * spread)) - np.log2(1 + gap_days)
    fair: NDArray[np.float64] = np.clip(raw, 0.0, policy.cap_bits)
    return fair * (1 - CLAIMED_DISCOUNT * claimed)


def shared_identifier(view: PairView, layer: Layer) -> Evidence:
    """One entry for every value of a kind that both accounts used and that is no hub."""
    shared = view.shared(layer)
    inputs = shared_inputs(view, layer, shared)
    return evidence(
        f"shared {layer.kind}",
        layer.family,
        shared.pair,
        bits_of(layer, inputs),
        identifier=layer.position[inputs["value"].astype(np.int64)],
        inputs=inputs,
    )


def shared_inputs(view: PairView, layer: Layer, shared: Shared) -> dict[str, NDArray[np.float64]]:
    """The numbers that the bits of each shared value follow from, by name."""
    value = layer.value[shared.edge_a]
    spread = np.maximum(layer.spread[view.a[shared.pair]], layer.spread[view.b[shared.pair]])
    claimed = np.maximum(layer.claimed[shared.edge_a], layer.claimed[shared.edge_b])
    return {
        "accounts": layer.degree[value].astype(np.float64),
        "values_of_busier": spread.astype(np.float64),
        "edges": np.full(len(value), float(layer.edges)),
        "reuse": reuse_of(view.context, layer)[value],
        "claimed": claimed.astype(np.float64),
        "gap_days": _gap_days(layer, shared.edge_a, shared.edge_b),
        "value": value.astype(np.float64),
    }


def reuse_of(context: LinkContext, layer: Layer) -> NDArray[np.float64]:
    """P(a fellow shows the value too), shape (values,): learned, for kinds that are known."""
    if is_foreign(layer.kind):
        return np.full(len(layer.position), layer.policy.reuse)
    return context.value_classes(layer).reuse


def bits_of(layer: Layer, inputs: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Bits of each shared value from its inputs (see ``shared_bits``)."""
    return shared_bits(
        layer,
        inputs["accounts"],
        inputs["values_of_busier"],
        inputs["claimed"],
        inputs["gap_days"],
        reuse=inputs["reuse"],
    )


def _gap_days(
    layer: Layer, edge_a: NDArray[np.int64], edge_b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Days between the end of one use and the start of the other; only addresses change hands."""
    if layer.family is not Family.NETWORK:
        return np.zeros(len(edge_a))
    later = np.maximum(layer.first[edge_a], layer.first[edge_b])
    sooner = np.minimum(layer.last[edge_a], layer.last[edge_b])
    days: NDArray[np.float64] = np.nan_to_num(np.maximum(0.0, later - sooner), nan=0.0)
    return days
