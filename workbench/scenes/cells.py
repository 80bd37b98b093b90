"""Cells of a scene: a closed one becomes its accounts, and accounts become a bundle again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from workbench.scenes.bundles import FLUENT, fold_of, with_room
from workbench.scenes.graph import Gathering
from workbench.scenes.joining import joins
from workbench.scenes.model import BUNDLE, CELL, Command, Edge, Node
from workbench.scenes.parts import bundle_of, laid_out, lane, shared_by, uses_of
from workbench.scenes.scene import Scene

__all__ = ["close_cell", "open_cell"]

OPENED_AT_LEAST = 60  # accounts of a cell that are brought even where the scene is full
SHARED_AT_LEAST = 20  # and identifiers that join them


def open_cell(graph: Gathering, scene: Scene, name: str) -> Command:
    """Replace a closed cell by its accounts, around the place where it stood.

    One that was closed by hand only unfolds: what it holds is here already.
    """
    if name in scene.folds:
        return Command(do="unfold", node=name, names=(name,))
    bundle = scene.held[name]
    members = graph.members(scene.focus.removeprefix("community:"))
    rows = members[members["cell"] == bundle.cell].sort_values("account")
    rows = rows[~rows["account"].isin([key.removeprefix("account:") for key in scene.held])]
    room = max(OPENED_AT_LEAST, FLUENT - len(scene.nodes) + 1)
    uses = uses_of(graph, rows["account"].head(room))
    tiers = dict(zip(rows["account"], rows["tier"], strict=True))
    accounts = [
        replace(node, cell=bundle.cell, tier=str(tiers[account]))
        for account, node in uses.accounts.items()
    ]
    shared, cut = shared_by(uses, room=max(SHARED_AT_LEAST, room - len(accounts)))
    fresh = [*accounts, *(node for key, node in shared.items() if key not in scene.held)]
    known = [node for key, node in scene.held.items() if key != name]
    edges = joins(graph, known, fresh)
    if len(rows) > len(accounts):
        cut = {**cut, ACCOUNT.name: len(rows) - len(accounts)}
    command = Command(
        do="open_cell", node=name, nodes=_around(scene, bundle, fresh, edges),
        edges=tuple(sorted(edges, key=lambda edge: edge.id)), truncated=cut,
    )  # fmt: skip
    return with_room(scene, command, dict.fromkeys((node.id for node in fresh), name))


def _around(
    scene: Scene, bundle: Node, fresh: Sequence[Node], edges: Sequence[Edge]
) -> tuple[Node, ...]:
    """Lay the cell out by itself, then shift it as a whole to where it covers nothing."""
    inner = laid_out([node for node in fresh if not node.hub], edges)
    reach = max((abs(node.x) + abs(node.y) for node in inner), default=0.0) / 1.4 + 40
    others = [(x, y) for name, (x, y) in scene.taken.items() if name != bundle.id]
    x, y = _clearing((bundle.x, bundle.y), reach, others)
    moved = [replace(node, x=round(node.x + x, 1), y=round(node.y + y, 1)) for node in inner]
    hubs = [node for node in fresh if node.hub]
    parked = lane(scene.taken, [node.id for node in hubs])
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
    """Draw the accounts of a cell as one, in their middle; opening it gives back what was there."""
    inside = [n for n in scene.nodes.values() if n.kind == ACCOUNT.name and n.cell == cell]
    if not inside:
        raise UsageError("No account of that cell is drawn.")
    fold = fold_of(scene, [node.id for node in inside])
    name = f"{CELL}:{cell}" if f"{CELL}:{cell}" not in scene.held else f"{BUNDLE}:{CELL}:{cell}"
    x = round(sum(node.x for node in inside) / len(inside), 1)
    y = round(sum(node.y for node in inside) / len(inside), 1)
    node = replace(bundle_of(cell, len(inside)), id=name, x=x, y=y)
    return Command(do="close_cell", node=name, folds=(replace(fold, node=node),))
