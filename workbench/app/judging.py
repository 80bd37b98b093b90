"""The judgement on a link: what people said of it, what came since, and a form to say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from graph_models.errors import UsageError
from workbench import wording
from workbench.app import framing, safe, session
from workbench.app.desk import Desk
from workbench.casebook.book import Judgement
from workbench.casebook.review import Review
from workbench.casebook.rules import WORDS, WRITING
from workbench.casebook.subjects import COMMUNITY, kind_of, link

__all__ = [
    "ANSWERS",
    "banners",
    "community_judgement",
    "link_judgement",
    "opened_case",
    "said",
    "state_badge",
    "when",
]

ANSWERS: Mapping[str, str] = {"yes": "Same controller", "no": "Not", "unsure": "Unsure"}
OF_COMMUNITIES: Mapping[str, str] = {"yes": "Holds", "no": "Does not hold", "unsure": "Unsure"}
_COLOURS = {"confirmed": "green", "back": "orange", "stale": "orange", "disputed": "orange"}
_ICONS = {
    "open": ":material/radio_button_unchecked:",
    "confirmed": ":material/check:",
    "rejected": ":material/block:",
    "unsure": ":material/help:",
    "disputed": ":material/forum:",
    "back": ":material/undo:",
    "stale": ":material/history:",
}


def when(at: str) -> str:
    """A moment of the casebook as the screen shows it."""
    return wording.moment(datetime.fromisoformat(at), session.zone())


def link_judgement(desk: Desk, told: Mapping[str, Any]) -> None:
    """The whole panel for one pair.

    Args:
        desk: The library.
        told: What ``explain`` says of the pair; only ``a`` and ``b`` are read.
    """
    subject = link(str(told["a"]), str(told["b"]))
    _panel(desk, subject, focus=f"account:{told['a']}")


def community_judgement(desk: Desk, community: str) -> None:
    """The whole panel for one community: does it hold?"""
    subject = f"{COMMUNITY}:{community.removeprefix(f'{COMMUNITY}:')}"
    _panel(desk, subject, focus=subject)


def _panel(desk: Desk, subject: str, *, focus: str) -> None:
    found = desk.review(subject)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            safe.line("**Judgement**", width="content")
            framing.layer_badge("judged")
            st.space("stretch")
            state_badge(found.state)
        with st.container():  # keeps its place, so that nothing below is made anew
            framing.notices()
        banners(found)
        for word in found.standing:
            said(word)
        _form(desk, subject, focus)


def state_badge(state: str) -> None:
    """The state of a link as a small label."""
    safe.badge(
        "{state}",
        state=safe.Words(WORDS[state]),
        icon=_ICONS[state],
        color=_COLOURS.get(state, "gray"),
    )


def said(word: Judgement) -> None:
    """What one person said, with the reason in the person's own words."""
    answers = _answers(word.subject)
    with st.container(gap="xxsmall"):
        safe.line(
            "**{answer}** · {person}",
            answer=safe.Words(answers.get(word.verdict, "–")),
            person=word.person,
        )
        safe.text(word.because)
        bits = word.seen.get("bits")
        safe.caption(
            "{when} · saw {bits}",
            when=safe.Words(when(word.at)),
            bits=safe.Words("–" if bits is None else f"{wording.bits(bits)} bits"),
        )


def banners(found: Review) -> None:
    """What came since a link was judged: new evidence, or evidence that is gone."""
    if found.state == "back":
        safe.warning(
            "Rejected before, and back: {n} that nobody who rejected it had seen, {bits} bits. "
            "{what}",
            n=safe.Words(wording.plural(len(found.fresh), "piece", "pieces") + " of evidence"),
            bits=safe.Words(wording.bits(found.fresh_bits)),
            what="; ".join(f"{one.signal} {one.identifier}".strip() for one in found.fresh[:5]),
        )
    if found.stale:
        safe.warning(
            "What was seen is no longer all there: {why}. Look again.", why="; ".join(found.stale)
        )
    if found.hidden:
        safe.caption("Rejected: lists and the canvas hide it, and count it as hidden.")


def _answers(subject: str) -> Mapping[str, str]:
    return OF_COMMUNITIES if kind_of(subject) == COMMUNITY else ANSWERS


def _form(desk: Desk, subject: str, focus: str) -> None:
    person, answers = session.who(), _answers(subject)
    if not person:
        safe.caption("To judge, say who you are. New here: `workbench person add NAME`")
        return
    # In a form, because a key pressed while somebody types would not yet know the text.
    with st.form(f"judge_{subject}", border=False):
        st.segmented_control(
            "Your judgement",
            list(answers),
            format_func=lambda one: answers[one],
            key=f"judge_answer_{subject}",
            label_visibility="collapsed",
        )
        st.text_area(
            "Why, in your words (required)",
            key=f"judge_because_{subject}",
            height=80,
            max_chars=WRITING.because,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.form_submit_button(
                "File judgement" if session.case() else "Open a case and file judgement",
                key=f"judge_file_{subject}",
                icon=":material/gavel:",
                shortcut="Ctrl+J",
                on_click=_file,
                args=(desk, subject, focus),
            )
            safe.caption("as {person}", person=person, width="content")


def _file(desk: Desk, subject: str, focus: str) -> None:
    answer = st.session_state.get(f"judge_answer_{subject}")
    because = str(st.session_state.get(f"judge_because_{subject}") or "")

    def act() -> str:
        if answer is None:
            raise UsageError("Nothing was chosen.", fix="Choose one of the three answers.")
        if not because.strip():
            raise UsageError("The reason is empty.", fix="Write why you think so.")
        person = session.who()
        case = opened_case(desk, focus, by=person)
        desk.judge_subject(case, subject, answer, because=because, by=person)
        st.session_state[f"judge_answer_{subject}"] = None
        st.session_state[f"judge_because_{subject}"] = ""
        return "Filed. The entry is signed and stays in the log."

    session.attempt(act)


def opened_case(desk: Desk, focus: str, *, by: str) -> str:
    """The case that this session works in; a new one about ``focus`` where there is none."""
    chosen = session.case()
    if not chosen:
        title = f"About {focus.partition(':')[2]}"[: WRITING.title]
        chosen = desk.case_open(title, focus=focus, by=by).case
        session.choose("case", chosen)
    return chosen
