"""A published graph as files: which identifiers become nodes, in which order all is shown.

An identifier that one account alone used is no node: it is counted as *private* on that account.
Pure: no clock, no disk, the same graph gives the same arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.enrichment import bundles
from graph_models.inference import LINK_COLUMNS, MEMBER_COLUMNS, TIERS
from graph_models.kinds import ACCOUNT, KINDS, policy_of, relation_of
from graph_models.observations import COLUMNS
from graph_models.stores.adjacency import Adjacency
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.protocol import ROW_REFS_PER_SIGHTING, Published
from graph_models.stores.records import record_of

__all__ = ["COMMUNITY", "LINKED", "MEMBER_OF", "compile_graph"]

COMMUNITY = "community"
LINKED = "LINKED"
MEMBER_OF = "MEMBER_OF"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Shared:
    """Identifiers that became nodes. ``place`` maps an observed position to a node's, or to -1."""

    kinds: tuple[str, ...]
    kind: NDArray[np.int16]
    observed: NDArray[np.int64]
    degree: NDArray[np.int32]
    hub: NDArray[np.bool_]
    place: NDArray[np.int32]


def compile_graph(graph: Published) -> GraphFiles:
    """Everything that a view needs, ready to be saved.

    Raises:
        ValueError: the tables contradict each other (a program's fault, not the data's).
    """
    shared = _shared(graph)
    sightings, members = _kept_sightings(graph, shared), _members(graph)
    row_refs, files = _row_refs(graph, shared)
    tables, by_folded = _tables(graph, shared, members)
    arrays: Arrays = {
        **_counts(graph, shared, sightings),
        **_uses(graph, shared, sightings),
        **_links(graph),
        **_memberships(graph, members),
        **row_refs,
        **by_folded,
    }
    communities = graph.inference.communities if graph.inference else ()
    documents = {
        "about": _about(graph, shared, arrays),
        "communities": [record_of(community) for community in communities],
        "files": files,
        "origin": dict(graph.origin),
    }
    return GraphFiles(arrays, tables, documents)


def _tables(
    graph: Published, shared: _Shared, members: pd.DataFrame
) -> tuple[dict[str, pa.Table], Arrays]:
    observed = _arrow(graph.observations.accounts, "accounts")
    accounts, account_order = _with_names(observed, "account")
    identifiers, identifier_order = _with_names(_identifiers(graph, shared), "value", shared.kind)
    tables = {
        "accounts": accounts,
        "identifiers": identifiers,
        "links": _plain(_link_table(graph)),
        "members": _plain(members),
        "lineage": _plain(graph.lineage.log),
        "roll": _plain(graph.lineage.roll),
    }
    orders: Arrays = {
        "accounts.by_folded": account_order,
        "identifiers.by_folded": identifier_order,
    }
    return tables, orders


def _kind_order(kind: str) -> tuple[int, str]:
    known = [known.name for known in KINDS]
    return (known.index(kind), "") if kind in known else (len(known), kind)


def _shared(graph: Published) -> _Shared:
    table = graph.observations.identifiers
    degree = np.bincount(graph.observations.sightings["identifier"], minlength=len(table))
    kinds = tuple(sorted(table["kind"].unique(), key=_kind_order))
    kind = _places(kinds, table["kind"]).astype(np.int16)
    chosen = np.flatnonzero(degree > 1)
    keys = pa.table({"kind": kind[chosen], "value": pa.array(table["value"].iloc[chosen])})
    by = pc.sort_indices(keys, sort_keys=[("kind", "ascending"), ("value", "ascending")])
    observed = chosen[by.to_numpy()]
    place = np.full(len(table), -1, dtype=np.int32)
    place[observed] = np.arange(len(observed), dtype=np.int32)
    population = len(graph.observations.accounts)
    limits = np.array([policy_of(name).hub_at(population) for name in kinds], dtype=np.int64)
    return _Shared(
        kinds=kinds,
        kind=kind[observed],
        observed=observed,
        degree=degree[observed].astype(np.int32),
        hub=(degree > limits[kind])[observed] | ~table["linkable"].to_numpy(bool)[observed],
        place=place,
    )


