"""The inner loop of dividing traffic, compiled: it walks tokens and holds no rules."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["shared_out"]

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
