"""A compiled graph as batches of rows: what each node and relation holds in Neo4j.

Nodes are numbered: ``key`` is publication, sort and position in one integer, so that the ends of a
relation are found by a small number, and so that a publication is a range of keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_models.inference import TIERS
from graph_models.kinds import relation_of
from graph_models.stores.compilation import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.drawing import entities
from graph_models.stores.mapped_graph import MappedGraph, Spot
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.cypher import Label, Relation, label_of, typed
from graph_models.stores.protocol import Entity
from graph_models.stores.records import record_of

__all__ = [
    "ACCOUNTS",
    "COMMUNITIES",
    "IDENTIFIERS",
    "LONGEST_NAME",
    "Keys",
    "Stage",
    "community_properties",
    "cut",
    "search_name",
    "stages",
    "sums",
]

ACCOUNTS, IDENTIFIERS, COMMUNITIES = range(3)
_POSITION_BITS, _SORT_BITS = 32, 2
LONGEST_NAME = 600
"""Longer names are cut in the indexes (never in the value): an index entry ends at about 8 kB."""

Rows = list[Any]


@dataclass(frozen=True)
class Keys:
    """The keys of one publication's nodes."""

    graph: int

    def of(self, sort: int, position: int) -> int:
        """The key of the node of that sort at that position."""
        return (self.graph << _SORT_BITS | sort) << _POSITION_BITS | position

    def all_of(self, sort: int, positions: NDArray[Any]) -> list[int]:
        """The keys of many nodes of one sort."""
        keys: list[int] = (positions.astype(np.int64) + self.of(sort, 0)).tolist()
        return keys

    def range(self, sort: int, size: int) -> dict[str, int]:
        """The lowest key of a sort and the one after its last, as parameters."""
        return {"low": self.of(sort, 0), "high": self.of(sort, size)}


@dataclass(frozen=True)
class Stage:
    """One sort of rows: what writes them, how many there are, and how a slice of them is made."""

    name: str
    statement: str
    size: int
    rows: Callable[[int, int], Rows]


