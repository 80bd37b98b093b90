"""The names of time zones, asked of the system once: they are files below a folder."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

__all__ = ["zones"]


@cache
def zones() -> frozenset[str]:
    """All IANA names that this system knows."""
    return frozenset(available_timezones())