def _kept_sightings(graph: Published, shared: _Shared) -> pd.DataFrame:
    table = graph.observations.sightings
    if table.duplicated(["account", "identifier"]).any():
        raise ValueError("Observations.sightings must hold one row per account and identifier.")
    node = shared.place[table["identifier"].to_numpy()]
    kept: pd.DataFrame = table.assign(identifier=node).loc[node >= 0]
    return kept


def _counts(graph: Published, shared: _Shared, kept: pd.DataFrame) -> Arrays:
    """Neighbours per account and kind: shared ones, and private ones that are no nodes."""
    size, width = len(graph.observations.accounts), len(shared.kinds)

    def per_kind(account: pd.Series, kind: NDArray[np.int16]) -> NDArray[np.int32]:
        cell = account.to_numpy(np.int64) * width + kind
        return np.bincount(cell, minlength=size * width).reshape(size, width).astype(np.int32)

    table = graph.observations.sightings
    private = table[shared.place[table["identifier"].to_numpy()] < 0]
    names = graph.observations.identifiers["kind"]
    kind = _places(shared.kinds, names).astype(np.int16)
    return {
        "shared": per_kind(kept["account"], shared.kind[kept["identifier"].to_numpy()]),
        "private": per_kind(private["account"], kind[private["identifier"].to_numpy()]),
        "kind_starts": np.searchsorted(shared.kind, np.arange(width + 1)).astype(np.int64),
        "identifier_kind": shared.kind,
        "identifier_hub": shared.hub,
    }


def _uses(graph: Published, shared: _Shared, kept: pd.DataFrame) -> Arrays:
    account = kept["account"].to_numpy(np.int32)
    node = kept["identifier"].to_numpy(np.int32)
    order = (shared.hub[node], shared.degree[node], node)
    uses = Adjacency.build(account, node, size=len(graph.observations.accounts), order=order)
    used_by = Adjacency.build(node, account, size=len(shared.observed), order=(account,))
    columns = ("count", "first", "last", "days", "claimed")
    told = {f"sighting.{name}": kept[name].to_numpy() for name in columns}
    return {**uses.arrays("uses"), **used_by.arrays("used_by"), **told}


def _link_table(graph: Published) -> pd.DataFrame:
    if graph.inference is None:
        return pd.DataFrame({name: pd.Series(dtype=t) for name, t in LINK_COLUMNS.items()})
    return graph.inference.links[list(LINK_COLUMNS)]


def _links(graph: Published) -> Arrays:
    table = _link_table(graph)
    a, b = table["a"].to_numpy(np.int32), table["b"].to_numpy(np.int32)
    rows = np.arange(len(table), dtype=np.int32)
    ends = np.concatenate([b, a])
    weaker = -np.tile(table["millibits"].to_numpy(np.int32), 2)
    size = len(graph.observations.accounts)
    both = np.concatenate([a, b])
    linked = Adjacency.build(both, ends, size=size, order=(weaker, ends), rows=np.tile(rows, 2))
    return linked.arrays("linked")


def _members(graph: Published) -> pd.DataFrame:
    if graph.inference is None:
        return pd.DataFrame({name: pd.Series(dtype=t) for name, t in MEMBER_COLUMNS.items()})
    by = ["community", "account"]
    return graph.inference.members[list(MEMBER_COLUMNS)].sort_values(by, ignore_index=True)


def _memberships(graph: Published, members: pd.DataFrame) -> Arrays:
    names = [] if graph.inference is None else [c.community for c in graph.inference.communities]
    community = _places(sorted(names), members["community"])
    account = _places(graph.observations.accounts["account"], members["account"])
    if (community < 0).any() or (account < 0).any():
        raise ValueError("Inference.members names an account or community that does not exist.")
    if members.duplicated(["community", "account"]).any():
        raise ValueError("Inference.members must hold one row per community and account.")
    tier = _places(TIERS, members["tier"])
    # The community that has most of an account's traffic is named first.
    mostly = (-members["share"].to_numpy(), community)
    size = len(graph.observations.accounts)
    joined = Adjacency.build(account, community, size=size, order=mostly)
    has = Adjacency.build(community, account, size=len(names), order=(tier, account))
    return {**joined.arrays("member_of"), **has.arrays("members")}


