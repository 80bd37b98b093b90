"""The canvas component: our own, on vis-network, from packaged files only.

The session remembers which drawing the component holds, so a rerun sends only what changed since.
Where that memory is wrong, the component says so ("resync") and gets the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.app.payload import Drawing, difference, whole

__all__ = ["canvas", "forget", "selected_on"]

Row = dict[str, Any]


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


def forget(key: str) -> None:
    """The component does not hold what we think: the next message is the whole."""
    st.session_state.pop(_held(key), None)


def canvas(
    now: Drawing,
    *,
    key: str,
    on_gesture: Callable[[], None],
    marked: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Draw the scene; gestures and the selection arrive in the session state of ``key``.

    Args:
        now: What is to be drawn.
        key: Names the component; another one for each scene.
        on_gesture: Called when a person did something; ``session_state[key]["gesture"]`` tells.
        marked: Nodes that the table selected.
        more: What the component is told beside the drawing: ``height``, ``hook``, ``off_since``.
    """
    told = {"height": 560, "hook": False, "off_since": "", **(more or {})}
    _component()(
        key=key,
        data={**_message(now, key), "marked": sorted(marked), **told},
        default={"selection": []},
        height=told["height"],
        on_gesture_change=on_gesture,
        on_selection_change=lambda: None,
    )
    st.session_state[_held(key)] = now


def _message(now: Drawing, key: str) -> Row:
    # Streamlit drops the component's state when a run did not draw it: then it is mounted anew.
    held = st.session_state.get(_held(key)) if key in st.session_state else None
    return whole(now) if held is None else difference(held, now)


def _held(key: str) -> str:
    return f"held_{key}"
