"""Case: what was decided, by whom, on what, and does it still stand?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import activity, case_tables, framing, judging, notes, safe, session, tables
from workbench.app.desk import Desk
from workbench.casebook.book import Case, View
from workbench.casebook.review import Review
from workbench.casebook.rules import WRITING
from workbench.casebook.subjects import COMMUNITY, pair_of

STORY = 12  # entries of the log; the rest is one click away


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
    activity.panel(desk)


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
    with st.container():  # keeps its place, so that the tabs below stay where they are
        framing.notices()
    _about(case, shown["stale"])
    log = desk.case_log(case.case)
    left, right = st.columns([1, 1.68], gap="medium")
    with left:
        # Without counts: a tab whose label changes is made anew and closes under who writes in it.
        story, written, drawn = st.tabs(["Story", "Notes", "Canvases"], key="case_tabs")
        with story:
            _story(log)
        with written:
            notes.panel(desk, [], key="case_notes")
        with drawn:
            _canvases(desk.scenes(case=case.case), shown["views"])
    with right:
        _judgements(desk, case_tables.by_need(shown["judgements"]))
    with st.expander("Full log", icon=":material/list_alt:"):
        activity.panel(desk, case.case)


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


def _canvases(scenes: pd.DataFrame, views: Sequence[View]) -> None:
    if scenes.empty:
        safe.info("Nothing is drawn in this case yet. Open a community on Explore.")
        if st.button("Triage", key="case_to_triage"):
            session.go("triage")
    else:
        rows = tables.show(
            case_tables.scenes_table(scenes, judging.when),
            alt=f"{wording.plural(len(scenes), 'canvas', 'canvases')}; select one to open it",
            select="single-row",
            key=f"case_scenes_{len(scenes)}",
        )
        if rows:
            kind, _, value = str(scenes["focus"].iloc[rows[0]]).partition(":")
            named = {kind: value} if kind == COMMUNITY else {"node": f"{kind}:{value}"}
            session.go("explore", **named, scene=str(scenes["scene"].iloc[rows[0]]))
        safe.caption("Select a canvas to open it.")
    if views:
        tables.show(case_tables.views_table(views, judging.when), alt="Kept views", most=10)


if __name__ == "__main__":
    page()
