"""A context of two accounts only, which scores them as the context of everybody would.

Layers hold the sightings of the two, and figures of the whole population stand where a layer would
count them. All signals run on it unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.linking.classes import ValueClasses, known_classes
from graph_models.linking.context import LinkContext, Population
from graph_models.linking.layers import Layer
from graph_models.linking.learned import PROFILES
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.served_layers import PairFacts, served_layers
from graph_models.linking.types import Types

__all__ = ["PairFacts", "served_context"]


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
        return known_classes(layer, np.array(self.facts.layer(layer.kind)["learned"]))


def served_context(facts: PairFacts) -> LinkContext:
    """The context that explains two accounts; the first of the two is position 0."""
    return _Context(
        _Population(facts.obs, facts),
        served_layers(facts),
        without=frozenset(map(Family, facts.told["without"])),
        facts=facts,
    )
