"""The parts of a mapping, each checked when it is made: fields, conditions, patterns, emissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from ingest.events import CLASSES, SQL_TYPES, EventKind, event_named
from ingest.mapping.expressions import Expression
from ingest.mapping.paths import PathInRecord

__all__ = [
    "CONVERTERS",
    "TIME_FORMATS",
    "Condition",
    "Emission",
    "Field",
    "Pattern",
    "one_of",
    "placeholders",
    "word",
]

CONVERTERS = (*SQL_TYPES, "minor_units", "major_units", "hex")
TIME_FORMATS = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
TRUST = ("observed", "claimed")
PICKS = ("first-public",)


def one_of(what: str, value: str, valid: tuple[str, ...]) -> None:
    """ValueError that lists the valid words when ``value`` is none of them."""
    if value not in valid:
        raise ValueError(f"{what} is {value!r}; valid are: {', '.join(sorted(valid))}.")


def word(value: Any) -> str:
    """A value of a mapping or a record as JSON would write it, without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One canonical column: where its value stands, and what becomes of it."""

    name: str
    sources: tuple[PathInRecord, ...] = ()
    as_: str = "text"
    formats: tuple[str, ...] = ("iso",)
    map: Table[str, str] | None = None
    default: str | None = None
    const: str | None = None
    expr: Expression | None = None
    skip: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    check: str | None = None
    required: bool = False
    cls: str = "plain"
    trust: str = "observed"
    scope: str | None = None
    pick_ip: str | None = None

    def __post_init__(self) -> None:
        one_of("as", self.as_, CONVERTERS)
        one_of("class", self.cls, CLASSES)
        one_of("trust", self.trust, TRUST)
        for item in self.formats:
            one_of("formats", item, TIME_FORMATS)
        if self.pick_ip is not None:
            one_of("pick_ip", self.pick_ip, PICKS)
        given = [bool(self.sources), self.const is not None, self.expr is not None]
        if not any(given):
            raise ValueError("neither from nor const nor expr says where the value stands.")
        if sum(given) > 1:
            raise ValueError("from, const and expr exclude each other.")
        if self.check is not None:
            re.compile(self.check)

    @property
    def paths(self) -> tuple[PathInRecord, ...]:
        """Every path that the field reads."""
        read = self.expr.paths if self.expr is not None else ()
        return (*self.sources, *read, *placeholders(self.scope))


def placeholders(scope: str | None) -> tuple[PathInRecord, ...]:
    """The paths in the braces of a scope such as ``stripe:{source_account}``."""
    return tuple(PathInRecord.parse(found) for found in re.findall(r"\{([^{}]+)\}", scope or ""))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A row condition of ``[where]``; every word that is given must hold.

    The value is the first that is there of ``path`` and ``instead``.
    """

    path: PathInRecord
    instead: tuple[PathInRecord, ...] = ()
    within: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    present: bool | None = None
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One way of ``[detect]`` to know a record.

    ``all`` are there, be it as null; ``absent`` are missing or null; ``equals`` and ``prefix`` give
    the values, or the beginnings of values, of which one must stand there.
    """

    all: tuple[PathInRecord, ...] = ()
    absent: tuple[PathInRecord, ...] = ()
    equals: tuple[tuple[PathInRecord, tuple[str, ...]], ...] = ()
    prefix: tuple[tuple[PathInRecord, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not (self.all or self.equals or self.prefix):
            raise ValueError("a pattern of detect.any_of needs all, equals or prefix.")


@dataclass(frozen=True, kw_only=True)
class Emission:
    """One kind of event that a record may become: which records, and its columns."""

    emits: str
    fields: tuple[Field, ...]
    where: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        missing = set(self.event.required) - {field.name for field in self.fields}
        if missing:
            raise ValueError(
                f"{self.emits}: no field for the required {', '.join(sorted(missing))}."
            )

    @property
    def event(self) -> EventKind:
        """The kind of event."""
        return event_named(self.emits)

    def paths(self) -> Iterator[PathInRecord]:
        """Every path that is read, with repetition."""
        for field in self.fields:
            yield from field.paths
        for condition in self.where:
            yield from (condition.path, *condition.instead)
