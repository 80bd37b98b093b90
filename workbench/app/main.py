"""The app's entry: flat pages under one top bar. Start it with ``workbench serve``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage as Page

from workbench.app import session

HERE = Path(__file__).parent
# Not named "pages": Streamlit would run such a folder by itself and leave this file out.
SCREENS = HERE / "screens"
PAGES = {
    "triage": "Triage",
    "explore": "Explore",
    "explain": "Explain",
    "plays": "Plays",
    "case": "Case",
    "data": "Data",
}
# Pages about one thing: another page leads there, or an address does.
FROM_OTHERS = {"community": "Community", "account": "Account", "identifier": "Identifier"}


def run() -> None:
    """Configure the page, register the pages, run the chosen one."""
    # A local picture: an icon by name would be fetched from a font service (ui.md §6).
    icon = HERE / "assets" / "favicon.png"
    st.set_page_config(page_title="Attribution workbench", page_icon=icon, layout="wide")
    st.logo(HERE / "assets" / "logo.svg", size="medium")
    pages = {name: _page(name, title) for name, title in PAGES.items()}
    hidden = {n: _page(n, title, visibility="hidden") for n, title in FROM_OTHERS.items()}
    session.adopt()
    # The default page answers at the root only; a hidden one keeps /triage an address of its own.
    start = st.Page(_start, title="Start", default=True, visibility="hidden")
    chosen = st.navigation([*pages.values(), *hidden.values(), start], position="top")
    session.remember_pages({**pages, **hidden}, chosen=chosen.url_path)
    try:
        chosen.run()
    except Exception:
        logging.getLogger("workbench.app").exception("The page %s failed", chosen.url_path)
        st.error(
            "This page failed; nothing was changed. The server's log holds the details. "
            "Reload the page, or run: workbench doctor"
        )


def _page(name: str, title: str, visibility: Literal["visible", "hidden"] = "visible") -> Page:
    file = SCREENS / f"{name}.py"
    return st.Page(file, title=title, url_path=name, visibility=visibility)


def _start() -> None:
    session.go("triage")


run()
