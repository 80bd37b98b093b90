"""What one browser session holds: the open workspace, where it stands, the way between pages.

The desk is shared by all sessions, so it never holds what one user does; the scene log does that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pandas as pd
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from graph_models.errors import UsageError, WorkbenchError
from workbench.app.desk import Desk
from workbench.app.look import Theme, theme_named

__all__ = [
    "Standing",
    "activity",
    "attempt",
    "complain",
    "go",
    "now",
    "open_desk",
    "remember_pages",
    "say",
    "scenes_folder",
    "standing",
    "theme",
]


@st.cache_resource(show_spinner="Opening the workspace")
def _opened(workspace: str, store: str) -> Desk:
    from workbench.library import Workbench

    return cast("Desk", Workbench.open(workspace, store=store, create=True))


def open_desk() -> Desk:
    """The library on the workspace that the server was started for."""
    workspace = os.environ.get("WORKBENCH_WORKSPACE", ".workbench")
    return _opened(workspace, os.environ.get("WORKBENCH_STORE", "embedded:"))


@dataclass(frozen=True)
class Standing:
    """How far the workspace is: ``state`` is empty, loaded, stale or analysed."""

    state: str
    about: Mapping[str, Any]
    files: int = 0

    @property
    def run(self) -> str:
        """The published run, or nothing."""
        return str(self.about.get("run") or "")

    @property
    def world(self) -> str | None:
        """The synthetic world that the data came from, if it did."""
        return self.about.get("world")


def standing(desk: Desk) -> Standing:
    """What is loaded, and whether the published run describes it."""
    packages = desk.packages()
    try:
        about = desk.about()
    except UsageError:
        about = {}
    files = len(packages)
    if not about.get("run"):
        world = getattr(desk.workspace, "world", None)
        return Standing("loaded" if files else "empty", {**about, "world": world}, files)
    snapshots = desk.snapshots()
    newest = str(snapshots["snapshot"].iloc[0]) if len(snapshots) else ""
    state = "analysed" if newest in ("", about.get("snapshot")) else "stale"
    return Standing(state, about, files)


@st.cache_resource
def _reader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="read")


@st.cache_resource(max_entries=32)
def activity(
    _desk: Desk,
    run: str,  # noqa: ARG001 – a part of the key
    accounts: tuple[str, ...],
) -> Future[pd.DataFrame]:
    """Exchanges per day are read from the rows, beside the pages; the canvas does not wait."""
    return _reader().submit(_desk.activity, accounts)


def theme() -> Theme:
    """The colours of the theme that the browser shows."""
    return theme_named(st.context.theme.type)


def now() -> datetime:
    """The clock of the pages."""
    return datetime.now(UTC)


def scenes_folder(desk: Desk) -> Path:
    """Where scenes are kept, inside the workspace."""
    return Path(desk.workspace.path) / "scenes"


def say(words: str) -> None:
    """Keep words of success for the next run of the body, where elements are allowed."""
    st.session_state["said"] = words


def complain(words: str) -> None:
    """Keep what went wrong for the next run of the body."""
    st.session_state["complaint"] = words


def attempt(act: Callable[[], str], *, quiet: bool = False) -> None:
    """Do something in a callback and keep what it says; one of our errors becomes a complaint."""
    try:
        said = act()
    except WorkbenchError as error:
        complain(f"{error.what} {error.fix}".strip())
    else:
        say("" if quiet else said)


def remember_pages(pages: Mapping[str, StreamlitPage]) -> None:
    """Keep the pages of this run, so that one can lead to another without importing it."""
    st.session_state["pages"] = dict(pages)


def go(page: str, **parameters: str) -> None:
    """Open another page at an address that can be shared."""
    st.switch_page(st.session_state["pages"][page], query_params=parameters)
