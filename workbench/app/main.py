"""The app's entry: four flat pages under one top bar. Start it with ``workbench serve``."""

from __future__ import annotations

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
    folder = HERE / "pages"
    pages = {
        "triage": st.Page(folder / "triage.py", title="Triage", url_path="triage"),
        "explore": st.Page(folder / "explore.py", title="Explore", url_path="explore"),
        "explain": st.Page(folder / "explain.py", title="Explain", url_path="explain"),
        "data": st.Page(folder / "data.py", title="Data", url_path="data"),
    }
    session.remember_pages(pages)
    # The default page answers at the root only; a hidden one keeps /triage an address of its own.
    start = st.Page(_start, title="Start", default=True, visibility="hidden")
    st.navigation([*pages.values(), start], position="top").run()


def _start() -> None:
    session.go("triage")


run()
