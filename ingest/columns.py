"""What a canonical column is: its name, type, class and whether there must be a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graph_models.errors import UsageError

__all__ = ["CLASSES", "SQL_TYPES", "Column", "EventKind"]

# What a column is stored as. Times are UTC without a zone; ``claimed`` (names) is a sorted,
# comma-joined list of column names.
SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "VARCHAR",
        "text": "VARCHAR",
        "int": "BIGINT",
        "decimal": "DOUBLE",
        "time": "TIMESTAMP",
        "ip": "VARCHAR",
        "country": "VARCHAR",
        "email": "VARCHAR",
        "domain": "VARCHAR",
        "asn": "VARCHAR",
        "upper": "VARCHAR",
        "lower": "VARCHAR",
        "bool": "BOOLEAN",
        "json": "VARCHAR",
        "messages": "VARCHAR",
        "names": "VARCHAR",
    }
)

# How a value is stored, shown and exported (reference/formats.md §6.1).
CLASSES = (
    "plain",
    "email",
    "phone",
    "person",
    "content",
    "instrument",
    "network",
    "device",
    "secret_ref",
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One canonical column.

    ``values`` lists what an enumerated column may hold. ``future`` allows times after the clock
    (a validity that ends next year is no error).
    """

    name: str
    type: str
    doc: str
    required: bool = False
    cls: str = "plain"
    values: tuple[str, ...] = ()
    future: bool = False

    def __post_init__(self) -> None:
        if self.type not in SQL_TYPES:
            raise ValueError(f"{self.name}: type {self.type!r} is none of {sorted(SQL_TYPES)}.")
        if self.cls not in CLASSES:
            raise ValueError(f"{self.name}: class {self.cls!r} is none of {CLASSES}.")

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the typed column."""
        return SQL_TYPES[self.type]

    @property
    def hidden(self) -> bool:
        """True for values that never stand in a message, a quarantine row or a row hash."""
        return self.cls in ("email", "phone", "person", "content")


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """A kind of event: its columns, what names a row, and which column gives its UTC day."""

    name: str
    doc: str
    id_columns: tuple[str, ...]
    ts: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        unknown = {self.ts, *self.id_columns} - {column.name for column in self.columns}
        if unknown:
            raise ValueError(f"{self.name} has no column {sorted(unknown)}.")

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which there is no event."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name; UsageError lists the names there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise UsageError(
            f"{self.name} has no column {name!r}.",
            fix=f"Its columns are: {', '.join(column.name for column in self.columns)}.",
        )
