"""Answers about one published graph from mapped arrays; nothing is read that is not asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graph_models.families import FAMILIES
from graph_models.inference import LINK_COLUMNS, MEMBER_COLUMNS, Community
from graph_models.kinds import ACCOUNT
from graph_models.lineage import LOG_COLUMNS, Lineage
from graph_models.nodes import NodeRef
from graph_models.stores import gathering
from graph_models.stores.drawing import edges_among, edges_around, entities
from graph_models.stores.mapped_graph import MappedGraph, Neighbours, Spot
from graph_models.stores.paging import (
    Page,
    check_request,
    expansion,
    no_such_cursor,
    no_such_node,
)
from graph_models.stores.protocol import Edge, Entity, Expansion
from graph_models.stores.records import LINEAGE, about_of, lineage_of
from graph_models.stores.relations import COMMUNITY
from graph_models.stores.triage import Asked, Triage, prefix_asked

if TYPE_CHECKING:
    from graph_models.linking.served_layers import PairFacts

__all__ = ["EmbeddedView"]


class EmbeddedView:
    """A ``GraphView`` of one folder; stays valid when a newer graph is published."""

    def __init__(self, graph: MappedGraph, *, digest: str) -> None:
        self._graph = graph
        self._digest = digest

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run, counts of nodes by kind and edges by relation, synthetic flag."""
        return about_of(self._graph.origin, self._graph.about, self._digest)

    def entity(self, node: NodeRef) -> Entity:
        """One node with its properties and its neighbours counted by kind."""
        return entities(self._graph, [self._spot(node)])[0]

    def expand(
        self, node: NodeRef, *, kind: str | None = None, limit: int = 25, after: str | None = None
    ) -> Expansion:
        """One page of a node's neighbours."""
        graph, spot = self._graph, self._spot(node)
        check_request(kind, limit, valid=graph.kinds)
        around = graph.neighbours(spot)
        asked = around if kind is None else around.of(graph.kinds.index(kind))
        start = self._start(asked, after)
        shown = asked[start : start + limit]
        page = Page(
            nodes=entities(graph, shown.spots()),
            edges=edges_around(graph, spot, shown),
            drawable=self._counted(around),
            private=graph.private(spot),
            earlier=self._counted(asked[:start]),
        )
        return expansion(node, page, kind=kind)

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among these nodes, sorted; without links where they are not asked for."""
        spots = [spot for spot in map(self._graph.find, nodes) if spot is not None]
        return edges_among(self._graph, spots, linked=linked)

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Exact names first, then names that start so, then those that do in either case."""
        check_request(None, limit, valid=())
        wanted = text.strip()
        found = dict.fromkeys(self._matches(wanted, limit) if wanted else ())
        return entities(self._graph, list(found)[:limit])

    def matching(self, text: str) -> Mapping[str, int]:
        """How many nodes of each kind begin so when case is set aside."""
        numbers, wanted = self._asked_for(text.strip())
        found = {}
        for number in numbers if text.strip() else ():
            first, last = self._graph.names[number].span_folded(wanted)
            if last > first:
                found[self._graph.kinds[number]] = last - first
        return found

    def communities(self) -> Sequence[Community]:
        """All communities, in the order of triage."""
        return self._graph.communities

    def community(self, community: str) -> Community:
        """One community."""
        return self._graph.community(self._spot(NodeRef(COMMUNITY, community)).position)

    def triage(self, asked: Asked) -> Triage:
        """One page of the communities in the order of triage, with the counts above it."""
        begin = prefix_asked(asked.text)
        return self._graph.listing.page(asked, self._graph.ranks(begin) if begin else None)

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members of one community or of all."""
        table = self._graph.tables["members"]
        if community is not None:
            spot = self._spot(NodeRef(COMMUNITY, community))
            rows = np.sort(self._graph.members.of(spot.position)[1])
            table = table.take(pa.array(rows))
        frame: pd.DataFrame = table.to_pandas()
        return frame.astype(MEMBER_COLUMNS)

    def lineage(self) -> Lineage:
        """What became of communities from run to run."""
        return self._lineage

    @cached_property
    def _lineage(self) -> Lineage:
        tables = self._graph.tables
        if not tables.keys() >= {*LINEAGE}:  # published by a version that kept none
            return Lineage()
        return lineage_of({name: tables[name].to_pandas() for name in LINEAGE})

    def story(self, community: str) -> pd.DataFrame:
        """What became of the line that a community stands in now."""
        graph = self._graph
        if "lineage.rows" not in graph.arrays:  # published by a version that kept no such order
            return self._lineage.story(community)
        spot = graph.find(NodeRef(COMMUNITY, community))
        told = graph.story.of(spot.position)[0] if spot else np.zeros(0, np.int32)
        frame: pd.DataFrame = graph.tables[LINEAGE[0]].take(pa.array(told)).to_pandas()
        return frame[list(LOG_COLUMNS)].astype(LOG_COLUMNS)

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account, strongest first."""
        spot = self._spot(NodeRef(ACCOUNT.name, account))
        others, rows = self._graph.linked.of(spot.position)
        columns = ("millibits", *(family.value for family in FAMILIES))
        links = self._graph.tables["links"].select(columns)
        told: pd.DataFrame = links.take(pa.array(rows)).to_pandas()
        ids = self._graph.tables["accounts"]["account"].take(pa.array(others)).to_pandas()
        told.insert(0, "account", ids.astype("str"))
        return told.astype({name: LINK_COLUMNS[name] for name in columns})

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        """What these accounts used that others used as well."""
        check_request(kind, 1, valid=self._graph.kinds)
        return gathering.uses(self._graph, accounts, kind)

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        """Who used these identifiers."""
        return gathering.users(self._graph, nodes)

    def register(self, accounts: Sequence[str]) -> pd.DataFrame:
        """What is known of accounts themselves."""
        return gathering.register(self._graph, accounts)

    def values(self, kind: str, places: range) -> Sequence[str]:
        """The shared identifiers of a kind at some places in the order of their values."""
        check_request(kind, 1, valid=self._graph.kinds)
        return gathering.values(self._graph, kind, places)

    def linked(self, accounts: Sequence[str]) -> pd.DataFrame:
        """The links of these accounts, strongest first."""
        return gathering.linked(self._graph, accounts)

    def pair(self, a: str, b: str) -> PairFacts | None:
        """What explaining two accounts needs; None where the graph keeps nothing of it."""
        # Compilers and statistics are loaded only by those who explain.
        from graph_models.stores.pair_files import pair_facts

        spots = [self._spot(NodeRef(ACCOUNT.name, name)) for name in (a, b)]
        return pair_facts(self._graph, sorted(spot.position for spot in spots))

    def _spot(self, node: NodeRef) -> Spot:
        spot = self._graph.find(node)
        if spot is not None:
            return spot
        check_request(node.kind, 1, valid=self._graph.kinds)
        near = self._graph.names[self._graph.kinds.index(node.kind)].near(node.value)
        raise no_such_node(node, near)

    def _start(self, asked: Neighbours, after: str | None) -> int:
        if after is None:
            return 0
        spot = self._graph.find(NodeRef.parse(after))
        index = None if spot is None else asked.index_of(spot)
        if index is None:
            raise no_such_cursor(after)
        return index + 1

    def _counted(self, around: Neighbours) -> dict[str, int]:
        return {self._graph.kinds[kind]: count for kind, count in around.counts().items()}

    def _asked_for(self, text: str) -> tuple[Sequence[int], str]:
        """Numbers of the kinds that a search means, and what their names begin with."""
        kind, colon, value = text.partition(":")
        if colon and kind in self._graph.kinds:
            return [self._graph.kinds.index(kind)], value
        return range(len(self._graph.kinds)), text

    def _matches(self, text: str, limit: int) -> Iterator[Spot]:
        numbers, wanted = self._asked_for(text)
        for number in numbers:
            position = self._graph.names[number].position(wanted)
            if position is not None:
                yield Spot(number, position)
        for way in ("starting", "starting_folded"):
            for number in numbers:
                places = getattr(self._graph.names[number], way)(wanted)
                yield from (Spot(number, place) for place in islice(places, limit))
