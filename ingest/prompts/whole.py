"""Frames of whole texts: nothing is sampled, as it has to be where only a sketch stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.features import kernel_tables
from ingest.prompts.frames import (
    LEAST_PROMPTS,
    REPEATED,
    coded,
    frame_ids,
    joined,
    measured,
    unit_flags,
)
from ingest.prompts.nesting import chosen_frames
from ingest.prompts.recurring import (
    LONGEST,
    Features,
    count_features,
    empty_room,
    keep_features,
)
from ingest.prompts.sketch import prompt_buffers
from ingest.prompts.tokens import text_keys, tokenise_whole

__all__ = ["frames_of"]

ROWS = 1 << 13  # texts at a time
SLOTS_PER_BYTE = 1  # a token takes some five bytes of text: the table is a fifth full
LEAST_BITS, MOST_BITS = 16, 28  # of the table; 256 MB serve a gigabyte of text


def frames_of(texts: Any) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The frame of each text (0: none; it stays when more texts come) and the text's own hash.

    Args:
        texts: Arrow array of different strings.
    """
    data, offsets = prompt_buffers(texts)
    keys = text_keys(data, offsets)
    order = np.argsort(keys, kind="stable")
    features = _ordered(_recurring_features(data, offsets), order)
    known, corpus = coded(features.hashes, features.offsets)
    of = joined(corpus, len(known))
    units = measured(corpus, of)
    best = chosen_frames(corpus, features, units, unit_flags(of, known))
    ids = frame_ids(units, known, best)
    _add_equal(ids, features.digest)
    frames = np.zeros(len(keys), np.uint64)
    frames[order] = ids
    return frames, keys


def _recurring_features(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Features:
    slots = int(offsets[-1] - offsets[0]) * SLOTS_PER_BYTE
    bits = min(max(slots.bit_length(), LEAST_BITS), MOST_BITS)
    seen, room, tables = np.zeros(1 << bits, np.uint8), empty_room(), kernel_tables()
    parts = [offsets[first : first + ROWS + 1] for first in range(0, len(offsets) - 1, ROWS)]
    for part in parts:
        count_features(*tokenise_whole(data, part, tables, LONGEST), room, seen)
    kept = [
        keep_features(*tokenise_whole(data, part, tables, LONGEST), room, seen, LEAST_PROMPTS)
        for part in parts
    ]
    return _joined_parts(kept)


def _joined_parts(kept: list[Features]) -> Features:
    if not kept:
        nothing = np.zeros(0, np.uint64)
        return Features(nothing, np.zeros(0, np.int32), np.zeros(1, np.int64), nothing)
    lengths = np.concatenate([np.diff(part.offsets) for part in kept])
    return Features(
        np.concatenate([part.hashes for part in kept]),
        np.concatenate([part.places for part in kept]),
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate([part.digest for part in kept]),
    )


def _ordered(features: Features, order: NDArray[np.int64]) -> Features:
    """The texts in the order of their hash, so that nothing depends on the order given."""
    starts, lengths = features.offsets[order], np.diff(features.offsets)[order]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    take = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Features(features.hashes[take], features.places[take], offsets, features.digest[order])


def _add_equal(ids: NDArray[np.uint64], digest: NDArray[np.uint64]) -> None:
    """Give texts without a frame the hash of their masked text, if another has the same."""
    rest = np.flatnonzero((ids == 0) & (digest > 0))
    _, inverse, met = np.unique(digest[rest], return_inverse=True, return_counts=True)
    often = met[inverse] >= REPEATED
    ids[rest[often]] = digest[rest[often]]
