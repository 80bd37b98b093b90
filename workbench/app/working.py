"""The controls at the right of the context line: who works, on which case, by whose clock."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import available_timezones

import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import safe, session

__all__ = ["controls"]

NOBODY = ""
LABEL = 28  # characters of a name or title that the context line has room for


def controls() -> None:
    """Popovers for the person, the case and the time zone."""
    _person()
    _case()
    _zone()


def _person() -> None:
    name = session.who()
    said = f"Working as {name}" if name else "Nobody chosen"
    with st.popover(
        safe.fill("{said}", said=said),
        icon=":material/person:",
        type="tertiary",
        key="frame_person",
    ):
        people = session.people()
        if people:
            st.selectbox(
                "Who works here",
                (NOBODY, *people),
                index=(NOBODY, *people).index(name),
                format_func=lambda one: safe.fill("{one}", one=one) if one else "nobody",
                key=f"frame_as_{name}",
                on_change=_chosen,
                args=("as", f"frame_as_{name}"),
            )
        safe.caption(
            "Judgements, notes and steps on a canvas carry this name. Without one you may explore, "
            "and not judge or note."
        )
        with st.form("frame_register", border=False, clear_on_submit=True):
            st.text_input("Register someone new", key="frame_new", max_chars=60)
            st.form_submit_button("Register and work as", on_click=_register)
        safe.caption("The same in a terminal: `workbench person add NAME`")


def _register() -> None:
    name = str(st.session_state.get("frame_new") or "").strip()

    def act() -> str:
        session.register(name)
        session.choose("as", name)
        return f"You work as {name}."

    session.attempt(act)


def _case() -> None:
    open_case = session.case()
    cases = session.cases()
    titles = dict(cases)
    title = titles.get(open_case, open_case) or "none"
    with st.popover(
        safe.fill("Case: {title}", title=inert(title, LABEL)),
        icon=":material/folder_open:",
        type="tertiary",
        key="frame_case",
    ):
        known = ("", *titles) if open_case in ("", *titles) else ("", *titles, open_case)
        st.selectbox(
            "Judgements and notes are filed in",
            known,
            index=known.index(open_case),
            format_func=lambda one: safe.fill("{t}", t=titles.get(one, one)) if one else "no case",
            key=f"frame_case_{open_case}_{len(known)}",
            on_change=_chosen,
            args=("case", f"frame_case_{open_case}_{len(known)}"),
        )
        if not titles:
            safe.caption("No case is open. The first judgement offers to open one.")


def _zone() -> None:
    zone = session.zone()
    with st.popover(
        safe.fill("{zone}", zone=zone),
        icon=":material/schedule:",
        type="tertiary",
        key="frame_zone",
    ):
        names = _zones(str(st.context.timezone or ""))
        st.selectbox(
            "Show times in",
            names,
            index=names.index(zone),
            key=f"frame_tz_{zone}",
            on_change=_chosen,
            args=("tz", f"frame_tz_{zone}"),
        )
        safe.caption("Shown here only; everything is kept, filtered and exported in UTC.")


def _zones(browser: str) -> Sequence[str]:
    first = dict.fromkeys(name for name in (wording.UTC_ZONE, browser) if wording.is_zone(name))
    return [*first, *sorted(available_timezones() - set(first))]


def _chosen(name: str, key: str) -> None:
    value = str(st.session_state[key])
    session.choose(name, "" if (name, value) == ("tz", wording.UTC_ZONE) else value)
