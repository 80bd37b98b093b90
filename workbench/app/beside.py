"""Questions that read rows run beside the pages: a card says that they are read, and then draws.

Answers are kept by run, so that the next visit, and every other session, finds them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

from graph_models.errors import WorkbenchError
from workbench.app import safe

__all__ = ["asked", "card"]

POLL_SECONDS = 1.0
_KEPT = 128  # answers: a few kilobytes each, of the pages that were looked at last


@st.cache_resource
def _readers() -> ThreadPoolExecutor:
    # One at a time: each uses all cores by itself.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")


@st.cache_resource(max_entries=_KEPT)
def asked(
    what: str,  # noqa: ARG001 – a part of the key
    subject: str,  # noqa: ARG001
    run: str,  # noqa: ARG001
    _ask: Callable[[], Any],
) -> Future[Any]:
    """The answer of a question about a subject, read once for a run."""
    return _readers().submit(_ask)


def card(waiting: str, answer: Future[Any], draw: Callable[[Any], None]) -> None:
    """Draw an answer, or say that it is being read and come back.

    Args:
        waiting: What is being read, a literal of ours.
        answer: From ``asked``.
        draw: Draws it.
    """
    if not answer.done():
        st.fragment(_await, run_every=POLL_SECONDS)(waiting, answer)
        return
    try:
        told = answer.result()
    except WorkbenchError as error:
        safe.failure(error)
        return
    draw(told)


def _await(waiting: str, answer: Future[Any]) -> None:
    safe.caption("{waiting} …", waiting=safe.Words(waiting))
    if answer.done():
        st.rerun()
