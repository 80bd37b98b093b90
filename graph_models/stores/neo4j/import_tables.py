"""A compiled graph as tables for the admin import tool: the properties that ``encoding`` sends.

Columnar throughout: a table is a slice of mapped arrays, never a loop over accounts or relations.
What is null is no property. Ids are places in one row of all accounts, identifiers, communities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.enrichment import properties
from graph_models.inference import TIERS
from graph_models.kinds import ACCOUNT, relation_of
from graph_models.stores.compilation import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.drawing import OF_ACCOUNT, OF_IDENTIFIER, OF_SIGHTING
from graph_models.stores.mapped_graph import MappedGraph, Spot
from graph_models.stores.neo4j.cypher import Label, Relation, label_of
from graph_models.stores.neo4j.encoding import (
    ACCOUNTS,
    COMMUNITIES,
    IDENTIFIERS,
    LONGEST_NAME,
    Keys,
    community_properties,
    cut,
)

__all__ = ["END", "ID", "START", "ImportTable", "import_tables"]

ID, START, END = ":ID", ":START_ID", ":END_ID"
_OF_MEMBER = ("community", "cell", "tier", "member_confidence")

Columns = Mapping[str, pa.Array | None]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class ImportTable:
    """Rows of one sort, a slice at a time: nodes with ``labels``, or relations of one ``type``."""

    name: str
    size: int
    rows: Callable[[int, int], pa.Table]
    labels: tuple[str, ...] = ()
    type: str = ""


def import_tables(graph: MappedGraph, keys: Keys) -> Iterator[ImportTable]:
    """All nodes and relations of a publication; nodes first."""
    tables = _Tables(graph, keys)
    starts = graph.arrays["kind_starts"].tolist()
    sizes = {name: len(graph.tables[name]) for name in ("accounts", "links", "members")}
    of_account, of_community = ("Entity", Label["Account"]), ("Entity", Label["Community"])
    yield ImportTable("accounts", sizes["accounts"], tables.accounts, labels=of_account)
    for number, kind in enumerate(graph.kinds[1:-1]):
        yield ImportTable(
            f"identifiers-{number}",
            starts[number + 1] - starts[number],
            tables.identifiers(kind, starts[number]),
            labels=("Entity", "Identifier", label_of(kind)),
        )
    yield ImportTable("communities", len(graph.by_id), tables.communities, labels=of_community)
    used_by = graph.used_by.starts
    for number, kind in enumerate(graph.kinds[1:-1]):
        first, last = int(used_by[starts[number]]), int(used_by[starts[number + 1]])
        rows, relation = tables.sightings(first), Relation[relation_of(kind)]
        yield ImportTable(f"sightings-{number}", last - first, rows, type=relation)
    yield ImportTable("links", sizes["links"], tables.links, type=Relation[LINKED])
    yield ImportTable("members", sizes["members"], tables.members, type=Relation[MEMBER_OF])


class _Tables:
    """Slices of one graph."""

    def __init__(self, graph: MappedGraph, keys: Keys) -> None:
        self._graph, self._keys = graph, keys
        accounts, identifiers = (len(graph.tables[name]) for name in ("accounts", "identifiers"))
        self._offsets = (0, accounts, accounts + identifiers)

    def accounts(self, start: int, stop: int) -> pa.Table:
        """Account nodes at these positions."""
        graph, places = self._graph, np.arange(start, stop)
        own = _columns(graph.tables["accounts"], start, stop)
        kinds = (*graph.kinds[1:-1], ACCOUNT.name, COMMUNITY)
        counts = np.column_stack([
            graph.arrays["shared"][start:stop],
            np.diff(graph.linked.starts[start : stop + 1]),
            np.diff(graph.member_of.starts[start : stop + 1]),
        ])  # fmt: skip
        private_kinds, private = _counted(kinds[:-2], graph.arrays["private"][start:stop])
        none = pc.equal(pc.list_value_length(private), 0)
        neighbour_kinds, neighbours = _counted(kinds, counts)
        told = own | _mainly(graph, places)
        return _table(
            self._named(ACCOUNTS, places, ACCOUNT.name, own["account"], own["folded"])
            | {"neighbour_kinds": neighbour_kinds, "neighbours": neighbours}
            | {"private_kinds": pc.if_else(none, None, private_kinds)}
            | {"private": pc.if_else(none, None, private)}
            | {"hub": _all(len(places), value=False)}
            | _known({name: told.get(name) for name in OF_ACCOUNT})
        )

    def identifiers(self, kind: str, offset: int) -> Callable[[int, int], pa.Table]:
        """Identifier nodes of one kind, counted from its first."""

        def rows(start: int, stop: int) -> pa.Table:
            places = np.arange(offset + start, offset + stop)
            own = _columns(self._graph.tables["identifiers"], offset + start, offset + stop)
            facts = _facts(own.pop("enrichment", None))
            told = {name: _first(facts.get(name), own.get(name)) for name in OF_IDENTIFIER}
            one = np.arange(len(places) + 1)
            return _table(
                self._named(IDENTIFIERS, places, kind, own["value"], own["folded"])
                | {"neighbour_kinds": _lists(_all(len(places), ACCOUNT.name), one)}
                | {"neighbours": _lists(own["accounts"], one)}
                | {"hub": pa.array(self._graph.arrays["identifier_hub"][places])}
                | _known(told)
            )

        return rows

    def communities(self, start: int, stop: int) -> pa.Table:
        """Community nodes: few, and each a record."""
        graph, places = self._graph, np.arange(start, stop)
        names = pa.array([c.community for c in graph.by_id[start:stop]], pa.large_string())
        lower = pa.array([c.community.lower() for c in graph.by_id[start:stop]], names.type)
        rank = {community.community: i for i, community in enumerate(graph.communities)}
        spots = [Spot(graph.community_kind, place) for place in range(start, stop)]
        told = [community_properties(graph, spot, rank) for spot in spots]
        degrees = np.diff(graph.members.starts[start : stop + 1])
        neighbour_kinds, neighbours = _counted((ACCOUNT.name,), degrees[:, None])
        return _table(
            self._named(COMMUNITIES, places, COMMUNITY, names, lower)
            | {"neighbour_kinds": neighbour_kinds, "neighbours": neighbours}
            | {"hub": _all(len(places), value=False)}
            | {name: pa.array([row[name] for row in told]) for name in told[0]}
        )

    def sightings(self, offset: int) -> Callable[[int, int], pa.Table]:
        """Relations from accounts to identifiers of one kind, counted from its first."""
        graph = self._graph

        def rows(start: int, stop: int) -> pa.Table:
            place = np.arange(offset + start, offset + stop)
            account = graph.used_by.ends[place].astype(np.int64)
            # The last identifier that starts at or before the place owns it.
            identifier = np.searchsorted(graph.used_by.starts, place, side="right") - 1
            row = graph.used_by.rows[place]
            told = {name: pa.array(graph.arrays[f"sighting.{name}"][row]) for name in OF_SIGHTING}
            return _table(self._ends(account, IDENTIFIERS, identifier) | told)

        return rows

    def links(self, start: int, stop: int) -> pa.Table:
        """Relations between accounts; a family that says nothing is no property."""
        told = _columns(self._graph.tables["links"], start, stop)
        one, other = (told.pop(name).to_numpy() for name in ("a", "b"))
        bits = pc.divide(told["millibits"].cast(pa.float64()), 1000.0)
        some = {name: pc.if_else(pc.equal(v, 0), None, v) for name, v in told.items()}
        return _table(self._ends(one, ACCOUNTS, other) | {"bits": bits} | some)

    def members(self, start: int, stop: int) -> pa.Table:
        """Relations from accounts to communities."""
        told = _columns(self._graph.tables["members"], start, stop)
        communities = pa.array([c.community for c in self._graph.by_id], pa.large_string())
        accounts = self._graph.names[0].values.cast(pa.large_string())
        account = pc.index_in(told.pop("account"), accounts).to_numpy()
        community = pc.index_in(told.pop("community"), communities).to_numpy()
        rank = {"rank": pc.index_in(told["tier"], pa.array(TIERS, pa.large_string()))}
        return _table(self._ends(account, COMMUNITIES, community) | told | rank)

    def _named(
        self, sort: int, places: Places, kind: str, value: pa.Array, folded: pa.Array
    ) -> dict[str, pa.Array]:
        search = pc.utf8_slice_codeunits(_prefixed(kind, folded), 0, LONGEST_NAME - 20)
        return {
            ID: pa.array(places + self._offsets[sort]),
            "key": pa.array(places + self._keys.of(sort, 0)),
            "graph": _all(len(places), self._keys.graph),
            "id": _cut(_prefixed(kind, value)),
            "kind": _all(len(places), kind),
            "value": value,
            "search": search,
        }

    def _ends(self, accounts: NDArray[Any], sort: int, ends: NDArray[Any]) -> dict[str, pa.Array]:
        there = ends.astype(np.int64) + self._offsets[sort]
        return {START: pa.array(accounts.astype(np.int64)), END: pa.array(there)}


def _table(columns: Columns) -> pa.Table:
    """The columns that hold anything."""
    return pa.table({name: v for name, v in columns.items() if v is not None})


def _columns(table: pa.Table, start: int, stop: int) -> dict[str, pa.Array]:
    """A slice of a table, each column as one array."""
    part = table.slice(start, stop - start)
    return {name: _wide(part[name].combine_chunks()) for name in part.column_names}


def _wide(values: pa.Array) -> pa.Array:
    return values.cast(pa.large_string()) if pa.types.is_string(values.type) else values


def _all(size: int, value: Any) -> pa.Array:
    scalar = pa.scalar(value, pa.large_string()) if isinstance(value, str) else pa.scalar(value)
    return pa.repeat(scalar, size)


def _lists(values: pa.Array, starts: NDArray[Any]) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array(starts, pa.int64()), values)


def _starts(lengths: NDArray[Any]) -> Places:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])


def _prefixed(kind: str, names: pa.Array) -> pa.Array:
    colon, text = (pa.scalar(part, pa.large_string()) for part in (":", kind))
    return pc.binary_join_element_wise(text, names, colon)


def _cut(names: pa.Array) -> pa.Array:
    """As ``encoding.cut``; only the few long ones are visited one by one."""
    long = pc.greater(pc.utf8_length(names), LONGEST_NAME)
    if not pc.any(long).as_py():
        return names
    short = pa.array([cut(name) for name in names.filter(long).to_pylist()], names.type)
    return pc.replace_with_mask(names, long, short)


def _counted(kinds: Sequence[str], counts: NDArray[Any]) -> tuple[pa.Array, pa.Array]:
    """Two lists a row: the kinds that are there, and their numbers."""
    row, kind = np.nonzero(counts)
    starts = _starts(np.bincount(row, minlength=len(counts)))
    names = pa.array(kinds, pa.large_string()).take(pa.array(kind))
    return _lists(names, starts), _lists(pa.array(counts[row, kind]), starts)


def _mainly(graph: MappedGraph, places: Places) -> dict[str, pa.Array]:
    """Of what each account is a member, by the membership that is named first."""
    if not len(graph.member_of.rows):
        return {}
    first, end = graph.member_of.starts[places], graph.member_of.starts[places + 1]
    row = graph.member_of.rows[np.minimum(first, len(graph.member_of.rows) - 1)]
    rows = pa.array(row, mask=first == end)
    table = graph.tables["members"]
    return {name: _wide(table[name].combine_chunks()).take(rows) for name in _OF_MEMBER}


def _known(columns: Columns) -> dict[str, pa.Array | None]:
    """Without empty texts, which say as little as null."""
    return {
        name: pc.if_else(pc.equal(values, ""), None, values)
        if values is not None and pa.types.is_large_string(values.type)
        else values
        for name, values in columns.items()
    }


def _facts(bundle: pa.Array | None) -> dict[str, pa.Array]:
    """What ``enrichment.properties`` tells; each distinct bundle is read once."""
    if bundle is None or not len(bundle.dictionary):
        return {}
    told = [properties(text) for text in bundle.dictionary.to_pylist()]
    names = sorted({name for one in told for name in one} - {"enrichment"})
    found = {name: pa.array([one.get(name) for one in told], pa.large_string()) for name in names}
    sentences = [one.get("enrichment", []) for one in told]
    found["enrichment"] = pa.array(sentences, pa.large_list(pa.large_string()))
    return {name: values.take(bundle.indices) for name, values in found.items()}


def _first(one: pa.Array | None, other: pa.Array | None) -> pa.Array | None:
    if one is None or other is None:
        return other if one is None else one
    return pc.coalesce(one, other.cast(one.type))
