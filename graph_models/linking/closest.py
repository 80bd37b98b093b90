"""The closest partners of each account: a dense block need not list all of its pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.meeting import among_closest
from graph_models.linking.rules import CANDIDATES

__all__ = ["closest"]

_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # splitmix64 (Steele et al. 2014)
_TIE_BITS, _MOST = 40, (1 << 22) - 1  # of a rank: the hash, and the most millibits


def closest(
    a: NDArray[np.int32], b: NDArray[np.int32], bits: NDArray[np.float32], accounts: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pairs to keep so that each account keeps its closest partners.

    A pair stays when it is among the ``CANDIDATES.most_partners`` best of *either* account. Equal
    bits are told apart by a hash of the pair: by position, all members of a block would keep the
    same few, and the block would look like a star.

    Args:
        a: One end of each pair, shape (pairs,).
        b: The other end.
        bits: Bits of shared identifiers.
        accounts: N.

    Returns:
        Which pairs stay, shape (pairs,), and how many partners each account lost, (accounts,).
    """
    most = CANDIDATES.most_partners(accounts)
    if most >= accounts:
        return np.ones(len(a), bool), np.zeros(accounts, np.int64)
    keep = among_closest(a, b, _rank(a, b, bits, accounts), most, accounts)
    lost = np.flatnonzero(~keep)
    cut = np.bincount(a[lost], minlength=accounts) + np.bincount(b[lost], minlength=accounts)
    return keep, cut


def _rank(
    a: NDArray[np.int32], b: NDArray[np.int32], bits: NDArray[np.float32], accounts: int
) -> NDArray[np.int64]:
    """A number for each pair that is smaller the more bits it has, then by hash, (pairs,)."""
    mixed = a.astype(np.uint64) * np.uint64(accounts) + b.astype(np.uint64)
    for factor, shift in zip(_MIX, (30, 27), strict=True):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    less = _MOST - np.minimum(np.rint(1000 * bits.astype(np.float64)), _MOST).astype(np.int64)
    return (less << _TIE_BITS) | (mixed >> np.uint64(64 - _TIE_BITS)).astype(np.int64)
