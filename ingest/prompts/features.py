"""What a prompt asks for (capability) and how it asks (elicitation), from cue words.

A closed lexicon, so that the same text has the same class in every load and with every key, and a
reader can see why. English only: other languages are ``general`` unless code or numbers speak.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.characters import tables as character_tables
from ingest.prompts.lexicon import CAPABILITIES, CUES, ELICITATIONS
from ingest.prompts.shapes import CLASSES, Tables, empty_windows
from ingest.prompts.shingles import cue_hashes
from ingest.prompts.tokens import tokenise_rows

__all__ = ["capability_of", "elicitation_of", "kernel_tables"]

GENERAL = "general"
LEAST_EVIDENCE = 3  # one weak word in passing is no capability
LEAST_CUE = 3  # one telling phrase is an elicitation; a single weak word is not
SLOTS_PER_CUE = 4  # a quarter full: most look-ups end at once

NAMES = (*CAPABILITIES, *ELICITATIONS)


@functools.cache
def kernel_tables() -> Tables:
    """The tables the kernel reads: characters, and every cue under its hash."""
    kinds, folds = character_tables()
    bare = Tables(kinds, folds, np.zeros(1, np.uint64), np.zeros(1, np.int8), np.zeros(1, np.int8))
    phrases = [(phrase, cue) for cue in CUES for phrase in cue.phrases]
    hashes = _hashes([phrase for phrase, _ in phrases], bare)
    weights = {
        key: (NAMES.index(cue.name), cue.weight)
        for key, (_, cue) in zip(hashes, phrases, strict=True)
    }
    size = 1 << (SLOTS_PER_CUE * len(weights)).bit_length()
    full = Tables(
        kinds, folds, np.zeros(size, np.uint64), np.zeros(size, np.int8), np.zeros(size, np.int8)
    )
    for cue_hash, (name, weight) in weights.items():
        slot = cue_hash & (size - 1)
        while full.cues[slot]:
            slot = (slot + 1) % size
        full.cues[slot], full.cue_class[slot], full.cue_weight[slot] = cue_hash, name, weight
    return full


def _hashes(phrases: list[str], tables: Tables) -> list[int]:
    data = np.frombuffer("".join(phrases).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(phrase) for phrase in phrases)], dtype=np.int64)
    offsets.setflags(write=False)
    windows = empty_windows(len(phrases))
    tokenise_rows(data, offsets, tables, windows)
    return [int(value) for value in cue_hashes(windows)]


def capability_of(scores: NDArray[np.int32]) -> NDArray[np.object_]:
    """The capability with the most evidence in each row; ties go to the first in the list."""
    part = scores[:, : len(CAPABILITIES)]
    best = part.argmax(axis=1) if len(part) else np.zeros(0, np.int64)
    enough = part.max(axis=1, initial=0) >= LEAST_EVIDENCE
    names = np.array([*CAPABILITIES, GENERAL], dtype=object)
    return np.asarray(names[np.where(enough, best, len(CAPABILITIES))], dtype=object)


def elicitation_of(scores: NDArray[np.int32]) -> NDArray[np.object_]:
    """The elicitation with the most evidence in each row, or None."""
    first = len(CAPABILITIES)
    part = scores[:, first : first + len(ELICITATIONS)]
    best = part.argmax(axis=1) if len(part) else np.zeros(0, np.int64)
    enough = part.max(axis=1, initial=0) >= LEAST_CUE
    names = np.array([*ELICITATIONS, None], dtype=object)
    assert scores.shape[1] == CLASSES
    return np.asarray(names[np.where(enough, best, len(ELICITATIONS))], dtype=object)
