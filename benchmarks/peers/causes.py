"""Why a peer is ahead where it is: one entry a loss, with what would have to change."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from types import MappingProxyType

__all__ = ["CAUSES", "cause_of"]

UNKNOWN = "not understood yet"
# (table, method) patterns; the first that fits.
CAUSES: Mapping[tuple[str, str], str] = MappingProxyType({})


def cause_of(table: str, method: str) -> str:
    """The cause of a loss."""
    for (tables, methods), cause in CAUSES.items():
        if fnmatch(table, tables) and fnmatch(method, methods):
            return cause
    return UNKNOWN
