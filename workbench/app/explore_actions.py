"""What the table can do with the chosen nodes: everything that the canvas can."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from graph_models.errors import WorkbenchError
from graph_models.kinds import ACCOUNT, KINDS
from workbench import wording
from workbench.app import safe, session, tables
from workbench.app.doing import Work, gone_since
from workbench.scenes.gesture import MOST_PER_KIND, SORTS, Gesture
from workbench.scenes.growing import PER_KIND
from workbench.scenes.model import BUNDLE, CELL
from workbench.scenes.preview import KindPreview
from workbench.scenes.scene import Scene
from workbench.scenes.sums import WHY

__all__ = ["buttons"]

_PLURALS = {ACCOUNT.name: ACCOUNT.plural, **{kind.name: kind.plural for kind in KINDS}}
_GONE = "The store is not reachable; your scene is saved"


def buttons(work: Work, scene: Scene, chosen: Sequence[str], total: int) -> None:
    """The actions, each off with a reason beside it when it has nothing to act on."""
    accounts = [name for name in chosen if scene.nodes[name].kind == "account"]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _button("Expand selected", _need(chosen, 1), work, Gesture("expand", names=tuple(chosen)))
        _expand_options(work, scene, chosen)
        why = "Select exactly two accounts first" if len(accounts) != 2 else ""
        if st.button("Explain pair", disabled=bool(why), help=why or None):
            a, b = (name.removeprefix("account:") for name in accounts)
            session.go("explain", a=a, b=b)
        _more(work, scene, chosen)
        safe.caption("{n} of {all} selected", width="content", n=len(chosen), all=total)


def _need(chosen: Sequence[str], least: int, most: int = 10**6) -> str:
    if gone_since():
        return _GONE
    if least <= len(chosen) <= most:
        return ""
    if most == least:
        return f"Select exactly {least} rows, or nodes on the canvas, first"
    return "Select rows here or nodes on the canvas first"


def _button(label: str, why: str, work: Work, gesture: Gesture) -> None:
    st.button(
        safe.fill("{label}", label=safe.Words(label)),
        disabled=bool(why),
        help=why or None,
        key=f"act_{label}",
        on_click=lambda: work.do(gesture),
    )


def _more(work: Work, scene: Scene, chosen: Sequence[str]) -> None:
    box = st.popover("More", on_change="rerun", key="explore_more")
    if not box.open:
        return
    names = tuple(chosen)
    pinned = bool(names) and all(scene.nodes[name].pinned for name in names)
    folds = tuple(name for name in names if scene.nodes[name].kind == BUNDLE)
    with box:
        _button(
            "Collapse",
            _need(names, 1, 1),
            work,
            Gesture("collapse", node=names[0] if names else ""),
        )
        _button(
            "Unpin" if pinned else "Pin",
            _need(names, 1),
            work,
            Gesture("unpin" if pinned else "pin", names=names),
        )
        _button("Fold into a bundle", _need(names, 2), work, Gesture("fold", names=names))
        _button("Fold all that are alike", "", work, Gesture("fold"))
        _button(
            "Open bundles",
            "" if folds else "Select a bundle first",
            work,
            Gesture("unfold", names=folds),
        )
        _button("Path between the two", _need(names, 2, 2), work, Gesture("path", names=names))
        _button("Remove", _need(names, 1), work, Gesture("remove", names=names))
        _open_page(scene, names)


def _open_page(scene: Scene, names: Sequence[str]) -> None:
    kind = scene.nodes[names[0]].kind if len(names) == 1 else ""
    page = {"account": "account", "": "", CELL: "", BUNDLE: ""}.get(kind, "identifier")
    if page and page not in session.pages():
        return
    why = "" if page else "Select one account or identifier first"
    if st.button("Open its page", disabled=bool(why), help=why or None, key="act_page"):
        session.go(page, node=names[0])


def _expand_options(work: Work, scene: Scene, chosen: Sequence[str]) -> None:
    """The canvas' popover for hands that use the table: counts, kinds, order and limit."""
    box = st.popover("Expand by kind", on_change="rerun", key="explore_expand")
    if not box.open:
        return
    with box:
        if len(chosen) != 1 or chosen[0] not in scene.held or scene.nodes[chosen[0]].kind == CELL:
            safe.caption("Select one account or identifier, here or on the canvas.")
            return
        try:
            lines = work.scene.preview(chosen[0])
        except WorkbenchError as error:
            safe.failure(error)
            return
        _options(work, chosen[0], lines)


def _options(work: Work, name: str, lines: Sequence[KindPreview]) -> None:
    tables.show(preview_table(lines), alt="Neighbours by kind, and what became of them", most=7)
    for line in lines:
        if line.warning:
            safe.warning("{words}", words=line.warning)
    fresh = [line.kind for line in lines if line.new]
    usual = [line.kind for line in lines if line.new and not line.warning]
    with st.form(f"expand_{name}", border=False):
        kinds = st.multiselect("Kinds", fresh, default=usual, format_func=_plural)
        left, right = st.columns(2)
        limit = left.number_input("Of each at most", 1, MOST_PER_KIND, PER_KIND)
        sort = right.selectbox("Order", ("", *SORTS), format_func=lambda s: s or "as stored")
        if st.form_submit_button("Expand", disabled=not fresh, help=_nothing(fresh)):
            gesture = Gesture(
                "expand", node=name, kinds=tuple(kinds), limit=int(limit), sort=str(sort)
            )
            work.do(gesture)
            st.rerun(scope="fragment")


def _nothing(fresh: Sequence[str]) -> str | None:
    return None if fresh else "Everything around it is drawn"


def _plural(kind: str) -> str:
    return safe.plain(_PLURALS.get(kind, kind), 40)


def preview_table(lines: Sequence[KindPreview]) -> pd.DataFrame:
    """The preview as rows that add up: total = drawn + new + beyond the limit + put aside."""
    return pd.DataFrame(
        [
            {
                "Kind": _PLURALS.get(line.kind, line.kind),
                "Total": line.total,
                "Drawn": line.drawn,
                "New": line.new,
                "Beyond limit": line.truncated,
                "Put aside": _aside(line),
            }
            for line in lines
        ],
        columns=["Kind", "Total", "Drawn", "New", "Beyond limit", "Put aside"],
    )


def _aside(line: KindPreview) -> str:
    return ", ".join(f"{wording.number(n)} {WHY[why]}" for why, n in line.hidden.items()) or "–"
