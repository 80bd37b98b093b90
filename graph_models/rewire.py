"""A degree-preserving shuffle of who used what: the null model behind every chance figure.

Each account keeps how many identifiers it used, each identifier keeps by how many accounts it was
used, and nobody uses one identifier twice; only *who shares with whom* is drawn anew (the
configuration model without multi-edges; stub matching, then repair by edge swaps, Fosdick et al.
2018). Plain numpy, because the ``rewired`` world shuffles its events with the same function.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["rewire"]

_REPAIR_ROUNDS = 60
_SWAP_ROUNDS = 20


def rewire(
    account_pos: NDArray[np.int32], identifier_pos: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw a new identifier for every (account, identifier) edge, keeping all degrees.

    Call it once per kind: an edge never leaves its kind. The result depends on the order of the
    edges, so sort them by (account, identifier) first.

    Args:
        account_pos: Account of each edge, shape (edges,).
        identifier_pos: Identifier of each edge, shape (edges,); no (account, identifier) twice.
        rng: Source of randomness; the same state gives the same shuffle.

    Returns:
        The new identifier of each edge, shape (edges,), a permutation of ``identifier_pos``.
    """
    account = np.asarray(account_pos, dtype=np.int64)
    original = np.asarray(identifier_pos, dtype=np.int64)
    if len(account) < 2:
        return original.astype(np.int32)
    span = int(original.max()) + 1
    shuffled = rng.permutation(original)
    for _ in range(_REPAIR_ROUNDS):
        twice = _repeated(account * span + shuffled)
        if not len(twice):
            return shuffled.astype(np.int32)
        shuffled = _swap(account, shuffled, _with_partners(twice, len(account), rng), span)
    # So dense that stub matching cannot be repaired: walk from the real graph by valid swaps.
    for _ in range(_SWAP_ROUNDS):
        order = rng.permutation(len(account))[: len(account) // 2 * 2].reshape(2, -1)
        original = _swap(account, original, (order[0], order[1]), span)
    return original.astype(np.int32)


def _repeated(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of edges that repeat an earlier one."""
    order = np.argsort(key, kind="stable")
    return np.sort(order[1:][np.diff(key[order]) == 0])


def _with_partners(
    edges: NDArray[np.int64], total: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A distinct random partner for each of the edges, none of them among the edges."""
    among = np.ones(total, np.bool_)
    among[edges] = False
    free = np.flatnonzero(among)
    count = min(len(edges), len(free))
    return edges[:count], rng.choice(free, size=count, replace=False)


def _swap(
    account: NDArray[np.int64],
    identifier: NDArray[np.int64],
    proposal: tuple[NDArray[np.int64], NDArray[np.int64]],
    span: int,
) -> NDArray[np.int64]:
    """Exchange the identifiers of the proposed edges wherever that makes no repeated edge."""
    left, right = proposal
    new_left = account[left] * span + identifier[right]
    new_right = account[right] * span + identifier[left]
    taken = np.sort(account * span + identifier)
    proposed = np.concatenate([new_left, new_right])
    _, inverse, counts = np.unique(proposed, return_inverse=True, return_counts=True)
    once = counts[inverse] == 1
    spot = np.searchsorted(taken, proposed)
    fresh = taken[np.minimum(spot, len(taken) - 1)] != proposed
    fine = (once & fresh).reshape(2, -1).all(axis=0)
    result = identifier.copy()
    result[left[fine]], result[right[fine]] = identifier[right[fine]], identifier[left[fine]]
    return result
