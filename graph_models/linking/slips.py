"""Whether two values are one slip of the pen apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

__all__ = ["one_slip_apart"]

LEAST = 4  # characters; of shorter values too many are a letter apart
LONG = 9  # characters from which two slips are still one value
MOST = 40  # longer values are compared by their beginnings


def one_slip_apart(
    text: NDArray[np.object_] | ExtensionArray, left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the values of each pair are an edit or a swap of neighbours apart (two where long).

    The distance is optimal string alignment: insert, delete, replace and swap of neighbours.

    Args:
        text: The values, shape (values,).
        left: Position of one value, shape (pairs,).
        right: Position of the other, shape (pairs,).

    Returns:
        Shape (pairs,); False where the shorter value has fewer than four characters.
    """
    if not len(left):
        return np.zeros(0, bool)
    cut = np.array([str(value)[:MOST] for value in text], dtype=object)
    length = np.array([len(value) for value in cut], dtype=np.int64)
    shorter = np.minimum(length[left], length[right])
    allowed = np.where(shorter >= LONG, 2, np.where(shorter >= LEAST, 1, -1))
    slips = cpdist(cut[left], cut[right], scorer=OSA.distance, score_cutoff=2, dtype=np.int32)
    near: NDArray[np.bool_] = slips <= allowed
    return near
