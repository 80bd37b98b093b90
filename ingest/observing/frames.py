"""Pandas frames with exactly the columns and types that the analysis expects."""

from __future__ import annotations

import pandas as pd

from graph_models.observations import COLUMNS

__all__ = ["typed"]


def typed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The frame with the columns of one of ``observations.COLUMNS``, in order and type."""
    return frame[list(COLUMNS[table])].astype(COLUMNS[table])
