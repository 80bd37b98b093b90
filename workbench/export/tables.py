"""CSV that a spreadsheet cannot execute, and Parquet with a fixed schema."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.export.record import CaseRecord

__all__ = ["neutralised", "write_csv", "write_parquet"]

FRAMES = ("accounts", "identifiers", "sightings", "links", "rows")

# Spreadsheets read these as the start of a formula, also fullwidth and behind blanks (OWASP).
FORMULA_START = r"^(\s*[=+\-@＝＋－＠\t\r\n])"


def neutralised(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a leading apostrophe before every text cell that would be a formula.

    Numbers are typed columns and stay numbers, negative ones too.
    """
    frame = frame.copy()
    for column in frame.columns[frame.dtypes == "str"]:
        frame[column] = frame[column].str.replace(FORMULA_START, r"'\1", regex=True)
    return frame


def write_csv(record: CaseRecord, folder: Path) -> None:
    """One CSV per frame, UTF-8, LF, sorted."""
    for name in FRAMES:
        frame = neutralised(getattr(record, name))
        frame.to_csv(
            folder / f"{name}.csv",
            index=False,
            lineterminator="\n",
            date_format="%Y-%m-%dT%H:%M:%SZ",
        )


def write_parquet(record: CaseRecord, folder: Path) -> None:
    """One Parquet file per frame, without pandas metadata."""
    for name in FRAMES:
        table = pa.Table.from_pandas(getattr(record, name), preserve_index=False)
        pq.write_table(table.replace_schema_metadata(None), folder / f"{name}.parquet")
