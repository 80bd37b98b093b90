"""Whether two values are one slip of the pen apart."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["one_slip_apart"]

LEAST = 4  # characters; of shorter values too many are a letter apart
LONG = 9  # characters from which two slips are still one value
MOST = 40  # longer values are compared by their beginnings


def _near(text, length, left, right, allowed):  # type: ignore[no-untyped-def]
    found = np.zeros(len(left), np.bool_)
    width = text.shape[1]
    rows = np.zeros((3, width + 1), np.int64)
    for pair in range(len(left)):
        a, b = text[left[pair]], text[right[pair]]
        n, m = length[left[pair]], length[right[pair]]
        if abs(n - m) > allowed[pair]:
            continue
        for j in range(m + 1):
            rows[1, j] = j
        for i in range(1, n + 1):
            rows[2, 0] = i
            least = i
            for j in range(1, m + 1):
                cost = 0 if a[i - 1] == b[j - 1] else 1
                best = min(rows[1, j] + 1, rows[2, j - 1] + 1, rows[1, j - 1] + cost)
                if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                    best = min(best, rows[0, j - 2] + 1)
                rows[2, j] = best
                least = min(least, best)
            if least > allowed[pair]:
                break
            for j in range(m + 1):
                rows[0, j] = rows[1, j]
                rows[1, j] = rows[2, j]
        else:
            found[pair] = rows[1, m] <= allowed[pair]
    return found


_near_compiled = njit(cache=True)(_near)


def one_slip_apart(
    text: NDArray[np.object_], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the values of each pair are an edit or a swap of neighbours apart (two where long).

    Args:
        text: The values, shape (values,).
        left: Position of one value, shape (pairs,).
        right: Position of the other, shape (pairs,).

    Returns:
        Shape (pairs,); False where the shorter value has fewer than four characters.
    """
    if not len(left):
        return np.zeros(0, bool)
    cut = text.astype(f"<U{MOST}")
    length = np.char.str_len(cut).astype(np.int64)
    width = max(cut.dtype.itemsize // 4, 1)
    codes = np.ascontiguousarray(cut).view(np.uint32).reshape(len(cut), width)
    shorter = np.minimum(length[left], length[right])
    allowed = np.where(shorter >= LONG, 2, np.where(shorter >= LEAST, 1, -1)).astype(np.int64)
    near: NDArray[np.bool_] = _near_compiled(codes, length, left, right, allowed)
    return near
