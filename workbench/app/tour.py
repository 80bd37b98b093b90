"""A first walk over each page: a line above it that can be left at any time and covers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from workbench.app import safe, session

__all__ = ["STOPS", "Stop", "again", "show"]

SEEN = "seen"


class Stop(NamedTuple):
    """One stop of a walk: what it is about, and what to know."""

    title: str
    words: str


STOPS: Mapping[str, tuple[Stop, ...]] = {
    "triage": (
        Stop("Which community next?", "Each row is a group of accounts that the signals hold "
             "together. The order is by how much a closer look would change."),
        Stop("Sizes are ranges", "Core members stand whatever single signal is lost. Probable ones "
             "count too; possible ones are linked and not counted."),
        Stop("The bar is seven readings", "From campaign (darkest) to event (palest); hatched is "
             "unexplained. Undecided means: below 0.80, or low confidence."),
        Stop("Select a row", "Below it stand the reasons for and against with their bits, and "
             "without which signal the group would fall apart."),
        Stop("Open it", "Ctrl+Enter opens it on the canvas. Nothing that you do there changes the "
             "data, and every step can be undone."),
    ),
    "explore": (
        Stop("Double-click a node", "Before anything is drawn you see how much there is of each "
             "kind, what it would add, and what is left out and why."),
        Stop("Nothing moves", "New nodes come beside the one that was opened; what stands stays. "
             "Drag what you want elsewhere."),
        Stop("The sum is always there", "Shown, hidden and truncated add up to what exists. Every "
             "filter is a chip that you can take away."),
        Stop("Every step is kept", "Undo, redo, or go to any step of the history; another way on "
             "from an earlier step is a branch, and nothing is lost by a refresh."),
        Stop("Everything works without a mouse", "The table beside the canvas has the same "
             "actions; Keys lists what the canvas understands."),
    ),
    "explain": (
        Stop("Two accounts", "Name any two: also for a pair that is not linked you see what was "
             "compared and what was not found."),
        Stop("From the prior to the end", "Each bar is one signal in bits: how much more often it "
             "occurs with one controller than by chance. Families that repeat each other count "
             "once."),
        Stop("Against counts as much", "What speaks against stands in the same chart. Look there "
             "before you decide."),
        Stop("Down to the rows", "Choose a signal: what it means, how it misleads, and the rows "
             "of the files behind it."),
        Stop("Your own word", "Yes, no or unsure, with a reason. A link that you reject stays "
             "rejected after the next load."),
    ),
    "plays": (
        Stop("Questions with a name", "A play asks one question of everything that was loaded, "
             "with parameters, and says how much it may read."),
        Stop("Answers are leads", "An answer names accounts and the rows behind it. It judges "
             "nobody."),
        Stop("On from there", "Any account or identifier of an answer opens its page or the "
             "canvas. The command below does the same in a terminal."),
    ),
    "case": (
        Stop("What was decided, by whom", "Judgements and notes are filed in a case, signed by "
             "a person, and never rewritten: taking one back is another entry."),
        Stop("What changed since", "Judgements whose rows were withdrawn, and rejected links "
             "with new evidence, stand first."),
        Stop("Nothing is lost", "The log replays to the same state, byte for byte."),
    ),
    "community": (
        Stop("Why together", "The reasons with their bits, the cells inside, and without which "
             "signal it would fall apart."),
        Stop("Could it be innocent?", "The readings that fit as well, and how often a random "
             "group of this size looks like it."),
        Stop("Over time", "Activity, models and capabilities, and how it follows releases and "
             "bans."),
    ),
    "account": (
        Stop("What was seen", "What the files say about this account, observed and not judged."),
        Stop("With whom", "Its links by bits. Explain a pair before you believe a link."),
    ),
    "identifier": (
        Stop("Who shares it", "Every account that used it, and when."),
        Stop("How rare it is", "A value that thousands share says nothing about two of them."),
    ),
    "data": (
        Stop("Did every row arrive?", "Rows read are loaded, duplicate or quarantined; the sum "
             "stands at the top."),
        Stop("Check first", "What a file is and what would load, from a sample, before anything "
             "is loaded."),
        Stop("Loads can be withdrawn", "As a whole. The findings that rest on it are marked; the "
             "published run stays readable until you analyse again."),
    ),
}  # fmt: skip


def show() -> None:
    """The stop where this person stands on this page; nothing for who has walked it or left."""
    page = session.page()
    stops = STOPS.get(page, ())
    at = int(st.session_state.get(_key(page), 0))
    if at >= len(stops) or _was_seen(page):
        return
    stop = stops[at]
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key="tour"
    ):
        safe.badge("Tour {at} of {all}", at=at + 1, all=len(stops), color="blue")
        safe.line(
            "**{title}** {words}",
            title=safe.Words(stop.title + ("" if stop.title.endswith("?") else ".")),
            words=safe.Words(stop.words),
        )
        st.space("stretch")
        if at:
            st.button("Back", key="tour_back", on_click=_go, args=(page, at - 1))
        last = at + 1 == len(stops)
        st.button("Done" if last else "Next", key="tour_next", on_click=_go, args=(page, at + 1))
        if not last:
            st.button(
                "Close all tours", key="tour_close", type="tertiary", on_click=_leave, args=(STOPS,)
            )


def again() -> None:
    """Show the walk of this page from its start."""
    page = session.page()
    st.session_state[_key(page)] = 0
    session.keep_habit(_key(page), "")


def _go(page: str, to: int) -> None:
    st.session_state[_key(page)] = to
    if to >= len(STOPS[page]):
        _leave((page,))


def _leave(pages: Mapping[str, object] | tuple[str, ...]) -> None:
    for page in pages:
        session.keep_habit(_key(page), SEEN)


def _was_seen(page: str) -> bool:
    return session.habits().get(_key(page)) == SEEN


def _key(page: str) -> str:
    return f"tour_{page}"
