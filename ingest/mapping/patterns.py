"""Whether a record is of a mapping's make: the patterns of ``[detect]`` on parsed records."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Table
from typing import Any

import orjson

from ingest.mapping.fields import Pattern, word
from ingest.mapping.model import Mapping
from ingest.mapping.paths import PathInRecord

__all__ = ["fits", "knows", "may_know", "nearly_knows", "surely_knows", "value_at"]

_MISSING = object()
# Share of a pattern's ``all`` at which a record that no mapping knows is read as of that make: its
# quarantine row then names the column that is missing.
NEAR = 0.5


def knows(mapping: Mapping, record: Any) -> bool:
    """Whether any pattern of a mapping fits a record."""
    return isinstance(record, dict) and any(fits(item, record) for item in mapping.detect)


def fits(pattern: Pattern, record: Table[str, Any]) -> bool:
    """Whether a pattern fits a record."""
    return all(_has(record, path) for path in pattern.all) and _binding(pattern, record)


def nearly_knows(mapping: Mapping, record: Any) -> bool:
    """Whether a record lacks less than half of what some pattern asks for."""
    return isinstance(record, dict) and any(
        pattern.all
        and sum(_has(record, path) for path in pattern.all) >= NEAR * len(pattern.all)
        and _binding(pattern, record)
        for pattern in mapping.detect
    )


def _binding(pattern: Pattern, record: Table[str, Any]) -> bool:
    """Everything but ``all``: what tells records of one vendor apart."""
    return (
        all(value_at(record, path) is None for path in pattern.absent)
        and all(word(value_at(record, path)) in values for path, values in pattern.equals)
        and all(word(value_at(record, path)).startswith(begins) for path, begins in pattern.prefix)
    )


def may_know(mapping: Mapping, names: Collection[str]) -> bool:
    """Whether a record with these top-level names can be of a mapping's make."""
    if any(path.root in names for path in mapping.unwrap):
        return True
    return any(
        all(_may_have(names, path) for path in _needed(pattern)) for pattern in mapping.detect
    )


def surely_knows(mapping: Mapping, names: Collection[str]) -> bool:
    """Whether every record with these top-level names is of a mapping's make."""
    return not mapping.opens(names) and any(
        not (pattern.absent or pattern.equals or pattern.prefix)
        and all(_flat(path) in names for path in pattern.all)
        for pattern in mapping.detect
    )


def _needed(pattern: Pattern) -> list[PathInRecord]:
    return [*pattern.all, *(path for path, _ in (*pattern.equals, *pattern.prefix))]


def _flat(path: PathInRecord) -> str:
    return ".".join(path.segments)


def _may_have(names: Collection[str], path: PathInRecord) -> bool:
    return path.root in names or _flat(path) in names


def _has(record: Table[str, Any], path: PathInRecord) -> bool:
    return value_at(record, path, missing=_MISSING) is not _MISSING


def value_at(record: Any, path: PathInRecord, *, missing: Any = None) -> Any:
    """The value at a path of a parsed record, also inside JSON that stands there as text."""
    if _flat(path) in record:
        return record[_flat(path)]
    for segment in path.segments:
        if isinstance(record, str) and record[:1] in "{[":
            record = _parsed(record)
        if segment == "[*]" and isinstance(record, list) and record:
            record = record[0]
        elif segment == "*" and isinstance(record, dict) and record:
            record = next(iter(record.values()))
        elif isinstance(record, dict) and segment in record:
            record = record[segment]
        else:
            return missing
    return record


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
