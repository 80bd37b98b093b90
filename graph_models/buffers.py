"""The bytes of a column of texts, as compiled loops read them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["text_buffers"]


def text_buffers(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """The UTF-8 bytes of all texts, and where each begins and ends; a null is empty.

    Args:
        texts: An array of ``string`` or ``large_string``, sliced or not.

    Returns:
        Bytes, at least one; offsets into them, shape (texts + 1,), int32 or int64 as Arrow has
        them. Both read-only: some Arrow buffers are writable, and one kind of array means that a
        kernel is compiled once.
    """
    _, ends, bytes_ = texts.buffers()
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    if bytes_ is None or not len(texts):
        data, offsets = np.zeros(1, np.uint8), np.zeros(len(texts) + 1, width)
    else:
        data = np.frombuffer(bytes_, np.uint8)
        offsets = np.frombuffer(ends, width)[texts.offset : texts.offset + len(texts) + 1]
    data.setflags(write=False)
    offsets.setflags(write=False)
    return data, offsets
