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
    if not isinstance(message, Mapping) or message.get("do") not in _DOES:
        return None
    names = message.get("names", ())
    names = tuple(name for name in names if isinstance(name, str)) if names else ()
    node = message.get("node", "")
    places = _places(message.get("places"))
    return Gesture(str(message["do"]), node if isinstance(node, str) else "", names, places)


def _places(value: Any) -> dict[str, tuple[float, float]] | None:
    if not isinstance(value, Mapping):
        return None
    found = {}
    for name, place in value.items():
        x, y = place.get("x"), place.get("y")
        if all(isinstance(v, int | float) and math.isfinite(v) for v in (x, y)):
            found[str(name)] = (round(float(x), 1), round(float(y), 1))
    return found


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
