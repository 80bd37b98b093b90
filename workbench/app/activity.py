"""The activity of a case, or of everything: who did what, when, on what; with filters."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from graph_models.text import inert
from workbench import wording
from workbench.app import case_tables, judging, safe, tables
from workbench.app.desk import Desk

__all__ = ["panel"]


def panel(desk: Desk, case: str = "") -> None:
    """Log and canvas steps of a case, or of all, with filters and a check of the chain."""
    log = desk.case_log(case, scenes=True)
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
    told = desk.case_check()
    if told.ok:
        safe.success(
            "{n} hang together and are signed by registered people. Head: {head}. "
            "Keep it elsewhere: it shows later whether the end was cut off.",
            n=safe.Words(wording.plural(told.entries, "entry", "entries")),
            head=str(told.head),
        )
    else:
        st.error(
            safe.fill(
                "Entry {number} {what}. Entries before it hang together. Restore a backup.",
                number=told.bad_entry,
                what=str(told.what),
            )
        )
