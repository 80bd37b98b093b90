"""Which pairs are scored: those that shared identifiers could link, found without listing hubs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.families import FAMILIES, Family
from graph_models.linking.closest import closest
from graph_models.linking.context import LinkContext
from graph_models.linking.evidence import Evidence, PairView
from graph_models.linking.meeting import reachable_pairs
from graph_models.linking.rules import CANDIDATES
from graph_models.linking.scoring import fused
from graph_models.linking.shared import shared_identifier
from graph_models.linking.table import Bridges

__all__ = ["Candidates", "candidate_pairs", "enough", "is_candidate", "met_bits", "walked_degree"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs worth scoring, and an honest count of what was not enumerated.

    ``cut`` (accounts,): partners of each account that were left out because it, and they, have
    more than ``CANDIDATES.partners`` others with as many bits of identifiers: such accounts stand
    in a block so dense that its pairs need not all be listed. ``unseen`` (accounts,): those, or at
    least so many as share a value with the account that was over the budget and met it nowhere
    else, in a population too large to meet all; that they are no partners, nobody knows.
    """

    view: PairView
    met: int
    values_skipped: int
    pairs_skipped: int
    cut: NDArray[np.int64]
    unseen: NDArray[np.int64]

    @property
    def words(self) -> tuple[str, ...]:
        """What was not enumerated, for ``lacking``; empty when nothing was."""
        words = []
        if self.values_skipped:
            words.append(
                f"candidates: {self.values_skipped:,} shared values ({self.pairs_skipped:,} pairs, "
                "rarest values first) were over the budget: they speak for pairs that other values "
                "bring together, and bring none together themselves"
            )
        if self.cut.any():
            words.append(
                f"candidates: {int(self.cut.sum()) // 2:,} pairs of {int((self.cut > 0).sum()):,} "
                f"accounts that each have {CANDIDATES.partners:,} closer ones were not scored"
            )
        return tuple(words)


def candidate_pairs(context: LinkContext) -> Candidates:
    """Find all pairs that share enough bits of identifiers (``CandidateRule.floors``).

    Values are walked from rare to common until the pair budget is spent; the rest is counted, and
    looked up for the pairs that were met.
    """
    bridges = Bridges.of(context)
    walked = bridges.degree <= walked_degree(context)
    a, b, bits, met = reachable_pairs(
        bridges.tables(walked),
        bridges.weights,
        bridges.rules,
        bridges.spread,
        CANDIDATES.floors(context.accounts),
    )
    keep, cut = closest(a, b, bits, context.accounts)
    over = bridges.degree[~walked]
    return Candidates(
        PairView(context, a[keep], b[keep]),
        met,
        values_skipped=len(over),
        pairs_skipped=int((over * (over - 1) // 2).sum()),
        cut=cut,
        unseen=np.maximum(cut, _over_budget(bridges, walked, a[keep], b[keep])),
    )


def _over_budget(
    bridges: Bridges, walked: NDArray[np.bool_], a: NDArray[np.int32], b: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Least number of accounts that share a value over the budget with each one, less those met.

    Shape (accounts,); of several such values the commonest counts, as their users may be the same.
    """
    accounts = bridges.context.accounts
    most = np.zeros(accounts, np.int64)
    if accounts > CANDIDATES.plain:
        over = np.flatnonzero(~walked[bridges.edges[0]])
        np.maximum.at(most, bridges.account[over], bridges.degree[bridges.edges[0][over]] - 1)
        most -= np.bincount(a, minlength=accounts) + np.bincount(b, minlength=accounts)
    return np.maximum(most, 0)


def walked_degree(context: LinkContext) -> int:
    """The most accounts that a value may have to bring pairs together, within the pair budget.

    Whole degrees, so that no order among equally common values decides.
    """
    values = context.values_of_degree
    degree = np.arange(len(values))
    spent = np.cumsum(values * (degree * (degree - 1) // 2))
    return int(np.searchsorted(spent, CANDIDATES.budget(context.accounts), side="right")) - 1


def is_candidate(view: PairView) -> bool:
    """Whether the one pair of a view shares enough bits of identifiers to be scored."""
    parts = [shared_identifier(view, layer) for layer in view.context.layers]
    return bool(enough(view, *met_bits(view, parts))[0])


def enough(
    view: PairView,
    bits: NDArray[np.float64],
    brought: NDArray[np.bool_],
    without: Family | None = None,
) -> NDArray[np.bool_]:
    """Which pairs are candidates, with all families or without one, shape (pairs,).

    Args:
        view: The pairs.
        bits: Bits of shared identifiers by family, as from ``met_bits``.
        brought: Whether a value of the family is walked.
        without: The family that is left out.
    """
    left = [at for at, family in enumerate(FAMILIES) if family is not without]
    floor = max(CANDIDATES.floors(view.context.accounts))
    fine: NDArray[np.bool_] = bits[:, left].sum(axis=1) >= floor
    return fine & brought[:, left].any(axis=1)


def met_bits(
    view: PairView, shared: Sequence[Evidence]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Bits of shared identifiers that make a pair a candidate, by family, shape (pairs, 7).

    And whether one of these identifiers is walked, so that it brings the pair together.

    Args:
        view: The pairs.
        shared: What the shared identifiers of each kind say.
    """
    brought = np.zeros((len(view), len(FAMILIES)), bool)
    limit = walked_degree(view.context)
    if view.context.accounts > CANDIDATES.plain:
        for part in shared:
            walked = part.pair[part.inputs["accounts"] <= limit]
            brought[walked, FAMILIES.index(part.family)] = True
        return fused(shared, len(view)) / 1000, brought
    bits = np.zeros((len(view), len(FAMILIES)))
    for layer in view.context.layers:
        found = view.shared(layer)
        value = layer.value[found.edge_a]
        busier = np.maximum(layer.spread[view.a[found.pair]], layer.spread[view.b[found.pair]])
        says = layer.value_bits[value] - np.log2(np.maximum(busier, 1))
        fair = np.clip(says, 0.0, layer.policy.cap_bits)
        column = FAMILIES.index(layer.family)
        bits[:, column] += np.bincount(found.pair, weights=fair, minlength=len(view))
        brought[found.pair[layer.degree[value] <= limit], column] = True
    return bits, brought
