"""Facts about accounts, whatever they share: dates, texts, habits and minutes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.linking.layers import days_of
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.told import Heard, Told
from graph_models.linking.types import Types
from graph_models.observations import Observations

__all__ = ["Population"]


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
    def births(self) -> NDArray[np.float64]:
        """When accounts were opened, as far as known, ascending."""
        return np.sort(self.created[~np.isnan(self.created)])

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        """When accounts were closed, as far as known, ascending."""
        return np.sort(self.closed[~np.isnan(self.closed)])

    @cached_property
    def exchanges(self) -> NDArray[np.int64]:
        """How many exchanges each account made."""
        return self.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)

    @cached_property
    def span_days(self) -> float:
        """From the first to the last sighting of anything, at least one day."""
        seen = self.obs.sightings
        ends = pd.Series(
            [seen["first"].min(), seen["last"].min(), seen["first"].max(), seen["last"].max()]
        )
        known = days_of(ends.dropna())
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
    def shares(self) -> dict[str, NDArray[np.float64]]:
        """The share of each code among the accounts that name one at all."""
        known = {column: code[code >= 0] for column, code in self.codes.items()}
        return {column: np.bincount(some) / max(len(some), 1) for column, some in known.items()}

    @cached_property
    def _told(self) -> Told:
        return Told(self.obs)

    def types(self, name: str) -> Types:
        """The types of one habit by its name."""
        return self._told.types(name)

    @property
    def hours(self) -> Types:
        """Types of accounts by the hours of the week in which they are active."""
        return self._told.types("hours")

    @property
    def pace(self) -> Types:
        """Types of accounts by how many hours a day they are active."""
        return self._told.types("pace")

    @property
    def eliciting(self) -> Types:
        """Types of accounts by the share of exchanges that elicit reasoning or grades."""
        return self._told.types("eliciting")

    @property
    def moves(self) -> tuple[Types, ...]:
        """For each release of a model, types of accounts by the share that they moved to it."""
        return tuple(self._told.types(name) for name in self._told.moves)

    @property
    def narrow(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The main capability of each narrow account (-1: none), and how common each one is."""
        return self._told.narrow

    @cached_property
    def _heard(self) -> Heard:
        return Heard(self.obs, self.exchanges)

    def hear(self, accounts: NDArray[np.int32]) -> None:
        """Have the minutes of some accounts read, in a population too large to be read whole."""
        self._heard.hear(accounts)

    @property
    def rhythm(self) -> Rhythm:
        """Ten-minute buckets of activity of the accounts that were read."""
        return self._heard.rhythm
