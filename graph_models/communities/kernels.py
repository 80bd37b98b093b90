"""Inner loops, compiled: dividing traffic, and what cells of a community gain as one.

They walk tables and hold no rules.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

__all__ = ["asked", "gains", "likelihoods", "shared_out", "summed"]

Floats = NDArray[np.float64]


def _shared_out(member, count, like, part, usual, rounds):  # type: ignore[no-untyped-def]
    tokens, width = like.shape
    sums = np.empty_like(part)
    mine = np.empty(tokens)
    for _ in range(rounds):
        sums[:] = usual
        for token in range(tokens):
            who = member[token]
            whole = 0.0
            for kind in range(width):
                whole += part[who, kind] * like[token, kind]
            scale = count[token] / whole
            for kind in range(width):
                sums[who, kind] += part[who, kind] * like[token, kind] * scale
            mine[token] = part[who, width - 1] * like[token, width - 1] / whole
        for who in range(len(part)):
            part[who] = sums[who] / sums[who].sum()
    return part, mine


_shared_out_compiled = njit(cache=True)(_shared_out)


def shared_out(
    member: NDArray[np.int64], count: Floats, like: Floats, part: Floats, *, prior: Floats,
    rounds: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Each member's mixture of components by expectation and maximisation.

    Args:
        member: Member of each token, shape (tokens,).
        count: How often each token occurs, shape (tokens,).
        like: Likelihood of each token in each component, shape (tokens, components); positive.
        part: The mixtures to begin with, shape (members, components).
        prior: Exchanges of each component that every member is taken to have made already.
        rounds: How often to go over all tokens.

    Returns:
        The mixtures, rows sum to 1, and the part of the last component in each token.
    """
    found: tuple[Floats, Floats] = _shared_out_compiled(
        member, count, like, part.copy(), prior, rounds
    )
    return found


def _cost(base, one, other):  # type: ignore[no-untyped-def]
    """What two counts cost as one: log Γ(b+n) Γ(b+m) / Γ(b+n+m) Γ(b)."""
    apart = math.lgamma(base + one) + math.lgamma(base + other)
    return apart - math.lgamma(base + one + other) - math.lgamma(base)


_cost_compiled = njit(cache=True)(_cost)


def _costs(table, base, cell):  # type: ignore[no-untyped-def]
    cells, width = table.shape
    total = np.zeros(cells)
    for at in range(width):
        own = table[cell, at]
        if own > 0:
            for other in range(cells):
                if table[other, at] > 0:
                    total[other] += _cost_compiled(base[at], own, table[other, at])
    return total


def _likelihood(count, base, values):  # type: ignore[no-untyped-def]
    total = np.zeros(len(values))
    for number in range(len(values)):
        for at in range(len(count)):
            before = values[number] * base[at]
            if count[at] == 1.0:
                total[number] += math.log(before)
            else:
                total[number] += math.lgamma(before + count[at]) - math.lgamma(before)
    return total


def _summed(label, start, index, data, table):  # type: ignore[no-untyped-def]
    for row in range(len(label)):
        if label[row] >= 0:
            for at in range(start[row], start[row + 1]):
                table[label[row], index[at]] += data[at]
    return table


def _asked(label, choices, drawn, value, score):  # type: ignore[no-untyped-def]
    start, index, data = choices
    for row in range(len(label)):
        for at in range(start[row], start[row + 1]):
            count = data[at]
            for cell in range(len(drawn)):
                before = value + drawn[cell, index[at]]
                if label[row] == cell:
                    before -= count
                score[row, cell] -= math.lgamma(before + count) - math.lgamma(before)
    return score


_asked_compiled = njit(cache=True)(_asked)
_costs_compiled = njit(cache=True)(_costs)
_likelihood_compiled = njit(cache=True)(_likelihood)
_summed_compiled = njit(cache=True)(_summed)


def summed(labels: NDArray[np.int64], uses: csr_matrix) -> Floats:
    """What the members of each cell used together, shape (cells, values).

    Args:
        labels: Cell 0… of each member; members at -1 are left out.
        uses: Sparse (members, values).
    """
    table = np.zeros((int(labels.max(initial=-1)) + 1, uses.shape[1]))
    found: Floats = _summed_compiled(labels, uses.indptr, uses.indices, uses.data, table)
    return found


def likelihoods(used: Floats, drawn: Floats, share: Floats, values: Floats) -> Floats:
    """Log integrated likelihood of what cells used under each concentration, in nats.

    Args:
        used: Uses by cell, shape (cells, values).
        drawn: Choices by cell, shape (cells, groups).
        share: Part of each value in its group, shape (values,).
        values: The concentrations, shape (concentrations,).
    """
    told = []
    for table, part in ((used, share), (drawn, np.ones(drawn.shape[1]))):
        some = table > 0
        base = np.broadcast_to(part, table.shape)[some]
        told.append(_likelihood_compiled(table[some], base, values))
    found: Floats = told[0] - told[1]
    return found


def asked(labels: NDArray[np.int64], choices: csr_matrix, drawn: Floats, value: float) -> Floats:
    """What each member's choices cost in each cell without itself, in nats; (members, cells).

    Args:
        labels: Cell of each member, -1 for none.
        choices: How many values of each group members used, sparse (members, groups).
        drawn: The same by cell, shape (cells, groups).
        value: The concentration.
    """
    table = (choices.indptr, choices.indices, choices.data)
    score = np.zeros((len(labels), len(drawn)))
    found: Floats = _asked_compiled(labels, table, drawn, value, score)
    return found


def gains(used: Floats, drawn: Floats, share: Floats, value: float, cell: int) -> Floats:
    """What one cell gains by merging with each other one, in nats, shape (cells,).

    Rounded, so that no order of sums decides between equal ones.

    Args:
        used: Uses by cell, shape (cells, values).
        drawn: Choices by cell, shape (cells, groups).
        share: Part of each value in its group, shape (values,).
        value: The concentration.
        cell: Which one.
    """
    flat = np.full(drawn.shape[1], value)
    total = _costs_compiled(drawn, flat, cell) - _costs_compiled(used, value * share, cell)
    found: Floats = np.round(total, 9)
    return found
