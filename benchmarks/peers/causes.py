"""Why a peer is ahead where it is: one entry a loss, with what would have to change."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from types import MappingProxyType

__all__ = ["CAUSES", "cause_of"]

UNKNOWN = "not understood yet"
# (table, method) patterns; the first that fits.
CAUSES: Mapping[tuple[str, str], str] = MappingProxyType({
    ("places", "*"): "Loose blocks of acquaintances: link takes them for scenes, where much is "
    "shared without one controller, and says less; without them it groups all of a taste (topics).",
    ("lockstep", "coordination toolkit"): "Two common acts within a minute are enough there; link "
    "weighs nearness against everybody who used the same thing, so that a launch links nobody, and "
    "pairs with few common acts stay below four to one.",
    ("reviewers", "coordination toolkit"): "The same, at a window of one day.",
    ("persons", "Splink"): "Splink’s best threshold, chosen with the truth, accepts more pairs at "
    "less precision; which evidence link lacks there was not taken apart.",
    ("lfr-0.5", "*"): "networkx leaves 0.71 of the ties outside instead of 0.5; the planted groups "
    "are less likely than no groups, and the finder then names only what is dense by itself.",
})  # fmt: skip


def cause_of(table: str, method: str) -> str:
    """The cause of a loss."""
    for (tables, methods), cause in CAUSES.items():
        if fnmatch(table, tables) and fnmatch(method, methods):
            return cause
    return UNKNOWN
