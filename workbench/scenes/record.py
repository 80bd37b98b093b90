"""Commands and scenes as plain JSON values: lean in the log, canonical where bytes are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from workbench.scenes.canonical import canonical, lean, member_texts
from workbench.scenes.model import Command, Edge, Filters, Fold, Node
from workbench.scenes.scene import Scene

__all__ = ["command_of", "digest", "record_of", "scene_bytes"]


def record_of(command: Command) -> dict[str, Any]:
    """The command as plain JSON values; what has its default value is left out."""
    return dict(lean(command))


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
    """The scene as canonical JSON: equal scenes give equal bytes, whoever replays the log.

    Nodes and edges remember their text, because a step changes few of thousands.
    """
    rest = {
        one.name: canonical(getattr(scene, one.name))
        for one in fields(scene)
        if one.name not in ("held", "ties")
    }
    held = member_texts({name: node.text for name, node in scene.held.items()})
    ties = member_texts({key: edge.text for key, edge in scene.ties.items()})
    return member_texts({**rest, "held": held, "ties": ties}).encode("ascii")


def digest(scene: Scene) -> str:
    """A short name of exactly this scene."""
    return hashlib.blake2b(scene_bytes(scene), digest_size=16).hexdigest()
