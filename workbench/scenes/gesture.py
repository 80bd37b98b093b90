"""What a person did to a scene, checked: a browser's message is input like any other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph_models.families import FAMILIES
from workbench.scenes.model import Filters

__all__ = ["MOST_PER_KIND", "SORTS", "Gesture", "gesture_of"]

SORTS = ("rarest", "strongest", "connected", "newest")
MOST_PER_KIND = 500  # of one kind in one expansion; more is a question for a table or a play

_DOES = frozenset((
    "expand", "collapse", "open_cell", "close_cell", "move", "switch", "remove", "add",
    "pin", "unpin", "path", "fold", "unfold", "filter", "unfilter",
))  # fmt: skip
_FAMILIES = frozenset(family.value for family in FAMILIES)


@dataclass(frozen=True)
class Gesture:
    """One thing that a person did: on the canvas, in the table, by a key or a command.

    ``node`` or ``names`` are what it was done to (several nodes are one step); ``kinds``, ``sort``
    (one of ``SORTS``, empty: the store's order) and ``limit`` (a kind; 0: the usual one) belong to
    an expansion; ``to`` is the other end of a path, ``node`` the chip that "unfilter" takes off.
    """

    do: str
    node: str = ""
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sort: str = ""
    limit: int = 0
    to: str = ""
    places: Mapping[str, tuple[float, float]] | None = None
    filters: Filters | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """Every node that it was done to, each once."""
        return tuple(dict.fromkeys(name for name in (self.node, *self.names) if name))


def gesture_of(message: Any) -> Gesture | None:
    """The gesture in a message, or None when it is none of ours."""
    if not isinstance(message, Mapping):
        return None
    do = message.get("do")
    if not isinstance(do, str) or do not in _DOES:
        return None
    sort, limit = _text(message.get("sort")), _number(message.get("limit"))
    return Gesture(
        do,
        node=_text(message.get("node")),
        names=_names(message.get("names")),
        kinds=_names(message.get("kinds")),
        sort=sort if sort in SORTS else "",
        limit=int(min(MOST_PER_KIND, max(0.0, limit))),
        to=_text(message.get("to")),
        places=_places(message.get("places")),
        filters=_filters(message.get("filters")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _places(value: Any) -> dict[str, tuple[float, float]] | None:
    if not isinstance(value, Mapping):
        return None
    found = {}
    for name, place in value.items():
        if isinstance(place, Mapping) and _is_finite(place.get("x")) and _is_finite(place.get("y")):
            found[str(name)] = (round(float(place["x"]), 1), round(float(place["y"]), 1))
    return found


def _filters(value: Any) -> Filters | None:
    """The filters in a message; what is no filter of ours is passed over."""
    if not isinstance(value, Mapping):
        return None
    try:
        return Filters(
            kinds=frozenset(_names(value.get("kinds"))),
            families=frozenset(_names(value.get("families"))) & _FAMILIES,
            since=_text(value.get("since")),
            until=_text(value.get("until")),
            bits=round(_number(value.get("bits")), 3),
        )
    except ValueError:
        return None


def _number(value: Any) -> float:
    return float(value) if _is_finite(value) else 0.0


def _is_finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)