def _row_refs(graph: Published, shared: _Shared) -> tuple[Arrays, list[str]]:
    node = shared.place[graph.row_refs["identifier"].to_numpy()]
    refs = graph.row_refs.assign(identifier=node)[node >= 0]
    refs = refs.sort_values(["account", "identifier", "file", "row"], ignore_index=True)
    refs = refs[refs.groupby(["account", "identifier"]).cumcount() < ROW_REFS_PER_SIGHTING]
    files = sorted(refs["file"].unique())
    code = _places(files, refs["file"])
    key = refs["account"].to_numpy(np.int64) << 32 | refs["identifier"].to_numpy(np.int64)
    row = refs["row"].to_numpy(np.int64)
    return {"row_refs.key": key, "row_refs.file": code, "row_refs.row": row}, files


def _places(names: Iterable[str], wanted: pd.Series) -> NDArray[np.int32]:
    """Where each wanted name stands among distinct names, or -1."""
    among = pd.Index(list(names), dtype="str")
    return among.get_indexer(pd.Index(wanted, dtype="str")).astype(np.int32)


def _arrow(table: pd.DataFrame, name: str) -> pa.Table:
    return _plain(table[list(COLUMNS[name])])


def _plain(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False)


def _identifiers(graph: Published, shared: _Shared) -> pa.Table:
    table = _arrow(graph.observations.identifiers, "identifiers").take(pa.array(shared.observed))
    degree = pa.array(shared.degree)
    told = bundles(graph.observations.enrichment, shared.observed)
    table = table.set_column(table.schema.get_field_index("accounts"), "accounts", degree)
    return table.append_column("enrichment", told)


def _with_names(
    table: pa.Table, name: str, kind: NDArray[np.int16] | None = None
) -> tuple[pa.Table, NDArray[np.int32]]:
    """The table with a lower-case column, and positions within each kind in that column's order."""
    folded = pa.array([value.lower() for value in table[name].to_pylist()], type=pa.large_string())
    group = np.zeros(len(folded), dtype=np.int16) if kind is None else kind
    keys = pa.table({"kind": group, "folded": folded, "value": table[name]})
    by = pc.sort_indices(keys, sort_keys=[(n, "ascending") for n in ("kind", "folded", "value")])
    first = np.searchsorted(group, group)
    return table.append_column("folded", folded), (by.to_numpy() - first).astype(np.int32)


def _about(graph: Published, shared: _Shared, arrays: Arrays) -> dict[str, Any]:
    inference, observations = graph.inference, graph.observations
    nodes = dict(zip(shared.kinds, map(int, np.diff(arrays["kind_starts"])), strict=True))
    private = dict(zip(shared.kinds, map(int, arrays["private"].sum(axis=0)), strict=True))
    return {
        "snapshot": observations.snapshot,
        "run": inference.run if inference else None,
        "seed": inference.seed if inference else None,
        "candidate_pairs": inference.candidate_pairs if inference else 0,
        "kinds": list(shared.kinds),
        "nodes": {
            ACCOUNT.name: len(observations.accounts),
            **nodes,
            COMMUNITY: len(inference.communities) if inference else 0,
        },
        "edges": _edge_counts(graph, shared, arrays),
        "private": private,
        "lacking": sorted({*observations.lacking, *(inference.lacking if inference else ())}),
    }


def _edge_counts(graph: Published, shared: _Shared, arrays: Arrays) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind, used in zip(shared.kinds, arrays["shared"].sum(axis=0), strict=True):
        counts[relation_of(kind)] = counts.get(relation_of(kind), 0) + int(used)
    counts[LINKED] = len(graph.inference.links) if graph.inference else 0
    counts[MEMBER_OF] = len(arrays["member_of.ends"])
    return counts
