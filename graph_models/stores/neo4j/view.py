"""Answers about one publication in a Neo4j server; bounded, and whole or not at all."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

from graph_models.errors import BadDataError, UsageError, WorkbenchError
from graph_models.inference import LINK_COLUMNS, MEMBER_COLUMNS, Community
from graph_models.kinds import ACCOUNT
from graph_models.lineage import Lineage
from graph_models.nodes import NodeRef
from graph_models.stores.compilation import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.neo4j import cypher
from graph_models.stores.neo4j.connection import Connection, Transaction, rows
from graph_models.stores.neo4j.cypher import Relation, typed
from graph_models.stores.neo4j.decoding import (
    community_from,
    edge_from,
    entity_from,
    lineage_from,
    link_row,
)
from graph_models.stores.neo4j.encoding import (
    ACCOUNTS,
    COMMUNITIES,
    IDENTIFIERS,
    Keys,
    search_name,
)
from graph_models.stores.neo4j.gathering import Gathering
from graph_models.stores.neo4j.neighbourhood import Neighbourhood
from graph_models.stores.paging import (
    Page,
    check_request,
    expansion,
    no_such_node,
)
from graph_models.stores.protocol import Edge, Entity, Expansion
from graph_models.stores.records import about_of
from graph_models.stores.triage import Asked, Triage, plain_triage
from graph_models.text import inert, is_text

__all__ = ["Neo4jView"]

Answer = TypeVar("Answer")
Properties = Mapping[str, Any]


class Neo4jView(Gathering):
    """A ``GraphView`` of one publication; says so when that was removed in the meantime."""

    def __init__(self, connection: Connection, told: Properties) -> None:
        self._connection = connection
        self._told = told
        self._keys = Keys(told["graph"])
        first, accounts = self._keys.of(ACCOUNTS, 0), told["sizes"][ACCOUNTS]
        self._accounts = range(first, first + accounts)
        self._about = json.loads(told["about"])
        self._kinds: tuple[str, ...] = tuple(told["kinds"])

    def about(self) -> Mapping[str, Any]:
        """Snapshot, run, counts of nodes by kind and edges by relation, synthetic flag."""
        return about_of(json.loads(self._told["origin"]), self._about, self._told["digest"])

    def entity(self, node: NodeRef) -> Entity:
        """One node with its properties and its neighbours counted by kind."""
        return entity_from(self._read(lambda tx: self._node(tx, node)))

    def expand(
        self, node: NodeRef, *, kind: str | None = None, limit: int = 25, after: str | None = None
    ) -> Expansion:
        """One page of a node's neighbours."""

        def work(tx: Transaction) -> Page:
            centre = self._node(tx, node)
            check_request(kind, limit, valid=self._kinds)
            cursor = self._cursor(tx, after) if after is not None else None
            around = Neighbourhood(tx, centre, kind, self._accounts)
            start = around.start(after, cursor)
            found = around.page(start, limit)
            entity = entity_from(centre)
            nodes = [entity_from(row["node"]) for row in found]
            return Page(
                nodes=nodes,
                edges=[
                    edge_from(node, other.node, row["told"])
                    for other, row in zip(nodes, found, strict=True)
                ],
                drawable=entity.counts,
                private=entity.private,
                earlier=around.earlier(start),
            )

        return expansion(node, self._read(work), kind=kind)

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        """All edges among these nodes, sorted; without links where they are not asked for."""

        def work(tx: Transaction) -> list[dict[str, Any]]:
            found = self._nodes(tx, nodes)
            accounts = sorted({row["key"] for row in found if row["kind"] == ACCOUNT.name})
            ends = {row["key"] for row in found} - set(() if linked else accounts)
            return rows(tx, cypher.AMONG, accounts=accounts, all=sorted(ends))

        edges = [
            edge_from(NodeRef.parse(row["source"]), NodeRef(row["kind"], row["value"]), row["told"])
            for row in self._read(work)
        ]
        return sorted(edges, key=lambda edge: (edge.source, edge.target))

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        """Exact names first, then names that start so, then those that do in either case."""
        check_request(None, limit, valid=())
        whole = text.strip()
        if not whole or not is_text(whole):
            return []
        kind, colon, value = whole.partition(":")
        named = bool(colon) and kind in self._kinds
        kinds, wanted = ([kind], value) if named else (list(self._kinds), whole)
        exact, starting, folded = self._matches(kinds, wanted, limit)
        unique = {row["key"]: row for row in (*exact, *starting, *folded)}
        return [entity_from(row) for row in list(unique.values())[:limit]]

    def communities(self) -> Sequence[Community]:
        """All communities, in the order of triage."""
        everything = self._keys.range(COMMUNITIES, self._told["sizes"][COMMUNITIES])
        found = self._read(lambda tx: rows(tx, cypher.COMMUNITIES, **everything))
        return tuple(community_from(row["record"]) for row in found)

    def community(self, community: str) -> Community:
        """One community."""
        key = self._read(lambda tx: self._node(tx, NodeRef(COMMUNITY, community))["key"])
        found = self._read(lambda tx: rows(tx, cypher.COMMUNITIES, low=key, high=key + 1))
        return community_from(found[0]["record"])

    def triage(self, asked: Asked) -> Triage:
        """One page of the communities in the order of triage, with the counts above it."""
        return plain_triage(self.communities(), self.members(), asked)

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Members of one community or of all."""

        def work(tx: Transaction) -> list[dict[str, Any]]:
            span = self._keys.range(COMMUNITIES, self._told["sizes"][COMMUNITIES])
            if community is not None:
                key = self._node(tx, NodeRef(COMMUNITY, community))["key"]
                span = {"low": key, "high": key + 1}
            return rows(tx, typed(cypher.MEMBERS, Relation[MEMBER_OF]), **span)

        return _frame(self._read(work), MEMBER_COLUMNS)

    def lineage(self) -> Lineage:
        """What became of communities from run to run."""
        found = self._read(lambda tx: rows(tx, cypher.LINEAGE, graph=self._keys.graph))
        return lineage_from(found[0]["lineage"])

    def story(self, community: str) -> pd.DataFrame:
        """What became of the line that a community stands in now."""
        return self.lineage().story(community)

    def links(self, account: str) -> pd.DataFrame:
        """Links of one account, strongest first."""

        def work(tx: Transaction) -> list[dict[str, Any]]:
            key = self._node(tx, NodeRef(ACCOUNT.name, account))["key"]
            return rows(tx, typed(cypher.LINKS_OF, Relation[LINKED]), key=key)

        found = [link_row(row["account"], row["told"]) for row in self._read(work)]
        told = {name: kind for name, kind in LINK_COLUMNS.items() if name not in ("a", "b")}
        return _frame(found, {"account": "str", **told})

    def pair(self, a: str, b: str) -> None:
        """Nothing: what explaining needs is read from the snapshot."""

    def _read(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Read, and then make sure that nothing of this publication was being removed."""

        def whole(tx: Transaction) -> tuple[Answer | WorkbenchError, bool]:
            try:
                answer: Answer | WorkbenchError = work(tx)
            except WorkbenchError as error:
                # What looks absent may have been removed with its publication.
                answer = error
            state = rows(tx, cypher.STATE, graph=self._keys.graph)
            return answer, bool(state) and state[0]["state"] == "whole"

        answer, is_whole = self._connection.read(whole)
        if not is_whole:
            raise UsageError(
                "The graph that this view showed has been replaced and removed.",
                where=str(self._connection.address),
                fix="Open it again: reload the page or run the command again.",
            )
        if isinstance(answer, WorkbenchError):
            raise answer
        return answer

    def _nodes(self, tx: Transaction, nodes: Sequence[NodeRef]) -> list[Properties]:
        sent = [node for node in dict.fromkeys(nodes) if is_text(str(node))]
        names = [[search_name(n.kind, n.value), n.value, n.kind] for n in sent]
        found = rows(tx, cypher.BY_NAME, graph=self._keys.graph, names=names)
        return [row["node"] for row in found]

    def _node(self, tx: Transaction, node: NodeRef) -> Properties:
        found = self._nodes(tx, [node])
        if found:
            return found[0]
        check_request(node.kind, 1, valid=self._kinds)
        raise no_such_node(node, self._near(tx, node))

    def _cursor(self, tx: Transaction, after: str) -> Properties | None:
        found = self._nodes(tx, [NodeRef.parse(after)])
        return found[0] if found else None

    def _near(self, tx: Transaction, node: NodeRef, count: int = 3) -> list[str]:
        """The names beside which this one would stand, by halving over positions."""
        sort, first, size = self._span(node.kind)

        def value(place: int) -> str:
            found = rows(tx, cypher.BY_KEY, key=self._keys.of(sort, first + place))
            if not found:
                raise BadDataError(
                    f"The graph lacks a node of kind {inert(repr(node.kind))} that was written.",
                    where=str(self._connection.address),
                    fix="See workbench doctor; publish it again with workbench analyse.",
                )
            return str(found[0]["value"])

        place = bisect_left(range(size), node.value, key=value)
        low = max(0, min(place - count // 2, size - count))
        return [value(i) for i in range(low, min(low + count, size))]

    def _span(self, kind: str) -> tuple[int, int, int]:
        """Sort, first position and number of the nodes of one kind."""
        if kind == ACCOUNT.name:
            return ACCOUNTS, 0, self._told["sizes"][ACCOUNTS]
        if kind == COMMUNITY:
            return COMMUNITIES, 0, self._told["sizes"][COMMUNITIES]
        sizes = Counter(self._about["nodes"])
        before = self._kinds[1 : self._kinds.index(kind)]
        return IDENTIFIERS, sum(sizes[name] for name in before), sizes[kind]

    def _matches(
        self, kinds: Sequence[str], wanted: str, limit: int
    ) -> tuple[list[Properties], list[Properties], list[Properties]]:
        low = wanted.lower()
        # What is longer than an index entry is compared here, among all that begin alike.
        start, begin = wanted[: cypher.INDEXED], low[: cypher.INDEXED]
        most = limit if len(wanted) < cypher.INDEXED else cypher.MOST_ALIKE

        def work(tx: Transaction) -> tuple[list[Properties], list[Properties]]:
            told = {"graph": self._keys.graph, "kinds": kinds, "limit": most}
            starting = rows(tx, cypher.STARTING, text=start, **told)
            folded = rows(tx, cypher.STARTING_FOLDED, text=begin, **told)
            return [row["node"] for row in starting], [row["node"] for row in folded]

        starting, folded = self._read(work)
        starting = [row for row in starting if row["value"].startswith(wanted)]
        folded = [row for row in folded if row["value"].lower().startswith(low)]
        return [row for row in starting if row["value"] == wanted], starting, folded


def _frame(found: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=list(columns)).astype(dict(columns))
