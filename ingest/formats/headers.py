"""The column names of a file: readable, few enough, and told apart."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from graph_models.errors import BadDataError

__all__ = ["MAX_COLUMNS", "check_header", "check_names"]

MAX_COLUMNS = 10_000
_UNNAMED = "(unnamed)"


def check_header(path: Path, line: bytes, delimiter: str) -> list[str]:
    """The names in a CSV header; BadDataError for doubles, too many, or another delimiter."""
    try:
        names = next(csv.reader([line.decode("utf-8")], delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise BadDataError(
            "The header cannot be read.", where=f"{path} line 1", fix=str(error)
        ) from error
    names = [name.strip() or _UNNAMED for name in names]
    others = [sign for sign in ";\t|," if sign != delimiter and sign in names[0]]
    if len(names) == 1 and others:
        raise BadDataError(
            f"The columns seem to be parted by {others[0]!r}, not by {delimiter!r}.",
            where=f"{path} line 1",
            fix="Set delimiter under [input] in the mapping, or save the file with commas.",
        )
    return check_names(path, names)


def check_names(path: Path, names: list[str]) -> list[str]:
    """Refuse column names that cannot be told apart, or far too many of them."""
    if len(names) > MAX_COLUMNS:
        raise BadDataError(
            f"There are {len(names):,} columns; {MAX_COLUMNS:,} is the most.",
            where=f"{path} line 1",
            fix="Write a row per event, with a fixed set of columns.",
        )
    twice = [
        name for name, count in Counter(name.casefold() for name in names).items() if count > 1
    ]
    if twice:
        raise BadDataError(
            f"The column {ascii(twice[0])[:80]} occurs twice.",
            where=f"{path} line 1",
            fix="Rename or remove one of them; upper and lower case count as equal.",
        )
    return names
