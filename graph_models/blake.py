"""BLAKE2b of many short texts at once, compiled: the first eight bytes of each digest (RFC 7693).

``hashlib`` spends most of a microsecond on every call; ten million values are hashed for a snapshot
and several times as many for its days. Equal to ``hashlib`` bit by bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["blake_codes"]

BLOCK = 128
_IV = np.array(
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ],
    dtype=np.uint64,
)  # fmt: skip
_SIGMA = np.array(
    [
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        (14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3),
        (11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4),
        (7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8),
        (9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13),
        (2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9),
        (12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11),
        (13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10),
        (6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5),
        (10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0),
    ],
    dtype=np.int64,
)
_ROUNDS = 12
# Of an unkeyed digest of eight bytes: fan-out 1, depth 1, digest length 8.
_FIRST = _IV[0] ^ np.uint64(0x01010000 ^ 8)


def _turned(word, bits):  # type: ignore[no-untyped-def]
    return (word >> np.uint64(bits)) | (word << np.uint64(64 - bits))


_turned_compiled = njit(cache=True, inline="always")(_turned)


def _mix(a, b, c, d, x, y):  # type: ignore[no-untyped-def]
    a = a + b + x
    d = _turned_compiled(d ^ a, 32)
    c = c + d
    b = _turned_compiled(b ^ c, 24)
    a = a + b + y
    d = _turned_compiled(d ^ a, 16)
    c = c + d
    b = _turned_compiled(b ^ c, 63)
    return a, b, c, d


_mix_compiled = njit(cache=True)(_mix)


def _absorb(h, m, length, last):  # type: ignore[no-untyped-def]
    """One block of sixteen words ``m`` into the state ``h``; ``length`` bytes were read so far."""
    v0, v1, v2, v3, v4, v5, v6, v7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
    v8, v9, v10, v11 = _IV[0], _IV[1], _IV[2], _IV[3]
    v12, v13, v14, v15 = _IV[4] ^ length, _IV[5], _IV[6] ^ last, _IV[7]
    for r in range(_ROUNDS):
        s = _SIGMA[r % 10]
        v0, v4, v8, v12 = _mix_compiled(v0, v4, v8, v12, m[s[0]], m[s[1]])
        v1, v5, v9, v13 = _mix_compiled(v1, v5, v9, v13, m[s[2]], m[s[3]])
        v2, v6, v10, v14 = _mix_compiled(v2, v6, v10, v14, m[s[4]], m[s[5]])
        v3, v7, v11, v15 = _mix_compiled(v3, v7, v11, v15, m[s[6]], m[s[7]])
        v0, v5, v10, v15 = _mix_compiled(v0, v5, v10, v15, m[s[8]], m[s[9]])
        v1, v6, v11, v12 = _mix_compiled(v1, v6, v11, v12, m[s[10]], m[s[11]])
        v2, v7, v8, v13 = _mix_compiled(v2, v7, v8, v13, m[s[12]], m[s[13]])
        v3, v4, v9, v14 = _mix_compiled(v3, v4, v9, v14, m[s[14]], m[s[15]])
    for i, word in enumerate((v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11)):
        h[i] ^= word
    for i, word in enumerate((v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15)):
        h[i + 4] ^= word


_absorb_compiled = njit(cache=True)(_absorb)


def _hash_all(prefix, data, offsets):  # type: ignore[no-untyped-def]
    found = np.empty(len(offsets) - 1, np.uint64)
    m = np.empty(16, np.uint64)
    block = m.view(np.uint8)
    h = np.empty(8, np.uint64)
    head = len(prefix)
    for i in range(len(found)):
        start = offsets[i]
        size = head + offsets[i + 1] - start
        h[:] = _IV
        h[0] = _FIRST
        at = 0
        while True:
            filled = min(size - at, BLOCK)
            for k in range(filled):
                place = at + k
                block[k] = prefix[place] if place < head else data[start + place - head]
            block[filled:] = 0
            at += filled
            last = np.uint64(0xFFFFFFFFFFFFFFFF) if at == size else np.uint64(0)
            _absorb_compiled(h, m, np.uint64(at), last)
            if at == size:
                break
        found[i] = h[0]
    return found


_hash_all_compiled = njit(cache=True, nogil=True)(_hash_all)


def blake_codes(
    prefix: bytes, data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first eight bytes of BLAKE2b-64 over ``prefix`` and each text, as signed integers: (n,).

    Args:
        prefix: What comes before every text; not empty.
        data: The UTF-8 bytes of all texts.
        offsets: (n + 1,) text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
    """
    head = np.frombuffer(prefix, dtype=np.uint8)
    hashed: NDArray[np.uint64] = _hash_all_compiled(head, data, offsets)
    return hashed.view(np.int64)
