"""Every key that does something, by page; what a button shows beside its label stands here too."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from workbench.app import safe, session, tour

__all__ = ["KEYS", "popover"]

EVERYWHERE = (
    ("Tab, Shift+Tab", "to the next or last control"),
    ("Enter, Space", "do what has the focus"),
    ("Esc", "close a list, a popover or a dialog"),
)
KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "triage": (("Ctrl+Enter", "open the selected community in Explore"),),
    "explore": (
        ("Ctrl+Z", "undo the last step"),
        ("Ctrl+Shift+Z", "redo"),
        ("Arrows", "on the canvas: to the nearest node; with Shift, select it too"),
        ("Enter", "on the canvas: what there is around the node; again to draw it"),
        ("Space", "on the canvas: select the node, or not"),
        ("Backspace", "on the canvas: collapse what the node brought"),
        ("Delete", "on the canvas: take the selected nodes off"),
        ("F", "on the canvas: fit everything"),
        ("G", "on the canvas: fold the selected nodes into one, or unfold it"),
        ("P", "on the canvas: pin the node, or let it go"),
        ("Ctrl+M", "add the note"),
    ),
    "explain": (
        ("Ctrl+J", "file the judgement"),
        ("Ctrl+M", "add the note"),
        ("Ctrl+Right", "the next pair"),
    ),
    "case": (("Ctrl+M", "add the note"),),
}


def popover() -> None:
    """The keys of this page and of all pages, and the way back to the tour."""
    with st.popover("Keys", icon=":material/keyboard:", type="tertiary", key="frame_keys"):
        page = session.page()
        for key, what in (*KEYS.get(page, ()), *EVERYWHERE):
            safe.line("`{key}` {what}", key=safe.Words(key), what=safe.Words(what))
        if tour.STOPS.get(page):
            st.button("Show the tour again", key="tour_again", on_click=tour.again)
