"""Cells of a scene: a bundle becomes its accounts, and accounts become a bundle again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from workbench.scenes.graph import Graph
from workbench.scenes.parts import bundle_of, laid_out, lane, shared_by, uses_of
from workbench.scenes.scene import MAX_NODES, Command, Edge, Node, Scene

__all__ = ["close_cell", "open_cell"]


def open_cell(graph: Graph, scene: Scene, name: str) -> Command:
    """Replace a bundle by its accounts, around the place where it stood."""
    bundle = scene.nodes[name]
    members = graph.members(scene.focus.removeprefix("community:"))
    rows = members[members["cell"] == bundle.cell].sort_values("account")
    room = max(0, MAX_NODES - len(scene.nodes) + 1)
    if room < 2:
        raise UsageError("The scene has no room for this cell.", fix="Close another cell first.")
    uses = uses_of(graph, rows["account"].head(room))
    tiers = dict(zip(rows["account"], rows["tier"], strict=True))
    accounts = [
        replace(node, cell=bundle.cell, tier=str(tiers[account]))
        for account, node in uses.accounts.items()
    ]
    shared, cut = shared_by(uses, room=room - len(accounts))
    fresh = [*accounts, *(node for key, node in shared.items() if key not in scene.nodes)]
    edges = [
        edge
        for key in {*shared, *(uses.edges.keys() & scene.nodes.keys())}
        for edge in uses.edges[key]
    ]
    if len(rows) > len(accounts):
        cut = {**cut, "account": len(rows) - len(accounts)}
    return Command(
        do="open_cell", node=name, nodes=_around(scene, bundle, fresh, edges),
        edges=tuple(sorted(edges, key=lambda edge: edge.id)), truncated=cut,
    )  # fmt: skip


def _around(
    scene: Scene, bundle: Node, fresh: Sequence[Node], edges: Sequence[Edge]
) -> tuple[Node, ...]:
    """Lay the cell out by itself, then shift it as a whole to where it covers nothing."""
    inner = laid_out([node for node in fresh if not node.hub], edges)
    reach = max((abs(node.x) + abs(node.y) for node in inner), default=0.0) / 1.4 + 40
    others = [(x, y) for name, (x, y) in scene.places.items() if name != bundle.id]
    x, y = _clearing((bundle.x, bundle.y), reach, others)
    moved = [replace(node, x=round(node.x + x, 1), y=round(node.y + y, 1)) for node in inner]
    hubs = [node for node in fresh if node.hub]
    parked = lane(scene.places, [node.id for node in hubs])
    return (*moved, *(replace(n, x=parked[n.id][0], y=parked[n.id][1]) for n in hubs))


def _clearing(
    start: tuple[float, float], reach: float, others: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """From ``start`` straight away from the middle, until nothing stands within ``reach``."""
    if not others:
        return start
    middle = (sum(x for x, _ in others) / len(others), sum(y for _, y in others) / len(others))
    dx, dy = start[0] - middle[0], start[1] - middle[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    x, y = start
    for _ in range(60):
        if all((x - ox) ** 2 + (y - oy) ** 2 >= reach**2 for ox, oy in others):
            break
        x, y = x + 30 * dx / length, y + 30 * dy / length
    return (x, y)


def close_cell(scene: Scene, cell: str) -> Command:
    """Replace the drawn accounts of a cell by one bundle in their middle."""
    inside = [n for n in scene.nodes.values() if n.kind == ACCOUNT.name and n.cell == cell]
    if not inside:
        raise UsageError("No account of that cell is drawn.")
    x = sum(node.x for node in inside) / len(inside)
    y = sum(node.y for node in inside) / len(inside)
    bundle = replace(bundle_of(cell, len(inside)), x=round(x, 1), y=round(y, 1))
    return Command(do="close_cell", node=bundle.id, nodes=(bundle,))
