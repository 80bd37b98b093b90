"""The canvas component: our own, on vis-network, from packaged files only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

__all__ = ["canvas", "selected_on"]


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
