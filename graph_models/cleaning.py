"""What every identifier's ``clean`` shares: trim, bound, refuse values that identify nothing."""

from __future__ import annotations

import hashlib

from graph_models.codes import digest_text

__all__ = ["MAX_VALUE", "NOTHING", "bounded", "is_nothing", "token"]

MAX_VALUE = 256
"""Longer values keep their start and a digest, so that a hostile log cannot fill the graph."""

# What software writes when it knows nothing. Linking on these would join strangers.
_WORDS: tuple[str, ...] = (
    "", "-", "--", ".", "?", "0", "-1", "*", "none", "null", "nil", "nan", "n/a", "na", "unknown",
    "undefined", "unset", "missing", "empty", "default", "anonymous", "anon", "noise", "not set",
    "(not set)", "not available", "false", "true", "test", "todo", "[object object]", "\\n",
    "{}", "[]",
)  # fmt: skip


def _hashes(word: str) -> set[str]:
    data = word.encode()
    return {hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256")}


# A collector that hashes its input hashes "unknown", too.
NOTHING: frozenset[str] = frozenset(_WORDS).union(*(_hashes(word) for word in _WORDS))


def is_nothing(text: str) -> bool:
    """Whether a trimmed value says no more than that nothing was known."""
    return text.casefold() in NOTHING


def bounded(text: str) -> str | None:
    """Trim a value, make it encodable and bound its length; None when nothing is left.

    Inner control characters stay (the raw value is evidence) and are made inert where shown.
    """
    trimmed = text.strip(" \t\r\n\v\f\0\ufeff\u200b\u00a0")
    if not trimmed:
        return None
    if not trimmed.isascii():
        trimmed = trimmed.encode("utf-8", "replace").decode("utf-8")
    if len(trimmed) > MAX_VALUE:
        return f"{trimmed[: MAX_VALUE - 17]}~{digest_text(trimmed, size=8)}"
    return trimmed


def token(text: str) -> str | None:
    """``bounded``, and None for what software writes when it knows nothing."""
    value = bounded(text)
    return None if value is None or is_nothing(value) else value
