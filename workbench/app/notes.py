"""The notebook beside the canvas: notes on what is selected, and a form for one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench import wording
from workbench.app import framing, judging, safe, session
from workbench.app.desk import Desk
from workbench.casebook.book import Note
from workbench.casebook.rules import WRITING

__all__ = ["listed", "panel", "subject_words"]

SHOWN = 30
CITABLE = ("account:", "link:", "community:")


def panel(desk: Desk, subjects: Sequence[str], *, key: str = "notes") -> None:
    """Notes on some subjects, the first of which a new note is about unless another is chosen.

    Args:
        desk: The library.
        subjects: What is selected, such as ``account:x`` or ``scene:s-…``; the open case is added.
        key: Another one for each panel on a page.
    """
    case = session.case()
    asked = list(dict.fromkeys([*subjects, *([f"case:{case}"] if case else [])]))
    with st.container():  # keeps its place, so that nothing below is made anew
        framing.notices()
    with framing.errors():
        _form(desk, asked, key)
        listed(desk.notes(asked) if subjects else desk.notes(case=case))


def listed(notes: Sequence[Note]) -> None:
    """Notes, the newest first: who, when, on what, and the text as it was written."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        safe.line("**Notes**", width="content")
        framing.layer_badge("judged")
        safe.caption(
            "{shown} shown + {cut} truncated = {total}",
            shown=min(len(notes), SHOWN),
            cut=max(0, len(notes) - SHOWN),
            total=len(notes),
            width="content",
        )
    if not notes:
        safe.caption("Nobody has written about this yet.")
    for note in notes[:SHOWN]:
        with st.container(border=True, gap="xxsmall"):
            safe.caption(
                "**{person}** · {when} · on {subject} · entry {number}",
                person=note.person,
                when=safe.Words(judging.when(note.at)),
                subject=subject_words(note.subject),
                number=note.number,
            )
            safe.text(note.text, WRITING.text)
            if note.loads:
                safe.caption(
                    "Cites evidence from {n}.",
                    n=safe.Words(wording.plural(len(note.loads), "load")),
                )


def subject_words(subject: str) -> str:
    """A subject as a line of text: its kind, and what it names."""
    kind, _, value = subject.partition(":")
    value = value.replace("|", " and ", 1) if kind == "link" else value
    return inert(f"{kind.replace('_', ' ')} {value}", 90)


def _form(desk: Desk, subjects: Sequence[str], key: str) -> None:
    person = session.who()
    if not person:
        safe.caption("To write notes, say who you are. New here: `workbench person add NAME`")
        return
    if not subjects:
        safe.caption("Select something on the canvas, or open a case, to write a note on it.")
        return
    # In a form, because a key pressed while somebody types would not yet know the text.
    with st.form(f"{key}_form", border=False):
        st.selectbox("On", subjects, format_func=subject_words, key=f"{key}_about")
        st.text_area("Note", key=f"{key}_text", height=90, max_chars=WRITING.text)
        if any(subject.startswith(CITABLE) for subject in subjects):
            st.checkbox(
                "Cite the evidence as it stands now",
                key=f"{key}_citing",
                help="For accounts, links and communities: the note names the loads that it rests "
                "on, and is marked when one of them is withdrawn",
            )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.form_submit_button(
                "Add note" if session.case() else "Open a case and add note",
                key=f"{key}_add",
                icon=":material/edit_note:",
                shortcut="Ctrl+M",
                on_click=_adding(desk, key),
            )
            safe.caption("as {person}", person=person, width="content")


def _adding(desk: Desk, key: str) -> Callable[[], None]:
    def act() -> str:
        about = str(st.session_state[f"{key}_about"])
        text = str(st.session_state.get(f"{key}_text") or "")
        citing = bool(st.session_state.get(f"{key}_citing")) and about.startswith(CITABLE)
        if not text.strip():
            raise UsageError("The note is empty.", fix="Write it first.")
        person = session.who()
        case = judging.opened_case(desk, about, by=person)
        desk.note(case, about, text, by=person, citing=citing)
        st.session_state[f"{key}_text"] = ""
        return "Noted."

    return lambda: session.attempt(act)
