"""In which order an expansion brings neighbours: rarest, strongest, most connected, newest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Edge, Entity
from graph_models.stores.relations import LINKED
from workbench.scenes.graph import Graph
from workbench.scenes.model import CELL
from workbench.scenes.parts import day_of
from workbench.scenes.scene import Scene

__all__ = ["Found", "ordered"]

Found = tuple[Entity, Edge]


def ordered(graph: Graph, scene: Scene, pool: Sequence[Found], sort: str) -> list[Found]:
    """The pool in the order asked for, ties as the store gave them; "" is the store's own order."""
    if sort == "connected":
        joined = _joined(graph, scene, pool)
        return sorted(pool, key=lambda one: -joined[str(one[0].node)])
    if sort == "newest":
        return sorted(pool, key=lambda one: _day(one), reverse=True)
    return sorted(pool, key=_KEYS[sort]) if sort else list(pool)


def _rarest(one: Found) -> int:
    """An identifier by how many used it; an account by how little of it is shared."""
    counts = one[0].counts
    if one[0].node.kind == ACCOUNT.name:
        return sum(count for kind, count in counts.items() if kind != ACCOUNT.name)
    return counts.get(ACCOUNT.name, 0)


def _strongest(one: Found) -> float:
    """A link by its bits, a use by how often it was seen."""
    return -float(one[1].properties.get("bits") or one[1].properties.get("count") or 0)


_KEYS: dict[str, Callable[[Found], float]] = {"rarest": _rarest, "strongest": _strongest}


def _day(one: Found) -> str:
    """A use by its first day; a link by the first day of the account at its other end."""
    seen = one[0].properties.get("created_at") or one[0].properties.get("first_seen")
    return day_of(seen if one[1].relation == LINKED else one[1].properties.get("first"))


def _joined(graph: Graph, scene: Scene, pool: Sequence[Found]) -> Counter[str]:
    """How many drawn nodes each of the pool joins, by one question."""
    drawn = {name for name in scene.shown_as if scene.held[name].kind != CELL}
    fresh = {str(entity.node) for entity, _ in pool}
    edges = graph.subgraph([NodeRef.parse(name) for name in sorted(drawn | fresh)])
    joined: Counter[str] = Counter()
    for edge in edges:
        ends = {str(edge.source), str(edge.target)}
        if edge.relation != LINKED and ends & drawn:
            joined.update(ends & fresh)
    return joined
