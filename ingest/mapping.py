"""A mapping: how the records of one source become events of one kind, written in TOML.

The shape follows reference/formats.md §5.2. A mapping checks itself when it is made and says which
words are valid; ``ingest.compile`` turns it into one DuckDB SELECT.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from graph_models.codes import digest_text
from graph_models.errors import UsageError
from ingest.events import CLASSES, SQL_TYPES, EventKind, event_named
from ingest.paths import PathInRecord

__all__ = [
    "CONVERTERS",
    "Condition",
    "Field",
    "Mapping",
    "Pattern",
    "base_of",
    "parse_mapping",
    "placeholders",
    "read_text",
]

CONVERTERS = (*SQL_TYPES, "minor_units", "major_units", "hex")
TIME_FORMATS = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
FORMATS = ("parquet", "csv", "jsonl")
TRUST = ("observed", "claimed")
PICKS = ("first-public",)


def _one_of(what: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise ValueError(f"{what} is {value!r}; valid are: {', '.join(sorted(valid))}.")


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
    skip: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    check: str | None = None
    required: bool = False
    cls: str = "plain"
    trust: str = "observed"
    scope: str | None = None
    pick_ip: str | None = None

    def __post_init__(self) -> None:
        _one_of("as", self.as_, CONVERTERS)
        _one_of("class", self.cls, CLASSES)
        _one_of("trust", self.trust, TRUST)
        for item in self.formats:
            _one_of("formats", item, TIME_FORMATS)
        if self.pick_ip is not None:
            _one_of("pick_ip", self.pick_ip, PICKS)
        if not self.sources and self.const is None:
            raise ValueError("neither from nor const says where the value stands.")
        if self.check is not None:
            re.compile(self.check)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A row condition of ``[where]``: other rows of the file are none of this mapping's."""

    path: PathInRecord
    within: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One way of ``[detect]`` to know a record: paths it holds, values and beginnings of values."""

    all: tuple[PathInRecord, ...] = ()
    equals: tuple[tuple[PathInRecord, str], ...] = ()
    prefix: tuple[tuple[PathInRecord, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A checked mapping. ``digest`` names its content; every load is stamped with it."""

    id: str
    version: int
    emits: str
    fields: tuple[Field, ...]
    digest: str
    summary: str = ""
    formats: tuple[str, ...] = FORMATS
    delimiter: str = ","
    zone: str | None = None
    json_text: tuple[PathInRecord, ...] = ()
    unwrap: tuple[PathInRecord, ...] = ()
    where: tuple[Condition, ...] = ()
    detect: tuple[Pattern, ...] = ()

    def __post_init__(self) -> None:
        for item in self.formats:
            _one_of("input.formats", item, FORMATS)
        if self.zone is not None and self.zone not in available_timezones():
            raise ValueError(f"input.zone {self.zone!r} is no IANA time zone.")
        if len(self.delimiter) != 1 or not self.delimiter.isascii():
            raise ValueError("input.delimiter is one ASCII character.")
        missing = set(self.event.required) - {field.name for field in self.fields}
        if missing:
            raise ValueError(f"no field for the required {', '.join(sorted(missing))}.")

    @property
    def event(self) -> EventKind:
        """The kind of event that the mapping emits."""
        return event_named(self.emits)

    @property
    def paths(self) -> tuple[PathInRecord, ...]:
        """Every path that the mapping reads, without repetition, sorted."""
        read = {path for field in self.fields for path in field.sources}
        read |= {path for field in self.fields for path in placeholders(field.scope)}
        return tuple(sorted(read | {condition.path for condition in self.where}))


def placeholders(scope: str | None) -> tuple[PathInRecord, ...]:
    """The paths in the braces of a scope such as ``stripe:{source_account}``."""
    return tuple(PathInRecord.parse(found) for found in re.findall(r"\{([^{}]+)\}", scope or ""))


# TOML key → attribute; three words are taken in Python.
_FIELD_KEYS = {
    "from": "sources", "as": "as_", "class": "cls", "formats": "formats", "map": "map",
    "default": "default", "const": "const", "skip": "skip", "enum": "enum", "check": "check",
    "required": "required", "trust": "trust", "scope": "scope", "pick_ip": "pick_ip",
}  # fmt: skip
_INPUT_KEYS = ("delimiter", "formats", "json_text", "unwrap", "zone")


def parse_mapping(text: str, *, where: str, base: Mapping | None = None) -> Mapping:
    """Read the TOML of a mapping.

    Args:
        text: the TOML.
        where: what to name in errors: an id or a path.
        base: the mapping that ``extends`` names; its parts hold where this one is silent.

    Raises:
        UsageError: the TOML is broken, a word is unknown or a value is invalid.
    """
    try:
        table = tomllib.loads(text)
        _known("", table, ("mapping", "detect", "input", "where", "fields"))
        return _mapping(table, digest_text(text, base.digest if base else ""), base)
    except (ValueError, TypeError, KeyError, AttributeError, re.error) as error:
        raise UsageError(
            f"The mapping is invalid: {error}",
            where=where,
            fix="Correct it, then: workbench sources check FILE",
        ) from error


