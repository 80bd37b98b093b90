"""Explore: who else, and through what?"""

from __future__ import annotations

import os
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from graph_models.errors import UsageError, WorkbenchError
from workbench.app import charts, framing, look, nodes_table, safe, session
from workbench.app.canvas import canvas, gesture_of
from workbench.app.desk import Desk
from workbench.app.investigation import Investigation, default_kinds
from workbench.app.payload import cell_names, payload
from workbench.app.scene import CELL, Scene
from workbench.app.scene_log import History, SceneLog, scene_id
from workbench.app.session import Standing

HOOK = os.environ.get("WORKBENCH_APP_HOOK") == "1"  # browser tests ask where nodes stand
CANVAS_HEIGHT = 566


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    with st.container(gap="xxsmall"):
        framing.header(stand)
        focus = _focus()
        if stand.state in ("empty", "loaded"):
            with framing.title_row("Explore", "Who else, and through what?"):
                pass
    framing.alerts(stand)
    if framing.empty(stand):
        return
    if not focus:
        _choose(desk)
        return
    with framing.errors():
        work = _investigation(desk, stand, focus)
        work.open(focus)
        _panel(desk, work, focus)


def _focus() -> str:
    community, node = st.query_params.get("community", ""), st.query_params.get("node", "")
    return f"community:{community.removeprefix('community:')}" if community else node


def _investigation(desk: Desk, stand: Standing, focus: str) -> Investigation:
    scene = st.query_params.get("scene") or scene_id(focus, stand.run)
    if st.query_params.get("scene") != scene:
        st.query_params["scene"] = scene
    return Investigation(desk, SceneLog(session.scenes_folder(desk), scene), session.now)


def _choose(desk: Desk) -> None:
    """Nothing was asked for yet: open a community, or find an entity."""
    with framing.title_row("Explore", "Open a community, or find an account or identifier"):
        pass
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        st.markdown("**A community**")
        names = [item.community for item in desk.communities()]
        chosen = st.selectbox("Community", names, label_visibility="collapsed", index=None,
                              placeholder="Choose a community")  # fmt: skip
        if chosen:
            session.go("explore", community=chosen)
    with right, st.container(border=True):
        st.markdown("**An account or identifier**")
        found = _search(desk, "explore_find")
        if found:
            session.go("explore", node=found)


def _search(desk: Desk, key: str) -> str | None:
    """A search box and its results; returns the node that was chosen."""
    text = st.text_input("Find", key=key, placeholder="acct_…, 198.51.100.7, card…",
                         icon=":material/search:", label_visibility="collapsed")  # fmt: skip
    if not text:
        return None
    found = desk.search(text.strip(), limit=25)
    if not found:
        safe.caption("Nothing begins with that.")
        return None
    names = [str(entity.node) for entity in found]
    return st.selectbox("Found", names, index=None, key=f"{key}_found",
                        placeholder=f"{len(names)} found: choose one",
                        label_visibility="collapsed")  # fmt: skip


@st.fragment
def _panel(desk: Desk, work: Investigation, focus: str) -> None:
    history = work.history()
    scene = history.scene()
    _title(desk, work, history, focus)
    _messages(scene)
    left, right = st.columns([2.05, 1], gap="small")
    with right:
        marked = _side(desk, work, history, scene)
    with left:
        key = f"canvas_{work.log.scene}"
        selected = canvas(
            payload(scene, revision=f"{work.log.scene}.{history.head}", marked=marked, hook=HOOK),
            key=key,
            on_gesture=lambda: _gesture(work, key),
            height=CANVAS_HEIGHT,
        )
    _remember_selection(work, selected)
    _timeline(desk, scene)


def _gesture(work: Investigation, key: str) -> None:
    gesture = gesture_of(st.session_state[key]["gesture"])
    if gesture is not None:
        _attempt(work, lambda: work.do(gesture), quiet=gesture.do == "move")


def _attempt(work: Investigation, act: object, *, quiet: bool = False) -> None:
    """Do something in a callback; what it says is shown in the body, where elements are allowed."""
    assert callable(act)
    try:
        said = "" if quiet else str(act()) if not quiet else ""
        if quiet:
            act()
    except WorkbenchError as error:
        st.session_state["explore_error"] = f"{error.what} {error.fix}"
        return
    st.session_state["explore_said"] = said


def _messages(scene: Scene) -> None:
    error = st.session_state.pop("explore_error", "")
    if error:
        safe.warning("{error}", error=error)
    closed = sum(node.kind == CELL for node in scene.nodes.values())
    if closed:
        safe.caption(
            "{cells} to keep the scene readable. Double-click one, or open it under Cells.",
            cells=safe.Words(look.plural(closed, "cell is closed", "cells are closed")),
        )
