"""What linking knows of the whole population: layers, activity, dates, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.enrichment import classes
from graph_models.families import Family
from graph_models.linking.classes import ValueClasses, classes_of
from graph_models.linking.fields import FieldModel
from graph_models.linking.layers import (
    Layer,
    derived_layer,
    family_of,
    layers_of,
    pairs_on,
)
from graph_models.linking.population import Population
from graph_models.linking.rules import CANDIDATES, DERIVED_POLICIES, FELLOWS, PRIOR
from graph_models.linking.types import Likeness, Types
from graph_models.observations import Observations

__all__ = ["LinkContext", "Population"]


@dataclass(frozen=True, eq=False)
class LinkContext:
    """Everything that scoring a pair needs: population facts and one layer per kind.

    ``agreement``: how often fellows agree on a single-valued foreign type (linking.agreement).
    ``without``: families left out, as if no log had ever shown them. ``taught_by``: the context
    from which weights are learned, where it is another; what a kind is worth is no evidence.
    ``partners``: accounts of the same controller that an account has, where the table told.
    """

    population: Population
    layers: tuple[Layer, ...]
    agreement: Mapping[str, FieldModel] = field(default_factory=dict)
    without: frozenset[Family] = frozenset()
    taught_by: LinkContext | None = None
    partners: float | None = None

    @classmethod
    def of(cls, obs: Observations) -> LinkContext:
        """Read degrees, activity and attributes from the observations."""
        base = layers_of(obs)
        return cls(Population(obs), _with_derived(obs, base))

    def leaving_out(self, families: Iterable[Family]) -> LinkContext:
        """The same population as if no log had ever shown these families."""
        without = self.without | frozenset(families)
        layers = tuple(layer for layer in self.layers if layer.family not in without)
        return replace(self, layers=layers, without=without, taught_by=self._teacher)

    @property
    def obs(self) -> Observations:
        """The observations that were read."""
        return self.population.obs

    @property
    def accounts(self) -> int:
        """N: how many accounts the logs named."""
        return len(self.population)

    @cached_property
    def prior_bits(self) -> float:
        """log2 odds that two random accounts have one controller, in whole millibits."""
        expected = min(PRIOR.partners, max(1.0, self.accounts / PRIOR.smallest_share))
        if self.partners is not None:
            expected = min(expected, self.partners)
        return round(1000 * float(np.log2(expected / max(self.accounts, 2)))) / 1000

    @cached_property
    def classes(self) -> NDArray[np.object_]:
        """What lists say each identifier is (``vpn``, ``disposable`` …); None is unknown.

        (identifiers,) by position. No bit depends on it yet: unknown is never taken for clean.
        """
        return classes(self.obs.enrichment, len(self.obs.identifiers))

    @cached_property
    def _teacher(self) -> LinkContext:
        """Whose layers teach the weights: those that were read, also where a family is left out."""
        return self.taught_by or self

    @cached_property
    def values_of_degree(self) -> NDArray[np.int64]:
        """How many values that may bridge were used by 0, 1, 2 … accounts.

        Of all that was read, also where a family is left out: that brings nobody else together.
        """
        degrees = [layer.degree[layer.bridging] for layer in self._teacher.layers]
        return np.bincount(np.concatenate([np.zeros(1, np.int64), *degrees]))

    @cached_property
    def _exclusive(self) -> dict[str, NDArray[np.int32]]:
        """Pairs that share a card, or a machine, with few others: most have one controller."""
        return {
            layer.kind: pairs_on(layer, FELLOWS.most_accounts)
            for layer in self.layers
            if layer.kind in FELLOWS.kinds
        }

    @cached_property
    def _kept(self) -> dict[str, NDArray[np.float64]]:
        return {}

    @cached_property
    def _likeness(self) -> dict[str, tuple[Types, Likeness]]:
        return {}

    @cached_property
    def _classes(self) -> dict[str, ValueClasses]:
        return {}

    @cached_property
    def _fellows(self) -> dict[Family | None, NDArray[np.int32]]:
        return {}

    def fellows(self, without: Family | None = None) -> NDArray[np.int32]:
        """Pairs a < b that an exclusive card or machine joins, (pairs, 2), in order.

        ``without``: a family that may not join them.
        """
        if without not in self._fellows:
            joined = [
                pairs for kind, pairs in self._exclusive.items() if family_of(kind) is not without
            ]
            every = np.concatenate([np.zeros((0, 2), np.int32), *joined]).astype(np.int64)
            key = np.unique(every[:, 0] * self.accounts + every[:, 1])
            pairs = np.column_stack([key // self.accounts, key % self.accounts]).astype(np.int32)
            self._fellows[without] = pairs
        return self._fellows[without]

    @cached_property
    def _telling(self) -> NDArray[np.int32]:
        """The fellows whose habits are read: of a large population only as many as tell enough."""
        pairs = self.fellows()
        if self.accounts <= CANDIDATES.plain or len(pairs) <= FELLOWS.most_pairs:
            return pairs
        drawn = np.array(codes("fellows", self.obs.accounts["account"].iloc[pairs[:, 0]]))
        return pairs[np.sort(np.argsort(drawn, kind="stable")[: FELLOWS.most_pairs])]

    def kept(self, types: Types) -> NDArray[np.float64]:
        """How far fellows keep to each type of account, as pairs with one card show it."""
        known = self._teacher._kept
        if types.name not in known:
            pairs = self._teacher._telling
            prior = (FELLOWS.prior_kept, FELLOWS.prior_accounts)
            known[types.name] = types.kept(pairs[:, 0], pairs[:, 1], prior)
        return known[types.name]

    def likeness(self, types: Types) -> Likeness:
        """Types made ready for pairs (see ``Likeness.ratio``)."""
        known = self._teacher._likeness.get(types.name)
        if known is None or known[0] is not types:
            known = (types, types.likeness(self.kept(types)))
            self._teacher._likeness[types.name] = known
        return known[1]

    def value_classes(self, layer: Layer) -> ValueClasses:
        """The classes of a layer's values, and how often fellows share one of each."""
        teacher = self._teacher
        if layer.kind not in teacher._classes:
            teacher._classes[layer.kind] = classes_of(layer, teacher.fellows(layer.family))
        return teacher._classes[layer.kind]

    def layer(self, kind: str) -> Layer | None:
        """The layer of a kind, or None when nothing of it was seen."""
        return next((layer for layer in self.layers if layer.kind == kind), None)

    def rewired(self, rng: np.random.Generator) -> LinkContext:
        """The same population with every kind of identifier dealt anew (degrees kept).

        A kind with coarser views is dealt whole: its private values may share a prefix.
        """
        whole = {source for source, _, _ in DERIVED_POLICIES.values()}
        dealt = (
            layer.rewired(rng, whole=layer.kind in whole)
            for layer in self.layers
            if layer.kind not in DERIVED_POLICIES
        )
        return replace(self, layers=_with_derived(self.obs, tuple(dealt)), taught_by=None)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Inputs that no source had, and what was left out for want of budget."""
        return self.obs.lacking


def _with_derived(obs: Observations, base: tuple[Layer, ...]) -> tuple[Layer, ...]:
    derived = [
        derived_layer(layer, kind, policy, obs.identifiers[column].iloc[layer.position])
        for layer in base
        for kind, (source, column, policy) in DERIVED_POLICIES.items()
        if layer.kind == source
    ]
    return (*base, *(layer for layer in derived if layer is not None))
