"""64-bit codes: one number for one (kind, clean value), whatever the order of loading.

A code is the first eight bytes of BLAKE2b over ``kind 0x1F value``, read as a signed little-endian
integer (Parquet and numba like int64). Codes are made once per *distinct* value, so a cryptographic
hash costs nothing that matters, and a hostile log cannot aim for a collision.
Public and unkeyed on purpose: no result may depend on a key (docs/design.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.buffers import text_buffers
from graph_models.errors import BadDataError

__all__ = ["check_collisions", "code", "codes", "digest_text", "refuse_collision"]

TEXT = pa.large_string()
FEW = 2_000
"""Up to so many values the standard library is quicker than loading the compiled hash."""


def code(kind: str, value: str) -> int:
    """The signed 64-bit code of one clean value of one kind."""
    data = f"{kind}\x1f{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


def codes(
    kind: str, values: Iterable[str] | pd.Series | pa.Array | pa.ChunkedArray
) -> NDArray[np.int64]:
    """Codes of many (already distinct) values, in their order; none may be null."""
    texts = values if isinstance(values, pd.Series | pa.Array | pa.ChunkedArray) else list(values)
    whole = _arrow(texts) if len(texts) > FEW else None
    if whole is None:
        plain = texts.to_pylist() if isinstance(texts, pa.Array | pa.ChunkedArray) else texts
        return np.fromiter((code(kind, value) for value in plain), dtype=np.int64)
    # Numba takes a second to load: only those who hash many values pay for it.
    from graph_models.blake import blake_codes

    return blake_codes(f"{kind}\x1f".encode(), *text_buffers(whole))


def _arrow(texts: pd.Series | pa.Array | pa.ChunkedArray | list[str]) -> pa.Array | None:
    """The texts as one array; None where one holds half a surrogate pair, which Arrow does not."""
    try:
        whole = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, TEXT)
    except UnicodeEncodeError:
        return None
    return (whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole).cast(TEXT)


def check_collisions(kind: str, all_codes: NDArray[np.int64]) -> None:
    """Refuse to publish when two distinct values share a code (about 1e-8 at a million values)."""
    ordered = np.sort(all_codes)
    if (ordered[1:] == ordered[:-1]).any():
        refuse_collision(kind)


def refuse_collision(kind: str) -> NoReturn:
    """Two distinct values share a code: BadDataError, and nothing is published."""
    raise BadDataError(
        f"Two different {kind} values have the same 64-bit code.",
        fix="Nothing was published. Please report this with the load id.",
    )


def digest_text(*parts: str, size: int = 16) -> str:
    """A short hexadecimal digest over text parts, for ids of loads, runs and snapshots."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=size)
    return digest.hexdigest()
