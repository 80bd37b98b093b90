"""A published graph by number: nodes as (kind, position), their names and their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.inference import Community
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.adjacency import Adjacency
from graph_models.stores.community_table import communities_of, community_tables
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.names import Names
from graph_models.stores.records import community_of
from graph_models.stores.relations import COMMUNITY
from graph_models.stores.triage import Listing

__all__ = ["MappedGraph", "Neighbours", "Spot"]


class Spot(NamedTuple):
    """Where a node stands: the number of its kind and its position among all of that sort.

    Kind 0 is the account, the last one the community; those between share one identifier table.
    """

    kind: int
    position: int


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Neighbours in the order in which they are shown; ``rows`` are those of the edges to them.

    ``only`` is the kind of all of them where there is but one, and ``ascending`` says that their
    positions ascend: of a million neighbours then none but the shown ones is touched.
    """

    kinds: NDArray[np.int16]
    positions: NDArray[np.int32]
    rows: NDArray[np.int32]
    only: int | None = None
    ascending: bool = False

    @classmethod
    def of_kind(
        cls,
        kind: int,
        found: tuple[NDArray[np.int32], NDArray[np.int32]],
        *,
        ascending: bool = False,
    ) -> Neighbours:
        """Neighbours that are all of one kind."""
        kinds = np.broadcast_to(np.int16(kind), len(found[0]))
        return cls(kinds, *found, only=kind, ascending=ascending)

    @classmethod
    def joined(cls, parts: Sequence[Neighbours]) -> Neighbours:
        """Several runs of neighbours, one after the other."""
        return cls(
            np.concatenate([part.kinds for part in parts]),
            np.concatenate([part.positions for part in parts]),
            np.concatenate([part.rows for part in parts]),
        )

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> Neighbours:
        names = (self.kinds[chosen], self.positions[chosen], self.rows[chosen])
        return Neighbours(*names, only=self.only, ascending=self.ascending)

    def __len__(self) -> int:
        return len(self.kinds)

    def of(self, kind: int) -> Neighbours:
        """Those of one kind."""
        if self.only is None:
            return self[self.kinds == kind]
        return self if self.only == kind else self[:0]

    def counts(self) -> dict[int, int]:
        """How many there are of each kind, without the zeros."""
        if self.only is not None:
            return {self.only: len(self)} if len(self) else {}
        counted = np.bincount(self.kinds)
        return {int(kind): int(counted[kind]) for kind in np.flatnonzero(counted)}

    def spots(self) -> list[Spot]:
        """The spots of all of them."""
        return [
            Spot(*pair) for pair in zip(self.kinds.tolist(), self.positions.tolist(), strict=True)
        ]

    def index_of(self, spot: Spot) -> int | None:
        """Where in this order a node stands, or None."""
        if self.ascending and self.only == spot.kind:
            at = int(np.searchsorted(self.positions, spot.position))
            return at if at < len(self) and self.positions[at] == spot.position else None
        there = (self.kinds == spot.kind) & (self.positions == spot.position)
        return int(np.argmax(there)) if there.any() else None


