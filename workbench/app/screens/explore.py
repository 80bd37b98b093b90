"""Explore: who else, and through what?"""

from __future__ import annotations

import os
from typing import Any, cast

import streamlit as st

from graph_models.codes import digest_text
from graph_models.errors import StoreUnreachableError, UsageError
from graph_models.stores.triage import Asked
from workbench import wording
from workbench.app import explore_head, explore_side, framing, safe, session, timeline
from workbench.app.canvas import canvas, forget, selected_on
from workbench.app.desk import Desk
from workbench.app.doing import Work, gone_since, store_answers, store_gone
from workbench.app.payload import drawing, link_of
from workbench.app.session import Standing
from workbench.scenes.gesture import gesture_of
from workbench.scenes.graph import Gathering
from workbench.scenes.history import History
from workbench.scenes.investigation import Investigation
from workbench.scenes.log import SceneLog, scene_id
from workbench.scenes.scene import Scene

CANVAS_HEIGHT = 540


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = _standing(desk)
    focus = _focus()
    if not focus or stand.state in ("empty", "loaded"):
        with framing.page_head(stand, "Explore", "Open a community, or find an entity"):
            pass
        if not framing.empty(stand):
            _choose(desk)
        return
    framing.alerts(stand)
    with framing.errors():
        work = _work(desk, stand, focus)
        _arrive(work)
        with st.container(gap="xxsmall"):
            framing.header(stand)
        _panel(desk, work, stand, focus)


def _standing(desk: Desk) -> Standing:
    """Where the workspace stands; what was known last while the store is away."""
    try:
        stand = session.standing(desk)
    except StoreUnreachableError:
        store_gone()
        known = st.session_state.get("stood")
        if known is None:
            raise
        return known  # type: ignore[no-any-return]
    st.session_state["stood"] = stand
    return stand


def _focus() -> str:
    community, node = st.query_params.get("community", ""), st.query_params.get("node", "")
    return f"community:{community.removeprefix('community:')}" if community else node


def _work(desk: Desk, stand: Standing, focus: str) -> Work:
    """The scene of this address, drawn if it never was; without a store, as it was left."""
    own = scene_id(focus, stand.run, session.case())
    name = st.query_params.get("scene") or own
    if st.query_params.get("scene") != name:
        st.query_params["scene"] = name
    by = session.who()
    try:
        if name == own:
            found = desk.open_scene(focus, by=by, case=session.case())
        else:
            found = desk.scene(name, by=by)
            found.open(focus)
        store_answers()
    except StoreUnreachableError:
        store_gone()
        log = SceneLog(desk.database, name, by)
        if not log.history().head:
            raise
        found = Investigation(cast("Gathering", _Away()), log, session.now)
    return Work(desk, found)


class _Away:
    """The store while it is away: a scene needs none to be drawn, only to grow."""

    def __getattr__(self, name: str) -> Any:
        raise StoreUnreachableError("The store does not answer.", fix="Your scene is saved.")


def _arrive(work: Work) -> None:
    """A link may name a step to go to, once."""
    step = st.query_params.pop("step", "") if "step" in st.query_params else ""
    if step.isdecimal():
        work.act(lambda: work.scene.go(int(step)))


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
def _panel(desk: Desk, work: Work, stand: Standing, focus: str) -> None:
    """Everything that a gesture changes; only this part of the page runs again."""
    history = work.scene.history()
    work.saw(history)
    scene = history.scene()
    focus = scene.focus or focus  # a link may name a scene of something else; what is drawn counts
    since = gone_since()
    key = f"canvas_{work.name}"
    with st.container(gap="xxsmall"):
        explore_head.title(work, history, focus, _about(desk, focus))
        explore_head.filters_row(work, scene, off=since is not None)
        if since:
            safe.warning(
                "Store not reachable since {at}. Your scene is saved; it can be looked at and "
                "not grown.",
                at=safe.Words(wording.moment(since, session.zone())),
            )
        rejected = _judged(desk, scene)
    left, right = st.columns([2.05, 1], gap="small")
    with left:
        _canvas(work, history, key, rejected)
    with right:
        explore_side.side(desk, work, history, selected_on(key))
    if not since:
        timeline.card(desk, stand.run, work, explore_side.marked(work) or selected_on(key))


def _judged(desk: Desk, scene: Scene) -> tuple[str, ...]:
    """Links among the drawn accounts that are judged to be none; says how many, and who is back."""
    links = {link_of(edge) for edge in scene.edges.values()} - {""}
    ends = {end for link in links for end in link.removeprefix("link:").split("|")}
    found = {link: one for link, one in desk.judged_among(ends).items() if link in links}
    hidden = tuple(sorted(link for link, one in found.items() if one.hidden))
    back = sorted(link for link, one in found.items() if one.state == "back")
    if hidden:
        rejected = safe.Words(wording.plural(len(hidden), "link"))
        safe.caption("{n} judged to be none, and not drawn; Explain says by whom.", n=rejected)
    for link in back[:3]:
        safe.warning("{link} was rejected and is back: there is new evidence.", link=link)
    return hidden


def _canvas(work: Work, history: History, key: str, rejected: tuple[str, ...]) -> None:
    """First of all, so that it is drawn while the tables are still being made."""
    since = gone_since()
    revision = f"{work.name}.{history.head}"
    if rejected:
        revision += f".{digest_text(*rejected, size=4)}"
    canvas(
        drawing(history.scene(), revision=revision, rejected=rejected),
        key=key,
        on_gesture=lambda: _gesture(work, key),
        marked=explore_side.marked(work),
        more={
            "height": CANVAS_HEIGHT,
            "hook": os.environ.get("WORKBENCH_APP_HOOK") == "1",
            "off_since": wording.moment(since, session.zone()) if since else "",
        },
    )


def _gesture(work: Work, key: str) -> None:
    message = st.session_state[key]["gesture"]
    if isinstance(message, dict) and message.get("do") == "resync":
        forget(key)
        return
    gesture = gesture_of(message)
    if gesture is not None:
        work.do(gesture, quiet=gesture.do == "move")


def _about(desk: Desk, focus: str) -> str:
    if not focus.startswith("community:"):
        return ""
    try:
        return explore_head.about(desk, focus.removeprefix("community:"))
    except StoreUnreachableError:
        store_gone()
        return ""
    except UsageError:
        return "not in the published run; its scene is kept"


if __name__ == "__main__":
    page()
