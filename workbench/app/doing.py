"""What a person does to the scene that is open, on the step that they saw.

A step is made on what this session drew last. When the same person, or somebody with the same link,
went on elsewhere in the meantime, it becomes a branch: nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from graph_models.errors import StoreUnreachableError
from workbench.app import session
from workbench.app.desk import Desk
from workbench.scenes.gesture import Gesture
from workbench.scenes.history import History
from workbench.scenes.investigation import Investigation

__all__ = ["Work", "gone_since", "store_answers", "store_gone"]

_GONE = "store_gone_since"


@dataclass(frozen=True)
class Work:
    """One scene on one desk, for one person."""

    desk: Desk
    scene: Investigation

    @property
    def name(self) -> str:
        """The id of the scene."""
        return self.scene.log.scene

    def saw(self, history: History) -> None:
        """Remember the step that this session draws."""
        st.session_state[f"saw_{self.name}"] = history.head

    def do(self, gesture: Gesture, *, quiet: bool = False) -> None:
        """Carry out a gesture and keep what it says for the next run."""
        self._try(lambda: self._done(gesture), quiet=quiet)

    def act(self, act: Callable[[], str]) -> None:
        """Undo, redo, merge, go: anything that moves the head."""
        self._try(act)

    def _done(self, gesture: Gesture) -> str:
        history = self.scene.history()
        seen = st.session_state.get(f"saw_{self.name}")
        at = seen if seen in history.by_number else history.head
        said = self.scene.do(gesture, seen=at)
        after = self.scene.history()
        branched = at != history.head and after.head != history.head
        self.saw(after)
        return f"{said}. The scene had gone on elsewhere: this is a branch." if branched else said

    def _try(self, act: Callable[[], str], *, quiet: bool = False) -> None:
        def tried() -> str:
            try:
                said = act()
            except StoreUnreachableError:
                store_gone()
                raise
            store_answers()
            return said

        session.attempt(tried, quiet=quiet)


def store_gone() -> None:
    """The store did not answer; keep since when."""
    st.session_state.setdefault(_GONE, session.now())


def store_answers() -> None:
    """The store answered."""
    st.session_state.pop(_GONE, None)


def gone_since() -> datetime | None:
    """Since when the store has not answered; None while it does."""
    since = st.session_state.get(_GONE)
    return since if isinstance(since, datetime) else None
