"""Beside the canvas: the same nodes as a table with the same actions, and what one node is."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from importlib.util import find_spec

import pandas as pd
import streamlit as st

from graph_models.kinds import glyph_of
from workbench import wording
from workbench.app import details, explore_actions, explore_history, look, safe, session
from workbench.app.desk import Desk
from workbench.app.doing import Work
from workbench.app.finding import find
from workbench.app.payload import cell_names
from workbench.scenes.filters import visible
from workbench.scenes.gesture import Gesture
from workbench.scenes.history import History
from workbench.scenes.model import BUNDLE, CELL, Node
from workbench.scenes.scene import Scene

__all__ = ["find", "marked", "nodes_table", "side"]

PAGE = 25  # rows; more would travel with every step
TABS = ("Table", "Details", "Cells", "History", "People", "Notes")
NOTES = "workbench.app.notes"


def marked(work: Work) -> tuple[str, ...]:
    """The nodes that the table selected, known before the table is made again."""
    key, names = st.session_state.get(f"table_{work.name}", ("", ()))
    state = st.session_state.get(key) if key else None
    rows = state["selection"]["rows"] if state else ()
    return tuple(names[row] for row in rows if row < len(names))


def side(desk: Desk, work: Work, history: History, on_canvas: Sequence[str]) -> None:
    """The tabs; only the open one is made."""
    scene = history.scene()
    names = [name for name in TABS if name != "Notes" or find_spec(NOTES)]
    tabs = dict(zip(names, st.tabs(names, on_change="rerun", key="explore_tabs"), strict=True))
    picked = tuple(name for name in on_canvas if name in scene.nodes)
    with tabs["Table"]:
        if tabs["Table"].open:
            _table_tab(desk, work, scene, picked)
    with tabs["Details"]:
        if tabs["Details"].open:
            details.panel(desk, scene, picked)
    with tabs["Cells"]:
        if tabs["Cells"].open:
            _cells_tab(work, scene)
    with tabs["History"]:
        if tabs["History"].open:
            explore_history.steps(work, history)
    with tabs["People"]:
        if tabs["People"].open:
            explore_history.people(work, history)
    if "Notes" in tabs and tabs["Notes"].open:
        with tabs["Notes"]:
            subjects = [*_subjects(scene, picked), f"scene:{work.name}"]
            importlib.import_module(NOTES).panel(desk, subjects, key="explore_notes")


def _subjects(scene: Scene, picked: Sequence[str]) -> list[str]:
    accounts = [name.partition(":")[2] for name in picked if scene.nodes[name].kind == "account"]
    pair = [f"link:{'|'.join(sorted(accounts))}"] if len(accounts) == 2 else []
    return [*pair, *(name for name in picked if scene.nodes[name].kind not in (CELL, BUNDLE))][:10]


def nodes_table(scene: Scene, first: Sequence[str], theme: look.Theme) -> pd.DataFrame:
    """Every visible node: those selected on the canvas first, then identifiers, then accounts."""
    nodes, edges = visible(scene)
    joins = pd.Series([name for e in edges for name in (e.a, e.b)], dtype="str").value_counts()
    picked = set(first)
    order = sorted(
        nodes,
        key=lambda n: (n.id not in picked, n.kind == "account", -int(joins.get(n.id, 0)), n.id),
    )
    pictures = [_picture(node, theme) for node in order]
    return pd.DataFrame(
        {
            "node": [n.id for n in order],
            # As categories, each of a handful of pictures travels once.
            "": pd.Categorical(pictures),
            "Name": [_name(n) for n in order],
            "Joins": [int(joins.get(n.id, 0)) for n in order],
            "More": [
                max(0, sum(n.counts.values()) + sum(n.private.values()) - int(joins.get(n.id, 0)))
                for n in order
            ],
            "Note": [_note(n) for n in order],
        }
    )


def _picture(node: Node, theme: look.Theme) -> str:
    glyph = glyph_of("account" if node.kind in (CELL, BUNDLE) else node.kind)
    return look.glyph_picture(glyph.shape, glyph.dark if theme.name == "dark" else glyph.light)


def _name(node: Node) -> str:
    if node.kind == CELL:
        return f"{wording.plural(node.size, 'account')}, closed cell"
    return f"{node.label}, bundle" if node.kind == BUNDLE else node.label


def _note(node: Node) -> str:
    return " · ".join(
        word for word in (node.tier or ("hub" if node.hub else ""), "pinned" * node.pinned) if word
    )


def _table_tab(desk: Desk, work: Work, scene: Scene, on_canvas: tuple[str, ...]) -> None:
    top = st.container(gap="xsmall")
    shown = nodes_table(scene, (), session.theme())
    names, pages = shown["node"].tolist(), max(1, -(-len(shown) // PAGE))
    foot = st.container()
    page = 1
    if pages > 1:
        with foot:
            page = st.pagination(pages, key=f"page_{work.name}_{pages}", width="stretch")
    part = names[(page - 1) * PAGE : page * PAGE]
    with top:
        actions = st.container(gap="xsmall")
        event = _table(shown.iloc[(page - 1) * PAGE : page * PAGE], work, part)
    in_table = tuple(part[row] for row in event if row < len(part))
    with actions:
        explore_actions.buttons(work, scene, in_table or on_canvas, len(names))
    added = find(desk, f"add_{work.name}")
    if added and added not in scene.nodes:
        work.do(Gesture("add", node=added))
        st.rerun(scope="fragment")


def _table(part: pd.DataFrame, work: Work, names: Sequence[str]) -> list[int]:
    key = f"nodes_{work.name}_{hash(tuple(names))}"
    st.session_state[f"table_{work.name}"] = (key, tuple(names))
    event = st.dataframe(
        safe.frame(part.drop(columns="node"), pictures=("",)),
        hide_index=True,
        row_height=look.ROW,
        height=look.table_height(len(part), most=9),
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        alt="What is drawn, with the same actions as the canvas",
        column_config={
            "": st.column_config.ImageColumn(width=34),
            "Name": st.column_config.TextColumn(width=165),
            "Joins": st.column_config.NumberColumn(width=52, help="Drawn neighbours"),
            "More": st.column_config.NumberColumn(width=52, help="Neighbours not drawn"),
            "Note": st.column_config.TextColumn(width=90),
        },
    )
    return list(event.selection.rows) if event else []


def _cells_tab(work: Work, scene: Scene) -> None:
    names = cell_names(scene)
    bundles = {key: fold for key, fold in sorted(scene.folds.items()) if key in scene.nodes}
    if not names and not bundles:
        safe.caption("This scene has no cells and no bundles. G on the canvas folds what is alike.")
    closed = {n.cell: n for n in scene.nodes.values() if n.kind == CELL}
    for cell, name in list(names.items())[:30]:
        drawn = sum(n.kind == "account" and n.cell == cell for n in scene.nodes.values())
        gesture = (
            Gesture("open_cell", node=closed[cell].id)
            if cell in closed
            else Gesture("close_cell", node=cell)
        )
        size = closed[cell].size if cell in closed else drawn
        words = ("Open" if cell in closed else "Close", wording.plural(size, "account"))
        _row(work, name, words, gesture, f"cell_{cell}", can=bool(size))
    for key, fold in list(bundles.items())[:30]:
        gesture = Gesture("unfold", node=key)
        members = wording.plural(len(fold.members), "node")
        _row(work, fold.node.label, ("Open", members), gesture, key, can=True)


def _row(
    work: Work, name: str, words: tuple[str, str], gesture: Gesture, key: str, *, can: bool
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**{name}**", name=name, width="content")
        safe.caption("{n}", n=safe.Words(words[1]), width="content")
        st.space("stretch")
        st.button(
            safe.fill("{label}", label=safe.Words(words[0])),
            key=f"row_{work.name}_{key}",
            disabled=not can,
            help="None of its accounts is drawn" if not can else None,
            on_click=lambda: work.do(gesture),
        )
