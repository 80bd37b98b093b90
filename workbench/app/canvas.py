"""The canvas component: our own, on vis-network, from packaged files only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

__all__ = ["Gesture", "canvas", "gesture_of", "selected_on"]

_DOES = frozenset(("expand", "collapse", "open_cell", "close_cell", "move", "switch", "remove"))


@dataclass(frozen=True)
class Gesture:
    """What a person did on the canvas, checked: a browser's message is input like any other."""

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


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "workbench.canvas", html="<div class='wb'></div>", css="canvas.css", js="main.js"
    )


def selected_on(key: str) -> tuple[str, ...]:
    """The nodes selected on the canvas of that key, before it is drawn again."""
    state = st.session_state.get(key)
    chosen = state.get("selection") if isinstance(state, Mapping) else None
    return tuple(name for name in chosen or () if isinstance(name, str))


def canvas(
    data: Mapping[str, Any], *, key: str, on_gesture: Callable[[], None], height: int = 560
) -> None:
    """Draw the scene; gestures and the selection arrive in the session state of ``key``."""
    _component()(
        key=key,
        data={**data, "height": height},
        default={"selection": []},
        height=height,
        on_gesture_change=on_gesture,
        on_selection_change=lambda: None,
    )
