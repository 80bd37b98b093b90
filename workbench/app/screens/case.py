"""Case: what was decided, by whom, on what, and does it still stand?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import case_tables, framing, judging, notes, safe, session, tables
from workbench.app.desk import Desk
from workbench.casebook.book import Case
from workbench.casebook.review import Review
from workbench.casebook.rules import WRITING
from workbench.casebook.subjects import pair_of

STORY = 12
"""Entries of the log that the story shows."""


def page() -> None:
    """The whole page."""
    desk = session.open_desk()
    stand = session.standing(desk)
    chosen = session.case()
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
        _everything(desk)
        return
    rows = tables.show(
        case_tables.cases_table(cases, judging.when),
        alt=f"{wording.plural(len(cases), 'case')}, the newest first; select one to open it",
        select="single-row",
        most=12,
        key=f"cases_{len(cases)}",
    )
    if rows:
        session.choose("case", cases[rows[0]].case)
        st.rerun()
    safe.caption("Select a case to open it.")
    _everything(desk)


def _everything(desk: Desk) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Activity**", width="content")
        framing.layer_badge("judged")
        safe.caption("in all cases, and who may work in them", width="content")
    _activity(desk, desk.case_log(), "")


def _opening(desk: Desk, *, open_: bool) -> None:
    with st.expander("Open a case", expanded=open_, icon=":material/create_new_folder:"):
        if not session.who():
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
        session.choose("case", desk.case_open(title, focus=focus, by=session.who()).case)
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
            session.choose("case", "")
            st.rerun()
    framing.notices()
    _about(case, shown["stale"])
    log = desk.case_log(case.case)
    left, right = st.columns([1, 1.68], gap="medium")
    with left:
        noted, views = shown["notes"], shown["views"]
        story, written, kept = st.tabs([
            "Story",
            safe.fill("Notes · {n}", n=len(noted)),
            safe.fill("Kept views · {n}", n=len(views)),
        ])  # fmt: skip
        with story:
            _story(log)
        with written:
            notes.panel(desk, [], key="case_notes")
        with kept:
            _views(views)
    with right:
        _judgements(desk, case_tables.by_need(shown["judgements"]))
    with st.expander(safe.fill("Full log · {n}", n=len(log)), icon=":material/list_alt:"):
        _activity(desk, log, case.case)


def _about(case: Case, stale: Sequence[str]) -> None:
    safe.caption(
        "{case} · opened by {person}, {when} · pinned to run {run} · about {focus}",
        case=case.case,
        person=case.person,
        when=safe.Words(judging.when(case.at)),
        run=str(case.pin.get("run") or "–")[:8],
        focus=notes.subject_words(case.focus) if case.focus else safe.Words("no single thing"),
    )
    if stale:
        safe.warning(
            "The run that this case is pinned to rests on {n} counted no longer: {which}. "
            "Analyse again, and look at the judgements marked stale.",
            n=safe.Words(wording.plural(len(stale), "load")),
            which="; ".join(stale[:5]),
        )


def _story(log: pd.DataFrame) -> None:
    """The newest entries as a list; all of them stand in the full log."""
    newest = log.iloc[::-1].head(STORY)
    safe.caption(
        "{shown} shown + {cut} in the full log = {total}, the newest first",
        shown=len(newest),
        cut=len(log) - len(newest),
        total=len(log),
    )
    for entry in newest.itertuples():
        with st.container(gap=None):
            safe.line(
                "{icon} **{kind}** · {subject}",
                icon=safe.Words(case_tables.ICONS.get(str(entry.kind), ":material/person:")),
                kind=str(entry.kind),
                subject=notes.subject_words(str(entry.subject)),
            )
            safe.text(str(entry.words), 400)
            safe.caption(
                "{person}, {when} · entry {number} · {chain}",
                person=str(entry.person),
                when=safe.Words(judging.when(str(entry.at))),
                number=int(str(entry.number)),
                chain=str(entry.hash)[:8],
            )


def _managing(desk: Desk, case: Case) -> None:
    with st.popover("Manage", icon=":material/settings:", key="case_manage"):
        if not session.who():
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
        by = session.who()
        if how == "rename":
            desk.case_rename(case, str(st.session_state.get("case_renamed") or ""), by=by)
        elif how == "close":
            desk.case_close(case, because=because, by=by)
        else:
            desk.case_reopen(case, because=because, by=by)
        return "Done; the log keeps how it was."

    session.attempt(act)


def _judgements(desk: Desk, reviews: Sequence[Review]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Judgements**", width="content")
        framing.layer_badge("judged")
        safe.caption("{words}", words=case_tables.state_words(reviews), width="content")
    if not reviews:
        safe.info("Nothing is judged in this case yet. Compare two accounts on Explain.")
        if st.button("Explain a pair", key="case_to_explain"):
            session.go("explain")
        return
    rows = tables.show(
        case_tables.judgements_table(reviews, judging.when),
        alt=f"{wording.plural(len(reviews), 'subject')} judged, what needs a person first",
        select="single-row",
        key=f"case_judged_{len(reviews)}",
        columns={"Bits seen": st.column_config.TextColumn(width=80, alignment="right")},
    )
    _detail(desk, reviews[rows[0] if rows else 0])


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
        own = [word for word in found.standing if word.person == session.who()]
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
            desk.retract(number, because=because, by=session.who())
            return f"Entry {number} is taken back."

        st.button("Take back", key=f"case_take_{number}", on_click=lambda: session.attempt(act))


def _views(views: Sequence[Any]) -> None:
    if not views:
        safe.info("No view is kept yet. On Explore, a step of the canvas can be kept for a case.")
        return
    tables.show(case_tables.views_table(views, judging.when), alt="Kept views", most=10)


# ---- activity


def _activity(desk: Desk, log: pd.DataFrame, case: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
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
    tables.show(
        case_tables.log_table(found, judging.when),
        alt="Who did what, when and on what, the newest first",
        most=14,
        columns={"Words": st.column_config.TextColumn(width="large")},
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
