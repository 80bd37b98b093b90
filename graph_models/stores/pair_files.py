"""What explaining a pair needs, beside the graph: written with it, read for two accounts.

Shared identifiers and their sightings are in the graph already. Kept besides are the figures that a
run learned, and the private values of kinds that have coarser views: two accounts may share a
prefix though no address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.linking.learned import PROFILES, Learned
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.served_layers import PairFacts
from graph_models.observations import COLUMNS, Observations, empty_table, rows_of
from graph_models.stores.graph_files import GraphFiles

if TYPE_CHECKING:
    from graph_models.stores.mapped_graph import MappedGraph
    from graph_models.stores.sighted import Sighted

__all__ = ["learned_files", "pair_facts"]

_GROUPED = sorted({source for source, _, _ in DERIVED_POLICIES.values()})
_OF_IDENTIFIER = ("kind", "value", "linkable", "prefix", "asn", "label")
_OF_SIGHTING = ("count", "first", "last", "days", "claimed")


def learned_files(
    learned: Learned, obs: Observations, sighted: Sighted, observed: NDArray[np.int64]
) -> GraphFiles:
    """The files that are added to a graph.

    Args:
        learned: What the run learned.
        obs: The run's observations.
        sighted: Its sightings, in order.
        observed: The identifier of each node, shape (nodes,).
    """
    own, starts = _own(obs, sighted)
    arrays = {f"learned.{name}": array for name, array in learned.arrays.items()}
    tables = {f"learned.{name}": table for name, table in learned.tables.items()}
    labels = pa.Table.from_pandas(obs.labels.sort_values("account"), preserve_index=False)
    return GraphFiles(
        arrays={**arrays, "learned.stay": learned.stay[observed], "own.starts": starts},
        tables={**tables, "own": own, "labels": labels},
        documents={"learned": {**learned.told, "snapshot": obs.snapshot}},
    )


def _own(obs: Observations, sighted: Sighted) -> tuple[pa.Table, NDArray[np.int64]]:
    """Private values of kinds with coarser views, by account, and where each account's begin."""
    grouped = obs.identifiers["kind"].isin(_GROUPED).to_numpy()
    chosen = np.flatnonzero(grouped & (sighted.degree == 1))
    rows = sighted.starts[chosen]
    account = sighted.column("account", rows)
    by = np.argsort(account, kind="stable")
    chosen, rows = chosen[by], rows[by]
    starts = np.searchsorted(account[by], np.arange(len(obs.accounts) + 1))
    columns = {
        **{name: pa.array(obs.identifiers[name].iloc[chosen]) for name in _OF_IDENTIFIER},
        **{name: pa.array(sighted.column(name, rows)) for name in _OF_SIGHTING},
    }
    return pa.table(columns), starts.astype(np.int64)


def pair_facts(graph: MappedGraph, pair: Sequence[int]) -> PairFacts | None:
    """What is known of two accounts by position; None where the graph keeps nothing learned."""
    if graph.learned is None:
        return None
    people = graph.tables["accounts"].take(pa.array(pair)).select(list(COLUMNS["accounts"]))
    accounts: pd.DataFrame = people.to_pandas()
    found = _found(graph, pair)
    obs = Observations(
        snapshot=str(graph.learned["snapshot"]),
        accounts=accounts,
        identifiers=found.identifiers,
        sightings=pd.DataFrame(found.seen),
        labels=_labels(graph, pair),
        lacking=(*graph.learned["lacking"], *_unread(graph, pair)),
        **_nothing(),
    )
    return PairFacts(
        obs=obs,
        kind=found.kind,
        degree=found.identifiers["accounts"].to_numpy(np.int64),
        stay=found.stay,
        spread=_spread(graph, pair),
        told=graph.learned,
        arrays=_arrays(graph, pair),
        groups={kind: graph.tables[f"learned.group.{kind}"] for kind in _groups(graph)},
        shares=_shares(graph, accounts),
    )


def _unread(graph: MappedGraph, pair: Sequence[int]) -> tuple[str, ...]:
    """What the run did not read of the two, because nothing brought them together with anybody."""
    row = graph.arrays.get("learned.row")
    if row is None or row[pair].all():
        return ()
    return ("habits: not read of an account that no identifier brings to anybody",)


@cache
def _nothing() -> dict[str, Any]:
    """Tables that explaining does not read, made once."""
    return {
        **{name: empty_table(name) for name in ("calendar", "enrichment")},
        **{f"{name}_of": rows_of(empty_table(name)) for name in ("activity", "exchanges")},
    }


