"""What explaining a pair needs of its population, without the population: small and kept by a run.

A pair's bits follow from its own sightings and from figures of everybody: how many uses a kind has,
how often fellows share a value of each class, the types of habits, the days of all births. Those
figures are taken here from the context that the run scored its links with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.linking.context import LinkContext, Population
from graph_models.linking.layers import Layer, is_foreign
from graph_models.linking.rules import DERIVED_POLICIES

__all__ = ["PROFILES", "Learned", "learned_of"]

PROFILES = ("organisation", "pathway", "country")


@dataclass(frozen=True, eq=False, kw_only=True)
class Learned:
    """Figures of a population by name, ready to be kept in files.

    ``told`` is plain JSON: prior, spans, what is lacking, and one record a layer. ``arrays`` are
    by account unless their names say otherwise; ``stay`` (identifiers,) is by observed position.
    """

    told: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    tables: Mapping[str, pa.Table]
    stay: NDArray[np.int8]


def learned_of(context: LinkContext) -> Learned | None:
    """What a context learned; None where it has foreign types, which are weighed pair by pair."""
    layers, people = context.layers, context.population
    if any(is_foreign(layer.kind) for layer in layers):
        return None
    habits = (people.hours, people.pace, people.eliciting, *people.moves)
    main, rarity = people.narrow
    stay = np.full(len(context.obs.identifiers), -1, np.int8)
    for layer in layers:
        if layer.kind not in DERIVED_POLICIES:
            stay[layer.position] = layer.stay
    told = {
        "accounts": context.accounts,
        "prior_bits": context.prior_bits,
        "span_days": people.span_days,
        "lacking": list(context.lacking),
        "without": sorted(family.value for family in context.without),
        "rarity": rarity.tolist(),
        "habits": [
            {"name": one.name, "share": one.share.tolist(), "kept": context.kept(one).tolist()}
            for one in habits
        ],
        "layers": [_layer(context, layer) for layer in layers],
    }
    arrays: dict[str, NDArray[Any]] = {
        "births": people.births,
        "ends": people.ends,
        "narrow": main.astype(np.int16),
        "values_of_degree": context.values_of_degree,
        "rhythm.start": people.rhythm.start,
        "rhythm.bucket": people.rhythm.bucket.astype(np.int32),
        **{f"habit.{at}": types.posterior for at, types in enumerate(habits)},
        **{f"squares.{layer.kind}": _squares(layer) for layer in layers},
    }
    groups = {f"group.{x.kind}": _groups(x) for x in layers if x.kind in DERIVED_POLICIES}
    return Learned(
        told=told, arrays=arrays, tables={**groups, "profiles": _profiles(people)}, stay=stay
    )


def _layer(context: LinkContext, layer: Layer) -> dict[str, Any]:
    return {
        "kind": layer.kind,
        "edges": layer.edges,
        "joins": layer.joins,
        "learned": context.value_classes(layer).learned.tolist(),
    }


def _squares(layer: Layer) -> NDArray[np.float64]:
    """Degrees of bridging values, and Σ k² up to each; shape (2, degrees)."""
    degree, values = np.unique(layer.degree[layer.bridging], return_counts=True)
    summed = np.cumsum(values * degree.astype(np.float64) ** 2)
    return np.array([degree.astype(np.float64), summed])


def _groups(layer: Layer) -> pa.Table:
    """What a derived layer's values are, sorted by name."""
    columns = {
        "degree": layer.degree.astype(np.int32),
        "linkable": layer.linkable,
        "stay": layer.stay.astype(np.int8),
    }
    return pa.table({"name": pa.array(layer.text, pa.large_string()), **columns})


def _profiles(people: Population) -> pa.Table:
    """The share of each text among the accounts that fill in a column at all."""
    parts = []
    for column in PROFILES:
        code, text = people.codes[column], people.obs.accounts[column]
        _, first = np.unique(code, return_index=True)
        first = first[code[first] >= 0]
        names = pa.array(text.iloc[first], pa.large_string())
        kind = pa.array([column] * len(first), pa.string())
        parts.append(pa.table({"column": kind, "name": names, "share": people.shares[column]}))
    return pa.concat_tables(parts)
