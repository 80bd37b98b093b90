"""The only way text reaches the screen (reference: evidence-and-security.md B2).

Streamlit's ``markdown, write, caption, error, metric, button …`` read Markdown: an image in a log's
text would make the analyst's browser call the operator. So pages hand over a *template*, a literal
of ours, and *values*; a value that is text is made inert and cannot be Markdown. Whole texts of a
log go to ``text`` or into a table. A test over the syntax tree refuses any other call.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.errors import WorkbenchError
from graph_models.text import inert
from workbench import wording

__all__ = [
    "Words",
    "badge",
    "caption",
    "failure",
    "fill",
    "frame",
    "info",
    "line",
    "metric",
    "plain",
    "success",
    "text",
    "warning",
]

MAX_TEXT = 300
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# GFM turns these into links after escapes are gone; in a code span nothing is looked at.
_LINK_LIKE = re.compile(r"://|www|@", re.IGNORECASE)


class Words(str):
    """Text of our own (a formatted number, a word from a fixed list): shown as it is."""

    __slots__ = ()


def plain(value: str, limit: int = MAX_TEXT) -> str:
    """Markdown that shows exactly this text, whatever the text holds."""
    shown = inert(value, limit).strip()
    if not shown:
        return "–"
    if _LINK_LIKE.search(shown):
        fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
        return f"{fence} {shown} {fence}" if "`" in shown else f"{fence}{shown}{fence}"
    return _PUNCTUATION.sub(r"\\\1", shown)


def fill(template: str, /, **values: Any) -> str:
    """A literal template with its values made inert; numbers are grouped in threes."""
    return template.format_map({name: _shown(value) for name, value in values.items()})


def _shown(value: Any) -> str:
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain(str(value))
    return wording.number(value) if isinstance(value, int) else f"{value:.2f}"


def line(template: str, /, *, width: Any = "auto", **values: Any) -> None:
    """One line of body text."""
    st.markdown(fill(template, **values), width=width)


def caption(template: str, /, *, width: Any = "stretch", **values: Any) -> None:
    """Small grey text."""
    st.caption(fill(template, **values), width=width)


def info(template: str, /, **values: Any) -> None:
    """A blue box."""
    st.info(fill(template, **values))


def warning(template: str, /, **values: Any) -> None:
    """An amber box: something waits for a person."""
    st.warning(fill(template, **values))


def success(template: str, /, **values: Any) -> None:
    """A green box: done and checked."""
    st.success(fill(template, **values))


def failure(error: WorkbenchError) -> None:
    """What happened, where and what to do, from one of our errors."""
    st.error(fill("{what} {fix}", what=error.what, fix=error.fix or ""))
    if error.where:
        text(error.where)


def badge(template: str, /, *, icon: str | None = None, color: Any = "gray", **values: Any) -> None:
    """A small label beside a title."""
    st.badge(fill(template, **values), icon=icon, color=color)


def metric(
    label: str, template: str, /, *, note: str = "", width: Any = "stretch", **values: Any
) -> None:
    """A figure with its label and a note under it; both are our own words."""
    st.metric(label, fill(template, **values), delta_description=note or None, width=width)


def text(value: str, limit: int = 2000) -> None:
    """Text of a log, in a sink that reads no markup."""
    st.text(inert(value, limit))


def frame(table: pd.DataFrame, *, pictures: Collection[str] = ()) -> pd.DataFrame:
    """A table whose texts are inert; ``pictures`` names columns of our own data URIs."""
    shown = table.copy()
    for name in set(shown.columns) - set(pictures):
        if not pd.api.types.is_numeric_dtype(shown[name].dtype):
            shown[name] = shown[name].map(_inert_cell)
    return shown


def _inert_cell(value: Any) -> Any:
    if isinstance(value, list):
        return [_inert_cell(item) for item in value]
    return inert(value, MAX_TEXT) if isinstance(value, str) else value
