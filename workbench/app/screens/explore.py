"""Explore: who else, and through what?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future

import pandas as pd
import streamlit as st

from graph_models.errors import UsageError
from graph_models.stores.triage import Asked
from workbench import wording
from workbench.app import charts, explore_side, framing, safe, session
from workbench.app.canvas import canvas, selected_on
from workbench.app.desk import Desk
from workbench.app.payload import payload
from workbench.app.session import Standing
from workbench.scenes.gesture import gesture_of
from workbench.scenes.graph import Pinned
from workbench.scenes.history import History
from workbench.scenes.investigation import Investigation
from workbench.scenes.log import SceneLog, scene_id
from workbench.scenes.scene import CELL, Scene

CANVAS_HEIGHT = 540
POLL_SECONDS = 2.0


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    focus = _focus()
    if not focus or stand.state in ("empty", "loaded"):
        with framing.page_head(stand, "Explore", "Open a community, or find an entity"):
            pass
        if not framing.empty(stand):
            _choose(desk)
        return
    framing.alerts(stand)
    with framing.errors():
        work = _investigation(desk, stand, focus)
        work.open(focus)
        with st.container(gap="xxsmall"):
            framing.header(stand)
        _panel(desk, work, stand, focus)


def _focus() -> str:
    community, node = st.query_params.get("community", ""), st.query_params.get("node", "")
    return f"community:{community.removeprefix('community:')}" if community else node


def _investigation(desk: Desk, stand: Standing, focus: str) -> Investigation:
    scene = st.query_params.get("scene") or scene_id(focus, stand.run)
    if st.query_params.get("scene") != scene:
        st.query_params["scene"] = scene
    return Investigation(Pinned(desk.store.view()), SceneLog(desk.database, scene), session.now)


def _choose(desk: Desk) -> None:
    """Nothing was asked for yet: open a community, or find an entity."""
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        st.markdown("**A community**")
        first = desk.triage(Asked())
        names = [item.community for item in first.shown]
        chosen = st.selectbox(
            "Community",
            names,
            index=None,
            placeholder="Choose a community",
            label_visibility="collapsed",
        )
        if first.truncated:
            safe.caption(
                "The first {n} of {total} in the order of triage; find any other by its id.",
                n=len(names),
                total=first.total,
            )
        if chosen:
            session.go("explore", community=chosen)
    with right, st.container(border=True):
        st.markdown("**An account or identifier**")
        found = explore_side.find(desk, "explore_find")
        if found:
            session.go("explore", node=found)


@st.fragment
def _panel(desk: Desk, work: Investigation, stand: Standing, focus: str) -> None:
    """Everything that a gesture changes; only this part of the page runs again."""
    history = work.history()
    scene = history.scene()
    key = f"canvas_{work.log.scene}"
    with st.container(gap="xxsmall"):
        _title(desk, work, history, focus)
        framing.notices()
        _closed(scene)
    left, right = st.columns([2.05, 1], gap="small")
    with right:
        marked = explore_side.side(desk, work, history, selected_on(key))
    with left:
        hook = os.environ.get("WORKBENCH_APP_HOOK") == "1"
        revision = f"{work.log.scene}.{history.head}"
        canvas(
            payload(scene, revision=revision, marked=marked, hook=hook),
            key=key,
            on_gesture=lambda: _gesture(work, key),
            height=CANVAS_HEIGHT,
        )
    _timeline(desk, stand.run, scene)


def _gesture(work: Investigation, key: str) -> None:
    gesture = gesture_of(st.session_state[key]["gesture"])
    if gesture is not None:
        session.attempt(lambda: work.do(gesture), quiet=gesture.do == "move")


def _title(desk: Desk, work: Investigation, history: History, focus: str) -> None:
    kind, _, value = focus.partition(":")
    layer = "inferred" if kind == "community" else "observed"
    with framing.title_row(value if kind == "community" else focus, layer=layer):
        undo, redo = history.undo_to, history.redo_to
        st.button(
            "Undo",
            icon=":material/undo:",
            shortcut="Ctrl+Z",
            disabled=undo is None,
            on_click=lambda: session.attempt(lambda: work.go(undo)),
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            shortcut="Ctrl+Shift+Z",
            disabled=redo is None,
            on_click=lambda: session.attempt(lambda: work.go(redo)),
        )
    if kind == "community":
        _about_community(desk, value)


def _about_community(desk: Desk, name: str) -> None:
    try:
        item = desk.community(name)
    except UsageError:
        return
    top = max(item.assessment.probabilities.values())
    safe.caption(
        "{core} core · {probable} probable · {possible} possible · {exchanges} exchanges · "
        "assessed as {words}, {chance}",
        core=item.size.core,
        probable=item.size.probable,
        possible=item.size.possible,
        exchanges=item.exchanges,
        words=safe.Words(wording.ASSESSMENT_WORDS[item.assessment.assessed_as]),
        chance=safe.Words(f"{wording.in_words(top)} ({wording.probability(top)})"),
    )


def _closed(scene: Scene) -> None:
    closed = sum(node.kind == CELL for node in scene.nodes.values())
    if closed:
        safe.caption(
            "{cells} to keep the scene readable. Double-click one, or open it under Cells.",
            cells=safe.Words(wording.plural(closed, "cell is closed", "cells are closed")),
        )


def _timeline(desk: Desk, run: str, scene: Scene) -> None:
    drawn = (node for node in scene.nodes.values() if node.kind == "account")
    accounts = tuple(sorted(node.id.removeprefix("account:") for node in drawn))
    if not accounts:
        return
    days = session.activity(desk, run, accounts)
    with st.container(border=True):
        if days.done():
            _draw_timeline(days.result(), accounts)
        else:
            st.fragment(_await, run_every=POLL_SECONDS)(days)


def _await(days: Future[pd.DataFrame]) -> None:
    """The canvas does not wait for the rows; this card asks again until they were read."""
    safe.caption("Exchanges per day: the rows are being read …")
    if days.done():
        st.rerun()


def _draw_timeline(days: pd.DataFrame, accounts: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Exchanges per day**")
        framing.layer_badge("observed")
        st.space("stretch")
        safe.caption(
            "{n} drawn · {total} exchanges",
            n=safe.Words(wording.plural(len(accounts), "account")),
            total=int(days["exchanges"].sum()),
            width="content",
        )
    if days.empty:
        safe.caption("No exchange of these accounts was loaded.")
        return
    st.altair_chart(
        charts.timeline(days, session.theme()),
        width="stretch",
        alt="Exchanges per day of the drawn accounts",
    )


if __name__ == "__main__":
    page()
