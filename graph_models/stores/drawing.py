"""Entities and edges of a mapped graph, as the protocol shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.enrichment import properties
from graph_models.families import FAMILIES
from graph_models.kinds import ACCOUNT, KINDS, relation_of
from graph_models.nodes import NodeRef
from graph_models.stores.adjacency import Adjacency
from graph_models.stores.mapped_graph import MappedGraph, Neighbours, Spot
from graph_models.stores.protocol import Edge, Entity
from graph_models.stores.relations import COMMUNITY, LINKED, MEMBER_OF

__all__ = [
    "OF_ACCOUNT",
    "OF_IDENTIFIER",
    "OF_MEMBERSHIP",
    "OF_SIGHTING",
    "edges_among",
    "edges_around",
    "entities",
]

OF_IDENTIFIER = (
    *("accounts", "linkable", "prefix", "asn", "label"),
    *sorted({prop.name for kind in KINDS for prop in kind.properties} - {"prefix", "asn", "label"}),
    "enrichment",
)
_OF_MEMBER = ("community", "cell", "tier", "member_confidence")
OF_ACCOUNT = (*(prop.name for prop in ACCOUNT.properties), *_OF_MEMBER)
OF_MEMBERSHIP = ("cell", "tier", "member_confidence", "share")
_FAMILIES = tuple(family.value for family in FAMILIES)
OF_SIGHTING = ("count", "first", "last", "days", "claimed")

# Two ends and the row of what lies between them.
_Drawn = tuple[Spot, Spot, int]


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
    return {name: row[name] for name in names if row.get(name) not in (None, "")}


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
            properties=_known({**row, **properties(row.get("enrichment"))}, OF_IDENTIFIER),
            counts={ACCOUNT.name: row["accounts"]},
            hub=bool(graph.arrays["identifier_hub"][spot.position]),
        )


def _community(graph: MappedGraph, spot: Spot) -> Entity:
    told = graph.community(spot.position).as_json()
    node = NodeRef(COMMUNITY, told.pop("community"))
    members = graph.members.degree(spot.position)
    return Entity(node, told, {ACCOUNT.name: members} if members else {})


def edges_around(graph: MappedGraph, spot: Spot, around: Neighbours) -> list[Edge]:
    """The edges between a node and some of its neighbours, in their order."""
    rows = around.rows.tolist()
    return _edges(
        graph, [(spot, other, row) for other, row in zip(around.spots(), rows, strict=True)]
    )


def edges_among(graph: MappedGraph, spots: Sequence[Spot], *, linked: bool = True) -> list[Edge]:
    """All edges that both start and end at one of the spots, sorted by their names."""
    last = graph.community_kind
    accounts, identifiers, communities = (
        np.array(sorted({spot.position for spot in spots if spot.kind in kinds}), dtype=np.int64)
        for kinds in (range(1), range(1, last), range(last, last + 1))
    )
    kinds = graph.arrays["identifier_kind"]
    found: list[_Drawn] = []
    for a, end, row in _found(graph.uses, accounts, identifiers):
        found.append((Spot(0, a), Spot(int(kinds[end]) + 1, end), row))
    for a, end, row in _found(graph.member_of, accounts, communities):
        found.append((Spot(0, a), Spot(last, end), row))
    for a, end, row in _found(graph.linked, accounts, accounts) if linked else ():
        if a < end:
            found.append((Spot(0, a), Spot(0, end), row))
    return sorted(_edges(graph, found), key=lambda edge: (edge.source, edge.target))


def _found(
    relation: Adjacency, sources: NDArray[np.int64], ends: NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    return zip(*(part.tolist() for part in relation.among(sources, ends)), strict=True)


def _edges(graph: MappedGraph, drawn: Sequence[_Drawn]) -> list[Edge]:
    # From the account to what it used or joined; between accounts from the lower id.
    ends: list[_Drawn] = [(min(one, other), max(one, other), row) for one, other, row in drawn]
    spots = {spot for low, high, _ in ends for spot in (low, high)}
    names = {spot: graph.node(spot) for spot in spots}
    told = _told(graph, ends)
    return [
        Edge(names[low], names[high], _relation(graph, names[high], high.kind), properties)
        for (low, high, _), properties in zip(ends, told, strict=True)
    ]


def _relation(graph: MappedGraph, target: NodeRef, kind: int) -> str:
    if kind == 0:
        return LINKED
    return MEMBER_OF if kind == graph.community_kind else relation_of(target.kind)


def _told(graph: MappedGraph, ends: Sequence[_Drawn]) -> Iterator[dict[str, Any]]:
    """What each edge says; each table is read once, whatever the number of edges."""
    links = iter(graph.rows("links", [row for _, high, row in ends if high.kind == 0]))
    joined = [row for _, high, row in ends if high.kind == graph.community_kind]
    memberships = iter(graph.rows("members", joined))
    for _, high, row in ends:
        if high.kind == 0:
            yield _link(next(links))
        elif high.kind == graph.community_kind:
            yield _known(next(memberships), OF_MEMBERSHIP)
        else:
            yield _sighting(graph, row)


def _sighting(graph: MappedGraph, row: int) -> dict[str, Any]:
    return {name: graph.arrays[f"sighting.{name}"][row].item() for name in OF_SIGHTING}


def _link(row: dict[str, Any]) -> dict[str, Any]:
    families = {name: row[name] / 1000 for name in _FAMILIES if row[name]}
    return {"bits": row["millibits"] / 1000, "families": families}
