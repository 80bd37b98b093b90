"""What linking knows of the whole population: layers, activity, dates, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.enrichment import classes
from graph_models.families import Family
from graph_models.linking.classes import ValueClasses, classes_of
from graph_models.linking.fields import FieldModel
from graph_models.linking.habits import (
    elicitation_types,
    hour_types,
    move_types,
    pace_types,
    releases,
)
from graph_models.linking.layers import (
    Layer,
    days_of,
    derived_layer,
    family_of,
    layers_of,
    pairs_on,
)
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import DERIVED_POLICIES, FELLOWS, PRIOR, TIMING
from graph_models.linking.types import Types
from graph_models.observations import Observations

__all__ = ["LinkContext", "Population"]

NARROW = 0.8  # share of exchanges in one capability that makes an account narrow
NARROW_EXCHANGES = 30  # below that an account has not shown its work


@dataclass(frozen=True, eq=False)
class Population:
    """Facts about accounts that no shuffling of identifiers changes. Arrays are (accounts,).

    Dates are days since 1970, NaN where missing; codes number the distinct texts, -1 for none.
    """

    obs: Observations

    def __len__(self) -> int:
        return len(self.obs.accounts)

    @cached_property
    def created(self) -> NDArray[np.float64]:
        """When each account was opened."""
        return days_of(self.obs.accounts["created_at"])

    @cached_property
    def closed(self) -> NDArray[np.float64]:
        """When each account was closed."""
        return days_of(self.obs.accounts["closed_at"])

    @cached_property
    def exchanges(self) -> NDArray[np.int64]:
        """How many exchanges each account made."""
        return self.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)

    @cached_property
    def span_days(self) -> float:
        """From the first to the last sighting of anything, at least one day."""
        first, last = days_of(self.obs.sightings["first"]), days_of(self.obs.sightings["last"])
        known = np.concatenate([first[~np.isnan(first)], last[~np.isnan(last)]])
        return float(max(1.0, known.max() - known.min())) if len(known) else 1.0

    @cached_property
    def codes(self) -> dict[str, NDArray[np.int64]]:
        """Codes of the text columns of the accounts; empty text counts as missing."""
        found = {}
        for column in ("close_reason", "organisation", "pathway", "country"):
            text = self.obs.accounts[column]
            found[column] = pd.factorize(text.where(text != ""), sort=True)[0].astype(np.int64)
        return found

    @cached_property
    def births(self) -> NDArray[np.float64]:
        """When accounts were opened, as far as known, ascending."""
        return np.sort(self.created[~np.isnan(self.created)])

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        """When accounts were closed, as far as known, ascending."""
        return np.sort(self.closed[~np.isnan(self.closed)])

    @cached_property
    def shares(self) -> dict[str, NDArray[np.float64]]:
        """The share of each code among the accounts that name one at all."""
        known = {column: code[code >= 0] for column, code in self.codes.items()}
        return {column: np.bincount(some) / max(len(some), 1) for column, some in known.items()}

    @cached_property
    def mix(self) -> pd.DataFrame:
        """Exchanges per account x capability, for accounts with any; index = account position."""
        seen = self.obs.activity.dropna(subset=["capability"])
        seen = seen[seen["capability"] != ""]
        return seen.pivot_table(
            index="account", columns="capability", values="exchanges", aggfunc="sum", fill_value=0
        )

    @cached_property
    def narrow(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The main capability of each narrow account (-1: none), and how common each one is."""
        main = np.full(len(self), -1, np.int64)
        counts = self.mix.to_numpy(dtype=np.float64)
        if counts.size == 0:
            return main, np.ones(1)
        total = counts.sum(axis=1)
        narrow = (counts.max(axis=1) >= NARROW * total) & (total >= NARROW_EXCHANGES)
        main[self.mix.index.to_numpy()[narrow]] = counts.argmax(axis=1)[narrow]
        of_each = np.bincount(main[main >= 0], minlength=counts.shape[1])
        return main, (of_each + 1) / (len(self.mix) + 1)

    @cached_property
    def hours(self) -> Types:
        """Types of accounts by the hours of the week in which they are active."""
        return hour_types(self.obs.activity, len(self))

    @cached_property
    def pace(self) -> Types:
        """Types of accounts by how many hours a day they are active."""
        return pace_types(self.obs.activity, len(self))

    @cached_property
    def eliciting(self) -> Types:
        """Types of accounts by the share of exchanges that elicit reasoning or grades."""
        return elicitation_types(self.obs.activity, len(self))

    @cached_property
    def moves(self) -> tuple[Types, ...]:
        """For each release of a model, types of accounts by the share that they moved to it."""
        activity = self.obs.activity
        return tuple(
            move_types(activity, len(self), model=name, released=day, days=TIMING.move_days)
            for name, day in sorted(releases(self.obs).items())
        )

    @cached_property
    def rhythm(self) -> Rhythm:
        """Ten-minute buckets of activity of all accounts with enough exchanges."""
        enough = np.flatnonzero(self.exchanges >= TIMING.min_exchanges)
        # Over budget the busiest accounts go: a bucket of an account that never rests says least.
        order = enough[np.argsort(self.exchanges[enough], kind="stable")]
        fits = np.cumsum(self.exchanges[order]) <= TIMING.exchange_budget
        chosen = np.sort(order[fits]).astype(np.int32)
        rows = self.obs.exchanges_of(chosen)
        return Rhythm.of(
            rows["account"].to_numpy(dtype=np.int64),
            days_of(rows["ts"]),
            len(self),
            left_out=int(len(order) - len(chosen)),
        )


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
    def _exclusive(self) -> dict[str, NDArray[np.int32]]:
        """Pairs that share a card, or a machine, with few others: most have one controller."""
        return {
            layer.kind: pairs_on(layer, FELLOWS.most_accounts)
            for layer in self.layers
            if layer.kind in FELLOWS.kinds
        }

    @cached_property
    def _kept(self) -> dict[int, NDArray[np.float64]]:
        return {}

    @cached_property
    def _classes(self) -> dict[str, ValueClasses]:
        return {}

    def fellows(self, without: Family | None = None) -> NDArray[np.int32]:
        """Pairs a < b that an exclusive card or machine joins, (pairs, 2), in order.

        ``without``: a family that may not join them.
        """
        joined = [
            pairs for kind, pairs in self._exclusive.items() if family_of(kind) is not without
        ]
        return np.unique(np.concatenate([np.zeros((0, 2), np.int32), *joined]), axis=0)

    def kept(self, types: Types) -> NDArray[np.float64]:
        """How far fellows keep to each type of account, as pairs with one card show it."""
        known = self._teacher._kept
        if id(types) not in known:
            pairs = self._teacher.fellows()
            prior = (FELLOWS.prior_kept, FELLOWS.prior_accounts)
            known[id(types)] = types.kept(pairs[:, 0], pairs[:, 1], prior)
        return known[id(types)]

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
