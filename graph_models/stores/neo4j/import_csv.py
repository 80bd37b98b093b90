"""Tables as the CSV files of the admin import tool, written by Arrow, with one header a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from graph_models.errors import BadDataError
from graph_models.stores.neo4j.import_tables import ImportTable

__all__ = ["BETWEEN", "CsvFile", "write_csv"]

BETWEEN = "\x1f"
"""What parts the elements of a list: the unit separator, which no log is known to use."""
ROWS_AT_ONCE = 250_000
"""Rows in memory at once: some hundred megabytes."""


@dataclass(frozen=True)
class CsvFile:
    """One file of nodes (``labels``) or relations (``type``).

    ``lines``: some text in it holds a line break, of which the tool must be told.
    """

    name: str
    rows: int
    size: int
    lines: bool
    labels: tuple[str, ...] = ()
    type: str = ""


def write_csv(table: ImportTable, folder: Path, *, rows: int = ROWS_AT_ONCE) -> CsvFile:
    """Write one table; raises BadDataError when a list holds what parts its elements."""
    path = folder / f"{table.name}.csv"
    lines = False
    with pa.OSFile(str(path), "wb") as sink:
        for start in range(0, table.size, rows):
            part = table.rows(start, min(start + rows, table.size))
            told = [_rendered(name, part[name].combine_chunks()) for name in part.column_names]
            if start == 0:
                sink.write((",".join(header for header, _ in told) + "\n").encode())
            whole = pa.table([values for _, values in told], names=part.column_names)
            lines = lines or any(_breaks(values) for _, values in told)
            csv.write_csv(whole, sink, csv.WriteOptions(include_header=False))
    size = path.stat().st_size
    return CsvFile(path.name, table.size, size, lines, table.labels, table.type)


def _rendered(name: str, values: pa.Array) -> tuple[str, pa.Array]:
    """A column's header and what CSV can hold of it."""
    if name.startswith(":"):
        return name, values
    for fits, sort, render in _FORMS:
        if fits(values.type):
            return f"{name}:{sort}", render(values)
    raise TypeError(f"A column of {values.type} ({name}) has no form in a CSV file.")


def _moment(values: pa.Array) -> pa.Array:
    """ISO text; Arrow's own has a space where the tool wants a T. Zeros behind it cost time."""
    whole = values.cast(pa.timestamp("s"), safe=False)
    told = whole if whole.cast(values.type).equals(values) else values
    return pc.binary_replace_slice(told.cast(pa.string()), start=10, stop=11, replacement="T")


def _texts(values: pa.Array) -> pa.Array:
    if _holds(values.flatten(), BETWEEN):
        raise BadDataError(
            "A text of a list holds the sign U+001F, which parts the elements of lists.",
            fix="Publish this graph over Bolt: workbench publish --store neo4j://…",
        )
    return _joined(values.cast(pa.large_list(pa.large_string())))


def _numbers(values: pa.Array) -> pa.Array:
    return _joined(values.cast(pa.large_list(pa.large_string())))


def _joined(values: pa.Array) -> pa.Array:
    return pc.binary_join(values, pa.scalar(BETWEEN, pa.large_string()))


def _double(values: pa.Array) -> pa.Array:
    return values.cast(pa.float64())


def _as_it_is(values: pa.Array) -> pa.Array:
    return values


def _is_text_list(of: pa.DataType) -> bool:
    return bool(pa.types.is_large_list(of) or pa.types.is_list(of)) and _is_text(of.value_type)


def _is_number_list(of: pa.DataType) -> bool:
    return bool(pa.types.is_large_list(of) and pa.types.is_integer(of.value_type))


def _is_text(of: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(of) or pa.types.is_string(of) or pa.types.is_null(of))


# Which Arrow types become which of the tool's types, and how their values are written.
_FORMS: tuple[tuple[Callable[[pa.DataType], bool], str, Callable[[pa.Array], pa.Array]], ...] = (
    (_is_text, "string", _as_it_is),
    (pa.types.is_integer, "long", _as_it_is),
    (pa.types.is_boolean, "boolean", _as_it_is),
    (pa.types.is_floating, "double", _double),
    (pa.types.is_timestamp, "localdatetime", _moment),
    (_is_text_list, "string[]", _texts),
    (_is_number_list, "long[]", _numbers),
)


def _breaks(values: pa.Array) -> bool:
    return _is_text(values.type) and (_holds(values, "\n") or _holds(values, "\r"))


def _holds(values: pa.Array, text: str) -> bool:
    if pa.types.is_null(values.type):
        return False
    return bool(pc.any(pc.match_substring(values, text)).as_py())
