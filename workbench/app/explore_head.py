"""Above the canvas: undo, redo, saved views, the link, and every filter as a chip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from graph_models.families import FAMILIES
from graph_models.kinds import ACCOUNT, KINDS
from workbench import wording
from workbench.app import framing, safe, session
from workbench.app.desk import Desk
from workbench.app.doing import Work
from workbench.scenes.filters import Chip, chips, hidden_nodes
from workbench.scenes.gesture import Gesture
from workbench.scenes.history import History
from workbench.scenes.model import BUNDLE, CELL, Filters
from workbench.scenes.scene import Scene

__all__ = ["about", "filters_row", "title"]

_PLURALS: Mapping[str, str] = {ACCOUNT.name: ACCOUNT.plural, **{k.name: k.plural for k in KINDS}}
_STORE_GONE = "The store is not reachable; your scene is saved."


def title(work: Work, history: History, focus: str, note: str) -> None:
    """The focus, and what can be done with the scene as a whole."""
    kind, _, value = focus.partition(":")
    layer = "inferred" if kind == "community" else "observed"
    with framing.title_row(value if kind == "community" else focus, note, layer=layer):
        undo, redo = history.undo_to, history.redo_to
        st.button(
            "Undo",
            icon=":material/undo:",
            shortcut="Ctrl+Z",
            disabled=undo is None,
            help="This is the opening; there is nothing before it" if undo is None else None,
            on_click=lambda: work.act(lambda: work.scene.go(undo)),
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            shortcut="Ctrl+Shift+Z",
            disabled=redo is None,
            help="No step follows this one" if redo is None else None,
            on_click=lambda: work.act(lambda: work.scene.go(redo)),
        )
        _views(work)
        _share(work, history, focus)
        there = kind == "community" and "community" in session.pages()
        if there and st.button("Open page", icon=":material/open_in_new:"):
            session.go("community", community=value)


def _views(work: Work) -> None:
    views = st.popover("Views", icon=":material/bookmark:", on_change="rerun", key="explore_views")
    if not views.open:
        return
    with views:
        name = st.text_input("Name of this view", key="explore_view_name", max_chars=80)
        st.button(
            "Save view",
            disabled=not name.strip(),
            help="Write a name first" if not name.strip() else None,
            on_click=lambda: work.act(lambda: work.scene.save_view(name)),
        )
        saved = work.scene.log.views.list()
        if not saved:
            safe.caption("No view is saved yet. A view is a name for the step you see.")
        for view in saved[:30]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                safe.line("{name}", name=view.name, width="content")
                safe.caption("step {n} {by}", n=view.number, by=view.by, width="content")
                st.space("stretch")
                st.button(
                    "Go to",
                    key=f"view_{view.name}",
                    on_click=lambda at=view.number: work.act(lambda: work.scene.go(at)),
                )


def _share(work: Work, history: History, focus: str) -> None:
    link = st.popover("Link", icon=":material/link:", on_change="rerun", key="explore_link")
    if not link.open:
        return
    with link:
        kind, _, value = focus.partition(":")
        about = {"community": value} if kind == "community" else {"node": focus}
        st.code(
            session.link("explore", **about, scene=work.name, step=str(history.head)),
            language=None,
            wrap_lines=True,
        )
        safe.caption(
            "Opens this scene at step {n}, for whoever can open this workspace.", n=history.head
        )


def about(desk: Desk, name: str) -> str:
    """One line on the community in question."""
    item = desk.community(name)
    top = max(item.assessment.probabilities.values())
    size = item.size
    tiers = (("core", size.core), ("probable", size.probable), ("possible", size.possible))
    sizes = " · ".join(f"{wording.number(count)} {tier}" for tier, count in tiers)
    assessed = wording.ASSESSMENT_WORDS[item.assessment.assessed_as]
    return f"{sizes} · assessed as {assessed}, {wording.in_words(top)} ({wording.probability(top)})"


def _situation(work: Work, scene: Scene) -> None:
    """What keeps the scene readable, and how to open it again."""
    cells = [node.id for node in scene.nodes.values() if node.kind == CELL]
    bundles = [node.id for node in scene.nodes.values() if node.kind == BUNDLE]
    if not cells and not bundles:
        return
    words = [
        wording.plural(len(some), one, many)
        for some, one, many in (
            (cells, "cell is closed", "cells are closed"),
            (bundles, "bundle is folded", "bundles are folded"),
        )
        if some
    ]
    safe.caption(
        "{what} to keep the scene readable; double-click one, or see Cells.",
        what=safe.Words(" and ".join(words)),
        width="content",
    )
    if bundles:
        st.button(
            "Open all bundles",
            type="tertiary",
            key="explore_unfold",
            on_click=lambda: work.do(Gesture("unfold")),
        )


def filters_row(work: Work, scene: Scene, *, off: bool) -> None:
    """One chip a filter, each with what it hides and its ×; a form for more."""
    shown = chips(scene)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for chip in shown:
            st.button(
                safe.fill("{words} · {n}", words=chip.words, n=safe.Words(_hides(chip))),
                icon=":material/close:",
                key=f"chip_{chip.id}",
                help="Take this filter off",
                on_click=lambda chip=chip: work.do(Gesture("unfilter", node=chip.id)),
            )
        if len(shown) > 1:
            st.button(
                "Clear filters",
                type="tertiary",
                key="chip_all",
                on_click=lambda: work.do(Gesture("unfilter")),
            )
        _filter_form(work, scene, off=off)
        hidden = len(hidden_nodes(scene))
        if hidden:
            safe.caption("{n} hidden by filter", n=hidden, width="content")
        framing.notices()  # in this row: a line of its own would push the canvas down
        st.space("stretch")
        _situation(work, scene)


def _hides(chip: Chip) -> str:
    parts = [f"{wording.number(chip.hidden)} hidden"]
    if chip.links:
        parts.append(wording.plural(chip.links, "link"))
    return ", ".join(parts)


def _filter_form(work: Work, scene: Scene, *, off: bool) -> None:
    box = st.popover(
        "Filter", icon=":material/filter_list:", on_change="rerun", key="explore_filter"
    )
    if not box.open:
        return
    now = scene.filters
    kinds = sorted({node.kind for node in scene.held.values()} - {CELL} | now.kinds)
    key = f"filter_{work.name}_{hash(now)}"
    with box, st.form(key, border=False):
        hide = st.multiselect(
            "Hide kinds",
            kinds,
            default=sorted(now.kinds),
            format_func=lambda kind: safe.plain(_PLURALS.get(kind, kind), 40),
        )
        families = [family.value for family in FAMILIES]
        without = st.multiselect("Leave out evidence of", families, default=sorted(now.families))
        bits = st.number_input(
            "At least bits", min_value=0.0, max_value=99.0, step=0.5, value=float(now.bits)
        )
        left, right = st.columns(2)
        since = left.date_input("Since", value=_day(now.since), format="YYYY-MM-DD")
        until = right.date_input("Until", value=_day(now.until), format="YYYY-MM-DD")
        if st.form_submit_button("Apply filters", disabled=off, help=_STORE_GONE if off else None):
            _apply(work, hide, without, bits, since, until)
            st.rerun(scope="fragment")
        safe.caption("A filter is a step: Undo takes it back. Days are whole days, UTC.")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _apply(
    work: Work,
    kinds: list[str],
    families: list[str],
    bits: float,
    since: date | None,
    until: date | None,
) -> None:
    if since and until and since > until:
        session.complain("The first day is after the last one; nothing was changed.")
        return
    filters = Filters(
        kinds=frozenset(kinds),
        families=frozenset(families),
        bits=round(bits, 3),
        since=since.isoformat() if since else "",
        until=until.isoformat() if until else "",
    )
    work.do(Gesture("filter", filters=filters))
