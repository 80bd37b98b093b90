"""A path to a value in a record: ``metadata.user.id``, ``"a.b".c``, ``data[*].id``, ``tags.*.id``.

Dots part the keys, quotes keep a literal dot, ``[*]`` is the first element (or each, in
``unwrap``), ``*`` any one key: a subset of RFC 9535.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["PathInRecord"]

_SEGMENT = re.compile(r'"([^"]+)"|(\[\*\])|(\*)|([^\s".\[\]*]+(?: [^\s".\[\]*]+)*)')


@dataclass(frozen=True, order=True)
class PathInRecord:
    """The segments of a path; ``[*]`` and ``*`` stand for themselves."""

    segments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> PathInRecord:
        """Read a path; ValueError when it holds anything but keys, ``[*]`` and ``*``."""
        segments: list[str] = []
        position = 0
        while position < len(text):
            if segments and text[position] == ".":
                position += 1
            found = _SEGMENT.match(text, position)
            if found is None:
                raise ValueError(f"path {text!r}: unreadable from {text[position:]!r} on.")
            segments.append(found.group(0).strip('"'))
            position = found.end()
        if not segments or segments[0] in ("[*]", "*"):
            raise ValueError(f"path {text!r} does not begin with a key.")
        return cls(tuple(segments))

    @property
    def root(self) -> str:
        """The top-level key or column."""
        return self.segments[0]

    @property
    def many(self) -> bool:
        """True when a wildcard key may find several values."""
        return "*" in self.segments

    def __str__(self) -> str:
        text = ""
        for segment in self.segments:
            plain = segment in ("[*]", "*") or not re.search(r'[."\[\]*\s]', segment)
            text += "" if not text or segment == "[*]" else "."
            text += segment if plain else f'"{segment}"'
        return text
