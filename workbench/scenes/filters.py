"""What filters put out of sight: which nodes and links, how many, and a chip for each filter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from graph_models.kinds import ACCOUNT, KINDS
from graph_models.text import inert
from workbench.scenes.model import Edge, Filters, Node
from workbench.scenes.scene import Scene

__all__ = ["Chip", "Part", "chips", "hidden_nodes", "parts", "visible", "without"]

_FAMILY_OF = {kind.name: kind.family.value for kind in KINDS}
_PLURAL_OF = {ACCOUNT.name: ACCOUNT.plural, **{kind.name: kind.plural for kind in KINDS}}


@dataclass(frozen=True)
class Chip:
    """One filter that can be taken off, and what it hides by itself: drawn nodes, and links."""

    id: str
    words: str
    hidden: int
    links: int


def visible(scene: Scene) -> tuple[list[Node], list[Edge]]:
    """What filters leave in sight, sorted: a rerun sends the same."""
    hidden = hidden_nodes(scene)
    nodes = [node for name, node in sorted(scene.nodes.items()) if name not in hidden]
    kept = scene.edges
    if scene.filters != Filters(kinds=scene.filters.kinds):  # other filters hide edges, too
        kept = scene.drawn(
            edge for edge in scene.ties.values() if not _hides_edge(scene.filters, edge, scene)
        )
    return nodes, [e for _, e in sorted(kept.items()) if e.a not in hidden and e.b not in hidden]


def hidden_nodes(scene: Scene) -> frozenset[str]:
    """Drawn nodes that filters hide; a bundle only when everything in it is hidden."""
    return frozenset(scene.nodes.keys() - _in_sight(scene, scene.filters))


def _in_sight(scene: Scene, filters: Filters) -> set[str]:
    if filters == Filters():
        return set(scene.nodes)
    seen = _last_seen(scene) if filters.since or filters.until else {}
    return {
        drawn
        for name, drawn in scene.shown_as.items()
        if not _hides_node(filters, scene.held[name], seen.get(name, ("", "")))
    }


def _last_seen(scene: Scene) -> dict[str, tuple[str, str]]:
    """First and last day of each node: its own, or else those of its sightings here."""
    days: dict[str, list[str]] = defaultdict(list)
    for edge in scene.ties.values():
        if edge.first:
            days[edge.a] += [edge.first, edge.last]
            days[edge.b] += [edge.first, edge.last]
    own = {name: [n.first, n.last] for name, n in scene.held.items() if n.first and n.last}
    return {name: (min(some), max(some)) for name, some in {**days, **own}.items()}


def _hides_node(filters: Filters, node: Node, days: tuple[str, str]) -> bool:
    return (
        node.kind in filters.kinds
        or _FAMILY_OF.get(node.kind, "") in filters.families
        or (node.bits is not None and node.bits < filters.bits)
        or _outside(filters, *days)
    )


def _outside(filters: Filters, first: str, last: str) -> bool:
    """True when days are known and none of them is within the asked ones."""
    late = bool(filters.until and first and first > filters.until)
    return late or bool(filters.since and last and last < filters.since)


def _hides_edge(filters: Filters, edge: Edge, scene: Scene) -> bool:
    if edge.bits is None:
        return _outside(filters, edge.first, edge.last)
    left = edge.bits - sum(
        bits for family, bits in edge.families.items() if family in filters.families
    )
    emptied = bool(filters.families) and left <= 0
    return emptied or left < filters.bits or bool({edge.a, edge.b} - scene.shown_as.keys())


def chips(scene: Scene) -> list[Chip]:
    """One chip a filter, with the count of what it hides; taking all off shows everything."""
    return [_measured(scene, part) for part in parts(scene.filters)]


@dataclass(frozen=True)
class Part:
    """One filter by itself, with its id and its words."""

    id: str
    words: str
    filters: Filters


def _measured(scene: Scene, part: Part) -> Chip:
    links = sum(
        edge.bits is not None
        and edge.a in scene.shown_as
        and edge.b in scene.shown_as
        and _hides_edge(part.filters, edge, scene)
        for edge in scene.ties.values()
    )
    hidden = scene.nodes.keys() - _in_sight(scene, part.filters)
    return Chip(part.id, part.words, hidden=len(hidden), links=links)


def parts(filters: Filters) -> list[Part]:
    """Each filter by itself."""
    found = [
        Part(f"kind:{kind}", f"no {_plural(kind)}", Filters(kinds=frozenset({kind})))
        for kind in sorted(filters.kinds)
    ]
    found += [
        Part(f"family:{name}", f"without {name}", Filters(families=frozenset({name})))
        for name in sorted(filters.families)
    ]
    if filters.since or filters.until:
        only = Filters(since=filters.since, until=filters.until)
        found.append(Part("days", _days(filters), only))
    if filters.bits:
        found.append(Part("bits", f"at least {filters.bits:g} bits", Filters(bits=filters.bits)))
    return found


def _plural(kind: str) -> str:
    return _PLURAL_OF.get(kind, inert(kind, 30)).lower()


def _days(filters: Filters) -> str:
    if not filters.until:
        return f"since {filters.since}"
    return f"{filters.since} to {filters.until}" if filters.since else f"until {filters.until}"


def without(filters: Filters, chip: str) -> Filters:
    """The filters with one chip taken off; "" takes off all of them."""
    part, _, name = chip.partition(":")
    if part == "kind":
        return replace(filters, kinds=filters.kinds - {name})
    if part == "family":
        return replace(filters, families=filters.families - {name})
    if part == "days":
        return replace(filters, since="", until="")
    return replace(filters, bits=0.0) if part == "bits" else Filters()
