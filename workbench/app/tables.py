"""One look for every table: inert text, grouped figures, whole rows, words for ears."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import pandas as pd
import streamlit as st

from workbench import wording
from workbench.app import look, safe

__all__ = ["show"]

Selection = Literal["single-row", "single-row-required", "multi-row"]


def show(
    table: pd.DataFrame,
    *,
    alt: str,
    key: str | None = None,
    select: Selection | None = None,
    most: int = 8,
    columns: Mapping[str, Any] | None = None,
    pictures: Collection[str] = (),
) -> list[int]:
    """Show a table and give the places of its selected rows.

    Args:
        table: What to show; texts may come from a log.
        alt: The finding in a sentence of our own, for who cannot see the table.
        key: Needed where rows can be selected; it changes with what the rows are.
        select: How rows are selected; nothing to select without it.
        most: Rows that are seen without scrolling.
        columns: Streamlit's settings by column.
        pictures: Columns of our own data URIs.
    """
    shown = safe.frame(table, pictures=pictures)
    figures: dict[Any, Any] = {
        name: _count for name in shown if pd.api.types.is_integer_dtype(shown[name].dtype)
    }
    settings: dict[str, Any] = {
        "hide_index": True,
        "row_height": look.ROW,
        "height": look.table_height(len(shown), most=most),
        "column_config": dict(columns or {}),
        "alt": safe.fill("{alt}", alt=safe.Words(alt)),
        "key": key,
    }
    if select is None:
        st.dataframe(shown.style.format(figures), **settings)
        return []
    event = st.dataframe(
        shown.style.format(figures), on_select="rerun", selection_mode=select, **settings
    )
    return [row for row in event.selection.rows if row < len(shown)]


def _count(value: Any) -> str:
    return wording.number(None if pd.isna(value) else value)
