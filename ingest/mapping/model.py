"""A mapping: how the records of one source become events of one or more kinds, written in TOML.

The shape follows reference/formats.md §5.2 and docs/mappings.md. A mapping checks itself when it is
made and says which words are valid; ``ingest.mapping.compile`` turns it into one DuckDB SELECT.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graph_models.codes import digest_text
from graph_models.errors import UsageError
from ingest.events import SQL_TYPES, EventKind, event_named
from ingest.mapping.expressions import parse_expression
from ingest.mapping.fields import (
    CONVERTERS,
    Condition,
    Emission,
    Field,
    Pattern,
    one_of,
    placeholders,
    word,
)
from ingest.mapping.paths import PathInRecord
from ingest.mapping.zones import zones

__all__ = [
    "CONVERTERS",
    "Condition",
    "Emission",
    "Field",
    "Mapping",
    "Pattern",
    "base_of",
    "parse_mapping",
    "placeholders",
    "read_text",
]

FORMATS = ("parquet", "csv", "jsonl")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A checked mapping. ``digest`` names its content; every load is stamped with it.

    ``emits``, ``fields`` and ``where`` are the first kind of event, ``also`` the further ones.
    """

    id: str
    version: int
    emits: str
    fields: tuple[Field, ...]
    digest: str
    summary: str = ""
    extends: str | None = None
    system: str | None = None
    formats: tuple[str, ...] = FORMATS
    delimiter: str = ","
    zone: str | None = None
    json_text: tuple[PathInRecord, ...] = ()
    unwrap: tuple[PathInRecord, ...] = ()
    carry: tuple[str, ...] = ()
    kv: tuple[PathInRecord, ...] = ()
    where: tuple[Condition, ...] = ()
    detect: tuple[Pattern, ...] = ()
    also: tuple[Emission, ...] = ()

    def __post_init__(self) -> None:
        for item in self.formats:
            one_of("input.formats", item, FORMATS)
        if self.zone is not None and self.zone not in zones():
            raise ValueError(f"input.zone {self.zone!r} is no IANA time zone.")
        if len(self.delimiter) != 1 or not self.delimiter.isascii():
            raise ValueError("input.delimiter is one ASCII character.")
        kinds = [emission.emits for emission in self.emissions]
        twice = {kind for kind in kinds if kinds.count(kind) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} is emitted twice; use two mappings.")

    @property
    def event(self) -> EventKind:
        """The first kind of event that the mapping emits."""
        return event_named(self.emits)

    @property
    def emissions(self) -> tuple[Emission, ...]:
        """All kinds of event, the first one first."""
        return (Emission(emits=self.emits, fields=self.fields, where=self.where), *self.also)

    @property
    def paths(self) -> tuple[PathInRecord, ...]:
        """Every path that the mapping reads, without repetition, sorted."""
        return tuple(sorted({path for emission in self.emissions for path in emission.paths()}))

    def opens(self, names: Collection[str]) -> bool:
        """Whether a record with these top-level names may have to be taken apart first."""
        return any(path.root in names for path in (*self.unwrap, *self.kv))

    @property
    def enveloped(self) -> bool:
        """Whether any record may have to be taken apart."""
        return bool(self.unwrap or self.kv)


# TOML key → attribute; three words are taken in Python.
_FIELD_KEYS = {
    "from": "sources", "as": "as_", "class": "cls", "formats": "formats", "map": "map",
    "default": "default", "const": "const", "skip": "skip", "enum": "enum", "check": "check",
    "required": "required", "trust": "trust", "scope": "scope", "pick_ip": "pick_ip",
    "expr": "expr",
}  # fmt: skip
_INPUT_KEYS = ("carry", "delimiter", "formats", "json_text", "kv", "unwrap", "zone")
_HEAD_KEYS = ("id", "version", "emits", "summary", "extends", "system")


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
        _known("", table, ("mapping", "detect", "input", "where", "fields", "also"))
        return _mapping(table, digest_text(text, base.digest if base else ""), base)
    except (ValueError, TypeError, KeyError, AttributeError, re.error) as error:
        raise UsageError(
            f"The mapping is invalid: {error}",
            where=where,
            fix="Correct it, then: workbench sources check FILE",
        ) from error


def _known(where: str, table: Table[str, Any], valid: Sequence[str]) -> None:
    unknown = sorted(set(table) - set(valid))
    if unknown:
        raise ValueError(f"{where} has {unknown[0]!r}; valid are: {', '.join(sorted(valid))}.")