class MappedGraph:
    """One folder of ``compile_graph``, opened; reads only what a question touches."""

    def __init__(self, files: GraphFiles) -> None:
        self.arrays: dict[str, NDArray[Any]] = dict(files.arrays)
        self.tables = dict(files.tables)
        if "communities" in files.documents:  # published by a version that kept no table of them
            told = [community_of(record) for record in files.documents["communities"]]
            tables, orders = community_tables(told)
            self.tables |= tables
            self.arrays |= orders
        self.about: Mapping[str, Any] = files.documents["about"]
        self.origin: Mapping[str, Any] = files.documents["origin"]
        self.learned: Mapping[str, Any] | None = files.documents.get("learned")
        self.kinds = (ACCOUNT.name, *self.about["kinds"], COMMUNITY)
        self.community_kind = len(self.kinds) - 1
        self.uses = Adjacency.from_arrays(self.arrays, "uses")
        self.used_by = Adjacency.from_arrays(self.arrays, "used_by")
        self.linked = Adjacency.from_arrays(self.arrays, "linked")
        self.member_of = Adjacency.from_arrays(self.arrays, "member_of")
        self.members = Adjacency.from_arrays(self.arrays, "members")
        self.names = self._names()

    def _named(self, table: str, column: str) -> tuple[pa.Array, pa.Array, NDArray[Any]]:
        values, folded = (self.tables[table][name].combine_chunks() for name in (column, "folded"))
        return values, folded, self.arrays[f"{table}.by_folded"]

    def _names(self) -> list[Names]:
        values, folded, order = self._named("identifiers", "value")
        starts = self.arrays["kind_starts"].tolist()
        return [
            Names(*self._named("accounts", "account")),
            *(Names(values[a:b], folded[a:b], order[a:b], offset=a) for a, b in pairwise(starts)),
            Names(*self._named("names", "community")),
        ]

    @cached_property
    def communities(self) -> tuple[Community, ...]:
        """All communities in the order of triage; a page of them is read by ``ranked``."""
        return communities_of(self.tables["communities"])

    @cached_property
    def by_id(self) -> list[Community]:
        """All communities by id, which is the order of their positions."""
        return [self.communities[at] for at in self.arrays["communities.by_id"].tolist()]

    @cached_property
    def story(self) -> Adjacency:
        """The rows of the log of the line that each community stands in."""
        return Adjacency.from_arrays(self.arrays, "story")

    @cached_property
    def listing(self) -> Listing:
        """What the list of communities is filtered and counted by."""
        table = self.tables["communities"]
        names = ("core", "probable", "possible", "assessed")
        columns = {name: table[name].to_numpy() for name in names}
        return Listing(**columns, accounts_in=self._accounts_in, read=self.ranked)

    def _accounts_in(self, ranks: NDArray[np.int64]) -> int:
        """How many accounts are members of the communities at some places of the list."""
        there = np.zeros(len(self.arrays["communities.by_id"]), bool)
        there[ranks] = True
        of_edge = np.repeat(there[self.arrays["communities.by_id"]], np.diff(self.members.starts))
        inside = np.zeros(self.tables["accounts"].num_rows, bool)
        inside[self.members.ends[of_edge]] = True
        return int(np.count_nonzero(inside))

    def ranks(self, beginning: str) -> NDArray[np.int64]:
        """Places in the list of communities whose own id, or that of a member, begins so."""
        first, last = self.names[-1].span(beginning)
        low, high = self.names[0].span(beginning)
        joined = self.member_of.ends[self.member_of.starts[low] : self.member_of.starts[high]]
        positions = np.concatenate([np.arange(first, last), np.unique(joined)])
        found: NDArray[np.int64] = self.arrays["communities.by_id"][positions].astype(np.int64)
        return found

    def ranked(self, ranks: Sequence[int] | NDArray[Any]) -> tuple[Community, ...]:
        """The communities at some places in the order of triage."""
        return communities_of(self.tables["communities"].take(pa.array(ranks, pa.int64())))

    def community(self, position: int) -> Community:
        """The community at a position."""
        return self.ranked([int(self.arrays["communities.by_id"][position])])[0]

    def find(self, node: NodeRef) -> Spot | None:
        """Where a node stands, or None when it is not in this graph."""
        if node.kind not in self.kinds:
            return None
        kind = self.kinds.index(node.kind)
        position = self.names[kind].position(node.value)
        return None if position is None else Spot(kind, position)

    def node(self, spot: Spot) -> NodeRef:
        """The readable name of the node at a spot."""
        names = self.names[spot.kind]
        return NodeRef(self.kinds[spot.kind], names.values[spot.position - names.offset].as_py())

    def neighbours(self, spot: Spot) -> Neighbours:
        """All neighbours that are nodes, in the order in which they are shown."""
        if spot.kind == self.community_kind:
            return Neighbours.of_kind(0, self.members.of(spot.position))
        if spot.kind:
            return Neighbours.of_kind(0, self.used_by.of(spot.position), ascending=True)
        ends, rows = self.uses.of(spot.position)
        used = Neighbours(self.arrays["identifier_kind"][ends] + np.int16(1), ends, rows)
        hubs_from = len(ends) - int(np.count_nonzero(self.arrays["identifier_hub"][ends]))
        linked = Neighbours.of_kind(0, self.linked.of(spot.position))
        joined = Neighbours.of_kind(self.community_kind, self.member_of.of(spot.position))
        return Neighbours.joined([used[:hubs_from], linked, joined, used[hubs_from:]])

    def private(self, spot: Spot) -> dict[str, int]:
        """Identifiers that only this account used, counted by kind."""
        return {} if spot.kind else self.by_kind(self.arrays["private"][spot.position])

    def by_kind(self, counts: NDArray[Any]) -> dict[str, int]:
        """Counts per identifier kind, without the zeros."""
        return {self.kinds[i + 1]: int(counts[i]) for i in np.flatnonzero(counts)}

    def rows(self, table: str, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Some rows of a table as plain values."""
        taken: list[dict[str, Any]] = (
            self.tables[table].take(pa.array(rows, pa.int64())).to_pylist()
        )
        return taken
