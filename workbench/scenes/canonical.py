"""Values as JSON: lean, because what has its default value goes without saying, and canonical."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any

__all__ = ["canonical", "lean", "member_texts"]


def lean(value: Any) -> Any:
    """A value as plain JSON values, without what has its default value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: lean(held)
            for name, default in _defaults(type(value))
            if (held := getattr(value, name)) != default
        }
    if isinstance(value, Mapping):
        return {str(key): lean(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [lean(item) for item in value] if isinstance(value, tuple) else value


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, _default(one)) for one in fields(kind))


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def canonical(value: Any) -> str:
    """The one text of a value: sorted keys, no spaces, ASCII only."""
    return json.dumps(
        lean(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def member_texts(texts: Mapping[str, str]) -> str:
    """A JSON object of values whose canonical texts are known already."""
    return "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in sorted(texts.items())) + "}"
