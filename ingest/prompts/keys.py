"""A keyed bijection over 64-bit hashes, so that a stored sketch cannot be tested with a dictionary.

Speck64/128 (Beaulieu et al., "The SIMON and SPECK Families of Lightweight Block Ciphers", 2013):
a block cipher keeps equal hashes equal and different ones different, and the holder of the key can
take it back, so that nothing that is computed from hashes depends on the key.
"""

from __future__ import annotations

import functools
import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["permute", "restore", "round_keys"]

ROUNDS = 27
WORD = 0xFFFFFFFF
BLOCK = 1 << 16  # hashes at a time: the scratch arrays stay in the cache


def round_keys(words: tuple[int, int, int, int]) -> tuple[int, ...]:
    """Speck's key schedule; ``words`` are the key's 32-bit words, the lowest first."""
    k, rest = words[0], list(words[1:])
    schedule = [k]
    for i in range(ROUNDS - 1):
        turned = (rest[i] >> 8 | rest[i] << 24) & WORD
        rest.append(((k + turned) & WORD) ^ i)
        k = ((k << 3 | k >> 29) & WORD) ^ rest[i + 3]
        schedule.append(k)
    return tuple(schedule)


@functools.lru_cache(maxsize=8)
def _schedule(key: bytes) -> tuple[int, ...]:
    digest = hashlib.blake2b(key, digest_size=16, person=b"prompt-shingles!").digest()
    w = np.frombuffer(digest, dtype="<u4")
    return round_keys((int(w[0]), int(w[1]), int(w[2]), int(w[3])))


def _encrypt(x: NDArray[np.uint32], y: NDArray[np.uint32], schedule: tuple[int, ...]) -> None:
    for k in schedule:
        x[:] = (((x >> 8) | (x << 24)) + y) ^ np.uint32(k)
        y[:] = ((y << 3) | (y >> 29)) ^ x


def _decrypt(x: NDArray[np.uint32], y: NDArray[np.uint32], schedule: tuple[int, ...]) -> None:
    for k in reversed(schedule):
        y ^= x
        y[:] = (y >> 3) | (y << 29)
        x[:] = (x ^ np.uint32(k)) - y
        x[:] = (x << 8) | (x >> 24)


def _apply(hashes: NDArray[np.uint64], key: bytes, *, back: bool) -> NDArray[np.uint64]:
    if not key:
        return hashes
    step, schedule = (_decrypt if back else _encrypt), _schedule(key)
    result = np.empty_like(hashes)
    for first in range(0, len(hashes), BLOCK):
        part = hashes[first : first + BLOCK]
        x, y = (part >> np.uint64(32)).astype(np.uint32), part.astype(np.uint32)
        step(x, y, schedule)
        result[first : first + BLOCK] = (x.astype(np.uint64) << np.uint64(32)) | y
    return result


def permute(hashes: NDArray[np.uint64], key: bytes) -> NDArray[np.uint64]:
    """Hashes as they are stored; an empty key leaves them as they are."""
    return _apply(hashes, key, back=False)


def restore(stored: NDArray[np.uint64], key: bytes) -> NDArray[np.uint64]:
    """The hashes that ``permute`` hid under the same key."""
    return _apply(stored, key, back=True)
