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
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from graph_models.errors import UsageError, WorkbenchError
from workbench import wording
from workbench.app.desk import Desk
from workbench.app.look import Theme, theme_named

__all__ = [
    "PERSON",
    "Standing",
    "activity",
    "adopt",
    "attempt",
    "case",
    "cases",
    "choose",
    "complain",
    "go",
    "habits",
    "keep_habit",
    "link",
    "now",
    "open_desk",
    "page",
    "pages",
    "people",
    "register",
    "remember_pages",
    "say",
    "scenes_folder",
    "standing",
    "theme",
    "who",
    "zone",
]

PERSON = "WORKBENCH_PERSON"  # set by ``workbench serve --as NAME``
# What follows a person from page to page. The address holds it too, so that a refresh, a killed
# server and a bookmark find it again; only ``as`` is never in a link made to be shared.
_CARRIED = ("as", "case", "tz")
_OWN = ("as",)


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


def adopt() -> None:
    """Bring the address and this session together; the address is right where they differ."""
    for name in _CARRIED:
        if name in st.query_params:
            st.session_state[f"carried_{name}"] = st.query_params[name]
        elif kept := st.session_state.get(f"carried_{name}"):
            st.query_params[name] = kept


def choose(name: str, value: str) -> None:
    """Change who works (``as``), on which case (``case``) or whose clock is shown (``tz``)."""
    st.session_state[f"carried_{name}"] = value
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def who() -> str:
    """The name of the person who works here; empty: may explore, may not judge or note.

    A name that nobody registered is nobody.
    """
    name = _carried("as") or os.environ.get(PERSON, "")
    return name if name and name in people() else ""


def case() -> str:
    """The id of the case that judgements and notes are filed in; empty: none yet."""
    return _carried("case")


def zone() -> str:
    """The time zone that times are shown in: UTC unless another one was chosen."""
    chosen = _carried("tz")
    return chosen if wording.is_zone(chosen) else wording.UTC_ZONE


def people() -> tuple[str, ...]:
    """The names of the registered people."""
    return tuple(person.name for person in open_desk().person_list())


def register(name: str) -> None:
    """Register a person: their key is made and its public half goes into the casebook."""
    open_desk().person_add(name)


def cases() -> Mapping[str, str]:
    """The titles of the open cases, by id, the newest first."""
    found = open_desk().case_list()
    return {case.case: case.title for case in found if case.state == "open"}


def _carried(name: str) -> str:
    return str(st.query_params.get(name) or st.session_state.get(f"carried_{name}") or "")


def _kept() -> dict[str, str]:
    return {name: value for name in _CARRIED if (value := _carried(name))}


def link(page: str, **parameters: str) -> str:
    """The address of a page as it may be given to others: it never says who works."""
    kept = {name: value for name, value in _kept().items() if name not in _OWN}
    return f"/{page}?{urlencode({**kept, **parameters})}"


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


def habits() -> Mapping[str, str]:
    """What the desk remembers of who works here; without a person, of this session."""
    return open_desk().habits(by=who()) if who() else st.session_state.get("habits", {})


def keep_habit(name: str, value: str) -> None:
    """Remember a habit of who works here; without a person, for this session."""
    if by := who():
        open_desk().keep_habit(name, value, by=by)
    else:
        st.session_state["habits"] = {**st.session_state.get("habits", {}), name: value}


def remember_pages(pages: Mapping[str, StreamlitPage], *, chosen: str) -> None:
    """Keep the pages of this run, so that one can lead to another without importing it."""
    st.session_state["pages"] = dict(pages)
    st.session_state["page"] = chosen


def page() -> str:
    """The name of the page that is open."""
    return str(st.session_state.get("page", ""))


def pages() -> frozenset[str]:
    """The names of the pages that one can be led to."""
    return frozenset(st.session_state.get("pages", {}))


def go(page: str, **parameters: str) -> None:
    """Open another page at an address that finds it again, with who works, on what and when."""
    st.switch_page(st.session_state["pages"][page], query_params={**_kept(), **parameters})
