"""How a scene grows: what expanding nodes, or adding one by name, brings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity
from workbench.scenes.bundles import MOST_HELD, with_room
from workbench.scenes.gesture import MOST_PER_KIND
from workbench.scenes.graph import Graph
from workbench.scenes.joining import joins, links_joining, placed
from workbench.scenes.model import Command, Edge, Node
from workbench.scenes.ordering import Found, ordered
from workbench.scenes.parts import node_of, population
from workbench.scenes.scene import Scene

__all__ = ["PER_KIND", "Asking", "add_nodes", "default_kinds", "expand"]

PER_KIND = 25  # the popover says the same number
_PAGES = 8  # so many pages are turned to find what is new; each is one bounded question


@dataclass(frozen=True)
class Asking:
    """How an expansion is asked: kinds (none: the usual), order within a kind, how many of each."""

    kinds: tuple[str, ...] = ()
    sort: str = ""
    limit: int = PER_KIND


@dataclass
class _Catch:
    """What an expansion of several nodes has found so far."""

    new: dict[str, Node] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)


def default_kinds(node: Node) -> tuple[str, ...]:
    """The kinds that an expansion asks for unless told otherwise: identifiers before links."""
    others = tuple(sorted(kind for kind in node.counts if kind != ACCOUNT.name))
    return others or tuple(sorted(node.counts))


def expand(graph: Graph, scene: Scene, names: Sequence[str], asking: Asking) -> Command:
    """Add up to ``limit`` new neighbours of each kind of each node, and how all of it joins.

    What a person removed stays removed; what was collapsed comes back to its place. Above what a
    canvas can show, what is alike comes folded.

    Raises:
        UsageError: the scene holds more than can be worked with.
    """
    _check_room(scene)
    catch, among = _Catch(), population(graph)
    for name in names:
        node = scene.held[name]
        kinds = tuple(kind for kind in asking.kinds if kind in node.counts) or default_kinds(node)
        catch.asked[name] = tuple(sorted(set(kinds)))
        for kind in catch.asked[name]:
            for entity in _fresh(graph, scene, name, kind, asking, catch.new.keys()):
                catch.new.setdefault(str(entity.node), node_of(entity, among))
                catch.anchors.setdefault(str(entity.node), name)
    return _grown(graph, scene, catch)


def add_nodes(graph: Graph, scene: Scene, names: Sequence[str]) -> Command:
    """Draw some more entities and how they join what is drawn, in free places near the middle."""
    _check_room(scene)
    catch, among = _Catch(), population(graph)
    for name in names:
        node = node_of(graph.show(NodeRef.parse(name)), among)
        catch.new[node.id] = node
        catch.anchors[node.id] = scene.focus
    return _grown(graph, scene, catch)


def _check_room(scene: Scene) -> None:
    if len(scene.held) > MOST_HELD:
        raise UsageError(
            f"The scene holds {len(scene.held):,} nodes, folded ones included.",
            fix="Undo some steps, or open what you look for as a scene of its own.",
        )


def _grown(graph: Graph, scene: Scene, catch: _Catch) -> Command:
    back = tuple(sorted(name for name in catch.new if name in scene.held))
    fresh = [node for name, node in catch.new.items() if name not in scene.held]
    edges = joins(graph, scene.held.values(), fresh)
    edges += links_joining(graph, scene, fresh, catch.asked)
    anchors = catch.anchors | _joined_to(scene, catch, edges)
    command = Command(
        do="expand",
        node=next(iter(catch.asked), ""),
        names=back,
        asked=catch.asked,
        nodes=placed(scene, anchors, fresh),
        edges=tuple(_untied(scene, edges)),
    )
    return with_room(scene, command, catch.anchors)


def _untied(scene: Scene, edges: Iterable[Edge]) -> list[Edge]:
    """Each new edge once, in one order whatever was asked first."""
    new = {edge.id: edge for edge in edges if edge.id not in scene.ties}
    return [edge for _, edge in sorted(new.items())]


def _joined_to(scene: Scene, catch: _Catch, edges: Iterable[Edge]) -> dict[str, str]:
    """Where nodes that were added by name stand: beside the first thing that they join."""
    if catch.asked:
        return {}
    ends = [(edge.a, edge.b) for edge in edges] + [(edge.b, edge.a) for edge in edges]
    drawn = [(one, other) for one, other in ends if one in catch.new and other in scene.shown_as]
    return dict(sorted(drawn, reverse=True))


def _fresh(
    graph: Graph, scene: Scene, name: str, kind: str, asking: Asking, found: Collection[str]
) -> list[Entity]:
    """New neighbours of one kind in the order asked for; those drawn or removed are passed over."""
    limit = min(asking.limit or PER_KIND, MOST_PER_KIND)
    pool: list[Found] = []
    for page in _pages(graph, name, kind, MOST_PER_KIND if asking.sort else max(100, limit)):
        pool += [one for one in page if _is_new(scene, one, found)]
        if len(pool) >= limit:
            break
    return [entity for entity, _ in ordered(graph, scene, pool, asking.sort)[:limit]]


def _is_new(scene: Scene, one: Found, found: Collection[str]) -> bool:
    name = str(one[0].node)
    return name not in found and (name not in scene.held or name in scene.collapsed)


def _pages(graph: Graph, name: str, kind: str, size: int) -> Iterator[list[Found]]:
    cursor = None
    for _ in range(_PAGES):
        page = graph.expand(name, kind=kind, limit=size, after=cursor)
        yield list(zip(page.nodes, page.edges, strict=True))
        cursor = page.cursor
        if cursor is None:
            return
