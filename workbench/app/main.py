"""The app's entry: four flat pages under one top bar. Start it with ``workbench serve``."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from workbench.app import session

HERE = Path(__file__).parent


def run() -> None:
    """Configure the page, register the pages, run the chosen one."""
    # A local picture: an icon by name would be fetched from a font service (ui.md §6).
    icon = HERE / "assets" / "favicon.png"
    st.set_page_config(page_title="Attribution workbench", page_icon=icon, layout="wide")
    st.logo(HERE / "assets" / "logo.svg", size="medium")
    # Not named "pages": Streamlit would run such a folder by itself and leave this file out.
    folder = HERE / "screens"
    pages = {
        "triage": st.Page(folder / "triage.py", title="Triage", url_path="triage"),
        "explore": st.Page(folder / "explore.py", title="Explore", url_path="explore"),
        "explain": st.Page(folder / "explain.py", title="Explain", url_path="explain"),
        "case": st.Page(folder / "case.py", title="Case", url_path="case"),
        "data": st.Page(folder / "data.py", title="Data", url_path="data"),
    }
    session.remember_pages(pages)
    # The default page answers at the root only; a hidden one keeps /triage an address of its own.
    start = st.Page(_start, title="Start", default=True, visibility="hidden")
    chosen = st.navigation([*pages.values(), start], position="top")
    try:
        chosen.run()
    except Exception:
        logging.getLogger("workbench.app").exception("The page %s failed", chosen.url_path)
        st.error(
            "This page failed; nothing was changed. The server's log holds the details. "
            "Reload the page, or run: workbench doctor"
        )


def _start() -> None:
    session.go("triage")


run()
