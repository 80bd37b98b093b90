"""64-bit codes: one number for one (kind, clean value), whatever the order of loading.

A code is the first eight bytes of BLAKE2b over ``kind 0x1F value``, read as a signed little-endian
integer (Parquet and numba like int64). Codes are made once per *distinct* value, so a cryptographic
hash costs nothing that matters, and a hostile log cannot aim for a collision.
Public and unkeyed on purpose: no result may depend on a key (docs/design.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from graph_models.errors import BadDataError

__all__ = ["check_collisions", "code", "codes", "digest_text"]


def code(kind: str, value: str) -> int:
    """The signed 64-bit code of one clean value of one kind."""
    data = f"{kind}\x1f{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


def codes(kind: str, values: Iterable[str]) -> NDArray[np.int64]:
    """Codes of many (already distinct) values, in their order."""
    return np.fromiter((code(kind, value) for value in values), dtype=np.int64)


def check_collisions(kind: str, all_codes: NDArray[np.int64]) -> None:
    """Refuse to publish when two distinct values share a code (about 1e-8 at a million values)."""
    if len(np.unique(all_codes)) != len(all_codes):
        raise BadDataError(
            f"Two different {kind} values have the same 64-bit code.",
            fix="Nothing was published. Please report this with the load id.",
        )


def digest_text(*parts: str, size: int = 16) -> str:
    """A short hexadecimal digest over text parts, for ids of loads, runs and snapshots."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=size)
    return digest.hexdigest()
