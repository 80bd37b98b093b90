"""What a person did to a scene, checked: a browser's message is input like any other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Gesture", "gesture_of"]

_DOES = frozenset(("expand", "collapse", "open_cell", "close_cell", "move", "switch", "remove"))


@dataclass(frozen=True)
class Gesture:
    """One thing that a person did: on the canvas, in the table, by a key or a command."""

    do: str
    node: str = ""
    names: tuple[str, ...] = ()
    places: Mapping[str, tuple[float, float]] | None = None


def gesture_of(message: Any) -> Gesture | None:
    """The gesture in a message, or None when it is none of ours."""
    if not isinstance(message, Mapping):
        return None
    do, node = message.get("do"), message.get("node")
    if not isinstance(do, str) or do not in _DOES:
        return None
    return Gesture(
        do,
        node=node if isinstance(node, str) else "",
        names=_names(message.get("names")),
        places=_places(message.get("places")),
    )


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


def _is_finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)
