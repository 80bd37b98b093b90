"""A record of a text file that is none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bad"]


@dataclass(frozen=True)
class Bad:
    """A record that cannot be read: its number, the code of the reason, what was seen."""

    row: int
    code: str
    value: str | None = None
