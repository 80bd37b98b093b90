"""Compiled loops over the bytes of text columns: which values are surely plain, and event codes.

``plain_tokens`` and ``plain_ipv4`` may say no to a good value, never yes to one that the mapping
would change, refuse or mask: who gets no is asked in SQL.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.prompts.compiled import compiled

__all__ = [
    "LONGEST_ID",
    "SHIFTS",
    "SIGNS",
    "SINES",
    "md5_codes",
    "packed_again",
    "plain_ipv4",
    "plain_tokens",
]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]
Words = NDArray[np.uint32]

# Words that stand for no value have nine signs at most (``cleaning.JUNK``).
SHORTEST, LONGEST = 10, 200
LONGEST_ID = 240  # bytes of an id whose code is made here
# Thirteen digits may be a card number (``leaks.SUSPECT``), with one sign between two of them.
MOST_DIGITS = 12
# What a sign may be, as bits; 0 for signs that a plain token does not have.
_LETTER, _OTHER, _DIGIT, _GAP, _MARK = 1, 2, 4, 8, 16


def _signs() -> Bytes:
    table = np.zeros(256, np.uint8)
    for sign in range(26):
        table[ord("a") + sign] = table[ord("A") + sign] = _LETTER
    table[ord("f")] = table[ord("F")] = _OTHER  # a device id of f alone is none
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[ord(".")] = _GAP
    table[ord("-")] = _GAP | _MARK
    table[ord("_")] = _OTHER | _MARK
    table[[ord("I"), ord("J")]] = _LETTER | _MARK
    return table


SIGNS = _signs()


@compiled
def _begins_key(data: Bytes, start: int, at: int, stop: int) -> bool:
    """Whether the sign at ``at`` may stand in the beginning of a raw key (``leaks.SUSPECT``)."""
    sign = data[at]
    one = data[at - 1] if at > start else np.uint8(0)
    two = data[at - 2] if at > start + 1 else np.uint8(0)
    three = data[at - 3] if at > start + 2 else np.uint8(0)
    following = data[at + 1] if at + 1 < stop else np.uint8(0)
    if sign == 74:  # eyJ
        return bool(one == 121 and two == 101)
    if sign == 73:  # AKIA, ASIA, AIza
        return bool(
            (following == 65 and two == 65 and (one == 75 or one == 83))
            or (one == 65 and following == 122)
        )
    # sk- pk_ rk-, hf_, ghp_ gho_ …, glpat-, xoxb- …
    return bool(
        (one == 107 and (two == 115 or two == 112 or two == 114))
        or (one == 102 and two == 104)
        or (two == 104 and three == 103)
        or (one == 116 and two == 97 and three == 112)
        or (two == 120 and three == 111)
    )


@compiled
def plain_tokens(data: Bytes, offsets: Offsets, signs: Bytes) -> NDArray[np.bool_]:
    """Which texts are ids that no rule touches: letters, digits, ``_-.``, no key and no card."""
    out = np.zeros(len(offsets) - 1, np.bool_)
    for i in range(len(out)):
        start, stop = offsets[i], offsets[i + 1]
        if stop - start < SHORTEST or stop - start > LONGEST:
            continue
        seen, run, before = 0, 0, 0
        good = True
        for at in range(start, stop):
            sign = signs[data[at]]
            seen |= sign
            if sign == _DIGIT:
                run += 1
                if run > MOST_DIGITS:
                    good = False
                    break
            elif sign & _GAP == 0 or before != _DIGIT:
                run = 0
            if sign == 0 or (sign & _MARK and _begins_key(data, start, at, stop)):
                good = False
                break
            before = sign
        out[i] = good and seen & _LETTER != 0
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
def md5_codes(
    data: Bytes,
    offsets: Offsets,
    places: NDArray[np.int32],
    ends: Bytes,
    tables: tuple[Words, Words],
) -> NDArray[np.int64]:
    """63 bits of the MD5 of each text and its ending, as ``md5_number_lower(…) >> 1`` in DuckDB.

    Args:
        data: bytes of the texts.
        offsets: where each begins and ends; none is over ``LONGEST_ID`` bytes.
        places: for each text the row of its ending in ``ends``.
        ends: ``(endings, bytes)``, such as 0x1F and a day; at most 16 bytes.
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
        for place in range(ends.shape[1]):
            block[size] = ends[places[i], place]
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


@compiled
def packed_again(
    indices: NDArray[np.int32], order: NDArray[np.int64], places: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Dictionary indices of some rows over the words that these rows use.

    Args:
        indices: of all rows; -1 for null.
        order: the rows.
        places: one for each word, all -1; left as it was.

    Returns:
        The new indices, and which words they mean.
    """
    found, words, count = np.empty(len(order), np.int32), np.empty(len(order), np.int32), 0
    for i in range(len(order)):
        word = indices[order[i]]
        if word < 0:
            found[i] = -1
            continue
        if places[word] < 0:
            places[word] = count
            words[count] = word
            count += 1
        found[i] = places[word]
    for i in range(count):
        places[words[i]] = -1
    return found, words[:count].copy()
