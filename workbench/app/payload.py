"""What the canvas receives: all of a drawing at first, afterwards only what changed in it.

Styling never travels with a node. A node names its kind; the canvas looks up shape and colour in
the sheet that the registry of kinds made. Rows are lean: what has its usual value is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from graph_models.kinds import ACCOUNT
from graph_models.text import inert
from workbench import wording
from workbench.export.picture import inert_lines, kind_sheet
from workbench.scenes.filters import chips, visible
from workbench.scenes.preview import warning
from workbench.scenes.scene import BUNDLE, CELL, Edge, Node, Scene
from workbench.scenes.sums import KindSum, all_around, sums

__all__ = ["NODE_KEYS", "Drawing", "cell_names", "difference", "drawing", "link_of", "whole"]

Row = dict[str, Any]

# What may reach the canvas: nothing that fetches, and nothing by which a log could choose its look.
NODE_KEYS = frozenset(
    {"id", "label", "name", "x", "y", "group", "hub", "cell", "tier", "count", "near", "warn",
     "pinned", "community", "days"}
)  # fmt: skip
_FRESH = ("not asked", "collapsed")  # what an expansion would bring, were there no limit
_ROUGH = 1  # decimals of a place: a tenth of a pixel at the usual scale


EdgeKey = tuple[str, str, str]  # from, to, relation
EdgeRow = tuple[float | None, int]  # bits, count


@dataclass(frozen=True)
class Drawing:
    """A scene as rows by id; ``rest`` is small and sent field by field."""

    revision: str
    nodes: Mapping[str, Row] = field(default_factory=dict)
    edges: Mapping[EdgeKey, EdgeRow] = field(default_factory=dict)
    rest: Row = field(default_factory=dict)


def drawing(scene: Scene, *, revision: str, rejected: Collection[str] = ()) -> Drawing:
    """The scene as the component is to hold it; equal scenes give equal drawings.

    Args:
        scene: What is drawn.
        revision: Names the drawing; another one for other ``rejected`` links.
        rejected: Links (``link:a|b``) that are judged to be none: they are not drawn.
    """
    nodes, edges = visible(scene)
    edges = [edge for edge in edges if not rejected or link_of(edge) not in rejected]
    around = all_around(scene)
    counted = sums(scene)
    kinds = {node.kind for node in scene.held.values()} | {one.kind for one in counted}
    kinds |= {one.kind for node in nodes for one in around.get(node.id, ())}
    names = cell_names(scene)
    rest = {
        "focus": scene.focus,
        "kinds": kind_sheet(kinds - {CELL, BUNDLE}),
        "cells": [{"cell": cell, "name": name} for cell, name in names.items()],
        "sums": [_sum(one) for one in counted],
        "chips": [asdict(chip) for chip in chips(scene)],
        "off": sorted(scene.off),
        "paths": [list(path) for path in scene.paths],
    }
    return Drawing(
        revision,
        {node.id: _node(node, names, around.get(node.id, [])) for node in nodes},
        dict(map(_edge, edges)),
        rest,
    )


def link_of(edge: Edge) -> str:
    """The subject that judgements on a link have; empty for any other edge."""
    if edge.bits is None:
        return ""
    a, b = sorted(end.removeprefix(f"{ACCOUNT.name}:") for end in (edge.a, edge.b))
    return f"link:{a}|{b}"


def whole(now: Drawing) -> Row:
    """The message for a canvas that holds nothing, or something else."""
    return {
        "base": "",
        "revision": now.revision,
        "added": list(now.nodes.values()),
        "changed": [],
        "removed": [],
        "joined": _packed(now.edges),
        "cut": _packed({}),
        **now.rest,
    }


def difference(held: Drawing, now: Drawing) -> Row:
    """The message for a canvas that holds exactly ``held``.

    ``added`` are whole rows, ``changed`` only the fields that differ (None takes one away), and
    ``removed`` ids; ``joined`` edges are new or different, ``cut`` ones are gone.
    """
    differing = [key for key, row in now.nodes.items() if held.nodes.get(key) != row]
    return {
        "base": held.revision,
        "revision": now.revision,
        "added": [now.nodes[key] for key in differing if key not in held.nodes],
        "changed": [
            {"id": key, **_change(held.nodes[key], now.nodes[key])}
            for key in differing
            if key in held.nodes
        ],
        "removed": [key for key in held.nodes if key not in now.nodes],
        "joined": _packed({k: row for k, row in now.edges.items() if held.edges.get(k) != row}),
        "cut": _packed({key: row for key, row in held.edges.items() if key not in now.edges}),
        **{key: value for key, value in now.rest.items() if held.rest.get(key) != value},
    }


def _change(before: Row, after: Row) -> Row:
    told = {key: after.get(key) for key in before | after if before.get(key) != after.get(key)}
    if told.get("near") and before.get("near"):
        told["near"] = _change(before["near"], after["near"])
    return told


def _packed(edges: Mapping[EdgeKey, EdgeRow]) -> Row:
    """Edges by the places of their ends in a list of names: each name travels once."""
    names = {name: i for i, name in enumerate(dict.fromkeys(n for k in edges for n in k[:2]))}
    relations = {name: i for i, name in enumerate(sorted({key[2] for key in edges}))}
    rows = [
        [names[a], names[b], relations[relation], *_lean(bits, count)]
        for (a, b, relation), (bits, count) in edges.items()
    ]
    return {"names": list(names), "relations": list(relations), "rows": rows}


def _lean(bits: float | None, count: int) -> list[Any]:
    return [bits, count] if count > 1 else [] if bits is None else [bits]


def cell_names(scene: Scene) -> dict[str, str]:
    """Names such as "cell A", in the order of the cells' ids, whatever is open."""
    cells = sorted({n.cell for n in scene.held.values() if n.cell and n.kind in ("account", CELL)})
    return {cell: f"cell {_letters(place)}" for place, cell in enumerate(cells)}


