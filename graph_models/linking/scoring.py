"""From pairs to bits: run every signal, add up by family, and keep the account of it exact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import FAMILIES, Family
from graph_models.inference import LINK_COLUMNS
from graph_models.linking.agreement import disagreement
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView
from graph_models.linking.layers import is_foreign
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import FAMILY_RULES, FOREIGN_RULE
from graph_models.linking.shared import shared_identifier, unshared_values

__all__ = ["Ledger", "link_pairs", "link_threshold", "probability", "score_pairs"]

_COLUMN = {family: index for index, family in enumerate(FAMILIES)}
_GROUPS = (*(FAMILY_RULES[family] for family in FAMILIES), FOREIGN_RULE)


def probability(millibits: NDArray[np.int64] | int, prior_bits: float) -> NDArray[np.float64]:
    """P(one controller) from evidence in millibits and the prior in bits."""
    odds = np.clip(np.asarray(millibits) / 1000 + prior_bits, -60.0, 60.0)
    chance: NDArray[np.float64] = 1 / (1 + np.exp2(-odds))
    return chance


def link_threshold(context: LinkContext) -> int:
    """Millibits from which a pair is more likely than not to have one controller."""
    return -round(1000 * context.prior_bits)


@dataclass(frozen=True, eq=False)
class Ledger:
    """All entries about some pairs; totals are sums of entries, to the millibit.

    ``families`` has shape (pairs, 7): the fused millibits of each family. The *overlap* of a family
    (fused minus the sum of its entries, never positive) is an entry of its own.
    """

    view: PairView
    parts: tuple[Evidence, ...]
    families: NDArray[np.int64]

    @property
    def millibits(self) -> NDArray[np.int64]:
        """Total of each pair, shape (pairs,)."""
        total: NDArray[np.int64] = self.families.sum(axis=1)
        return total

    @cached_property
    def overlap(self) -> NDArray[np.int64]:
        """Fused minus summed millibits by pair and family, shape (pairs, 7)."""
        left = self.families.copy()
        for part in self.parts:
            np.subtract.at(left[:, _COLUMN[part.family]], part.pair, part.millibits)
        return left

    @property
    def entries(self) -> pd.DataFrame:
        """One row an entry: a, b, signal, family, identifier (-1: none), millibits, inputs."""
        frames = [self._frame(part) for part in self.parts if len(part)]
        pair, family = np.nonzero(self.overlap)
        names = np.array([member.value for member in FAMILIES], dtype=object)
        caps = pd.DataFrame(
            {
                "pair": pair,
                "signal": [f"overlap within {name}" for name in names[family]],
                "family": names[family],
                "identifier": np.full(len(pair), -1, np.int32),
                "millibits": self.overlap[pair, family],
                "inputs": [{} for _ in pair],
            }
        )
        entries = pd.concat([*frames, caps], ignore_index=True)
        entries.insert(0, "a", self.view.a[entries["pair"].to_numpy()])
        entries.insert(1, "b", self.view.b[entries["pair"].to_numpy()])
        order = ["a", "b", "family", "signal", "identifier"]
        return entries.drop(columns="pair").sort_values(order, ignore_index=True, kind="stable")

    def _frame(self, part: Evidence) -> pd.DataFrame:
        inputs = pd.DataFrame(dict(part.inputs)).to_dict("records") or [{} for _ in part.pair]
        return pd.DataFrame(
            {
                "pair": part.pair,
                "signal": part.signal,
                "family": part.family.value,
                "identifier": part.identifier,
                "millibits": part.millibits,
                "inputs": inputs,
            }
        )

    def links(self, threshold: int) -> pd.DataFrame:
        """Pairs of at least ``threshold`` millibits, as ``inference.LINK_COLUMNS``."""
        keep = np.flatnonzero(self.millibits >= threshold)
        columns = {
            "a": self.view.a[keep], "b": self.view.b[keep], "millibits": self.millibits[keep],
            **{family.value: self.families[keep, at] for family, at in _COLUMN.items()},
        }  # fmt: skip
        links = pd.DataFrame(columns).astype(LINK_COLUMNS)
        return links.sort_values(["a", "b"], ignore_index=True)


def _fuse(parts: tuple[Evidence, ...], pairs: int) -> NDArray[np.int64]:
    """Fused millibits by pair and family: strongest + part of the rest, capped, less denials."""
    shape = (pairs, len(_GROUPS))
    best, plus, minus = (np.zeros(shape, np.int64) for _ in range(3))
    for part in parts:
        at = len(FAMILIES) if part.foreign else _COLUMN[part.family]
        gain = np.maximum(part.millibits, 0)
        np.maximum.at(best[:, at], part.pair, gain)
        plus[:, at] += np.bincount(part.pair, weights=gain, minlength=pairs).astype(np.int64)
        loss = np.minimum(part.millibits, 0)
        minus[:, at] += np.bincount(part.pair, weights=loss, minlength=pairs).astype(np.int64)
    rest = np.array([rule.rest for rule in _GROUPS])
    cap = np.array([round(rule.cap_bits * 1000) for rule in _GROUPS])
    groups = np.minimum(best + np.rint(rest * (plus - best)).astype(np.int64), cap) + minus
    families: NDArray[np.int64] = groups[:, : len(FAMILIES)]
    families[:, _COLUMN[Family.PROFILE]] += groups[:, len(FAMILIES)]
    return families


def score_pairs(context: LinkContext, view: PairView, *, heavy: bool = True) -> Ledger:
    """Score pairs by all signals whose inputs were seen.

    Args:
        context: What is known of the population.
        view: The pairs, a < b.
        heavy: Also run the signals that read single exchanges.

    Returns:
        A ledger whose entries sum exactly to its totals.
    """
    parts = [shared_identifier(view, layer) for layer in context.layers]
    parts += [unshared_values(view, layer) for layer in context.layers if is_foreign(layer.kind)]
    parts += [
        disagreement(view, layer, context.agreement)
        for layer in context.layers
        if layer.kind in context.agreement
    ]
    parts += [
        signal.score(view)
        for signal in SIGNALS
        if signal.available(context) and (heavy or not signal.heavy)
    ]
    return Ledger(view, tuple(parts), _fuse(tuple(parts), len(view)))


def link_pairs(context: LinkContext, view: PairView, threshold: int) -> Ledger:
    """Score pairs in two passes: heavy signals run only where they can still reach the threshold.

    Pairs that cannot reach it are dropped, which changes no link.
    """
    ahead = sum(max(0.0, signal.most_bits) for signal in SIGNALS if signal.heavy)
    light = score_pairs(context, view, heavy=False)
    keep = light.millibits >= threshold - int(1000 * ahead)
    view = view.take(keep)
    parts = tuple(_kept(part, keep) for part in light.parts) + tuple(
        signal.score(view) for signal in SIGNALS if signal.heavy and signal.available(context)
    )
    return Ledger(view, parts, _fuse(parts, len(view)))


def _kept(part: Evidence, keep: NDArray[np.bool_]) -> Evidence:
    rows = keep[part.pair]
    renumber = np.cumsum(keep) - 1
    return replace(
        part,
        pair=renumber[part.pair[rows]],
        identifier=part.identifier[rows],
        millibits=part.millibits[rows],
        inputs={name: values[rows] for name, values in part.inputs.items()},
    )
