"""Any texts → template ids, and a readable skeleton of what the texts of one cluster share."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.errors import BadDataError
from ingest.mapping.messages import text_of
from ingest.prompts.whole import frames_of

__all__ = ["frame_label", "templates"]

LABEL_LENGTH = 80  # characters: one line in a table
LABEL_WORDS = 96  # of a text: the frame is named by how it starts
SHARED = 0.6  # share of the sampled texts that hold a word run of the frame
SLOT = "…"


def templates(texts: pd.DataFrame) -> pd.DataFrame:
    """Group any texts by the template they were written from.

    Args:
        texts: columns ``id`` and ``text``, one row a text.

    Returns:
        ``id`` and ``template`` in the order given. Texts of one template share an id; a text that
        is like no other has one of its own.

    Raises:
        BadDataError: a column is missing.
    """
    missing = {"id", "text"} - set(texts.columns)
    if missing:
        raise BadDataError(f"Texts lack the columns {sorted(missing)}.", fix="Give id and text.")
    column = pa.array(texts["text"].astype(object), pa.large_string(), from_pandas=True)
    coded = pc.cast(text_of(column), pa.large_string()).combine_chunks().dictionary_encode()
    names = np.append(_names(coded.dictionary), "empty")
    position = coded.indices.fill_null(len(names) - 1).to_numpy()
    return pd.DataFrame({"id": texts["id"].to_numpy(), "template": names[position]})


def _names(texts: Any) -> NDArray[np.object_]:
    """The template of each of some different texts."""
    frames, keys = frames_of(texts)
    names = [
        f"pc_{frame:016x}" if frame else f"single_{key:016x}"
        for frame, key in zip(frames.tolist(), keys.tolist(), strict=True)
    ]
    return np.array(names, dtype=object)


def frame_label(texts: Iterable[str]) -> str:
    """The skeleton of a few texts of one cluster: shared words in order, slots as ``…``.

    Extractive and inert: letters, digits, spaces and ``…`` only, at most 80 characters, so that it
    can be shown anywhere. Equal for any order of the texts.
    """
    lines = [_words(text) for text in texts]
    lines = sorted(line for line in lines if line)
    if not lines:
        return SLOT
    shared = Counter(pair for line in lines for pair in set(_pairs(line)))
    least = max(1.0, SHARED * len(lines))
    kept = {pair for pair, count in shared.items() if count >= least}
    return max((_skeleton(line, kept) for line in lines), key=lambda label: (len(label), label))


def _words(text: str) -> tuple[str, ...]:
    masked = re.sub(r"\w*\d\w*", SLOT, text[: LABEL_WORDS * 40])
    return tuple(re.findall(rf"[^\W\d_]+|{SLOT}", masked)[:LABEL_WORDS])


def _pairs(line: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    return itertools.pairwise(line)


def _skeleton(line: tuple[str, ...], kept: set[tuple[str, str]]) -> str:
    inside = [False] * len(line)
    for at, pair in enumerate(_pairs(line)):
        if pair in kept:
            inside[at] = inside[at + 1] = True
    words = [word if keep else SLOT for word, keep in zip(line, inside, strict=True)]
    label = " ".join(
        w for at, w in enumerate(words) if w != SLOT or at == 0 or words[at - 1] != SLOT
    )
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1].rstrip() + SLOT
