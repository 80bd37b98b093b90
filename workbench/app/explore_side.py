"""Beside the canvas: the same nodes as a table with the same actions, the cells, the history."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from graph_models.kinds import glyph_of
from workbench import wording
from workbench.app import details, look, safe, session
from workbench.app.desk import Desk
from workbench.app.finding import find
from workbench.app.payload import cell_names
from workbench.scenes.filters import visible
from workbench.scenes.gesture import Gesture
from workbench.scenes.history import History
from workbench.scenes.investigation import Investigation
from workbench.scenes.scene import CELL, Scene, neighbours

__all__ = ["find", "nodes_table", "side"]

TABLE_HEIGHT = 318


def side(
    desk: Desk, work: Investigation, history: History, on_canvas: Sequence[str]
) -> tuple[str, ...]:
    """The tabs; returns the nodes chosen in the table, to be marked on the canvas."""
    scene = history.scene()
    table, about, cells, steps = st.tabs(["Selection and table", "Details", "Cells", "History"])
    with table:
        chosen = _table_tab(desk, work, scene, on_canvas)
    with about:
        details.panel(desk, scene, chosen or on_canvas)
    with cells:
        _cells_tab(work, scene)
    with steps:
        _history_tab(work, history)
    return chosen


def nodes_table(scene: Scene, first: Sequence[str], theme: look.Theme) -> pd.DataFrame:
    """Every visible node: those selected on the canvas first, then identifiers, then accounts."""
    nodes, _ = visible(scene)
    near = neighbours(scene)
    picked = set(first)
    nodes.sort(key=lambda n: (n.id not in picked, n.kind == "account", -len(near[n.id]), n.id))
    glyphs = [glyph_of("account" if n.kind == CELL else n.kind) for n in nodes]
    dark = theme.name == "dark"
    return pd.DataFrame(
        {
            "node": [n.id for n in nodes],
            "": [look.glyph_picture(g.shape, g.dark if dark else g.light) for g in glyphs],
            "Name": [
                wording.plural(n.size, "account") + ", closed cell" if n.kind == CELL else n.label
                for n in nodes
            ],
            "Joins": [len(near[n.id]) for n in nodes],
            "More": [
                max(0, sum(n.counts.values()) + sum(n.private.values()) - len(near[n.id]))
                for n in nodes
            ],
            "Tier": [n.tier or ("hub" if n.hub else "–") for n in nodes],
        }
    )


def _table_tab(
    desk: Desk, work: Investigation, scene: Scene, on_canvas: Sequence[str]
) -> tuple[str, ...]:
    actions = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    shown = nodes_table(scene, (), session.theme())
    names = shown["node"].tolist()
    event = st.dataframe(
        safe.frame(shown.drop(columns="node"), pictures=("",)),
        hide_index=True,
        row_height=29,
        height=TABLE_HEIGHT,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"nodes_{work.log.scene}_{hash(tuple(names))}",
        alt="Everything that is drawn, with the same actions as the canvas",
        column_config={
            "": st.column_config.ImageColumn(width=34),
            "Name": st.column_config.TextColumn(width=165),
            "Joins": st.column_config.NumberColumn(width=52, help="Drawn neighbours"),
            "More": st.column_config.NumberColumn(width=52, help="Neighbours not drawn"),
            "Tier": st.column_config.TextColumn(width=72),
        },
    )
    rows = event.selection.rows if event else []
    in_table = tuple(names[row] for row in rows if row < len(names))
    chosen = in_table or tuple(name for name in on_canvas if name in scene.nodes)
    with actions:
        _actions(work, scene, chosen)
    added = find(desk, f"add_{work.log.scene}")
    if added and added not in scene.nodes:
        session.attempt(lambda: work.add(added))
        st.rerun(scope="fragment")
    return in_table


def _actions(work: Investigation, scene: Scene, chosen: Sequence[str]) -> None:
    accounts = [name for name in chosen if scene.nodes[name].kind == "account"]
    st.button(
        "Expand selected",
        disabled=not chosen,
        help="Select rows here or nodes on the canvas first" if not chosen else None,
        on_click=lambda: session.attempt(lambda: _expand_all(work, chosen)),
    )
    if st.button(
        "Explain pair",
        disabled=len(accounts) != 2,
        help="Select exactly two accounts first" if len(accounts) != 2 else None,
    ):
        a, b = (name.removeprefix("account:") for name in accounts)
        session.go("explain", a=a, b=b)
    st.button(
        "Remove",
        disabled=not chosen,
        help="Select what to take off the canvas first" if not chosen else None,
        on_click=lambda: session.attempt(lambda: work.do(Gesture("remove", names=tuple(chosen)))),
    )
    safe.caption(
        "{n} of {all} selected", width="content", n=len(chosen), all=len(visible(scene)[0])
    )


def _expand_all(work: Investigation, chosen: Sequence[str]) -> str:
    """Expand all that was chosen in one step; a closed cell by itself opens."""
    return work.do(Gesture("expand", names=tuple(chosen)))


def _cells_tab(work: Investigation, scene: Scene) -> None:
    names = cell_names(scene)
    if not names:
        safe.caption("This scene has no cells.")
        return
    closed = {n.cell: n for n in scene.nodes.values() if n.kind == CELL}
    for cell, name in list(names.items())[:30]:
        drawn = sum(n.kind == "account" and n.cell == cell for n in scene.nodes.values())
        size = closed[cell].size if cell in closed else drawn
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**{name}**", name=safe.Words(name))
            safe.caption("{n}", n=safe.Words(wording.plural(size, "account")))
            st.space("stretch")
            gesture = (
                Gesture("open_cell", node=closed[cell].id)
                if cell in closed
                else Gesture("close_cell", node=cell)
            )
            st.button(
                "Open" if cell in closed else "Close",
                key=f"cell_{work.log.scene}_{cell}",
                on_click=lambda gesture=gesture: session.attempt(lambda: work.do(gesture)),
            )


def _history_tab(work: Investigation, history: History) -> None:
    safe.caption("Kept after reload. Select a step to go back to it; nothing is lost.")
    path = {entry.number for entry in history.path()}
    entries = history.entries[::-1]
    rows = pd.DataFrame(
        {
            "": [
                "●" if e.number == history.head else "│" if e.number in path else "╌"
                for e in entries
            ],
            "Step": [e.label for e in entries],
            "UTC": [e.at[11:16] for e in entries],
        }
    )
    event = st.dataframe(
        safe.frame(rows),
        hide_index=True,
        row_height=29,
        height=TABLE_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        key=f"steps_{work.log.scene}_{history.head}_{len(entries)}",
        column_config={
            "": st.column_config.TextColumn(width=30),
            "UTC": st.column_config.TextColumn(width=60),
        },
    )
    picked = [entries[row].number for row in (event.selection.rows if event else [])]
    if picked and picked[0] != history.head:
        session.attempt(lambda: work.go(picked[0]))
        st.rerun(scope="fragment")
