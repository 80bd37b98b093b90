"""Entities and edges of a mapped graph, as the protocol shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.families import FAMILIES
from graph_models.kinds import ACCOUNT, relation_of
from graph_models.nodes import NodeRef
from graph_models.stores.compilation import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.mapped_graph import MappedGraph, Neighbours, Spot
from graph_models.stores.protocol import Edge, Entity

__all__ = ["edges_among", "edges_around", "entities"]

_OF_IDENTIFIER = ("accounts", "linkable", "prefix", "asn", "label")
_OF_MEMBER = ("community", "cell", "tier", "member_confidence")
_OF_MEMBERSHIP = ("cell", "tier", "member_confidence", "share")
_OF_SIGHTING = ("count", "first", "last", "days", "claimed")


def entities(graph: MappedGraph, spots: Sequence[Spot]) -> list[Entity]:
    """The nodes at these spots, in their order."""
    accounts = [spot for spot in spots if spot.kind == 0]
    identifiers = [spot for spot in spots if 0 < spot.kind < graph.community_kind]
    found = {
        **dict(zip(accounts, _accounts(graph, accounts), strict=True)),
        **dict(zip(identifiers, _identifiers(graph, identifiers), strict=True)),
    }
    return [found[spot] if spot in found else _community(graph, spot) for spot in spots]


def _known(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] not in (None, "")}


def _accounts(graph: MappedGraph, spots: Sequence[Spot]) -> Iterator[Entity]:
    names = [prop.name for prop in ACCOUNT.properties]
    rows = graph.rows("accounts", [spot.position for spot in spots])
    joined = [graph.member_of.of(spot.position)[1][:1].tolist() for spot in spots]
    mainly = iter(graph.rows("members", [row for one in joined for row in one]))
    for spot, row, membership in zip(spots, rows, joined, strict=True):
        told = _known(row, names) | (_known(next(mainly), _OF_MEMBER) if membership else {})
        yield Entity(
            node=NodeRef(ACCOUNT.name, row["account"]),
            properties=told,
            counts=_account_counts(graph, spot),
            private=graph.private(spot),
        )


def _account_counts(graph: MappedGraph, spot: Spot) -> dict[str, int]:
    linked = graph.linked.degree(spot.position)
    communities = graph.member_of.degree(spot.position)
    counts = graph.by_kind(graph.arrays["shared"][spot.position])
    counts |= {ACCOUNT.name: linked} if linked else {}
    return counts | ({COMMUNITY: communities} if communities else {})


def _identifiers(graph: MappedGraph, spots: Sequence[Spot]) -> Iterator[Entity]:
    rows = graph.rows("identifiers", [spot.position for spot in spots])
    for spot, row in zip(spots, rows, strict=True):
        yield Entity(
            node=NodeRef(graph.kinds[spot.kind], row["value"]),
            properties=_known(row, _OF_IDENTIFIER),
            counts={ACCOUNT.name: row["accounts"]},
            hub=bool(graph.arrays["identifier_hub"][spot.position]),
        )


def _community(graph: MappedGraph, spot: Spot) -> Entity:
    told = graph.by_id[spot.position].as_json()
    node = NodeRef(COMMUNITY, told.pop("community"))
    members = graph.members.degree(spot.position)
    return Entity(node, told, {ACCOUNT.name: members} if members else {})


def edges_around(graph: MappedGraph, spot: Spot, around: Neighbours) -> list[Edge]:
    """The edges between a node and some of its neighbours, in their order."""
    pairs = zip(around.spots(), around.rows.tolist(), strict=True)
    return [_edge(graph, spot, other, row) for other, row in pairs]


def edges_among(graph: MappedGraph, spots: Sequence[Spot]) -> list[Edge]:
    """All edges that both start and end at one of the spots, sorted by their names."""
    accounts = _positions(spots, lambda kind: kind == 0)
    identifiers = _positions(spots, lambda kind: 0 < kind < graph.community_kind)
    communities = _positions(spots, lambda kind: kind == graph.community_kind)
    kinds = graph.arrays["identifier_kind"]
    found: list[tuple[Spot, Spot, int]] = []
    for a, end, row in zip(*graph.uses.among(accounts, identifiers), strict=True):
        found.append((Spot(0, int(a)), Spot(int(kinds[end]) + 1, int(end)), int(row)))
    for a, end, row in zip(*graph.member_of.among(accounts, communities), strict=True):
        found.append((Spot(0, int(a)), Spot(graph.community_kind, int(end)), int(row)))
    for a, end, row in zip(*graph.linked.among(accounts, accounts), strict=True):
        if a < end:
            found.append((Spot(0, int(a)), Spot(0, int(end)), int(row)))
    drawn = [_edge(graph, *each) for each in found]
    return sorted(drawn, key=lambda edge: (edge.source, edge.target))


def _positions(spots: Sequence[Spot], chosen: Callable[[int], bool]) -> NDArray[np.int64]:
    return np.array(sorted({s.position for s in spots if chosen(s.kind)}), dtype=np.int64)


def _edge(graph: MappedGraph, one: Spot, other: Spot, row: int) -> Edge:
    # From the account to what it used or joined; between accounts from the lower id.
    low, high = sorted((one, other))
    source, target = graph.node(low), graph.node(high)
    if high.kind == 0:
        return Edge(source, target, LINKED, _link(graph, row))
    if high.kind == graph.community_kind:
        told = _known(graph.rows("members", [row])[0], _OF_MEMBERSHIP)
        return Edge(source, target, MEMBER_OF, told)
    sighting = {name: graph.arrays[f"sighting.{name}"][row].item() for name in _OF_SIGHTING}
    return Edge(source, target, relation_of(target.kind), sighting)


def _link(graph: MappedGraph, row: int) -> dict[str, Any]:
    told = graph.rows("links", [row])[0]
    families = {f.value: told[f.value] / 1000 for f in FAMILIES if told[f.value]}
    return {"bits": told["millibits"] / 1000, "families": families}
