"""The frame of every page: context line, title row, and what to do when there is nothing to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import streamlit as st

from graph_models.errors import WorkbenchError
from workbench import wording
from workbench.app import keys, safe, session, tour, working
from workbench.app.session import Standing

__all__ = [
    "alerts",
    "empty",
    "errors",
    "header",
    "layer_badge",
    "notices",
    "page_head",
    "title_row",
]

_LAYERS = {
    "observed": ":material/description:",
    "inferred": ":material/function:",
    "judged": ":material/person:",
}


def header(stand: Standing) -> None:
    """The context line: what is shown left, who works on what right; the badge always stays."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if stand.about.get("synthetic") or stand.world:
            safe.badge(
                "Synthetic world · {world}",
                world=stand.world or "practice data",
                icon=":material/school:",
            )
        if stand.about.get("snapshot"):
            told = {"snapshot": str(stand.about["snapshot"])[:8], "run": stand.run[:8]}
            safe.caption("snapshot {snapshot} · run {run}", width="content", **_ours(told))
        st.space("stretch")
        if when := stand.about.get("analysed_at"):
            said = safe.Words(wording.moment(_time(when), session.zone()))
            safe.caption("analysed {when}", when=said, width="content")
        working.controls()
        keys.popover()
    if stand.state not in ("empty", "loaded"):
        tour.show()


def _ours(told: dict[str, str]) -> dict[str, safe.Words]:
    return {
        key: safe.Words("".join(mark for mark in text if mark.isalnum() or mark in "_-"))
        for key, text in told.items()
    }


def _time(when: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(when))
    except ValueError:
        return None


@contextmanager
def page_head(stand: Standing, title: str, note: str = "") -> Iterator[None]:
    """Context line and title row as one block; the body of the ``with`` holds the buttons."""
    with st.container(gap="xxsmall"):
        header(stand)
        with title_row(title, note):
            yield


@contextmanager
def title_row(title: str, note: str = "", *, layer: str = "") -> Iterator[None]:
    """One question a screen: its title, caption and layer left, its buttons right."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(safe.fill("{title}", title=title), anchor=False, width="content")
        if note:
            safe.caption("{note}", note=note, width="content")
        if layer:
            layer_badge(layer)
        st.space("stretch")
        yield


def layer_badge(name: str) -> None:
    """The badge that says which layer a panel shows: observed, inferred or judged."""
    safe.badge("{name}", name=safe.Words(name), icon=_LAYERS[name])


def empty(stand: Standing) -> bool:
    """Say what to do when there is nothing to investigate; True when the page ends here."""
    if stand.state not in ("empty", "loaded"):
        return False
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        if stand.state == "empty":
            st.subheader("No data is loaded yet", anchor=False, width="content")
            safe.caption("Load exchange logs, payments and accounts; nothing leaves this machine.")
            if st.button("Load files", type="primary", icon=":material/upload_file:"):
                session.go("data")
            safe.caption("To practise on a synthetic world: `workbench demo`")
        else:
            st.subheader("The data is loaded and not yet analysed", anchor=False, width="content")
            safe.caption("{n} loaded.", n=safe.Words(wording.plural(stand.files, "file")))
            if st.button("Analyse now", type="primary", icon=":material/play_arrow:"):
                session.go("data", analyse="1")
        st.space("small")
    return True


def alerts(stand: Standing) -> None:
    """Say when what is shown is older than what is loaded."""
    if stand.state == "stale":
        safe.warning(
            "Data was loaded or withdrawn after this run. What you see is the older run; "
            "analyse again on the Data page."
        )


def notices() -> None:
    """What the last action said, and what went wrong."""
    if words := st.session_state.pop("complaint", ""):
        safe.warning("{words}", words=words)
    if words := st.session_state.pop("said", ""):
        safe.caption(":green[:material/check:] {words}", words=words)


@contextmanager
def errors() -> Iterator[None]:
    """Show one of our errors in its place instead of ending the page."""
    try:
        yield
    except WorkbenchError as error:
        safe.failure(error)
