"""Candidates scored once, so that one family can be taken away without starting over.

Leaving a family out is more than subtracting its bits: pairs found through its identifiers alone
are no candidates any more, its negative entries go too, and signals that read the identifiers of
several families (``Signal.reads_layers``) say something else. What ``Scored.without`` returns
equals a run from the beginning, to the millibit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import FAMILIES, Family
from graph_models.linking.candidates import Candidates, enough, met_bits
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView
from graph_models.linking.model import SIGNALS
from graph_models.linking.scoring import (
    BLOCK,
    Ledger,
    finished,
    fused,
    link_threshold,
    score_pairs,
    totals,
    worthwhile,
)

__all__ = ["Scored", "score_candidates"]


@dataclass(frozen=True, eq=False)
class Scored:
    """Every pair that is a link, or would be one without one of the families.

    ``ledger`` scores them in full; ``still`` (pairs, 7) tells which of them are candidates without
    each family; ``whole`` is False where the budget of candidates was spent; ``unseen``
    (accounts,) counts partners that nobody looked at (see ``Candidates``); ``lesser`` are the
    contexts without each family.
    """

    context: LinkContext
    ledger: Ledger
    still: NDArray[np.bool_]
    whole: bool
    unseen: NDArray[np.int64]
    lesser: Mapping[Family, LinkContext]

    def links(self, threshold: int) -> pd.DataFrame:
        """Pairs of at least ``threshold`` millibits, as ``inference.LINK_COLUMNS``."""
        return self.ledger.links(threshold)

    def without(self, family: Family) -> tuple[LinkContext, pd.DataFrame]:
        """The context and the links as if no log had ever shown a family.

        Links have the columns a, b and millibits, in the order of the ledger.
        """
        return next(left[1:] for left in self.without_each() if left[0] is family)

    def without_each(
        self, among: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[Family, LinkContext, pd.DataFrame]]:
        """Every family in turn, with what ``without`` tells of it.

        Args:
            among: The pairs that may be links, shape (pairs,); all when not given.
        """
        totals_of = self._totals_without()
        for at, family in enumerate(FAMILIES):
            context = self.lesser[family]
            still = self.still[:, at] if among is None else self.still[:, at] & among
            total = np.where(still, totals_of[at], 0)
            yield family, context, _ties(self.ledger.view, total, link_threshold(context))

    def _totals_without(self) -> NDArray[np.int32]:
        """Millibits of each pair without each family, shape (7, pairs).

        Block by block, so that what pairs have in common is looked up once and not kept.
        """
        low, found = 0, []
        for view in self.ledger.view.blocks(BLOCK):
            block = _block(self.ledger, view, low)
            totals_of = [
                _families_without(block, self.lesser[family], family).sum(axis=1)
                for family in FAMILIES
            ]
            found.append(np.stack(totals_of).astype(np.int32))
            low += len(view)
        return np.concatenate(found, axis=1)

    def thinned(
        self,
        threshold: int,
        drop: float,
        rng: np.random.Generator,
        among: NDArray[np.bool_] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Links after a share of all identifiers was lost, drawn anew for every table; endless.

        An identifier is lost as a whole, for everybody who used it: a card that was never logged
        ties none of its users, however many pairs they make. Columns, order and ``among`` as of
        ``without_each``.
        """
        view, pairs = self.ledger.view, len(self.ledger.view)
        firm = self.ledger.millibits >= threshold
        if among is not None:
            firm &= among
        values = {f"shared {layer.kind}": len(layer.position) for layer in self.context.layers}
        stirred = {_group(part) for part in self.ledger.parts if part.signal in values}
        moving = [part for part in self.ledger.parts if _group(part) in stirred]
        fixed = totals([part for part in self.ledger.parts if _group(part) not in stirred], pairs)
        while True:
            lost = {name: rng.random(count) < drop for name, count in values.items()}
            total = fixed + totals([_less(part, lost) for part in moving], pairs)
            yield _ties(view, np.where(firm, total, 0), threshold)


def _group(part: Evidence) -> tuple[Family, bool]:
    """What entries are fused with: those of their family, foreign ones by themselves."""
    return part.family, part.foreign


