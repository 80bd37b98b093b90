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
from graph_models.stores.compilation import COMMUNITY
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.names import Names
from graph_models.stores.records import community_of

__all__ = ["MappedGraph", "Neighbours", "Spot"]


class Spot(NamedTuple):
    """Where a node stands: the number of its kind and its position among all of that sort.

    Kind 0 is the account, the last one the community; those between share one identifier table.
    """

    kind: int
    position: int


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Neighbours in the order in which they are shown; ``rows`` are those of the edges to them."""

    kinds: NDArray[np.int16]
    positions: NDArray[np.int32]
    rows: NDArray[np.int32]

    @classmethod
    def of_kind(cls, kind: int, found: tuple[NDArray[np.int32], NDArray[np.int32]]) -> Neighbours:
        """Neighbours that are all of one kind."""
        return cls(np.full(len(found[0]), kind, dtype=np.int16), *found)

    @classmethod
    def joined(cls, parts: Sequence[Neighbours]) -> Neighbours:
        """Several runs of neighbours, one after the other."""
        names = ("kinds", "positions", "rows")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> Neighbours:
        return Neighbours(self.kinds[chosen], self.positions[chosen], self.rows[chosen])

    def __len__(self) -> int:
        return len(self.kinds)

    def spots(self) -> list[Spot]:
        """The spots of all of them."""
        return [
            Spot(*pair) for pair in zip(self.kinds.tolist(), self.positions.tolist(), strict=True)
        ]

    def index_of(self, spot: Spot) -> int | None:
        """Where in this order a node stands, or None."""
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
        self.files: Sequence[str] = files.documents["files"]
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
            return Neighbours.of_kind(0, self.used_by.of(spot.position))
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
