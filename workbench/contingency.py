"""Two groupings of the same items compared from their contingency table, never pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Contingency", "Scores", "f1"]


def f1(precision: float | None, recall: float | None) -> float | None:
    """Harmonic mean; None when either is unknown, 0 when both are 0."""
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1, each 0..1; None where there was nothing to divide by."""

    precision: float | None
    recall: float | None

    @classmethod
    def of(cls, hits: float, found: float, wanted: float) -> Scores:
        """From counts: what is both, what was found, what should have been found."""
        return cls(float(hits / found) if found else None, float(hits / wanted) if wanted else None)

    def as_json(self) -> dict[str, float | None]:
        """``{precision, recall, f1}``."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": f1(self.precision, self.recall),
        }


@dataclass(frozen=True, eq=False)
class Contingency:
    """How many items are in both: cells (nonzero) with the sizes of their row and column.

    ``labels`` of -1 mean that the item stands alone. Arrays ``n``, ``row``, ``column`` have one
    entry a nonzero cell; ``rows`` and ``columns`` one a group.
    """

    n: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, predicted: ArrayLike, truth: ArrayLike) -> Contingency:
        """Count; O(items log items)."""
        a, b = _own_groups(np.asarray(predicted)), _own_groups(np.asarray(truth))
        width = int(b.max()) + 1 if len(b) else 1
        key, n = np.unique(a * width + b, return_counts=True)
        row, column = key // width, key % width
        return cls(n.astype(np.int64), row, column, np.bincount(a), np.bincount(b))

    def pairs(self) -> Scores:
        """Pairs in one predicted group against pairs in one true group."""
        return Scores.of(_pairs(self.n), _pairs(self.rows), _pairs(self.columns))

    def b_cubed(self) -> Scores:
        """B³ (Bagga and Baldwin 1998): averages over items, singletons included."""
        total = float(self.n.sum())
        squares = self.n.astype(np.float64) ** 2
        precision = float((squares / self.rows[self.row]).sum())
        recall = float((squares / self.columns[self.column]).sum())
        return Scores(precision / total, recall / total) if total else Scores(None, None)

    def weighted_precision(self) -> float | None:
        """Σ n p² / Σ n p over predicted groups of n items, p the share of its commonest true group.

        Iannucci et al. 2025 rank coordination detectors by it: a group weighs by what it got right,
        so that groups without any true member count nothing. Items of no true group are wrong.
        None when no predicted group of two or more holds a true one.
        """
        named = (self.columns[self.column] > 1) & (self.rows[self.row] > 1)
        best = np.zeros(len(self.rows))
        np.maximum.at(best, self.row[named], self.n[named])
        right = float(best.sum())
        return float((best**2 / self.rows).sum() / right) if right else None

    def adjusted_rand(self) -> float | None:
        """Adjusted Rand index (Hubert and Arabie 1985); None below two items."""
        every = _pairs(np.array([self.n.sum()]))
        if not every:
            return None
        both, a, b = _pairs(self.n), _pairs(self.rows), _pairs(self.columns)
        expected, most = a * b / every, (a + b) / 2
        return 1.0 if most == expected else (both - expected) / (most - expected)


def _own_groups(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes from 0, with a group of its own for every item labelled -1."""
    alone = labels < 0
    spread = labels.astype(np.int64)
    spread[alone] = (labels.max(initial=-1) + 1) + np.arange(int(alone.sum()))
    codes: NDArray[np.int64] = np.unique(spread, return_inverse=True)[1].astype(np.int64)
    return codes


def _pairs(sizes: NDArray[np.int64]) -> float:
    wide = sizes.astype(np.float64)
    return float((wide * (wide - 1) / 2).sum())
