"""From pairs to bits: run every signal, add up by family, and keep the account of it exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.curves import curve_named
from graph_models.families import FAMILIES, Family
from graph_models.inference import LINK_COLUMNS
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView, bare, stacked
from graph_models.linking.foreign import foreign_evidence
from graph_models.linking.kernels import add_up
from graph_models.linking.layers import is_foreign
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import CANDIDATES, FAMILY_RULES, FOREIGN_RULE, FamilyRule
from graph_models.linking.shared import shared_identifier

__all__ = [
    "BLOCK", "Ledger", "calibrated", "finished", "fused", "link_pairs", "link_threshold",
    "probability", "reaching", "score_pairs", "totals", "worthwhile",
]  # fmt: skip

BLOCK = 500_000  # pairs that are scored at once: some 400 MB
_COLUMN = {family: index for index, family in enumerate(FAMILIES)}
_GROUPS = (*(FAMILY_RULES[family] for family in FAMILIES), FOREIGN_RULE)


def probability(millibits: NDArray[np.int64] | int, prior_bits: float) -> NDArray[np.float64]:
    """P(one controller) if evidence (millibits) and prior (bits) could be added up as they stand.

    It weighs links against each other; what is told to people is ``calibrated``.
    """
    odds = np.clip(np.asarray(millibits) / 1000 + prior_bits, -60.0, 60.0)
    chance: NDArray[np.float64] = 1 / (1 + np.exp2(-odds))
    return chance


def calibrated(millibits: NDArray[np.int64] | int, prior_bits: float) -> NDArray[np.float64]:
    """P(one controller) as worlds with truth bear it out; in the order of the millibits.

    Args:
        millibits: Summed evidence, any shape.
        prior_bits: log2 prior odds.

    Returns:
        Probabilities by the shipped curve (``graph_models.curves``), the shape of ``millibits``.
    """
    return curve_named("pair").chance(np.asarray(millibits) / 1000 + prior_bits)


def link_threshold(context: LinkContext) -> int:
    """Millibits from which the evidence for one controller outweighs the prior against it."""
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
        total: NDArray[np.int64] = self.families.sum(axis=1, dtype=np.int64)
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

    def take(self, keep: NDArray[np.bool_]) -> Ledger:
        """The ledger of some of the pairs, shape (pairs,)."""
        number = np.cumsum(keep) - 1
        parts = tuple(
            replace(some, pair=number[some.pair])
            for some in (part.take(keep[part.pair]) for part in self.parts)
        )
        return Ledger(self.view.take(keep), parts, self.families[keep])

    def bare(self) -> Ledger:
        """The same ledger in less memory: how an entry came about is read anew when it is asked."""
        return replace(
            self, parts=tuple(map(bare, self.parts)), families=self.families.astype(np.int32)
        )

    @classmethod
    def joined(cls, view: PairView, blocks: list[Ledger]) -> Ledger:
        """The ledger of all pairs of a view from those of its blocks, in order.

        The blocks are taken out of the list: there is no room for all of them twice.
        """
        low = np.cumsum([0, *(len(block.view) for block in blocks)]).tolist()
        by_signal: dict[tuple[str, Family], list[tuple[int, Evidence]]] = {}
        for first, block in zip(low, blocks, strict=False):
            for part in block.parts:
                by_signal.setdefault((part.signal, part.family), []).append((first, part))
        families = np.concatenate([block.families for block in blocks])
        blocks.clear()
        parts = tuple(stacked(by_signal.pop(key)) for key in list(by_signal))
        return cls(view, parts, families)

    def links(self, threshold: int) -> pd.DataFrame:
        """Pairs of at least ``threshold`` millibits, as ``inference.LINK_COLUMNS``."""
        keep = np.flatnonzero(self.millibits >= threshold)
        columns = {
            "a": self.view.a[keep], "b": self.view.b[keep], "millibits": self.millibits[keep],
            **{family.value: self.families[keep, at] for family, at in _COLUMN.items()},
        }  # fmt: skip
        links = pd.DataFrame(columns).astype(LINK_COLUMNS)
        return links.sort_values(["a", "b"], ignore_index=True)


def fused(parts: Sequence[Evidence], pairs: int) -> NDArray[np.int64]:
    """Fused millibits by pair and family: strongest + part of the rest, capped, less denials."""
    families = np.zeros((pairs, len(FAMILIES)), np.int64)
    for (at, foreign), group in _grouped(parts).items():
        families[:, at] += _together(group, _GROUPS[-1 if foreign else at], pairs)
    return families


def totals(parts: Sequence[Evidence], pairs: int) -> NDArray[np.int64]:
    """Fused millibits of each pair, shape (pairs,): the sum over families of ``fused``."""
    total = np.zeros(pairs, np.int64)
    for (at, foreign), group in _grouped(parts).items():
        total += _together(group, _GROUPS[-1 if foreign else at], pairs)
    return total


def _grouped(parts: Sequence[Evidence]) -> dict[tuple[int, bool], list[Evidence]]:
    groups: dict[tuple[int, bool], list[Evidence]] = {}
    for part in parts:
        groups.setdefault((_COLUMN[part.family], part.foreign), []).append(part)
    return groups


def _together(parts: Sequence[Evidence], rule: FamilyRule, pairs: int) -> NDArray[np.int64]:
    best, plus, minus = (np.zeros(pairs, np.int64) for _ in range(3))
    for part in parts:
        add_up(part.pair, part.millibits, (best, plus, minus))
    rest = np.rint(rule.rest * (plus - best)).astype(np.int64)
    total: NDArray[np.int64] = np.minimum(best + rest, round(rule.cap_bits * 1000)) + minus
    return total


def score_pairs(context: LinkContext, view: PairView, *, heavy: bool = True) -> Ledger:
    """Score pairs by all signals whose inputs were seen.

    Args:
        context: What is known of the population.
        view: The pairs, a < b.
        heavy: Also run the signals that read single exchanges.

    Returns:
        A ledger whose entries sum exactly to its totals.
    """
    parts = [
        shared_identifier(view, layer) for layer in context.layers if not is_foreign(layer.kind)
    ]
    parts += foreign_evidence(view)
    parts += [
        signal.score(view)
        for signal in SIGNALS
        if signal.available(context) and (heavy or not signal.heavy)
    ]
    return Ledger(view, tuple(parts), fused(parts, len(view)))


def link_pairs(context: LinkContext, view: PairView, threshold: int) -> Ledger:
    """Score pairs in two passes: heavy signals run only where they can still reach the threshold.

    Pairs that cannot reach it are dropped, which changes no link. In a large population minutes are
    not read for them: what was heard before is used (see ``Population.hear``).
    """
    blocks = []
    for part in view.blocks(BLOCK):
        light = score_pairs(context, part, heavy=False)
        blocks.append(
            light.take(worthwhile(len(view.population), light.millibits, threshold)).bare()
        )
    return finished(blocks)


def worthwhile(accounts: int, most: NDArray[np.int64], threshold: int) -> NDArray[np.bool_]:
    """Which pairs heavy signals could still lift to the threshold.

    In a large population they lift none: they are read for pairs that are links without them.

    Args:
        accounts: N.
        most: The millibits that the pairs have at most without heavy signals, shape (pairs,).
        threshold: Millibits from which a pair is a link.
    """
    heavy = [max(0.0, signal.most_bits) for signal in SIGNALS if signal.heavy]
    ahead = sum(heavy) if accounts <= CANDIDATES.plain else 0.0
    keep: NDArray[np.bool_] = most >= threshold - int(1000 * ahead)
    return keep


def finished(blocks: list[Ledger]) -> Ledger:
    """Blocks of pairs that light signals have scored, scored by the heavy ones as well, as one.

    The blocks are taken out of the list.
    """
    view = PairView(
        blocks[0].view.context,
        np.concatenate([block.view.a for block in blocks]),
        np.concatenate([block.view.b for block in blocks]),
    )
    heavy = [_with_heavy(block) for block in blocks]
    blocks.clear()
    return Ledger.joined(view, heavy)


def _with_heavy(light: Ledger) -> Ledger:
    context = light.view.context
    parts = light.parts + tuple(
        bare(signal.score(light.view))
        for signal in SIGNALS
        if signal.heavy and signal.available(context)
    )
    return Ledger(light.view, parts, fused(parts, len(light.view)).astype(np.int32))


def reaching(
    light: Ledger, most: NDArray[np.int64], threshold: int
) -> tuple[Ledger, NDArray[np.bool_]]:
    """The pairs that heavy signals could still lift to the threshold, scored by these as well.

    Args:
        light: Pairs scored without heavy signals.
        most: The millibits that they have at most without heavy signals, shape (pairs,).
        threshold: Millibits from which a pair is a link.

    Returns:
        The ledger of these pairs, and which of the pairs they are, shape (pairs,).
    """
    keep = worthwhile(light.view.context.accounts, most, threshold)
    return finished([light.take(keep)]), keep