def _known(where: str, table: Table[str, Any], valid: tuple[str, ...]) -> None:
    unknown = sorted(set(table) - set(valid))
    if unknown:
        raise ValueError(f"{where} has {unknown[0]!r}; valid are: {', '.join(sorted(valid))}.")


def _mapping(table: Table[str, Any], digest: str, base: Mapping | None) -> Mapping:
    head = table["mapping"]
    _known("[mapping]", head, ("id", "version", "emits", "summary", "extends"))
    emits = str(head["emits"] if base is None else head.get("emits", base.emits))
    given = _fields(table.get("fields", {}), event_named(emits))
    inputs = table.get("input", {})
    _known("[input]", inputs, _INPUT_KEYS)
    changes: dict[str, Any] = {key: _input(key, value) for key, value in inputs.items()}
    if "where" in table:
        changes["where"] = tuple(_condition(*item) for item in table["where"].items())
    if "detect" in table:
        changes["detect"] = _patterns(table["detect"])
    changes |= {
        "id": str(head["id"]),
        "version": int(head["version"]),
        "digest": digest,
        "summary": str(head.get("summary", base.summary if base else "")),
    }
    if base is None:
        return Mapping(emits=emits, fields=given, **changes)
    merged = {field.name: field for field in (*base.fields, *given)}
    return replace(base, emits=emits, fields=tuple(merged.values()), **changes)


def _input(key: str, value: Any) -> Any:
    if key in ("json_text", "unwrap"):
        return tuple(PathInRecord.parse(item) for item in value)
    return tuple(value) if key == "formats" else str(value)


def _fields(table: Table[str, Any], event: EventKind) -> tuple[Field, ...]:
    found = []
    for name, given in table.items():
        column = next((item for item in event.columns if item.name == name), None)
        if column is None:
            valid = ", ".join(item.name for item in event.columns)
            raise ValueError(f"[fields] has {name!r}; {event.name} has the columns: {valid}.")
        _known(f"fields.{name}", given, tuple(_FIELD_KEYS))
        values: dict[str, Any] = {
            "as_": column.type,
            "cls": column.cls,
            "required": column.required,
        }
        values |= {_FIELD_KEYS[key]: _field_value(key, value) for key, value in given.items()}
        values["required"] = values["required"] or column.required
        if SQL_TYPES.get(str(values["as_"]), column.sql_type) != column.sql_type:
            raise ValueError(f"fields.{name}: as {values['as_']!r} gives no {column.sql_type}.")
        try:
            found.append(Field(name=name, **values))
        except (ValueError, TypeError) as error:
            raise ValueError(f"fields.{name}: {error}") from error
    return tuple(found)


def _field_value(key: str, value: Any) -> Any:
    if key == "from":
        return tuple(PathInRecord.parse(item) for item in value)
    if key in ("formats", "skip", "enum"):
        return tuple(str(item) for item in value)
    if key == "map":
        return {str(old): str(new) for old, new in value.items()}
    return value if key == "required" else str(value)


def _condition(path: str, given: Table[str, Any]) -> Condition:
    _known(f"where.{path}", given, ("in", "not_in", "equals"))
    within = (*given.get("in", ()), *([given["equals"]] if "equals" in given else []))
    return Condition(
        path=PathInRecord.parse(path), within=tuple(within), not_in=tuple(given.get("not_in", ()))
    )


def _patterns(table: Table[str, Any]) -> tuple[Pattern, ...]:
    _known("[detect]", table, ("any_of",))
    found = []
    for item in table["any_of"]:
        _known("detect.any_of", item, ("all", "equals", "prefix"))
        paths = tuple(PathInRecord.parse(path) for path in item.get("all", ()))
        pairs = {
            key: tuple((PathInRecord.parse(path), str(v)) for path, v in item.get(key, {}).items())
            for key in ("equals", "prefix")
        }
        found.append(Pattern(all=paths, equals=pairs["equals"], prefix=pairs["prefix"]))
    return tuple(found)


def base_of(text: str, where: str) -> str | None:
    """The id that ``extends`` names, or None."""
    try:
        found = tomllib.loads(text).get("mapping", {}).get("extends")
    except tomllib.TOMLDecodeError as error:
        raise UsageError("This is no TOML.", where=where, fix=str(error)) from error
    return None if found is None else str(found)


def read_text(path: Path) -> str:
    """The TOML text of a user's mapping; UsageError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("The mapping cannot be read.", where=str(path), fix=str(error)) from error
