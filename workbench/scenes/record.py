"""Commands and scenes as plain JSON values: lean in the log, canonical where bytes are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from workbench.scenes.model import Command, Edge, Filters, Fold, Node
from workbench.scenes.scene import Scene

__all__ = ["command_of", "digest", "record_of", "scene_bytes"]


def record_of(command: Command) -> dict[str, Any]:
    """The command as plain JSON values; what has its default value is left out."""
    told = _lean(command)
    return dict(told)


def _lean(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: _lean(held)
            for one in fields(value)
            if (held := getattr(value, one.name)) != _default(one)
        }
    if isinstance(value, Mapping):
        return {str(key): _lean(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_lean(item) for item in value]
    return value


def _default(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return one.default


def command_of(record: Mapping[str, Any]) -> Command:
    """The command that ``record_of`` described."""
    told = dict(record)
    filters = told.get("filters")
    return Command(
        do=told["do"],
        node=told.get("node", ""),
        names=tuple(told.get("names", ())),
        asked={name: tuple(kinds) for name, kinds in told.get("asked", {}).items()},
        nodes=tuple(Node(**node) for node in told.get("nodes", ())),
        edges=tuple(Edge(**edge) for edge in told.get("edges", ())),
        folds=tuple(_fold(fold) for fold in told.get("folds", ())),
        places={name: (x, y) for name, (x, y) in told.get("places", {}).items()},
        truncated=told.get("truncated", {}),
        filters=None if filters is None else _filters(filters),
        paths=tuple(tuple(path) for path in told.get("paths", ())),
    )


def _fold(told: Mapping[str, Any]) -> Fold:
    return Fold(node=Node(**told["node"]), members=tuple(told["members"]))


def _filters(told: Mapping[str, Any]) -> Filters:
    return Filters(
        kinds=frozenset(told.get("kinds", ())),
        families=frozenset(told.get("families", ())),
        since=told.get("since", ""),
        until=told.get("until", ""),
        bits=told.get("bits", 0.0),
    )


def scene_bytes(scene: Scene) -> bytes:
    """The scene as canonical JSON: equal scenes give equal bytes, whoever replays the log."""
    return json.dumps(
        _lean(scene), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode("ascii")


def digest(scene: Scene) -> str:
    """A short name of exactly this scene."""
    return hashlib.blake2b(scene_bytes(scene), digest_size=16).hexdigest()
