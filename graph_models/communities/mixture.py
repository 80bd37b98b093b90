"""Who belongs together, when every cell draws from its own small store of values.

Each view is a mixture of Dirichlet-multinomials: a cell's shares scatter around the community's
with a concentration that is estimated from the partition. The evidence of a partition is its
integrated likelihood, which charges for every cell by itself, so no number of cells and no
resolution is set (Bayesian hierarchical clustering, Heller and Ghahramani 2005; here with moves).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graph_models.communities.kernels import asked, gains, likelihoods, summed
from graph_models.communities.rules import CELLS
from graph_models.communities.views import View

__all__ = ["Mixture", "settled"]


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels renamed to 0, 1 … in order of their first member; -1 stays."""
    placed = labels >= 0
    _, first, code = np.unique(labels[placed], return_index=True, return_inverse=True)
    rank = np.full(len(labels), -1, np.int64)
    rank[placed] = np.argsort(np.argsort(first))[code]
    return rank


def _told(
    view: View, labels: NDArray[np.int64], concentrations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log integrated likelihood of one view under each concentration, in nats."""
    used, drawn = summed(labels, view.uses), summed(labels, view.choices)
    return likelihoods(used, drawn, view.share, concentrations)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Views with the concentration of each, estimated on some partition."""

    views: tuple[View, ...]
    concentration: tuple[float, ...]

    @classmethod
    def fitted(cls, views: Sequence[View], labels: NDArray[np.int64]) -> Mixture:
        """For each view the concentration under which the partition is most likely."""
        labels = _numbered(labels)
        best = []
        for view in views:
            grid = np.array([value for value in CELLS.concentrations if value >= view.least])
            best.append(float(grid[np.argmax(_told(view, labels, grid))]))
        return cls(tuple(views), tuple(best))

    def evidence(self, labels: NDArray[np.int64]) -> float:
        """Log integrated likelihood of a partition, in nats; members at -1 are left out."""
        labels = _numbered(labels)
        return sum(
            view.weight * float(_told(view, labels, np.array([value]))[0])
            for view, value in zip(self.views, self.concentration, strict=True)
        )

    def pairs(self) -> NDArray[np.float64]:
        """Log Bayes factor of each pair of members being one cell, shape (members, members)."""
        members = self.views[0].uses.shape[0]
        found = np.zeros((members, members))
        for view, value in zip(self.views, self.concentration, strict=True):
            base = value * view.share
            met = view.uses.multiply(np.log1p(1 / base)) @ view.uses.T
            drawn, code = np.unique(view.choices.toarray(), return_inverse=True)
            cost = _together(drawn[:, None], drawn[None, :], value)
            paid = np.zeros_like(found)
            for group in code.reshape(members, -1).T:
                paid += cost[np.ix_(group, group)]
            found += view.weight * (met.toarray() + paid)
        np.fill_diagonal(found, 0.0)
        return found

    def merged(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Merge the two cells whose union gains most, until no union gains."""
        labels = _numbered(labels)
        used = [summed(labels, view.uses) for view in self.views]
        drawn = [summed(labels, view.choices) for view in self.views]
        cells = len(used[0])
        gain = np.full((cells, cells), -np.inf)
        for cell in range(cells):
            gain[cell] = self._gains(used, drawn, cell)
        alive = np.ones(cells, bool)
        np.fill_diagonal(gain, -np.inf)
        while alive.sum() > 1:
            one, other = np.unravel_index(int(np.argmax(gain)), gain.shape)
            if gain[one, other] <= 0:
                break
            keep, gone = int(min(one, other)), int(max(one, other))
            labels = np.where(labels == gone, keep, labels)
            alive[gone] = False
            for table in (*used, *drawn):
                table[keep] += table[gone]
                table[gone] = 0
            fresh = np.where(alive, self._gains(used, drawn, keep), -np.inf)
            fresh[keep] = -np.inf
            gain[keep], gain[:, keep] = fresh, fresh
            gain[gone], gain[:, gone] = -np.inf, -np.inf
        return _numbered(labels)

    def _gains(
        self, used: list[NDArray[np.float64]], drawn: list[NDArray[np.float64]], cell: int
    ) -> NDArray[np.float64]:
        """What merging one cell with each other one gains, in nats, shape (cells,)."""
        total = np.zeros(len(used[0]))
        tables = zip(self.views, self.concentration, used, drawn, strict=True)
        for view, value, mine, choices in tables:
            total += view.weight * gains(mine, choices, view.share, value, cell)
        return total

    def moved(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Every member, also who has no cell yet, to the cell that expects its uses most.

        Or to one of its own, where that expects them more.
        """
        labels = _numbered(labels)
        members, cells = len(labels), int(labels.max(initial=-1)) + 1
        score = np.zeros((members, cells + 1))
        for view, value in zip(self.views, self.concentration, strict=True):
            score += view.weight * _expected(view, labels, value)
        best = score.argmax(axis=1)
        now = np.where(labels >= 0, score[np.arange(members), labels], -np.inf)
        best = np.where(now >= score.max(axis=1) - 1e-9, labels, best)
        return _numbered(np.where(best == cells, cells + np.arange(members), best))


def _together(
    one: NDArray[np.float64], other: NDArray[np.float64], base: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """What two counts cost as one: log Γ(b+n) Γ(b+m) / Γ(b+n+m) Γ(b); ≤ 0 in gains' sign."""
    found: NDArray[np.float64] = (
        gammaln(base + one) + gammaln(base + other) - gammaln(base + one + other) - gammaln(base)
    )
    return found


def _expected(view: View, labels: NDArray[np.int64], value: float) -> NDArray[np.float64]:
    """Log probability of each member's uses in each cell without itself, and in a cell of its own.

    Returns:
        Shape (members, cells + 1), in nats.
    """
    used, drawn = summed(labels, view.uses), summed(labels, view.choices)
    base = value * view.share
    store = np.vstack([used, np.zeros(used.shape[1])])
    score: NDArray[np.float64] = np.asarray(view.uses @ np.log(base + store).T)
    members = len(labels)
    who = np.repeat(np.arange(members), np.diff(view.uses.indptr))
    count = used[labels[who], view.uses.indices]
    loss = np.log1p(-1 / np.maximum(base[view.uses.indices] + count, 1 + 1e-12))
    inside = labels >= 0
    score[inside, labels[inside]] += np.bincount(who, loss, minlength=members)[inside]
    empty = np.vstack([drawn, np.zeros(drawn.shape[1])])
    return score + asked(labels, view.choices, empty, value)


def settled(views: Sequence[View], labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], Mixture]:
    """Estimate, merge and move until nothing changes; the partition and what it was made by.

    Where it is hardly more evident than one cell of all, there is one: what all share tells nobody
    apart, and chance groups any draws a little.
    """
    labels = _numbered(labels)
    for _ in range(CELLS.rounds):
        mixture = Mixture.fitted(views, labels)
        again = mixture.moved(mixture.merged(labels))
        if (again == labels).all():
            break
        labels = again
    whole = np.minimum(labels, 0)
    alone = Mixture.fitted(views, whole)
    gained = mixture.evidence(labels) - alone.evidence(whole)
    # To say of each member which cell it is in takes log(cells) nats.
    if gained <= CELLS.evident * (labels >= 0).sum() * np.log(labels.max() + 1):
        return whole, alone
    return labels, mixture
