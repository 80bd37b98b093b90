"""Candidates scored once, so that one family can be taken away without starting over.

Leaving a family out is more than subtracting its bits: pairs found through its identifiers alone
are no candidates any more, its negative entries go too, and signals that read the identifiers of
several families (``Signal.reads_layers``) say something else. What ``Scored.without`` returns
equals a run from the beginning, to the millibit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import FAMILIES, Family
from graph_models.linking.candidates import Candidates, candidate_pairs, met_bits
from graph_models.linking.context import LinkContext
from graph_models.linking.model import SIGNALS
from graph_models.linking.rules import CANDIDATES
from graph_models.linking.scoring import (
    Ledger,
    fused,
    link_pairs,
    link_threshold,
    reaching,
    score_pairs,
)

__all__ = ["Scored", "score_candidates"]


@dataclass(frozen=True, eq=False)
class Scored:
    """Every pair that is a link, or would be one without one of the families.

    ``ledger`` scores them in full; ``met`` (pairs, 7) holds the bits of shared identifiers by
    family that make a pair a candidate; ``whole`` is False where the budget of candidates was
    spent, so that other pairs would be walked without a family; ``lesser`` are the contexts
    without each family.
    """

    context: LinkContext
    ledger: Ledger
    met: NDArray[np.float64]
    whole: bool
    lesser: Mapping[Family, LinkContext]

    def links(self, threshold: int) -> pd.DataFrame:
        """Pairs of at least ``threshold`` millibits, as ``inference.LINK_COLUMNS``."""
        return self.ledger.links(threshold)

    def without(self, family: Family) -> tuple[LinkContext, pd.DataFrame]:
        """The context and the links as if no log had ever shown a family."""
        context = self.lesser[family]
        threshold = link_threshold(context)
        if not self.whole:
            view = candidate_pairs(context).view
            return context, link_pairs(context, view, threshold).links(threshold)
        families = _families_without(self.ledger, context, family)
        still = _candidates_without(self.met, family)
        return context, Ledger(self.ledger.view.take(still), (), families[still]).links(threshold)

    def thinned(
        self, threshold: int, drop: float, rng: np.random.Generator
    ) -> Iterator[pd.DataFrame]:
        """Links after a share of all identifiers was lost, drawn anew for every table; endless.

        An identifier is lost as a whole, for everybody who used it: a card that was never logged
        ties none of its users, however many pairs they make.
        """
        firm = self.ledger.take(self.ledger.millibits >= threshold)
        values = {f"shared {layer.kind}": len(layer.position) for layer in self.context.layers}
        while True:
            lost = {name: rng.random(count) < drop for name, count in values.items()}
            parts = tuple(
                part.take(~lost[part.signal][part.inputs["value"].astype(np.int64)])
                if part.signal in lost
                else part
                for part in firm.parts
            )
            yield Ledger(firm.view, parts, fused(parts, len(firm.view))).links(threshold)


def score_candidates(context: LinkContext, found: Candidates, threshold: int) -> Scored:
    """Score candidates in two passes, as ``link_pairs`` does, for all that families may be lost.

    Args:
        context: What is known of the population.
        found: Its candidate pairs.
        threshold: Millibits from which a pair is a link.
    """
    light = score_pairs(context, found.view, heavy=False)
    met = met_bits(found.view)
    lesser = {family: context.leaving_out({family}) for family in FAMILIES}
    most = light.millibits
    for family, left in lesser.items():
        total = _families_without(light, left, family).sum(axis=1)
        level = total + (threshold - link_threshold(left))
        most = np.where(_candidates_without(met, family), np.maximum(most, level), most)
    ledger, keep = reaching(light, most, threshold)
    return Scored(context, ledger, met[keep], not found.values_skipped, lesser)


def _candidates_without(met: NDArray[np.float64], family: Family) -> NDArray[np.bool_]:
    left = [index for index, other in enumerate(FAMILIES) if other is not family]
    still: NDArray[np.bool_] = met[:, left].sum(axis=1) >= CANDIDATES.floor_bits
    return still


def _families_without(ledger: Ledger, context: LinkContext, family: Family) -> NDArray[np.int64]:
    """Fused millibits by pair and family in the context without one, shape (pairs, 7)."""
    families = ledger.families.copy()
    families[:, FAMILIES.index(family)] = 0
    again = [signal for signal in SIGNALS if signal.reads_layers and signal.available(context)]
    view = ledger.view.within(context)
    fresh = {signal.name: signal.score(view) for signal in again}
    for other in dict.fromkeys(signal.family for signal in again):
        parts = (
            *(part for part in ledger.parts if part.family is other and part.signal not in fresh),
            *(part for part in fresh.values() if part.family is other),
        )
        column = FAMILIES.index(other)
        families[:, column] = fused(parts, len(view))[:, column]
    return families
