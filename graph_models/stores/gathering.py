"""Questions about many nodes at once: what accounts used, who used identifiers, who is linked.

One answer for a community of thousands; to expand its members one by one would take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
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
_USE_ORDER = ["account", "kind", "value"]


def framed(table: pd.DataFrame, columns: Mapping[str, str], order: Sequence[str]) -> pd.DataFrame:
    """The table with exactly these columns and types, in this order; times without zone, UTC."""
    frame = table[list(columns)].astype(dict(columns))
    return frame.sort_values(list(order), ignore_index=True, kind="stable")


def uses(graph: MappedGraph, accounts: Sequence[str]) -> pd.DataFrame:
    """What these accounts used that others used as well: ``USE_COLUMNS``."""
    return _uses(graph, *_around(graph.uses, _positions(graph, ACCOUNT.name, accounts)))


def users(graph: MappedGraph, nodes: Sequence[NodeRef]) -> pd.DataFrame:
    """Who used these identifiers: ``USE_COLUMNS``."""
    places: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for kind in sorted({node.kind for node in nodes} - {ACCOUNT.name, COMMUNITY}):
        places.append(_positions(graph, kind, [n.value for n in nodes if n.kind == kind]))
    source, end, row = _around(graph.used_by, np.concatenate(places))
    return _uses(graph, end, source, row)


def linked(graph: MappedGraph, accounts: Sequence[str]) -> pd.DataFrame:
    """The links of these accounts, one row an asked account and a link: ``LINKED_COLUMNS``."""
    source, end, row = _around(graph.linked, _positions(graph, ACCOUNT.name, accounts))
    told = graph.tables["links"].select(["millibits", *_FAMILIES]).take(pa.array(row))
    frame = told.to_pandas()
    names = graph.tables["accounts"]["account"]
    for column, positions in (("account", source), ("other", end)):
        frame[column] = names.take(pa.array(positions)).to_pandas().to_numpy(object)
    frame["weaker"] = -frame["millibits"]
    ordered = frame.sort_values(["account", "weaker", "other"])
    return framed(ordered, LINKED_COLUMNS, ["account"])


def register(graph: MappedGraph, accounts: Sequence[str]) -> pd.DataFrame:
    """What is known of accounts themselves: ``REGISTER_COLUMNS``."""
    rows = np.sort(_positions(graph, ACCOUNT.name, accounts))
    table = graph.tables["accounts"].select(list(REGISTER_COLUMNS)).take(pa.array(rows))
    return framed(table.to_pandas(), REGISTER_COLUMNS, ["account"])


def values(graph: MappedGraph, kind: str, places: range) -> list[str]:
    """Values of a kind at some places in their order."""
    names = graph.names[graph.kinds.index(kind)].values
    found: list[str] = names.slice(places.start, max(0, len(places))).to_pylist()
    return found


def _positions(graph: MappedGraph, kind: str, values: Sequence[str]) -> NDArray[np.int64]:
    """Positions of those that are nodes, each once."""
    if kind not in graph.kinds:
        return np.zeros(0, np.int64)
    names = graph.names[graph.kinds.index(kind)]
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
    own, place = np.unique(identifier, return_inverse=True)
    named = graph.tables["identifiers"].select(["value", "accounts"]).take(pa.array(own))
    who, at = np.unique(account, return_inverse=True)
    names = graph.tables["accounts"]["account"].take(pa.array(who)).to_pandas().to_numpy(object)
    kinds = np.array(graph.kinds, dtype=object)[graph.arrays["identifier_kind"][own] + 1]
    told: dict[str, NDArray[Any]] = {
        name: graph.arrays[f"sighting.{name}"][row] for name in ("count", "first", "last", "days")
    }
    frame = pd.DataFrame({
        "account": names[at],
        "kind": kinds[place],
        "value": named["value"].to_pandas().to_numpy(object)[place],
        "accounts": named["accounts"].to_numpy()[place],
        "hub": graph.arrays["identifier_hub"][own][place],
        **told,
    })  # fmt: skip
    return framed(frame, USE_COLUMNS, _USE_ORDER)