def cut(name: str) -> str:
    """A name short enough for an index, and still its own."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{name[: LONGEST_NAME - 20]}…{digest}"


def search_name(kind: str, value: str) -> str:
    """What a node is found by when case is set aside; folded here, never by the server."""
    return f"{kind}:{value.lower()}"[: LONGEST_NAME - 20]


def stages(graph: MappedGraph, keys: Keys) -> Iterator[Stage]:
    """All rows of a publication in the order of writing: nodes first, then what joins them."""
    yield Stage("accounts", typed(cypher.NODES, Label["Account"]), _size(graph, "accounts"),
                _node_rows(graph, keys, ACCOUNTS, 0))  # fmt: skip
    starts = graph.arrays["kind_starts"].tolist()
    for number, kind in enumerate(graph.kinds[1:-1]):
        yield Stage(
            f"identifiers/{number}",
            typed(cypher.NODES_OF_KIND, label_of(kind)),
            starts[number + 1] - starts[number],
            _node_rows(graph, keys, IDENTIFIERS, number + 1, offset=starts[number]),
        )
    yield Stage("communities", typed(cypher.NODES, Label["Community"]), len(graph.by_id),
                _node_rows(graph, keys, COMMUNITIES, graph.community_kind))  # fmt: skip
    yield from _sightings(graph, keys, starts)
    yield Stage("links", typed(cypher.LINKS, Relation[LINKED]), _size(graph, "links"),
                _link_rows(graph, keys))  # fmt: skip
    yield Stage("members", typed(cypher.MEMBERSHIPS, Relation[MEMBER_OF]), _size(graph, "members"),
                _member_rows(graph, keys))  # fmt: skip


def _size(graph: MappedGraph, table: str) -> int:
    return int(graph.tables[table].num_rows)


def _node_rows(
    graph: MappedGraph, keys: Keys, sort: int, kind: int, *, offset: int = 0
) -> Callable[[int, int], Rows]:
    rank = {community.community: i for i, community in enumerate(graph.communities)}

    def rows(start: int, stop: int) -> Rows:
        spots = [Spot(kind, offset + place) for place in range(start, stop)]
        made = []
        for spot, entity in zip(spots, entities(graph, spots), strict=True):
            row = _node_row(entity, keys.graph, keys.of(sort, spot.position))
            if sort == COMMUNITIES:
                row |= community_properties(graph, spot, rank)
            made.append(row)
        return made

    return rows


def _node_row(entity: Entity, graph: int, key: int) -> dict[str, Any]:
    node = entity.node
    properties = {} if node.kind == COMMUNITY else entity.properties
    row = {
        **properties,
        "key": key,
        "graph": graph,
        "id": cut(str(node)),
        "kind": node.kind,
        "value": node.value,
        "search": search_name(node.kind, node.value),
        "hub": entity.hub,
    }
    # An empty list is left out, as by the import tool, which cannot write one.
    for kinds, numbers, counts in (
        ("neighbour_kinds", "neighbours", entity.counts),
        ("private_kinds", "private", entity.private),
    ):
        if counts:
            row |= {kinds: list(counts), numbers: list(counts.values())}
    return row


def community_properties(graph: MappedGraph, spot: Spot, rank: Mapping[str, int]) -> dict[str, Any]:
    """The whole record as text, and beside it what an analyst asks for in Cypher."""
    community = graph.by_id[spot.position]
    return {
        "record": json.dumps(record_of(community), sort_keys=True),
        "rank": rank[community.community],
        "core": community.size.core,
        "probable": community.size.probable,
        "possible": community.size.possible,
        "exchanges": community.exchanges,
        "first_seen": community.first_seen,
        "last_seen": community.last_seen,
        "assessed_as": community.assessment.assessed_as,
        "confidence": community.assessment.confidence,
        "held_together": community.held_together,
        "chance_p": community.chance_p,
        "robust_to": list(community.robust_to),
    }


def _sightings(graph: MappedGraph, keys: Keys, starts: Sequence[int]) -> Iterator[Stage]:
    used_by = graph.used_by.starts
    for number, kind in enumerate(graph.kinds[1:-1]):
        first, last = int(used_by[starts[number]]), int(used_by[starts[number + 1]])
        statement = typed(cypher.SIGHTINGS, Relation[relation_of(kind)])
        yield Stage(
            f"sightings/{number}", statement, last - first, _sighting_rows(graph, keys, first)
        )


def _sighting_rows(graph: MappedGraph, keys: Keys, offset: int) -> Callable[[int, int], Rows]:
    names = ("count", "first", "last", "days", "claimed")

    def rows(start: int, stop: int) -> Rows:
        here = np.arange(offset + start, offset + stop)
        account = graph.used_by.ends[here].astype(np.int64)
        # The last identifier that starts at or before the place owns it.
        identifier = np.searchsorted(graph.used_by.starts, here, side="right") - 1
        told = graph.used_by.rows[here]
        columns = [graph.arrays[f"sighting.{name}"][told].tolist() for name in names]
        who, what = keys.all_of(ACCOUNTS, account), keys.all_of(IDENTIFIERS, identifier)
        return list(map(list, zip(who, what, *columns, strict=True)))

    return rows


def _link_rows(graph: MappedGraph, keys: Keys) -> Callable[[int, int], Rows]:
    def rows(start: int, stop: int) -> Rows:
        told = graph.rows("links", range(start, stop))
        return [
            [
                keys.of(ACCOUNTS, row.pop("a")),
                keys.of(ACCOUNTS, row.pop("b")),
                {"bits": row["millibits"] / 1000, **{k: v for k, v in row.items() if v}},
            ]
            for row in told
        ]

    return rows


def _member_rows(graph: MappedGraph, keys: Keys) -> Callable[[int, int], Rows]:
    accounts = graph.names[0]
    places = {community.community: place for place, community in enumerate(graph.by_id)}

    def rows(start: int, stop: int) -> Rows:
        made = []
        for row in graph.rows("members", range(start, stop)):
            account, community = row.pop("account"), row.pop("community")
            position = accounts.position(account)
            assert position is not None
            ends = [keys.of(ACCOUNTS, position), keys.of(COMMUNITIES, places[community])]
            made.append([*ends, {**row, "rank": TIERS.index(row["tier"])}])
        return made

    return rows


def sums(graph: MappedGraph) -> dict[str, dict[str, list[int]]]:
    """How many nodes and relations of each name there are, and a total of what they count."""
    starts = graph.arrays["kind_starts"].tolist()
    degrees = graph.tables["identifiers"]["accounts"].to_numpy()
    nodes = {graph.kinds[0]: _summed(graph.tables["accounts"]["exchanges"].to_numpy())}
    for number, kind in enumerate(graph.kinds[1:-1]):
        nodes[kind] = _summed(degrees[starts[number] : starts[number + 1]])
    nodes[COMMUNITY] = _summed(np.array([c.exchanges for c in graph.by_id], dtype=np.int64))
    tiers = [TIERS.index(tier) for tier in graph.tables["members"]["tier"].to_pylist()]
    edges = {
        LINKED: _summed(graph.tables["links"]["millibits"].to_numpy()),
        MEMBER_OF: _summed(np.array(tiers, dtype=np.int64)),
    }
    counted = graph.arrays["sighting.count"][graph.used_by.rows]
    for number, kind in enumerate(graph.kinds[1:-1]):
        here = counted[
            graph.used_by.starts[starts[number]] : graph.used_by.starts[starts[number + 1]]
        ]
        before = edges.get(relation_of(kind), [0, 0])
        edges[relation_of(kind)] = [a + b for a, b in zip(before, _summed(here), strict=True)]
    return {"nodes": _filled(nodes), "edges": _filled(edges)}


def _summed(values: NDArray[Any]) -> list[int]:
    return [len(values), int(values.sum(dtype=np.int64))]


def _filled(told: dict[str, list[int]]) -> dict[str, list[int]]:
    return {name: numbers for name, numbers in told.items() if numbers[0]}