@dataclass(frozen=True, eq=False)
class _Found:
    """Identifiers of two accounts with their kind and stay, and the columns of their sightings."""

    identifiers: pd.DataFrame
    kind: NDArray[np.object_]
    stay: NDArray[np.int64]
    seen: dict[str, NDArray[Any]]


def _found(graph: MappedGraph, pair: Sequence[int]) -> _Found:
    """Shared identifiers stand in the graph, private ones beside it; each sighting comes once."""
    used = [graph.uses.of(position) for position in pair]
    nodes = np.unique(np.concatenate([ends for ends, _ in used])).astype(np.int64)
    rows = np.concatenate([rows for _, rows in used])
    spans = [graph.arrays["own.starts"][at : at + 2].tolist() for at in pair]
    own = pa.concat_tables(graph.tables["own"].slice(a, b - a) for a, b in spans)
    names = list(_OF_IDENTIFIER)
    shared = graph.tables["identifiers"].select([*names, "accounts"]).take(pa.array(nodes))
    alone = own.select(names).append_column("accounts", pa.array(np.ones(len(own), np.int32)))
    identifiers = pa.concat_tables([shared, alone.cast(shared.schema)]).to_pandas()
    kinds = np.array(graph.kinds, dtype=object)[graph.arrays["identifier_kind"][nodes] + 1]
    where = [np.searchsorted(nodes, ends) for ends, _ in used]
    seen = {
        "account": np.repeat([0, 1, 0, 1], [*map(len, where), *(b - a for a, b in spans)]),
        "identifier": np.concatenate([*where, np.arange(len(nodes), len(identifiers))]),
        **{
            name: np.concatenate([graph.arrays[f"sighting.{name}"][rows], own[name].to_numpy()])
            for name in _OF_SIGHTING
        },
    }
    return _Found(
        identifiers=identifiers,
        kind=np.concatenate([kinds, np.array(own["kind"].to_pylist(), dtype=object)]),
        stay=np.concatenate([graph.arrays["learned.stay"][nodes], np.zeros(len(own), np.int8)]),
        seen=seen,
    )


def _spread(graph: MappedGraph, pair: Sequence[int]) -> dict[str, NDArray[np.int64]]:
    """Distinct values of either account by kind, private ones included."""
    counts = (graph.arrays["shared"][pair] + graph.arrays["private"][pair]).astype(np.int64)
    return {kind: counts[:, at] for at, kind in enumerate(graph.kinds[1:-1])}


def _labels(graph: MappedGraph, pair: Sequence[int]) -> pd.DataFrame:
    table = graph.tables["labels"]
    account = table["account"].to_numpy()
    spans = [np.searchsorted(account, [position, position + 1]).tolist() for position in pair]
    frame = pa.concat_tables(table.slice(a, b - a) for a, b in spans).to_pandas()
    sizes = [b - a for a, b in spans]
    labels: pd.DataFrame = frame.assign(account=np.repeat(np.arange(2, dtype=np.int32), sizes))
    return labels


def _groups(graph: MappedGraph) -> list[str]:
    assert graph.learned is not None
    kinds = [one["kind"] for one in graph.learned["layers"]]
    return [kind for kind in kinds if kind in DERIVED_POLICIES]


def _arrays(graph: MappedGraph, pair: Sequence[int]) -> dict[str, NDArray[Any]]:
    """The learned arrays: of accounts those of the two, of everybody the whole (mapped) ones."""
    held = {
        name.removeprefix("learned."): array
        for name, array in graph.arrays.items()
        if name.startswith("learned.")
    }
    start, bucket = held["rhythm.start"], held["rhythm.bucket"]
    active = [bucket[start[position] : start[position + 1]] for position in pair]
    sizes = [0, *(len(some) for some in active)]
    row = held["row"][pair] if "row" in held else np.array(pair)
    by_account = {name: held[name][row] for name in held if name.startswith("habit.")}
    by_account["narrow"] = held["narrow"][pair]
    rhythm = {"rhythm.start": np.cumsum(sizes), "rhythm.bucket": np.concatenate(active)}
    return {**held, **by_account, **rhythm}


def _shares(graph: MappedGraph, people: pd.DataFrame) -> dict[tuple[str, str], float]:
    """What share of the accounts names the same as either of the two, by column and text."""
    table = graph.tables["learned.profiles"]
    found = {}
    for column in PROFILES:
        for text in people[column].dropna().unique():
            same = pc.and_(pc.equal(table["column"], column), pc.equal(table["name"], str(text)))
            for share in table.filter(same)["share"].to_pylist():
                found[column, str(text)] = share
    return found