def _less(part: Evidence, lost: Mapping[str, NDArray[np.bool_]]) -> Evidence:
    """The same entries, of which those of lost values say nothing."""
    if part.signal not in lost:
        return part
    gone = lost[part.signal][part.inputs["value"].astype(np.int32, copy=False)]
    return replace(part, millibits=np.where(gone, 0, part.millibits).astype(np.int32), inputs={})


def _ties(view: PairView, total: NDArray[np.int64], threshold: int) -> pd.DataFrame:
    """Pairs of at least ``threshold`` millibits: a, b, millibits."""
    keep = np.flatnonzero(total >= threshold)
    columns = {"a": view.a[keep], "b": view.b[keep], "millibits": total[keep].astype(np.int32)}
    return pd.DataFrame(columns)


def score_candidates(context: LinkContext, found: Candidates, threshold: int) -> Scored:
    """Score candidates in two passes, as ``link_pairs`` does, for all that families may be lost.

    Args:
        context: What is known of the population.
        found: Its candidate pairs.
        threshold: Millibits from which a pair is a link.
    """
    lesser = {family: context.leaving_out({family}) for family in FAMILIES}
    light = [_light(view, lesser, threshold) for view in found.view.blocks(BLOCK)]
    blocks, still = [ledger for ledger, _ in light], np.concatenate([still for _, still in light])
    light.clear()
    context.population.hear(np.concatenate([e for x in blocks for e in (x.view.a, x.view.b)]))
    return Scored(
        context,
        finished(blocks),
        still,
        not found.values_skipped,
        found.unseen,
        lesser,
    )


def _light(
    view: PairView, lesser: Mapping[Family, LinkContext], threshold: int
) -> tuple[Ledger, NDArray[np.bool_]]:
    """The pairs of a block that may become links, and whether without each family, (pairs, 7)."""
    light = score_pairs(view.context, view, heavy=False)
    still = _candidates_without(light)
    accounts = view.context.accounts
    keep = worthwhile(accounts, light.millibits, threshold)
    maybe = np.flatnonzero(~keep & worthwhile(accounts, _at_most(light), threshold))
    rest = light.take(np.isin(np.arange(len(view)), maybe, assume_unique=True))
    for at, (family, left) in enumerate(lesser.items()):
        total = _families_without(rest, left, family).sum(axis=1)
        level = total + (threshold - link_threshold(left))
        keep[maybe] |= still[maybe, at] & worthwhile(accounts, level, threshold)
    return light.take(keep).bare(), still[keep]


def _at_most(light: Ledger) -> NDArray[np.int64]:
    """Millibits that pairs have at most when one family is left out, shape (pairs,).

    What speaks against a pair goes with its family, and what reads other families says its most.
    """
    ahead = sum(signal.most_bits for signal in SIGNALS if signal.reads_layers)
    worst = np.minimum(light.families.min(axis=1, initial=0), 0)
    most: NDArray[np.int64] = light.millibits - worst + int(1000 * ahead)
    return most


def _candidates_without(light: Ledger) -> NDArray[np.bool_]:
    """Which pairs are candidates without each family, shape (pairs, 7)."""
    shared = [part for part in light.parts if part.signal.startswith("shared ")]
    met = met_bits(light.view, shared)
    return np.column_stack([enough(light.view, *met, family) for family in FAMILIES])


def _families_without(ledger: Ledger, context: LinkContext, family: Family) -> NDArray[np.int64]:
    """Fused millibits by pair and family in the context without one, shape (pairs, 7)."""
    families = ledger.families.astype(np.int64)
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


def _block(ledger: Ledger, view: PairView, low: int) -> Ledger:
    """The pairs from ``low`` on that a view has, with what must be read anew for them."""
    high = low + len(view)
    families = {signal.family for signal in SIGNALS if signal.reads_layers}
    parts = tuple(_rows(part, low, high) for part in ledger.parts if part.family in families)
    return Ledger(view, parts, ledger.families[low:high])


def _rows(part: Evidence, low: int, high: int) -> Evidence:
    """The entries of the pairs from ``low`` to ``high``, numbered from 0."""
    at = slice(*np.searchsorted(part.pair, [low, high]).tolist())
    return replace(
        part,
        pair=part.pair[at] - low,
        identifier=part.identifier[at],
        millibits=part.millibits[at],
        inputs={},
    )
