"""Hostile text made inert: what cannot be seen, or moves other text, is shown as an escape.

Everything from a log passes here on its way to a screen, a file or a message. Quoting for a format
(HTML, CSV, Markdown, SQL) is the sink's own and comes after.
"""

from __future__ import annotations

import unicodedata

__all__ = ["inert", "is_text"]

# Control, format (bidi, zero-width, tags), surrogate, private use, unassigned, line and paragraph
# separators: Unicode Standard 15, table 4-4.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Drawn as nothing, or change the character before them, though their category is harmless:
# Hangul fillers, Khmer inherent vowels, Mongolian and other variation selectors, Braille blank.
_ALSO_UNSEEN = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_MOST_MARKS = 4
"""Combining marks in a row that real scripts need; more is a tower that covers other lines."""


def _escape(mark: str) -> str:
    number = ord(mark)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _is_plain_space(mark: str) -> bool:
    return mark == " " or unicodedata.category(mark) != "Zs"


def _shown(text: str) -> list[str]:
    shown, marks = [], 0
    for mark in text:
        category = unicodedata.category(mark)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        unseen = category in _UNSEEN or mark in _ALSO_UNSEEN or not _is_plain_space(mark)
        shown.append(_escape(mark) if unseen or marks > _MOST_MARKS else mark)
    return shown


def inert(text: str, limit: int = 200) -> str:
    r"""Text with unseen and text-moving characters escaped, at most ``limit`` characters long.

    C0 and C1 controls, bidirectional overrides, zero-width characters, tags, odd spaces, lone
    surrogates and towers of combining marks become visible escapes such as ``\x1b``; a longer text
    ends in "…". A backslash stays as it is: the result is for eyes, not for parsing back.
    """
    if limit < 1:
        raise ValueError(f"limit is at least one character, not {limit}.")
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else text[: limit - 1] + "…"
    # Only a piece that can matter is looked at, so a gigabyte costs what the limit costs.
    shown = _shown(text[: limit + 1])
    if sum(map(len, shown)) <= limit and len(text) <= limit:
        return "".join(shown)
    length, kept = 0, []
    for piece in shown:
        length += len(piece)
        if length > limit - 1:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def is_text(text: str) -> bool:
    """Whether it can be stored or sent: a lone surrogate, as of a broken argument, cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