def _letters(place: int) -> str:
    head = _letters(place // 26 - 1) if place >= 26 else ""
    return head + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26]


def _node(node: Node, names: Mapping[str, str], around: list[KindSum]) -> Row:
    single = node.kind not in (CELL, BUNDLE)
    cell = names.get(node.cell, "")
    label = _short(node) if single else (cell or node.label if node.kind == CELL else node.label)
    value = node.id.partition(":")[2] if single else label
    row = {
        "id": node.id,
        "label": inert(label, 60) or " ",
        "name": "" if value == label else inert_lines(value),
        "x": round(node.x, _ROUGH),
        "y": round(node.y, _ROUGH),
        "group": node.kind,
        "hub": node.hub,
        "cell": node.cell if node.kind == "account" else "",
        "tier": inert(node.tier, 20),
        "count": 0 if single else node.size,
        "near": {one.kind: _near(one) for one in around},
        "warn": inert(warning(node), 160) if single else "",
        "pinned": node.pinned,
        "community": inert(node.community, 40) if node.kind == BUNDLE else "",
        "days": [node.first[:10], node.last[:10]] if node.first and node.last else [],
    }
    return {key: value for key, value in row.items() if value or key in ("x", "y")}


def _near(one: KindSum) -> list[Any]:
    """Neighbours of one kind: drawn, what an expansion would bring, and the others with why."""
    fresh = one.truncated + sum(one.why.get(why, 0) for why in _FRESH)
    stay = {why: count for why, count in one.why.items() if why not in _FRESH}
    return [one.shown, fresh, stay] if stay else [one.shown, fresh]


def _short(node: Node) -> str:
    """The glyph says the kind, so the label on the canvas is the value's telling end."""
    value = node.id.partition(":")[2]
    return node.label if node.label == value else wording.short(value, 9)


def _edge(edge: Edge) -> tuple[EdgeKey, EdgeRow]:
    bits = None if edge.bits is None else round(edge.bits, 1)
    return (edge.a, edge.b, edge.relation), (bits, edge.count)


def _sum(one: KindSum) -> Row:
    told = {"kind": one.kind, "shown": one.shown, "hidden": one.hidden, "truncated": one.truncated}
    return {**told, "why": dict(one.why)}
