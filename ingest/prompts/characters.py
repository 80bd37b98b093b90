"""What each character is to the tokeniser: two tables over the Basic Multilingual Plane."""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALONE", "BREAK", "DIGIT", "IGNORED", "LETTER", "QUOTE", "TICK", "tables"]

BREAK, LETTER, DIGIT, IGNORED, ALONE, QUOTE, TICK = range(7)

PLANE = 65536

# Scripts written without spaces: every character is a token of its own.
ALONE_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xF900, 0xFAFF),  # CJK compatibility
)

QUOTES = "\"'\u2019\u201c\u00ab\u300c"


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):  # accents on top, zero-width and bidi marks hide nothing
        return IGNORED
    if category[0] == "L" or category == "Mc" or character == "_":
        return LETTER
    return DIGIT if category[0] == "N" else BREAK


def _folded(character: str) -> int:
    plain = unicodedata.normalize("NFKD", character)
    plain = plain if len(plain) == 1 else plain[:1] if _only_marks(plain[1:]) else character
    lower = plain.lower()
    return ord(lower) if len(lower) == 1 and ord(lower) < PLANE else ord(character)


def _only_marks(text: str) -> bool:
    return bool(text) and all(unicodedata.combining(mark) for mark in text)


@functools.cache
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Kind and folded form (lower case, no accents, no width) of the first 65,536 characters."""
    kinds = np.fromiter((_kind(chr(point)) for point in range(PLANE)), np.uint8, PLANE)
    for first, last in ALONE_RANGES:
        block = kinds[first : last + 1]
        block[block == LETTER] = ALONE
    kinds[[ord(quote) for quote in QUOTES]] = QUOTE
    kinds[ord("`")] = TICK
    folds = np.arange(PLANE, dtype=np.uint16)
    for point in np.flatnonzero(kinds == LETTER):
        folds[point] = _folded(chr(point))
    return kinds, folds
