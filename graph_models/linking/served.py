"""A context of two accounts only, which scores them as the context of everybody would.

Layers hold the sightings of the two, and figures of the whole population stand where a layer would
count them. All signals run on it unchanged.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.kinds import policy_of
from graph_models.linking.classes import ValueClasses, known_classes
from graph_models.linking.context import LinkContext, Population
from graph_models.linking.layers import Layer, days_of, derived_layer, family_of
from graph_models.linking.learned import PROFILES
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.types import Types
from graph_models.observations import Observations

__all__ = ["PairFacts", "served_context"]


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


@dataclass(frozen=True, eq=False)
class _Population(Population):
    """Facts about two accounts, with days and shares of everybody."""

    facts: PairFacts

    @cached_property
    def span_days(self) -> float:
        return float(self.facts.told["span_days"])

    @cached_property
    def births(self) -> NDArray[np.float64]:
        return self.facts.arrays["births"]

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        return self.facts.arrays["ends"]

    @cached_property
    def codes(self) -> dict[str, NDArray[np.int64]]:
        found = {}
        for column in ("close_reason", *PROFILES):
            texts = [str(text) if pd.notna(text) else "" for text in self.obs.accounts[column]]
            known = sorted({*texts} - {""})
            found[column] = np.array([known.index(text) if text else -1 for text in texts])
        return found

    @cached_property
    def shares(self) -> dict[str, NDArray[np.float64]]:
        found = {}
        for column in PROFILES:
            code, text = self.codes[column], self.obs.accounts[column]
            named = np.zeros(int(code.max(initial=-1)) + 1)
            for at in np.flatnonzero(code >= 0):
                named[code[at]] = self.facts.shares[column, str(text.iloc[at])]
            found[column] = named
        return found

    @property
    def narrow(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        main = self.facts.arrays["narrow"].astype(np.int64)
        return main, np.array(self.facts.told["rarity"])

    @cached_property
    def habits(self) -> tuple[Types, ...]:
        """Hours, pace, elicitation and moves, as ``learned_of`` lists them."""
        return tuple(
            Types(self.facts.arrays[f"habit.{at}"], np.array(one["share"]), one["name"])
            for at, one in enumerate(self.facts.told["habits"])
        )

    def ask(self, accounts: NDArray[np.int32]) -> None:
        """Nothing is left to be read."""

    def hear(self, accounts: NDArray[np.int32]) -> None:
        """Nothing is left to be read."""

    def types(self, name: str) -> Types:
        return next(types for types in self.habits if types.name == name)

    @property
    def hours(self) -> Types:
        return self.habits[0]

    @property
    def pace(self) -> Types:
        return self.habits[1]

    @property
    def eliciting(self) -> Types:
        return self.habits[2]

    @property
    def moves(self) -> tuple[Types, ...]:
        return self.habits[3:]

    @property
    def rhythm(self) -> Rhythm:
        arrays = self.facts.arrays
        return Rhythm(arrays["rhythm.start"], arrays["rhythm.bucket"].astype(np.int64))


@dataclass(frozen=True, eq=False)
class _Context(LinkContext):
    """Two accounts as a context, and what the run had learned."""

    facts: PairFacts = field(kw_only=True)

    @property
    def accounts(self) -> int:
        return int(self.facts.told["accounts"])

    @cached_property
    def prior_bits(self) -> float:
        return float(self.facts.told["prior_bits"])

    @cached_property
    def values_of_degree(self) -> NDArray[np.int64]:
        return self.facts.arrays["values_of_degree"]

    def kept(self, types: Types) -> NDArray[np.float64]:
        assert isinstance(self.population, _Population)
        at = next(at for at, one in enumerate(self.population.habits) if one is types)
        return np.array(self.facts.told["habits"][at]["kept"])

    def value_classes(self, layer: Layer) -> ValueClasses:
        return known_classes(layer, np.array(_record(self.facts, layer.kind)["learned"]))


def _record(facts: PairFacts, kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in facts.told["layers"] if one["kind"] == kind)
    return found


def served_context(facts: PairFacts) -> LinkContext:
    """The context that explains two accounts; the first of the two is position 0."""
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
    return _Context(
        _Population(facts.obs, facts),
        tuple(layers),
        without=frozenset(map(Family, facts.told["without"])),
        facts=facts,
    )


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
        value=np.searchsorted(position, place[rows]),
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
    told = _record(facts, kind)
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


def _rows(names: pa.Array, wanted: Sequence[Any] | NDArray[np.object_]) -> list[int]:
    """Where each name stands in a sorted column."""
    places = range(len(names))
    return [bisect_left(places, str(name), key=lambda at: names[at].as_py()) for name in wanted]
