"""Compiled loops over the bytes of text columns: which values are surely plain, and event codes.

``plain_tokens`` and ``plain_ipv4`` may say no to a good value, never yes to one that the mapping
would change, refuse or mask: who gets no is asked in SQL.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled

__all__ = ["LONGEST_ID", "event_codes", "plain_ipv4", "plain_tokens"]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]
Words = NDArray[np.uint32]

# Words that stand for no value have nine signs at most (``cleaning.JUNK``).
SHORTEST, LONGEST = 10, 200
LONGEST_ID = 240  # bytes of an id whose code is made here
# Thirteen digits may be a card number (``leaks.SUSPECT``), with one sign between two of them.
MOST_DIGITS = 12
_OTHER, _LETTER, _F, _DIGIT, _GAP, _LINE = range(6)


def _classes() -> Bytes:
    table = np.full(256, _OTHER, np.uint8)
    for sign in range(26):
        table[ord("a") + sign] = table[ord("A") + sign] = _LETTER
    table[ord("f")] = table[ord("F")] = _F  # a device id of f alone is none
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[ord("-")] = table[ord(".")] = _GAP
    table[ord("_")] = _LINE
    return table


# The ends of the beginnings of raw keys (``leaks.SUSPECT``): sk- AKIA AIza glpat- xox eyJ hf_ ghp_…
_KEYS = (
    *("sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "KIA", "SIA", "Iza", "pat", "xox", "eyJ", "hf_"),
    *("hp_", "ho_", "hu_", "hs_", "hr_"),
)


CLASSES = _classes()
ENDINGS = np.array([int.from_bytes(word.encode(), "big") for word in _KEYS], np.uint32)
TRIGGERS = np.zeros(256, np.bool_)
TRIGGERS[[value & 255 for value in ENDINGS.tolist()]] = True


@compiled
def plain_tokens(
    data: Bytes, offsets: Offsets, classes: Bytes, triggers: NDArray[np.bool_], ends: Words
) -> NDArray[np.bool_]:
    """Which texts are ids that no rule touches: letters, digits, ``_-.``, no key and no card."""
    out = np.zeros(len(offsets) - 1, np.bool_)
    for i in range(len(out)):
        start, stop = offsets[i], offsets[i + 1]
        if stop - start < SHORTEST or stop - start > LONGEST:
            continue
        named, run, before, last = False, 0, _OTHER, np.uint32(0)
        good = True
        for at in range(start, stop):
            sign = data[at]
            kind = classes[sign]
            if kind == _OTHER:
                good = False
                break
            last = ((last << np.uint32(8)) | np.uint32(sign)) & np.uint32(0xFFFFFF)
            if kind == _DIGIT:
                run += 1
                if run > MOST_DIGITS:
                    good = False
                    break
            elif kind != _GAP or before != _DIGIT:
                run = 0
            named = named or kind == _LETTER
            if triggers[sign]:
                for end in ends:
                    if last == end:
                        good = False
                        break
                if not good:
                    break
            before = kind
        out[i] = good and named
    return out


@compiled
def plain_ipv4(data: Bytes, offsets: Offsets) -> NDArray[np.bool_]:
    """Which texts are dotted IPv4 addresses in their one spelling."""
    out = np.zeros(len(offsets) - 1, np.bool_)
    for i in range(len(out)):
        start, stop = offsets[i], offsets[i + 1]
        if stop - start < 7 or stop - start > 15:
            continue
        dots, value, digits = 0, 0, 0
        good = True
        for at in range(start, stop):
            sign = data[at]
            if sign == 46 and digits:
                dots, value, digits = dots + 1, 0, 0
                continue
            if sign < 48 or sign > 57 or (digits and value == 0):
                good = False
                break
            value, digits = value * 10 + sign - 48, digits + 1
            if value > 255:
                good = False
                break
        out[i] = good and dots == 3 and digits > 0
    return out


# ---- MD5 (RFC 1321), because the codes of stored events are made with it


def _sines() -> Words:
    return (np.abs(np.sin(np.arange(1, 65, dtype=np.float64))) * 2**32).astype(np.uint32)


SINES = _sines()
SHIFTS = np.array(
    [7, 12, 17, 22] * 4 + [5, 9, 14, 20] * 4 + [4, 11, 16, 23] * 4 + [6, 10, 15, 21] * 4, np.uint32
)


@compiled
def _md5_block(
    state: Words,
    words: Words,
    sines: Words,
    shifts: Words,
) -> None:
    a, b, c, d = state[0], state[1], state[2], state[3]
    for step in range(64):
        if step < 16:
            mixed, word = (b & c) | (~b & d), step
        elif step < 32:
            mixed, word = (d & b) | (~d & c), (5 * step + 1) & 15
        elif step < 48:
            mixed, word = b ^ c ^ d, (3 * step + 5) & 15
        else:
            mixed, word = c ^ (b | ~d), (7 * step) & 15
        total = np.uint32(a + mixed + sines[step] + words[word])
        shift = shifts[step]
        turned = np.uint32((total << shift) | (total >> (np.uint32(32) - shift)))
        a, d, c, b = d, c, b, np.uint32(b + turned)
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d


@compiled
def event_codes(
    data: Bytes,
    offsets: Offsets,
    days: NDArray[np.int32],
    names: Bytes,
    tables: tuple[Words, Words],
) -> NDArray[np.int64]:
    """Codes of (id, day): 63 bits of the MD5 of ``id 0x1F YYYY-MM-DD``; as ``staging`` makes them.

    Args:
        data: bytes of the ids.
        offsets: where each begins and ends; none is over ``LONGEST_ID`` bytes.
        days: for each id the place of its day in ``names``.
        names: ``(days, 10)`` the bytes of each day.
        tables: ``SINES`` and ``SHIFTS``.
    """
    out = np.empty(len(offsets) - 1, np.int64)
    block, words = np.zeros(320, np.uint8), np.zeros(16, np.uint32)
    state = np.zeros(4, np.uint32)
    for i in range(len(out)):
        size = 0
        for at in range(offsets[i], offsets[i + 1]):
            block[size] = data[at]
            size += 1
        block[size] = 31
        size += 1
        for place in range(10):
            block[size] = names[days[i], place]
            size += 1
        blocks = (size + 8) // 64 + 1
        bits = size * 8
        block[size] = 128
        for at in range(size + 1, blocks * 64):
            block[at] = 0
        for place in range(4):
            block[blocks * 64 - 8 + place] = (bits >> (8 * place)) & 255
        state[0], state[1] = np.uint32(0x67452301), np.uint32(0xEFCDAB89)
        state[2], state[3] = np.uint32(0x98BADCFE), np.uint32(0x10325476)
        for number in range(blocks):
            for word in range(16):
                at = number * 64 + word * 4
                words[word] = (
                    np.uint32(block[at])
                    | np.uint32(block[at + 1]) << np.uint32(8)
                    | np.uint32(block[at + 2]) << np.uint32(16)
                    | np.uint32(block[at + 3]) << np.uint32(24)
                )
            _md5_block(state, words, tables[0], tables[1])
        lower = (np.uint64(state[3]) << np.uint64(32)) | np.uint64(state[2])
        out[i] = np.int64(lower >> np.uint64(1))
    return out
