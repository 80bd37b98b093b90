"""Sound CSV records as columns of text, split by Arrow's parser."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.csv as pacsv

__all__ = ["csv_columns"]


def csv_columns(text: bytes, names: list[str], delimiter: str) -> list[pa.Array]:
    """The columns of sound records as text; one block, because a record may not straddle two."""
    table = pacsv.read_csv(
        pa.py_buffer(text),
        read_options=pacsv.ReadOptions(
            column_names=names, block_size=len(text) + 1, use_threads=False
        ),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return [column.combine_chunks() for column in table.columns]
