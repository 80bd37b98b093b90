"""Questions about many nodes at once: what accounts used, who used identifiers, who is linked.

One answer for a community of thousands; to expand its members one by one would take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.families import FAMILIES
from graph_models.inference import LINK_COLUMNS
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.adjacency import Adjacency
from graph_models.stores.mapped_graph import MappedGraph
from graph_models.stores.relations import COMMUNITY

__all__ = [
    "LINKED_COLUMNS",
    "REGISTER_COLUMNS",
    "USE_COLUMNS",
    "framed",
    "linked",
    "register",
    "users",
    "uses",
    "values",
]

USE_COLUMNS: Mapping[str, str] = {
    "account": "str",
    "kind": "str",
    "value": "str",
    "accounts": "int64",
    "hub": "bool",
    "count": "int64",
    "first": "datetime64[us]",
    "last": "datetime64[us]",
    "days": "int64",
}
"""An account used an identifier: how many accounts did, and what its sighting tells."""
_FAMILIES = tuple(family.value for family in FAMILIES)
LINKED_COLUMNS: Mapping[str, str] = {
    "account": "str",
    "other": "str",
    **{name: LINK_COLUMNS[name] for name in ("millibits", *_FAMILIES)},
}
REGISTER_COLUMNS: Mapping[str, str] = {
    "account": "str",
    "created_at": "datetime64[us]",
    "closed_at": "datetime64[us]",
    "close_reason": "str",
    "status": "str",
    "exchanges": "int64",
    "first_seen": "datetime64[us]",
    "last_seen": "datetime64[us]",
}
_TOLD = ("count", "first", "last", "days")
_MANY = 2_000  # above, to hash a million names once is quicker than to halve them for each


def framed(table: pd.DataFrame, columns: Mapping[str, str], order: Sequence[str]) -> pd.DataFrame:
    """The table with exactly these columns and types, in this order; times without zone, UTC."""
    frame = table[list(columns)].astype(dict(columns))
    return frame.sort_values(list(order), ignore_index=True, kind="stable")


def uses(graph: MappedGraph, accounts: Sequence[str], kind: str | None = None) -> pd.DataFrame:
    """What these accounts used that others used as well: ``USE_COLUMNS``."""
    account, end, row = _around(graph.uses, _positions(graph, ACCOUNT.name, accounts))
    if kind is not None:
        wanted = graph.kinds.index(kind) - 1
        kept = np.flatnonzero(graph.arrays["identifier_kind"][end] == wanted)
        account, end, row = account[kept], end[kept], row[kept]
    return _uses(graph, account, end, row)


def users(graph: MappedGraph, nodes: Sequence[NodeRef]) -> pd.DataFrame:
    """Who used these identifiers: ``USE_COLUMNS``."""
    named: dict[str, list[str]] = {}
    for node in nodes:
        if node.kind not in (ACCOUNT.name, COMMUNITY):
            named.setdefault(node.kind, []).append(node.value)
    places = [_positions(graph, kind, values) for kind, values in named.items()]
    source, end, row = _around(graph.used_by, np.concatenate([np.zeros(0, np.int64), *places]))
    return _uses(graph, end, source, row)


def linked(graph: MappedGraph, accounts: Sequence[str]) -> pd.DataFrame:
    """The links of these accounts, one row an asked account and a link: ``LINKED_COLUMNS``."""
    source, end, row = _around(graph.linked, _positions(graph, ACCOUNT.name, accounts))
    told = graph.tables["links"].select(["millibits", *_FAMILIES]).take(pa.array(row))
    order = np.lexsort((end, -told["millibits"].to_numpy(), source))
    told = told.take(pa.array(order))
    told = told.append_column("account", _names(graph, source[order]))
    return _framed(told.append_column("other", _names(graph, end[order])), LINKED_COLUMNS)


def register(graph: MappedGraph, accounts: Sequence[str]) -> pd.DataFrame:
    """What is known of accounts themselves: ``REGISTER_COLUMNS``."""
    rows = np.sort(_positions(graph, ACCOUNT.name, accounts))
    table = graph.tables["accounts"].select(list(REGISTER_COLUMNS)).take(pa.array(rows))
    return _framed(table, REGISTER_COLUMNS)


def values(graph: MappedGraph, kind: str, places: range) -> list[str]:
    """Values of a kind at some places in their order."""
    names = graph.names[graph.kinds.index(kind)].values
    found: list[str] = names.slice(places.start, max(0, len(places))).to_pylist()
    return found


def _positions(graph: MappedGraph, kind: str, values: Sequence[str]) -> NDArray[np.int64]:
    """Positions of those that are nodes, each once, in no order."""
    if kind not in graph.kinds:
        return np.zeros(0, np.int64)
    names = graph.names[graph.kinds.index(kind)]
    if len(values) > _MANY:
        places = pc.index_in(pa.array(values, names.values.type), value_set=names.values)
        here = places.drop_null().to_numpy().astype(np.int64)
        return np.unique(here) + names.offset
    found = (names.position(value) for value in dict.fromkeys(values))
    return np.array([place for place in found if place is not None], np.int64)


def _around(
    relation: Adjacency, nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All edges from some nodes: sources, ends and rows."""
    source, end, row = relation.among(nodes, None)
    return source, end.astype(np.int64), row.astype(np.int64)


def _uses(
    graph: MappedGraph,
    account: NDArray[np.int64],
    identifier: NDArray[np.int64],
    row: NDArray[np.int64],
) -> pd.DataFrame:
    # By account, kind and value: positions stand in the order of names.
    kinds = pa.array(graph.kinds[1:-1])
    rank = np.argsort(np.argsort(graph.kinds[1:-1]))
    kind = graph.arrays["identifier_kind"][identifier]
    order = np.lexsort((identifier, rank[kind], account))
    account, identifier, row, kind = (part[order] for part in (account, identifier, row, kind))
    named = graph.tables["identifiers"].select(["value", "accounts"]).take(pa.array(identifier))
    told = {name: graph.arrays[f"sighting.{name}"][row] for name in _TOLD}
    table = pa.table({
        "account": _names(graph, account),
        "kind": kinds.take(pa.array(kind)),
        "value": named["value"],
        "accounts": named["accounts"],
        "hub": pa.array(graph.arrays["identifier_hub"][identifier]),
        **{name: pa.array(column) for name, column in told.items()},
    })  # fmt: skip
    return _framed(table, USE_COLUMNS)


def _names(graph: MappedGraph, positions: NDArray[np.int64]) -> pa.ChunkedArray:
    return graph.tables["accounts"]["account"].take(pa.array(positions))


def _framed(table: pa.Table, columns: Mapping[str, str]) -> pd.DataFrame:
    frame: pd.DataFrame = table.select(list(columns)).to_pandas()
    return frame.astype(dict(columns))
