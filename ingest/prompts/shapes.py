"""What passes between the kernels: tables, windows of tokens, sketches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AT_END",
    "AT_START",
    "CLASSES",
    "CODE",
    "COLON",
    "FLAGS",
    "HEAD",
    "KEPT",
    "LABELLED",
    "LINK",
    "NUMBER",
    "QUOTED",
    "TAIL",
    "Output",
    "Tables",
    "Windows",
    "empty_output",
    "empty_windows",
]

HEAD, TAIL = 64, 32  # tokens looked at: a frame states its task first, its form of answer last
KEPT = 32  # shingles kept of a prompt
# The lowest bits of a shingle's hash: it begins or ends the text, it holds "label:".
AT_START, AT_END, LABELLED, FLAGS = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(7)
# Tokens that are no words; a hashed word is never so small. Before a colon stands a label.
NUMBER, LINK, QUOTED, CODE, COLON = (np.uint64(mask) for mask in range(1, 6))
CLASSES = 16  # room for cue classes


class Tables(NamedTuple):
    """Character tables and the cue table (open addressing, a power of two of slots)."""

    kinds: NDArray[np.uint8]
    folds: NDArray[np.uint16]
    cues: NDArray[np.uint64]
    cue_class: NDArray[np.int8]
    cue_weight: NDArray[np.int8]


class Windows(NamedTuple):
    """One row a prompt: hash of the text, its length in tokens, its first and last tokens."""

    prompt_key: NDArray[np.uint64]
    length: NDArray[np.int32]
    tokens: NDArray[np.uint64]


class Output(NamedTuple):
    """One row a prompt; ``shingles`` has room for ``KEPT`` a row, ``kept`` says how many hold."""

    shingles: NDArray[np.uint64]
    kept: NDArray[np.int32]
    scores: NDArray[np.int32]


def empty_windows(rows: int) -> Windows:
    """Room for the tokens of ``rows`` prompts."""
    return Windows(
        np.zeros(rows, np.uint64),
        np.zeros(rows, np.int32),
        np.zeros((rows, HEAD + TAIL), np.uint64),
    )


def empty_output(rows: int) -> Output:
    """Room for ``rows`` sketches."""
    return Output(
        np.zeros((rows, KEPT), np.uint64),
        np.zeros(rows, np.int32),
        np.zeros((rows, CLASSES), np.int32),
    )
