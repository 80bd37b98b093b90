"""Distinct keys of many rows: a sort of whole numbers, and none where they ascend already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct", "firsts", "together"]

Ints = NDArray[np.int64]


def distinct(key: Ints) -> Ints:
    """The distinct keys, ascending."""
    if (np.diff(key) < 0).any():
        key = np.sort(key)
    return key[np.flatnonzero(np.diff(key, prepend=key[:1] - 1))]


def firsts(key: Ints) -> NDArray[np.bool_]:
    """One row of each key, shape (rows,): the first of them in any order."""
    order = np.argsort(key, kind="stable") if (np.diff(key) < 0).any() else slice(None)
    found = np.zeros(len(key), np.bool_)
    found[order] = np.diff(key[order], prepend=key[:1] - 1) != 0 if len(key) else False
    return found


def together(key: Ints) -> Ints:
    """How many rows have the key of each row, shape (rows,)."""
    order = np.argsort(key, kind="stable") if (np.diff(key) < 0).any() else np.arange(len(key))
    start = np.flatnonzero(np.diff(key[order], prepend=key[:1] - 1)) if len(key) else order
    sizes = np.diff(np.append(start, len(key)))
    found = np.empty(len(key), np.int64)
    found[order] = np.repeat(sizes, sizes)
    return found
