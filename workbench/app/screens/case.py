"""Case: what was decided, by whom, on what, and does it still stand?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import case_tables, framing, judging, notes, safe, session
from workbench.app.desk import Desk
from workbench.casebook.book import Case
from workbench.casebook.review import Review
from workbench.casebook.rules import WRITING
from workbench.casebook.subjects import pair_of

ROWS = 29


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    chosen = judging.case()
    with framing.errors():
        if chosen:
            _one(desk, stand, chosen)
            return
    _all(desk, stand)


# ---- all cases


def _all(desk: Desk, stand: session.Standing) -> None:
    with framing.page_head(stand, "Cases", "What is being investigated, and by whom?"):
        pass
    framing.notices()
    cases = desk.case_list()
    _opening(desk, open_=not cases)
    if not cases:
        safe.info(
            "There is no case yet. Open one here, or judge a pair on Explain: "
            "the first judgement offers it."
        )
        _activity(desk, "")
        return
    table = case_tables.cases_table(cases, judging.when)
    event = st.dataframe(
        safe.frame(table),
        hide_index=True,
        row_height=ROWS,
        height=min(len(table), 12) * ROWS + 36,
        on_select="rerun",
        selection_mode="single-row",
        key=f"cases_{len(table)}",
        alt=safe.fill("{n}, the newest first", n=safe.Words(wording.plural(len(table), "case"))),
    )
    rows = event.selection.rows if event else []
    if rows and rows[0] < len(cases):
        judging.choose_case(cases[rows[0]].case)
        st.rerun()
    safe.caption("Select a case to open it.")
    _activity(desk, "")


def _opening(desk: Desk, *, open_: bool) -> None:
    with st.expander("Open a case", expanded=open_, icon=":material/create_new_folder:"):
        if not judging.who():
            safe.caption("To open a case, say who you are. New here: `workbench person add NAME`")
            return
        st.text_input("Title", key="case_title", max_chars=WRITING.title)
        st.text_input(
            "About, if it is about one thing",
            key="case_focus",
            placeholder="community:cm_… or account:…",
        )
        st.button("Open case", key="case_open", type="primary", on_click=_open, args=(desk,))


def _open(desk: Desk) -> None:
    def act() -> str:
        title = str(st.session_state.get("case_title") or "")
        focus = str(st.session_state.get("case_focus") or "")
        judging.choose_case(desk.case_open(title, focus=focus, by=judging.who()).case)
        return "The case is open; judgements and notes are filed in it."

    session.attempt(act)


# ---- one case


def _one(desk: Desk, stand: session.Standing, name: str) -> None:
    shown = desk.case_show(name)
    case: Case = shown["case"]
    with framing.page_head(stand, case.title):
        safe.badge(
            "{state}",
            state=safe.Words(case.state),
            color="green" if case.state == "open" else "gray",
            icon=":material/folder_open:" if case.state == "open" else ":material/folder:",
        )
        _managing(desk, case)
        if st.button("All cases", icon=":material/list:"):
            judging.choose_case("")
            st.rerun()
    framing.notices()
    _about(case, shown["stale"])
    judged, noted, views = shown["judgements"], shown["notes"], shown["views"]
    tabs = st.tabs([
        safe.fill("Judgements · {n}", n=len(judged)),
        safe.fill("Notes · {n}", n=len(noted)),
        safe.fill("Kept views · {n}", n=len(views)),
        "Activity",
    ])  # fmt: skip
    with tabs[0]:
        _judgements(desk, judged)
    with tabs[1]:
        notes.panel(desk, [], key="case_notes")
    with tabs[2]:
        _views(views)
    with tabs[3]:
        _activity(desk, case.case)


def _about(case: Case, stale: Sequence[str]) -> None:
    safe.caption(
        "{case} · opened by {person}, {when} · pinned to run {run}{focus}",
        case=case.case,
        person=case.person,
        when=safe.Words(judging.when(case.at)),
        run=str(case.pin.get("run") or "–")[:8],
        focus=f" · about {notes.subject_words(case.focus)}" if case.focus else "",
    )
    if stale:
        safe.warning(
            "The run that this case is pinned to rests on {n} no longer counted. "
            "Analyse again, and look at the judgements marked stale.",
            n=safe.Words(
                f"{wording.plural(len(stale), 'load')} that {'is' if len(stale) == 1 else 'are'}"
            ),
        )


def _managing(desk: Desk, case: Case) -> None:
    with st.popover("Manage", icon=":material/settings:", key="case_manage"):
        if not judging.who():
            safe.caption("To change a case, say who you are.")
            return
        if case.state == "closed":
            st.text_input("Why open it again", key="case_reason", max_chars=WRITING.because)
            st.button("Open again", on_click=_change, args=(desk, case.case, "reopen"))
            return
        st.text_input("New title", key="case_renamed", max_chars=WRITING.title)
        st.button("Rename", on_click=_change, args=(desk, case.case, "rename"))
        st.text_input("Why close it", key="case_reason", max_chars=WRITING.because)
        st.button("Close case", on_click=_change, args=(desk, case.case, "close"))


def _change(desk: Desk, case: str, how: str) -> None:
    because = str(st.session_state.get("case_reason") or "")

    def act() -> str:
        by = judging.who()
        if how == "rename":
            desk.case_rename(case, str(st.session_state.get("case_renamed") or ""), by=by)
        elif how == "close":
            desk.case_close(case, because=because, by=by)
        else:
            desk.case_reopen(case, because=because, by=by)
        return "Done; the log keeps how it was."

    session.attempt(act)


def _judgements(desk: Desk, reviews: Sequence[Review]) -> None:
    if not reviews:
        safe.info("Nothing is judged in this case yet. Compare two accounts on Explain.")
        if st.button("Explain a pair", key="case_to_explain"):
            session.go("explain")
        return
    table = case_tables.judgements_table(reviews, judging.when)
    event = st.dataframe(
        safe.frame(table),
        hide_index=True,
        row_height=ROWS,
        height=min(len(table), 10) * ROWS + 36,
        on_select="rerun",
        selection_mode="single-row",
        key=f"case_judged_{len(table)}",
        column_config={"Bits seen": st.column_config.NumberColumn(format="%.1f", width=80)},
        alt=safe.fill("{n} judged", n=safe.Words(wording.plural(len(table), "subject"))),
    )
    rows = event.selection.rows if event else []
    if not rows or rows[0] >= len(reviews):
        safe.caption("Select a row to see who said what, and why.")
        return
    _detail(desk, reviews[rows[0]])


def _detail(desk: Desk, found: Review) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**{subject}**", subject=notes.subject_words(found.subject), width="content")
            judging.state_badge(found.state)
            st.space("stretch")
            _leading(found)
        judging.banners(found)
        for word in found.standing:
            judging.said(word)
        own = [word for word in found.standing if word.person == judging.who()]
        if own:
            _retracting(desk, own[0].number)


def _leading(found: Review) -> None:
    pair = pair_of(found.subject)
    if pair and st.button("Explain", icon=":material/function:", key="case_explain"):
        session.go("explain", a=pair[0], b=pair[1])


def _retracting(desk: Desk, number: int) -> None:
    with st.popover("Take back my judgement", icon=":material/undo:"):
        safe.caption("It stays in the log, and no longer counts.")
        st.text_input("Why", key=f"case_retract_{number}", max_chars=WRITING.because)

        def act() -> str:
            because = str(st.session_state.get(f"case_retract_{number}") or "")
            desk.retract(number, because=because, by=judging.who())
            return f"Entry {number} is taken back."

        st.button("Take back", key=f"case_take_{number}", on_click=lambda: session.attempt(act))


def _views(views: Sequence[Any]) -> None:
    if not views:
        safe.info("No view is kept yet. On Explore, a step of the canvas can be kept for a case.")
        return
    table = case_tables.views_table(views, judging.when)
    st.dataframe(
        safe.frame(table), hide_index=True, row_height=ROWS, height=min(len(table), 10) * ROWS + 36
    )


# ---- activity


def _activity(desk: Desk, case: str) -> None:
    log = desk.case_log(case)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        safe.line("**Activity**", width="content")
        framing.layer_badge("judged")
        chosen = {
            column: _filter(label, log[column], f"log_{column}_{bool(case)}")
            for column, label in (("person", "Who"), ("kind", "What"))
        }
        text = st.text_input("Words or subject", key=f"log_text_{bool(case)}", width=220)
        st.space("stretch")
        check = st.button("Check the chain", icon=":material/verified:", key=f"check_{bool(case)}")
    if check:
        _check(desk)
    found = case_tables.filtered(log, chosen, str(text or ""))
    safe.caption(
        "{shown} shown + {hidden} hidden by filter + {cut} truncated = {total}",
        shown=min(len(found), case_tables.LONGEST),
        hidden=len(log) - len(found),
        cut=max(0, len(found) - case_tables.LONGEST),
        total=len(log),
    )
    if found.empty:
        safe.caption("Nothing here." if log.empty else "No entry passes these filters.")
        return
    table = case_tables.log_table(found, judging.when)
    st.dataframe(
        safe.frame(table),
        hide_index=True,
        row_height=ROWS,
        height=min(len(table), 14) * ROWS + 36,
        alt="Who did what, when and on what, the newest first",
        column_config={"Words": st.column_config.TextColumn(width="large")},
    )


def _filter(label: str, values: pd.Series, key: str) -> str:
    options = sorted(set(values))
    found = st.selectbox(
        label, options, index=None, format_func=_short, key=key, placeholder="all", width=180
    )
    return str(found or "")


def _short(value: str) -> str:
    return inert(value, 60)


def _check(desk: Desk) -> None:
    told: Mapping[str, Any] = vars(desk.case_check())
    if told["ok"]:
        safe.success(
            "{n} hang together and are signed by registered people. Head: {head}. "
            "Keep it elsewhere: it shows later whether the end was cut off.",
            n=safe.Words(wording.plural(told["entries"], "entry", "entries")),
            head=str(told["head"]),
        )
    else:
        st.error(
            safe.fill(
                "Entry {number} {what}. Entries before it hang together. Restore a backup.",
                number=told["bad_entry"],
                what=str(told["what"]),
            )
        )


if __name__ == "__main__":
    page()