def _mapping(table: Table[str, Any], digest: str, base: Mapping | None) -> Mapping:
    head = table["mapping"]
    _known("[mapping]", head, _HEAD_KEYS)
    emits = str(head["emits"] if base is None else head.get("emits", base.emits))
    first = _emission({**table, "emits": emits}, base.emissions[0] if base else None)
    inputs = table.get("input", {})
    _known("[input]", inputs, _INPUT_KEYS)
    changes: dict[str, Any] = {key: _input(key, value) for key, value in inputs.items()}
    if "detect" in table:
        changes["detect"] = _patterns(table["detect"])
    for key, inherited in (("summary", base.summary if base else ""), ("system", None)):
        found = head.get(key, inherited if key == "summary" or base is None else base.system)
        changes[key] = None if found is None else str(found)
    changes |= {
        "id": str(head["id"]),
        "extends": base.id if base else None,
        "version": int(head["version"]),
        "digest": digest,
        "emits": emits,
        "fields": first.fields,
        "where": first.where,
        "also": _also(table.get("also", ()), base),
    }
    return Mapping(**changes) if base is None else replace(base, **changes)


def _also(given: Sequence[Table[str, Any]], base: Mapping | None) -> tuple[Emission, ...]:
    """The further emissions: those of the base, changed or added to."""
    found = {emission.emits: emission for emission in (base.also if base else ())}
    for table in given:
        _known("[[also]]", table, ("emits", "where", "fields"))
        kind = str(table["emits"])
        found[kind] = _emission(table, found.get(kind))
    return tuple(found.values())


def _emission(table: Table[str, Any], base: Emission | None) -> Emission:
    emits = str(table["emits"])
    given = _fields(table.get("fields", {}), event_named(emits))
    where = base.where if base else ()
    if "where" in table:
        where = tuple(_condition(*item) for item in table["where"].items())
    before = base.fields if base is not None and base.emits == emits else ()
    merged = {field.name: field for field in (*before, *given)}
    return Emission(emits=emits, fields=tuple(merged.values()), where=where)


def _input(key: str, value: Any) -> Any:
    if key in ("json_text", "unwrap", "kv"):
        return tuple(PathInRecord.parse(item) for item in value)
    if key == "carry":
        return tuple(str(item) for item in value)
    if key == "formats":  # a JSON document is read as the records that it holds
        return tuple(dict.fromkeys("jsonl" if item == "json" else item for item in value))
    return str(value)


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
        try:
            values |= {_FIELD_KEYS[key]: _field_value(key, value) for key, value in given.items()}
            values["required"] = values["required"] or column.required
            if SQL_TYPES.get(str(values["as_"]), column.sql_type) != column.sql_type:
                raise ValueError(f"as {values['as_']!r} gives no {column.sql_type}.")
            found.append(Field(name=name, **values))
        except (ValueError, TypeError) as error:
            raise ValueError(f"fields.{name}: {error}") from error
    return tuple(found)


def _field_value(key: str, value: Any) -> Any:
    if key == "from":
        return tuple(PathInRecord.parse(item) for item in value)
    if key in ("formats", "skip", "enum"):
        return tuple(word(item) for item in value)
    if key == "map":
        return {str(old): str(new) for old, new in value.items()}
    if key == "expr":
        return parse_expression(str(value))
    return value if key == "required" else str(value)


def _words(value: Any) -> tuple[str, ...]:
    """One word, or a list of words of which one must fit."""
    return tuple(word(item) for item in value) if isinstance(value, list) else (word(value),)


def _condition(path: str, given: Table[str, Any]) -> Condition:
    _known(f"where.{path}", given, ("from", "in", "not_in", "equals", "present", "prefix"))
    first, *instead = (PathInRecord.parse(item) for item in given.get("from", (path,)))
    present = given.get("present")
    if present not in (True, False, None):
        raise ValueError(f"where.{path}: present is true or false.")
    within = (*given.get("in", ()), *([given["equals"]] if "equals" in given else []))
    return Condition(
        path=first,
        instead=tuple(instead),
        within=_words(list(within)),
        not_in=_words(list(given.get("not_in", ()))),
        present=present,
        prefix=_words(given["prefix"]) if "prefix" in given else (),
    )


def _patterns(table: Table[str, Any]) -> tuple[Pattern, ...]:
    _known("[detect]", table, ("any_of",))
    found = []
    for item in table["any_of"]:
        _known("detect.any_of", item, ("all", "absent", "equals", "prefix"))
        paths: dict[str, Any] = {
            key: tuple(PathInRecord.parse(path) for path in item.get(key, ()))
            for key in ("all", "absent")
        }
        pairs = {
            key: tuple((PathInRecord.parse(p), _words(v)) for p, v in item.get(key, {}).items())
            for key in ("equals", "prefix")
        }
        found.append(Pattern(**{**paths, **pairs}))
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
