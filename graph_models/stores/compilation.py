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
from graph_models.stores.community_table import community_tables
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.names import in_order, with_names
from graph_models.stores.pair_files import learned_files
from graph_models.stores.protocol import Published
from graph_models.stores.relations import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.sighted import Sighted

__all__ = ["COMMUNITY", "LINKED", "MEMBER_OF", "compile_graph"]

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Shared:
    """Identifiers that became nodes. ``place`` maps an observed position to a node's, or to -1.

    ``kinds_of`` is the kind of every observed identifier, ``kind`` that of every node.
    """

    kinds: tuple[str, ...]
    kinds_of: NDArray[np.int16]
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
    obs = graph.observations
    sighted = Sighted.of(obs.sightings, len(obs.identifiers))
    shared, members = _shared(graph, sighted), _members(graph)
    tables, orders = _tables(graph, shared, members)
    by_account, private = sighted.counts(shared.kinds_of, len(obs.accounts))
    width = np.arange(len(shared.kinds) + 1)
    arrays: Arrays = {
        "shared": by_account,
        "private": private,
        "kind_starts": np.searchsorted(shared.kind, width).astype(np.int64),
        "identifier_kind": shared.kind,
        "identifier_hub": shared.hub,
        **sighted.uses(shared.observed, shared.hub, len(obs.accounts)),
        **_links(graph),
        **_memberships(graph, members),
        **_stories(graph),
        **orders,
    }
    documents = {
        "about": _about(graph, shared, arrays),
        "origin": dict(graph.origin),
    }
    if graph.inference is not None and graph.inference.learned is not None:
        told = learned_files(graph.inference.learned, obs, sighted, shared.observed)
        arrays, tables = {**arrays, **told.arrays}, {**tables, **told.tables}
        documents |= told.documents
    return GraphFiles(arrays, tables, documents)


def _tables(
    graph: Published, shared: _Shared, members: pd.DataFrame
) -> tuple[dict[str, pa.Table], Arrays]:
    accounts, by_account = with_names(_arrow(graph.observations.accounts, "accounts"), "account")
    identifiers, by_value = with_names(_identifiers(graph, shared), "value", shared.kind)
    listed, orders = community_tables(graph.inference.communities if graph.inference else ())
    tables = {
        "accounts": accounts,
        "identifiers": identifiers,
        **listed,
        "links": _plain(_link_table(graph)),
        "members": _plain(members),
        "lineage": _plain(graph.lineage.log),
        "roll": _plain(graph.lineage.roll),
    }
    orders |= {"accounts.by_folded": by_account, "identifiers.by_folded": by_value}
    return tables, orders


def _kind_order(kind: str) -> tuple[int, str]:
    known = [known.name for known in KINDS]
    return (known.index(kind), "") if kind in known else (len(known), kind)


def _shared(graph: Published, sighted: Sighted) -> _Shared:
    table, degree = graph.observations.identifiers, sighted.degree
    kinds = tuple(sorted(table["kind"].unique(), key=_kind_order))
    kind = _places(kinds, table["kind"]).astype(np.int16)
    chosen = np.flatnonzero(degree > 1)
    keys = pa.table({"kind": kind[chosen], "value": pa.array(table["value"].iloc[chosen])})
    observed = chosen[in_order(keys)]
    place = np.full(len(table), -1, dtype=np.int32)
    place[observed] = np.arange(len(observed), dtype=np.int32)
    population = len(graph.observations.accounts)
    limits = np.array([policy_of(name).hub_at(population) for name in kinds], dtype=np.int64)
    return _Shared(
        kinds=kinds,
        kinds_of=kind,
        kind=kind[observed],
        observed=observed,
        degree=degree[observed].astype(np.int32),
        hub=(degree > limits[kind])[observed] | ~table["linkable"].to_numpy(bool)[observed],
        place=place,
    )


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
    key = account.astype(np.int64) << 32 | community
    if len(np.unique(key)) < len(key):
        raise ValueError("Inference.members must hold one row per community and account.")
    tier = _places(TIERS, members["tier"])
    # The community that has most of an account's traffic is named first.
    mostly = (-members["share"].to_numpy(), community)
    size = len(graph.observations.accounts)
    joined = Adjacency.build(account, community, size=size, order=mostly)
    has = Adjacency.build(community, account, size=len(names), order=(tier, account))
    return {**joined.arrays("member_of"), **has.arrays("members")}


def _stories(graph: Published) -> Arrays:
    """The rows of the lineage's log about the line that each community stands in."""
    names = sorted(c.community for c in graph.inference.communities) if graph.inference else []
    log, lines = graph.lineage.log, graph.lineage.lines
    line = pa.array(lines.values(), pa.large_string())
    community = _places(names, pd.Series(list(lines), dtype="str"))
    at = pc.index_in(pa.array(log["line"]).cast(pa.large_string()), value_set=line)
    rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    owner = community[at.drop_null().to_numpy()] if len(rows) else np.zeros(0, np.int32)
    told = rows[owner >= 0].astype(np.int32)
    owner = owner[owner >= 0]
    story = Adjacency.build(owner, told, size=len(names), order=(told,))
    return story.arrays("story")


def _places(names: Iterable[str], wanted: pd.Series) -> NDArray[np.int32]:
    """Where each wanted name stands among distinct names, or -1."""
    among = pa.array(names, pa.large_string())
    found = pc.index_in(pa.array(wanted).cast(pa.large_string()), value_set=among)
    places: NDArray[np.int32] = found.fill_null(-1).to_numpy()
    return places


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
