"""Layers of two accounts only, with the figures of the whole population."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.kinds import policy_of
from graph_models.linking.layers import Layer, days_of, derived_layer, family_of
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.observations import Observations

__all__ = ["PairFacts", "served_layers"]


@dataclass(frozen=True, eq=False, kw_only=True)
class PairFacts:
    """What is known of two accounts, and of everybody.

    ``obs`` holds the two accounts, their identifiers and sightings, in any order; ``kind`` is that
    of each identifier. ``degree`` and ``stay`` (identifiers,) are figures of the population, and
    ``spread`` counts the distinct values of each of the two by kind. ``arrays`` are those of
    ``Learned`` for the two accounts, ``told`` its record, ``groups`` its tables of derived values,
    and ``shares`` what share of the accounts names a text, by column and text.
    """

    obs: Observations
    kind: NDArray[np.object_]
    degree: NDArray[np.int64]
    stay: NDArray[np.int64]
    spread: Mapping[str, NDArray[np.int64]]
    told: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    groups: Mapping[str, pa.Table]
    shares: Mapping[tuple[str, str], float]

    def layer(self, kind: str) -> Mapping[str, Any]:
        """What was learned of a layer."""
        found: Mapping[str, Any] = next(one for one in self.told["layers"] if one["kind"] == kind)
        return found


@dataclass(frozen=True, eq=False)
class _Figures:
    """What a whole layer would count: uses, accounts by value, values by account, stays."""

    edges: int
    population: int
    joins: bool
    degree: NDArray[np.int64]
    spread: NDArray[np.int64]
    stay: NDArray[np.int64]
    squares: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Layer(Layer):
    """The edges of two accounts in one kind, with figures of the whole layer."""

    figures: _Figures

    @property
    def edges(self) -> int:
        return self.figures.edges

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        return self.figures.degree

    @cached_property
    def spread(self) -> NDArray[np.int64]:
        return self.figures.spread

    @cached_property
    def stay(self) -> NDArray[np.int64]:
        return self.figures.stay

    @cached_property
    def joins(self) -> bool:
        return self.figures.joins

    @cached_property
    def bridging(self) -> NDArray[np.bool_]:
        limit = self.policy.hub_at(self.figures.population)
        return self.linkable & (self.degree >= 2) & (self.degree <= limit)

    @cached_property
    def start(self) -> NDArray[np.int64]:
        held = np.bincount(self.account, minlength=self.accounts)
        return np.concatenate([[0], np.cumsum(held)]).astype(np.int64)

    def squares(self, most: int) -> float:
        degree, summed = self.figures.squares
        at = int(np.searchsorted(degree, most, side="right"))
        return float(summed[at - 1]) if at else 0.0


def served_layers(facts: PairFacts) -> tuple[Layer, ...]:
    """The layers of two accounts, in the order of the whole population's."""
    columns = _columns(facts)
    base = {
        one["kind"]: _own(facts, columns, one["kind"])
        for one in facts.told["layers"]
        if one["kind"] not in DERIVED_POLICIES
    }
    layers = [_plain(facts, layer) for layer in base.values()]
    for kind in facts.groups:
        source, column, policy = DERIVED_POLICIES[kind]
        group = facts.obs.identifiers[column].iloc[base[source].position]
        derived = derived_layer(base[source], kind, policy, group)
        layers += [] if derived is None else [_derived(facts, derived)]
    return tuple(layers)


def _columns(facts: PairFacts) -> dict[str, NDArray[Any]]:
    """What layers are cut from: ``linkable`` and ``text`` by identifier, the rest by sighting."""
    seen, identifiers = facts.obs.sightings, facts.obs.identifiers
    label = identifiers["label"]
    service = (label.notna() & (label != "")).to_numpy()
    return {
        **{name: seen[name].to_numpy() for name in ("account", "identifier", "count", "claimed")},
        "first": days_of(seen["first"]),
        "last": days_of(seen["last"]),
        "linkable": identifiers["linkable"].to_numpy(dtype=bool) & ~service,
        "text": identifiers["value"].to_numpy(dtype=object),
    }


def _own(facts: PairFacts, columns: Mapping[str, NDArray[Any]], kind: str) -> Layer:
    """What the two accounts have of a kind, without any figures of others."""
    place = columns["identifier"]
    position = np.flatnonzero(facts.kind == kind)
    rows = np.flatnonzero(facts.kind[place] == kind)
    rows = rows[np.lexsort((place[rows], columns["account"][rows]))]
    return Layer(
        kind=kind,
        family=family_of(kind),
        policy=policy_of(kind),
        accounts=2,
        account=columns["account"][rows].astype(np.int32),
        value=np.searchsorted(position, place[rows]).astype(np.int32),
        count=columns["count"][rows],
        claimed=np.nan_to_num(columns["claimed"][rows]),
        first=columns["first"][rows],
        last=columns["last"][rows],
        position=position.astype(np.int32),
        text=columns["text"][position],
        linkable=columns["linkable"][position],
    )


def _plain(facts: PairFacts, layer: Layer) -> Layer:
    """A layer of identifiers: figures stand by position."""
    figures = _figures(
        facts,
        layer.kind,
        degree=facts.degree[layer.position],
        spread=facts.spread[layer.kind],
        stay=facts.stay[layer.position],
    )
    return _Layer(**_fields(layer), figures=figures)


def _derived(facts: PairFacts, layer: Layer) -> Layer:
    """A layer of groups: every value of the two accounts is there, figures stand by name."""
    table = facts.groups[layer.kind]
    rows = _rows(table["name"].combine_chunks(), layer.text)
    told = {name: table[name].take(pa.array(rows)).to_numpy() for name in table.column_names[1:]}
    figures = _figures(
        facts,
        layer.kind,
        degree=told["degree"].astype(np.int64),
        spread=layer.spread,
        stay=told["stay"].astype(np.int64),
    )
    return _Layer(**{**_fields(layer), "linkable": told["linkable"]}, figures=figures)


def _figures(
    facts: PairFacts,
    kind: str,
    *,
    degree: NDArray[np.int64],
    spread: NDArray[np.int64],
    stay: NDArray[np.int64],
) -> _Figures:
    told = facts.layer(kind)
    return _Figures(
        edges=told["edges"],
        population=facts.told["accounts"],
        joins=told["joins"],
        degree=degree,
        spread=spread,
        stay=stay,
        squares=facts.arrays[f"squares.{kind}"],
    )


def _fields(layer: Layer) -> dict[str, Any]:
    return {one.name: getattr(layer, one.name) for one in fields(layer)}


def _rows(names: pa.Array, wanted: Iterable[object]) -> list[int]:
    """Where each name stands in a sorted column."""
    places = range(len(names))
    return [bisect_left(places, str(name), key=lambda at: names[at].as_py()) for name in wanted]
