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
from graph_models.linking.layers import Layer, days_of, derived_layer, layers_of
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import DERIVED_POLICIES, PRIOR, TIMING
from graph_models.observations import Observations

__all__ = ["LinkContext", "Population"]


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
    def mix(self) -> pd.DataFrame:
        """Exchanges per account x capability, for accounts with any; index = account position."""
        seen = self.obs.activity.dropna(subset=["capability"])
        seen = seen[seen["capability"] != ""]
        return seen.pivot_table(
            index="account", columns="capability", values="exchanges", aggfunc="sum", fill_value=0
        )

    @cached_property
    def adopted(self) -> dict[str, NDArray[np.float64]]:
        """For each model release of the calendar: the day each account first used that model."""
        first = self.obs.activity.groupby(["model", "account"], sort=True)["hour"].min()
        days = {}
        for name in sorted(set(self._releases) & set(first.index.get_level_values(0))):
            when = np.full(len(self), np.nan)
            rows = first.loc[name]
            when[rows.index.to_numpy()] = days_of(rows)
            days[name] = when
        return days

    @cached_property
    def _releases(self) -> dict[str, float]:
        rows = self.obs.calendar[self.obs.calendar["kind"] == "model_release"]
        return dict(zip(rows["name"].astype(str), days_of(rows["ts"]), strict=True))

    def released(self, model: str) -> float:
        """The day a model came out."""
        return self._releases[model]

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
    ``without``: families left out, as if no log had ever shown them.
    """

    population: Population
    layers: tuple[Layer, ...]
    agreement: Mapping[str, float] = field(default_factory=dict)
    without: frozenset[Family] = frozenset()

    @classmethod
    def of(cls, obs: Observations) -> LinkContext:
        """Read degrees, activity and attributes from the observations."""
        base = layers_of(obs)
        return cls(Population(obs), _with_derived(obs, base))

    def leaving_out(self, families: Iterable[Family]) -> LinkContext:
        """The same population as if no log had ever shown these families."""
        without = self.without | frozenset(families)
        layers = tuple(layer for layer in self.layers if layer.family not in without)
        return replace(self, layers=layers, without=without)

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
        return round(1000 * float(np.log2(expected / max(self.accounts, 2)))) / 1000

    @cached_property
    def classes(self) -> NDArray[np.object_]:
        """What lists say each identifier is (``vpn``, ``disposable`` …); None is unknown.

        (identifiers,) by position. No bit depends on it yet: unknown is never taken for clean.
        """
        return classes(self.obs.enrichment, len(self.obs.identifiers))

    def layer(self, kind: str) -> Layer | None:
        """The layer of a kind, or None when nothing of it was seen."""
        return next((layer for layer in self.layers if layer.kind == kind), None)

    def rewired(self, rng: np.random.Generator) -> LinkContext:
        """The same population with every kind of identifier dealt anew (degrees kept)."""
        base = [layer for layer in self.layers if layer.kind not in DERIVED_POLICIES]
        return replace(
            self, layers=_with_derived(self.obs, tuple(layer.rewired(rng) for layer in base))
        )

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
