"""Texts → sketches: what is kept of a prompt when its text goes.

A sketch holds a hash of the exact text, at most 32 hashes of four-token shingles, the length, the
capability and the elicitation. Hashes are permuted by a key (``keys``), so that who reads the store
without the key cannot try out guesses; nothing computed from sketches depends on that key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.buffers import text_buffers
from graph_models.errors import BadDataError
from ingest.prompts.features import capability_of, elicitation_of, kernel_tables
from ingest.prompts.keys import permute
from ingest.prompts.shapes import KEPT, Output, empty_output, empty_windows
from ingest.prompts.shingles import sketch_rows
from ingest.prompts.tokens import tokenise_rows

__all__ = ["SKETCH_SCHEMA", "prompt_buffers", "sketch"]

SKETCH_SCHEMA = pa.schema(
    [
        ("prompt_key", pa.int64()),
        ("shingles", pa.list_(pa.int64())),
        ("tokens", pa.int32()),
        ("capability", pa.string()),
        ("elicitation", pa.string()),
    ]
)

ROWS = 1 << 13  # rows at a time: the scratch arrays stay near 10 MB


def sketch(texts: Any, *, key: bytes = b"") -> pa.Table:
    """Sketch every text, in order; a null text gives a row of nulls.

    Args:
        texts: Arrow array or chunked array of strings (any Arrow string or dictionary type).
        key: permutes all hashes; the same key is needed to compare sketches and to cluster them.

    Returns:
        A table of ``SKETCH_SCHEMA`` with one row per text.

    Raises:
        BadDataError: ``texts`` does not hold text.
    """
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    batches = [
        _sketch_batch(part, key)
        for chunk in chunks
        for part in (chunk.slice(at, ROWS) for at in range(0, len(chunk), ROWS))
    ]
    return pa.Table.from_batches(batches, schema=SKETCH_SCHEMA)


def _sketch_batch(texts: Any, key: bytes) -> pa.RecordBatch:
    data, offsets = prompt_buffers(texts)
    windows, out = empty_windows(len(texts)), empty_output(len(texts))
    tokenise_rows(data, offsets, kernel_tables(), windows)
    sketch_rows(windows, kernel_tables(), out)
    null = np.asarray(texts.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    columns = [
        pa.array(permute(windows.prompt_key, key).view(np.int64), mask=null),
        _shingle_lists(out, null, key),
        pa.array(windows.length, mask=null),
        pa.array(capability_of(out.scores), pa.string(), mask=null),
        pa.array(elicitation_of(out.scores), pa.string(), mask=null),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SKETCH_SCHEMA)


def prompt_buffers(texts: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """``text_buffers`` of prompts of any Arrow type of text; BadDataError for others."""
    if not pa.types.is_large_string(texts.type):
        try:
            texts = pc.cast(texts, pa.large_string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise BadDataError(
                f"Prompts are text, not {texts.type}.", fix="Pass a column of strings."
            ) from error
    return text_buffers(texts)


def _shingle_lists(out: Output, null: NDArray[np.bool_], key: bytes) -> Any:
    kept = np.where(null, 0, out.kept)
    values = out.shingles[np.arange(KEPT) < kept[:, None]]
    offsets = np.concatenate(([0], np.cumsum(kept))).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(permute(values, key).view(np.int64)), mask=pa.array(null)
    )
