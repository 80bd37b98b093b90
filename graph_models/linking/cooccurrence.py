"""How many values two accounts should have in common, given how active everybody is.

A table of accounts and values fixes two things that say nothing about who controls whom: how many
values each account has, and by how many accounts each value was used. The bipartite configuration
model (BiCM; Saracco et al. 2015, the null of statistically validated networks, Tumminello et al.
2011) is the most random table with those degrees; it gives each account a chance of having each
value, p = xy / (1 + xy), and what two accounts share is weighed against these chances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOCKSTEP_BITS", "REUSE_GRID", "Chances", "likeliest_reuse", "lockstep_bits",
           "shared_value_bits", "unshared_bits"]  # fmt: skip

Floats = NDArray[np.float64]

# P(the busier account has a value of the quieter one | one controller). Nobody knows how far a
# controller spreads his values, so each pair takes the likeliest of these.
REUSE_GRID = (0.9, 0.6, 0.3, 0.1, 0.03, 0.01)
# How many of their common values two accounts of one controller use together, and among which part
# of a value's users, nearest in time, they are then: each pair takes the likeliest and pays for it.
TOGETHER_GRID = (0.9, 0.5)
NEAREST_GRID = (0.5, 0.2, 0.05, 0.01)
LOCKSTEP_BITS = 15.0  # people in one room act together too, without one controller
_ROUNDS = 200
_CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class Chances:
    """Fitted BiCM: ``account`` holds x (accounts,), ``value`` holds y (values,)."""

    account: Floats
    value: Floats

    @classmethod
    def fit(cls, spread: NDArray[np.int64], degree: NDArray[np.int64]) -> Chances:
        """Fixed-point iteration over distinct degrees (Vallarano et al. 2021).

        Args:
            spread: Distinct values by account, shape (accounts,).
            degree: Accounts by value, shape (values,).
        """
        rows, row, row_count = np.unique(spread, return_inverse=True, return_counts=True)
        columns, column, column_count = np.unique(degree, return_inverse=True, return_counts=True)
        scale = np.sqrt(max(float(spread.sum()), 1.0))
        x, y = rows / scale, columns / scale
        for _ in range(_ROUNDS):
            before = x
            x = rows / ((column_count * y) / (1 + x[:, None] * y)).sum(axis=1)
            y = columns / ((row_count * x) / (1 + y[:, None] * x)).sum(axis=1)
            if np.allclose(x, before, rtol=_CLOSE, atol=0.0):
                break
        return cls(x[row], y[column])

    def of(self, account: NDArray[np.int64], value: NDArray[np.int64]) -> Floats:
        """P(the account has the value), by position, shape of the inputs."""
        odds = self.account[account] * self.value[value]
        chance: Floats = odds / (1 + odds)
        return chance


def shared_value_bits(chance: Floats, reuse: Floats | float, cap_bits: float) -> Floats:
    """Bits of a value in common: log2((r + (1 - r) p) / p), capped.

    Args:
        chance: p, what the busier account's and the value's degrees explain.
        reuse: r, P(the busier account has it | one controller).
        cap_bits: The most that one value may say.

    Returns:
        Bits, at least 0; near 0 for a hub whatever r is.
    """
    bits: Floats = np.log2((reuse + (1 - reuse) * chance) / chance)
    return np.minimum(bits, cap_bits)


def unshared_bits(left: NDArray[np.int64], reuse: Floats | float) -> Floats:
    """Bits of the quieter account's values that the busier lacks: n log2(1 - r), at most 0."""
    bits: Floats = left * np.log2(1 - np.asarray(reuse))
    return bits


def likeliest_reuse(
    pair: NDArray[np.int64], chance: Floats, left: NDArray[np.int64], *, cap_bits: float
) -> Floats:
    """For each pair the rate of reuse that makes its whole record likeliest.

    Args:
        pair: Index of the pair of each value in common, ascending.
        chance: p of each value in common.
        left: Values of the quieter account that are not shared, shape (pairs,).
        cap_bits: The most that one value may say.

    Returns:
        Rates of ``REUSE_GRID``, shape (pairs,).
    """
    scores = [
        np.bincount(pair, weights=shared_value_bits(chance, rate, cap_bits), minlength=len(left))
        + unshared_bits(left, rate)
        for rate in REUSE_GRID
    ]
    likeliest: NDArray[np.float64] = np.array(REUSE_GRID)[np.argmax(scores, axis=0)]
    return likeliest


def lockstep_bits(
    pair: NDArray[np.int64], near: NDArray[np.int64], others: NDArray[np.int64], pairs: int
) -> Floats:
    """Bits of using common values together, again and again.

    How many of a value's other users are as near in time as the partner is uniform from 1 to all of
    them for strangers; of a controller's accounts a share s is among the nearest part q, so that
    each value says log2(1 - s + s / q) or log2(1 - s).

    Args:
        pair: Index of the pair of each value in common.
        near: The value's other users who are as near in time, partner included, at least 1.
        others: The value's other users, at least 1.
        pairs: How many pairs there are.

    Returns:
        Bits of the likeliest s and q less the bits of having chosen them, at least 0, capped,
        shape (pairs,).
    """
    best = np.zeros(pairs)
    price = np.log2(len(TOGETHER_GRID) * len(NEAREST_GRID))
    for nearest in NEAREST_GRID:
        places = np.floor(nearest * others + 1e-9)
        told = places > 0  # a value of few users has no nearest part: it says nothing
        odds = others[told] / places[told]
        inside = near[told] <= places[told]
        for share in TOGETHER_GRID:
            each = np.where(inside, np.log2(1 - share + share * odds), np.log2(1 - share))
            total = np.bincount(pair[told], weights=each, minlength=pairs)
            best = np.maximum(best, total - price)
    return np.minimum(best, LOCKSTEP_BITS)
