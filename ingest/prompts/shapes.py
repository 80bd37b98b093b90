"""What goes into the sketch kernel and what comes out of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AT_END",
    "AT_START",
    "CLASSES",
    "FLAGS",
    "KEPT",
    "LABELLED",
    "Output",
    "Tables",
    "empty_output",
]

KEPT = 32  # shingles kept of a prompt
# The lowest bits of a shingle's hash: it begins or ends the text, it holds "label:".
AT_START, AT_END, LABELLED, FLAGS = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(7)
CLASSES = 16  # room for cue classes


class Tables(NamedTuple):
    """Character tables and the cue table (open addressing, a power of two of slots)."""

    kinds: NDArray[np.uint8]
    folds: NDArray[np.uint16]
    cues: NDArray[np.uint64]
    cue_class: NDArray[np.int8]
    cue_weight: NDArray[np.int8]


class Output(NamedTuple):
    """One row a prompt; ``shingles`` has room for ``KEPT`` a row, ``kept`` says how many hold."""

    prompt_key: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    kept: NDArray[np.int32]
    tokens: NDArray[np.int32]
    scores: NDArray[np.int32]


def empty_output(rows: int) -> Output:
    """Room for ``rows`` sketches."""
    return Output(
        np.zeros(rows, np.uint64),
        np.zeros((rows, KEPT), np.uint64),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.int32),
        np.zeros((rows, CLASSES), np.int32),
    )
