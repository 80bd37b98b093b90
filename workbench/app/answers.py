"""How the answer of a play reads: headings, times, figures, and the command that asks the same."""

from __future__ import annotations

import shlex
from typing import Any

import pandas as pd
import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import session
from workbench.plays.answer import Answer

__all__ = ["columns", "command", "readable"]


def columns(shown: pd.DataFrame) -> dict[str, Any]:
    """Two decimals for shares, one for bits and hours."""
    floats = [str(name) for name in shown if pd.api.types.is_float_dtype(shown[name].dtype)]
    return {
        name: st.column_config.NumberColumn(format="%.2f" if "hare" in name else "%.1f")
        for name in floats
    }


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with words for headings and times in the zone that is shown."""
    zone = session.zone()
    table = rows.copy()
    for name in table.columns:
        if pd.api.types.is_datetime64_any_dtype(table[name].dtype):
            table[name] = [wording.moment(when, zone) for when in table[name]]
    return table.rename(columns=lambda name: str(name).replace("_", " ").capitalize())


def command(answer: Answer) -> str:
    """The command that asks the same; text of a log is quoted for a shell and inert."""
    words = ["workbench", "play", answer.play]
    for name, value in answer.arguments.items():
        if value != "":
            words += [
                f"--{name}",
                shlex.quote(f"{value:g}" if isinstance(value, float) else str(value)),
            ]
    return inert(" ".join(words), 1000)
