"""How much of each kind a scene shows: shown + hidden + truncated = total."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from workbench.scenes.scene import CELL, Node, Scene, neighbours

__all__ = ["KindSum", "sums"]


@dataclass(frozen=True)
class KindSum:
    """How much of one kind is drawn: shown + hidden + truncated = total."""

    kind: str
    shown: int
    hidden: int
    truncated: int

    @property
    def total(self) -> int:
        """Everything that the scene knows of."""
        return self.shown + self.hidden + self.truncated


def sums(scene: Scene) -> list[KindSum]:
    """One line a kind.

    *Hidden* is closed, switched off, removed, private or not asked for; *truncated* was beyond a
    limit. A neighbour of several expanded nodes counts at each of them.
    """
    shown, hidden = _drawn_counts(scene)
    cut = Counter(scene.truncated)
    near = neighbours(scene)
    for name, asked in scene.expanded.items():
        if name in scene.nodes:
            more_hidden, more_cut = _not_drawn(scene, scene.nodes[name], asked, near[name])
            hidden, cut = hidden + more_hidden, cut + more_cut
    kinds = {*shown, *hidden, *cut} - {CELL}
    return [KindSum(kind, shown[kind], hidden[kind], cut[kind]) for kind in sorted(kinds)]


def _drawn_counts(scene: Scene) -> tuple[Counter[str], Counter[str]]:
    shown: Counter[str] = Counter()
    hidden: Counter[str] = Counter(scene.gone.values())
    for node in scene.nodes.values():
        if node.kind == CELL:
            hidden["account"] += node.size
        elif node.kind in scene.off:
            hidden[node.kind] += 1
        else:
            shown[node.kind] += 1
    return shown, hidden


def _not_drawn(
    scene: Scene, node: Node, asked: tuple[str, ...], near: set[str]
) -> tuple[Counter[str], Counter[str]]:
    drawn: Counter[str] = Counter()
    for other in near:
        found = scene.nodes[other]
        drawn["account" if found.kind == CELL else found.kind] += found.size
    removed = Counter(scene.gone.values())
    hidden, cut = Counter(node.private), Counter[str]()
    for kind, count in node.counts.items():
        missing = max(0, count - drawn[kind] - removed[kind])
        (cut if kind in asked else hidden)[kind] += missing
    return hidden, cut
