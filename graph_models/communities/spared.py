"""A part of the links of accounts that have very many: enough to see whether a block holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph_models.communities.graph import Ground, mixed
from graph_models.linking import PairView
from graph_models.linking.meeting import among_closest

__all__ = ["spared"]


def spared(ground: Ground, view: PairView, most: int) -> tuple[NDArray[np.bool_], Ground]:
    """Leave pairs out at random, so that no account loses any of its first ``most``.

    What was left out counts as not looked at, so that a density stays what it is: drawn by a hash
    of the pair, pairs that stay are as often links as those that go.

    Args:
        ground: What is known of the accounts.
        view: The pairs.
        most: How many pairs of each account stay in any case.

    Returns:
        Which pairs stay, shape (pairs,), and what is then known of the accounts.
    """
    accounts = len(ground.unlisted)
    had = _degree(view.a, view.b, accounts)
    key = mixed(view.a.astype(np.uint64) * np.uint64(accounts) + view.b.astype(np.uint64))
    rank = (key >> np.uint64(1)).astype(np.int64)
    stay = among_closest(view.a, view.b, rank, most, accounts)
    kept = _degree(view.a[stay], view.b[stay], accounts)
    listed = (1 - ground.unlisted) * kept / np.maximum(had, 1)
    unlisted = np.where(kept < had, 1 - listed, ground.unlisted)
    return stay, replace(ground, unlisted=unlisted)


def _degree(a: NDArray[np.int32], b: NDArray[np.int32], accounts: int) -> NDArray[np.int64]:
    return np.bincount(a, minlength=accounts) + np.bincount(b, minlength=accounts)
