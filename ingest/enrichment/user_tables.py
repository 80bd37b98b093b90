"""A user's own lists as CSV: read whole or refused with file, row, column, reason and fix."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from graph_models.cleaning import token
from graph_models.errors import BadDataError
from graph_models.text import inert
from ingest.enrichment.provider import Site

__all__ = ["HEADERS", "UserTable", "iso_date", "tables", "unread"]

HEADERS: dict[str, tuple[str, ...]] = {"networks": ("network", "label"), "bins": ("bin",)}
"""The columns by which the list of a provider is known."""

MOST_BYTES = 64 << 20  # a million and a half networks, read in twenty seconds
MOST_WIDE = 4096  # characters in a header; more is no list
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class UserTable:
    """One CSV file with a header, by which it is known what it lists."""

    path: Path
    columns: tuple[str, ...]
    delimiter: str

    @property
    def name(self) -> str:
        """The name of the file, fit to be shown."""
        return inert(self.path.name)

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Each row with its number in the file (the header is row 1), values trimmed."""
        with self.path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, delimiter=self.delimiter, strict=True)
            try:
                next(reader)
                for number, row in enumerate(reader, start=2):
                    if any(cell.strip() for cell in row):
                        yield number, self._named(number, row)
            except (csv.Error, UnicodeError) as error:
                raise self.refusal(
                    f"This list cannot be read ({inert(str(error), limit=120)}).",
                    fix="Save it as CSV in UTF-8.",
                ) from error

    def _named(self, number: int, row: Sequence[str]) -> Mapping[str, str]:
        if len(row) != len(self.columns):
            raise self.refusal(
                f"The row has {len(row)} fields and the header {len(self.columns)}.",
                row=number,
                fix="Quote fields that hold the delimiter.",
            )
        return {name: cell.strip() for name, cell in zip(self.columns, row, strict=True)}

    def refusal(self, what: str, *, row: int = 0, column: str = "", fix: str) -> BadDataError:
        """The error that refuses the whole list, so that no half of it is believed."""
        where = self.name + (f", row {row}" if row else "") + (f", {column}" if column else "")
        return BadDataError(what, where=where, fix=fix)


def tables(site: Site, provider: str) -> tuple[UserTable, ...]:
    """The user's CSV files whose header has the columns of a provider's lists."""
    known = (_opened(path) for path in site.files(".csv"))
    return tuple(table for table in known if set(HEADERS[provider]) <= set(table.columns))


def unread(site: Site) -> tuple[str, ...]:
    """Names of files of the user's that no provider reads, fit to be shown."""
    read = {table.path for provider in HEADERS for table in tables(site, provider)}
    others = set(site.files("")) - read - set(site.files(".mmdb"))
    return tuple(sorted(inert(path.name) for path in others if not path.name.startswith(".")))


def _opened(path: Path) -> UserTable:
    empty = UserTable(path, (), ",")
    if path.stat().st_size > MOST_BYTES:
        raise empty.refusal(
            f"This list is larger than {MOST_BYTES >> 20} MB.", fix="Split it, or thin it out."
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            first = handle.readline(MOST_WIDE)
    except UnicodeError as error:
        raise empty.refusal("This list is not in UTF-8.", fix="Save it as UTF-8.") from error
    delimiter = max(DELIMITERS, key=first.count)
    columns = tuple(name.strip().strip('"').casefold() for name in first.split(delimiter))
    return UserTable(path, columns, delimiter)


def iso_date(table: UserTable, number: int, text: str) -> str:
    """A day as ``2026-11-21``, or empty; anything else refuses the list."""
    if token(text) is None:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise table.refusal(
            f"{inert(repr(text), limit=60)} is no day.",
            row=number,
            column="date",
            fix="Write it as 2026-11-21.",
        ) from None
