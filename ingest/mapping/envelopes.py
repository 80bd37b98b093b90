"""What stands around and inside records: envelopes, lists of them, lists of key and value.

Works on parsed JSON of one line. Nothing is changed in place: a line is offered to many mappings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from typing import Any

import orjson

from ingest.mapping.model import Mapping
from ingest.mapping.paths import PathInRecord

__all__ = ["HEAD", "begins_envelope", "opened", "unwrapped"]

HEAD = 4_096  # bytes of a line that tell whether it is an envelope
# An object whose first member, plain ones aside, is a list of objects.
_PLAIN_MEMBER = rb'"[^"\\]{1,80}"\s*:\s*(?:"[^"\\]{0,200}"|[\w.+-]{1,30})\s*,\s*'
_ENVELOPE = re.compile(rb"\s*\{\s*(?:" + _PLAIN_MEMBER + rb'){0,10}"[^"\\]{1,80}"\s*:\s*\[\s*\{')
Record = Any  # parsed JSON; nearly always an object
# The members of an OpenTelemetry AnyValue that hold one plain value.
_PLAIN = ("stringValue", "intValue", "boolValue", "doubleValue", "bytesValue")


def begins_envelope(head: bytes) -> bool:
    """Whether a line begins as one that holds a list of records, such as ``{"Records": [{``."""
    return _ENVELOPE.match(head) is not None


def unwrapped(line: Record, mapping: Mapping) -> tuple[PathInRecord | None, list[Record]]:
    """The records of a line: behind the first path of ``unwrap`` that it has, else itself.

    Returns:
        That path (None when there is none), and the records, with what ``carry`` names and with
        lists of key and value as objects. An envelope may hold none.
    """
    for path in mapping.unwrap:
        found = _inside(line, path.segments, {}, mapping.carry)
        if found is not None and (not found or any(isinstance(item, dict) for item in found)):
            return path, [opened(record, mapping) for record in found]
    return None, [opened(line, mapping)]


def _inside(
    value: Record, segments: tuple[str, ...], carried: Table[str, Any], carry: tuple[str, ...]
) -> list[Record] | None:
    """The records at a path, None when there is no such path."""
    if not segments:
        value = _read(value)
        return [{**carried, **value} if isinstance(value, dict) else value]
    head, rest = segments[0], segments[1:]
    if head == "[*]":
        return _each(value, rest, carried, carry) if isinstance(value, list) else None
    if not isinstance(value, dict) or value.get(head) is None:
        return None
    own = {name: value[name] for name in carry if name in value and name != head}
    return _inside(value[head], rest, {**carried, **own}, carry)


def _read(value: Record) -> Record:
    """A record that stands in its envelope as text, such as the message of a log event."""
    if not isinstance(value, str) or value[:1] != "{":
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _each(
    items: list[Record], rest: tuple[str, ...], carried: Table[str, Any], carry: tuple[str, ...]
) -> list[Record] | None:
    parts = [_inside(item, rest, carried, carry) for item in items]
    if items and all(part is None for part in parts):
        return None
    # An item without the rest of the path is a record of its own, so that it is accounted for.
    whole = [[item] if part is None else part for item, part in zip(items, parts, strict=True)]
    return [record for part in whole for record in part]


def opened(record: Record, mapping: Mapping) -> Record:
    """A record whose lists of key and value (``kv``) are objects."""
    for path in mapping.kv:
        record = _changed(record, path.segments)
    return record


def _changed(value: Record, segments: tuple[str, ...]) -> Record:
    if not segments:
        return _pairs(value)
    head, rest = segments[0], segments[1:]
    if head == "[*]":
        return [_changed(item, rest) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or head not in value:
        return value
    return {**value, head: _changed(value[head], rest)}


def _pairs(value: Record) -> Record:
    """``[{key, value}]`` as an object; of a key that occurs twice the first counts."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return value
    if not all("key" in item for item in value):
        return value
    return {str(item["key"]): _any_value(item.get("value")) for item in reversed(value)}


def _any_value(value: Record) -> Record:
    if not isinstance(value, dict):
        return value
    for name in _PLAIN:
        if name in value:
            return value[name]
    if "arrayValue" in value:
        return [_any_value(item) for item in _values(value["arrayValue"])]
    if "kvlistValue" in value:
        return _pairs(_values(value["kvlistValue"]))
    return value or None


def _values(value: Record) -> list[Record]:
    items = value.get("values") if isinstance(value, dict) else None
    return items if isinstance(items, list) else []
