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
    return key[_new(key)]


def firsts(key: Ints) -> NDArray[np.bool_]:
    """One row of each key, shape (rows,): the first of them in any order."""
    if not (np.diff(key) < 0).any():
        return _new(key)
    order = np.argsort(key, kind="stable")
    found = np.empty(len(key), np.bool_)
    found[order] = _new(key[order])
    return found


def together(key: Ints) -> Ints:
    """How many rows have the key of each row, shape (rows,)."""
    order = np.argsort(key, kind="stable") if (np.diff(key) < 0).any() else np.arange(len(key))
    start = np.flatnonzero(_new(key[order]))
    sizes = np.diff(np.append(start, len(key)))
    found = np.empty(len(key), np.int64)
    found[order] = np.repeat(sizes, sizes)
    return found


def _new(ascending: Ints) -> NDArray[np.bool_]:
    """Where a key differs from the one before it."""
    found = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=found[1:])
    return found
