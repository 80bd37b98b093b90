"""What the canvas receives: nodes and edges through pyvis, allowed keys only, sums for the legend.

Styling never travels with a node. A node names its kind; the canvas looks up shape and colour in
the sheet that the registry of kinds made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from workbench import wording
from workbench.export.picture import built, kind_sheet
from workbench.scenes.filters import visible
from workbench.scenes.scene import CELL, Edge, Node, Scene
from workbench.scenes.sums import KindSum, sums

__all__ = ["cell_names", "payload"]


def payload(
    scene: Scene, *, revision: str, marked: Collection[str] = (), hook: bool = False
) -> dict[str, Any]:
    """The scene as the component's ``data``; equal scenes give equal payloads."""
    nodes, edges = visible(scene)
    names = cell_names(scene)
    drawn_nodes, drawn_edges, options = built(
        [_node(node, names) for node in nodes], [_edge(edge) for edge in edges]
    )
    counted = sums(scene)
    kinds = {node.kind for node in scene.nodes.values()} | {one.kind for one in counted}
    kinds |= {kind for node in nodes for kind in (*node.counts, *node.private)}
    return {
        "revision": revision,
        "focus": scene.focus,
        "nodes": drawn_nodes,
        "edges": drawn_edges,
        "options": options,
        "kinds": kind_sheet(kinds - {CELL}),
        "cells": [{"cell": cell, "name": name} for cell, name in names.items()],
        "sums": [_sum(one) for one in counted],
        "off": sorted(scene.off),
        "marked": sorted(marked),
        "hook": hook,
    }


def cell_names(scene: Scene) -> dict[str, str]:
    """Names such as "cell A", in the order of the cells' ids, whatever is open."""
    cells = sorted({n.cell for n in scene.nodes.values() if n.cell and n.kind in ("account", CELL)})
    return {cell: f"cell {_letters(place)}" for place, cell in enumerate(cells)}


def _letters(place: int) -> str:
    head = _letters(place // 26 - 1) if place >= 26 else ""
    return head + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26]


def _node(node: Node, names: Mapping[str, str]) -> dict[str, Any]:
    cell = names.get(node.cell, "") if node.kind in ("account", CELL) else ""
    label = cell if node.kind == CELL else _short(node)
    return {
        "id": node.id,
        "label": label,
        "title": _title(node, label, cell),
        "x": node.x,
        "y": node.y,
        "group": node.kind,
        "hub": node.hub,
        "cell": node.cell if node.kind == "account" else "",
        "tier": node.tier,
        "count": node.size,
        "counts": dict(node.counts),
        "private": dict(node.private),
    }


def _short(node: Node) -> str:
    """The glyph says the kind, so the label on the canvas is the value's telling end."""
    value = node.id.partition(":")[2]
    return node.label if node.label == value else wording.short(value, 9)


def _title(node: Node, label: str, cell: str) -> str:
    value = node.id.partition(":")[2] if node.kind != CELL else label
    lines = [value]
    if node.kind == "account":
        lines += [" · ".join(part for part in (node.tier, cell) if part)]
    if node.kind not in ("account", CELL):
        lines += [f"{wording.plural(node.counts.get('account', 0), 'account')} used it"]
    if node.hub:
        lines += ["context, never a bridge"]
    if node.kind == CELL:
        lines += [wording.plural(node.size, "account"), "double-click opens it"]
    return "\n".join(line for line in lines if line)


def _edge(edge: Edge) -> dict[str, Any]:
    title = "" if edge.bits is None else f"linked, {wording.bits(edge.bits)} bits"
    title = wording.plural(edge.count, "account") if edge.count > 1 else title
    strength = edge.bits if edge.bits is not None else min(12.0, float(edge.count))
    return {
        "id": edge.id,
        "from": edge.a,
        "to": edge.b,
        "relation": edge.relation,
        "bits": strength,
        "title": title,
    }


def _sum(one: KindSum) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "shown": one.shown,
        "hidden": one.hidden,
        "truncated": one.truncated,
    }
