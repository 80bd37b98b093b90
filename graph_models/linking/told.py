"""Habits and minutes, read only of the accounts that are asked for when there are too many.

Types and shares are learned on the sample that speaks for the population (all of it where it is
small); an account that nobody asked for stays at the shares, which says nothing either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.linking.habits import Habit, habits_of, main_capability
from graph_models.linking.layers import days_of
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import TIMING
from graph_models.linking.types import Mixture, Types
from graph_models.observations import Observations

__all__ = ["Heard", "Told"]

_AT_ONCE = 5_000_000  # exchanges of accounts whose hours are read in one go: some 300 MB


class Told:
    """The habits of accounts, as far as they were read; grows with what is asked for.

    Args:
        obs: The population.
    """

    def __init__(self, obs: Observations) -> None:
        self.obs = obs
        self.accounts = len(obs.accounts)
        self.whole = len(obs.sample) == self.accounts
        self._types: dict[str, Types] = {}

    @cached_property
    def habits(self) -> dict[str, Habit]:
        """All habits by name."""
        return habits_of(self.obs)

    @property
    def moves(self) -> tuple[str, ...]:
        """The names of the moves to a new model, in order."""
        return tuple(name for name in self.habits if name.startswith("move to "))

    def types(self, name: str) -> Types:
        """The types of one habit, of all accounts that were asked for."""
        if name not in self._types:
            habit = self.habits[name]
            self._types[name] = (
                habit.types(self.obs.activity, self.accounts) if self.whole else self._some(name)
            )
        return self._types[name]

    @cached_property
    def narrow(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The main capability of each narrow account (-1: none), and how common each one is.

        Shapes (accounts,) and (capabilities,).
        """
        names = self._capabilities
        rows, sample = self._local(self.obs.activity, self.obs.sample), self.obs.sample
        own, seen = main_capability(rows, len(sample), names)
        main = np.full(self.accounts, -1, np.int64)
        main[sample] = own
        counts = np.bincount(own[own >= 0], minlength=max(len(names), 1))
        return main, (counts + 1) / (int(seen.sum()) + 1)

    def ask(self, accounts: NDArray[np.int32]) -> None:
        """Have the hours of some accounts read; of a small population all are."""
        if self.whole:
            return
        new = np.unique(accounts)
        new = new[self._row[new] == 0]
        for part in _parts(self.obs, new):
            self._read(self._local(self.obs.activity_of(part), part), part)

    @cached_property
    def _capabilities(self) -> pd.Index:
        seen = self.obs.activity["capability"]
        names: list[str] = sorted(seen[seen.notna() & (seen != "")].unique())
        return pd.Index(names)

    @cached_property
    def _learned(self) -> dict[str, Mixture]:
        rows, some = self._local(self.obs.activity, self.obs.sample), len(self.obs.sample)
        return {name: one.learn(one.events(rows, some)) for name, one in self.habits.items()}

    @cached_property
    def _row(self) -> NDArray[np.int32]:
        return np.zeros(self.accounts, np.int32)

    @cached_property
    def _posteriors(self) -> dict[str, list[NDArray[np.float32]]]:
        """By habit: the shares, for whoever was not asked for, and then block by block."""
        return {
            name: [learned.share[None].astype(np.float32)]
            for name, learned in self._learned.items()
        }

    def _some(self, name: str) -> Types:
        known = self._posteriors[name]
        known[:] = [np.concatenate(known)]
        return Types(known[0], self._learned[name].share, name, self._row.copy())

    def _read(self, rows: pd.DataFrame, part: NDArray[np.int32]) -> None:
        for name, habit in self.habits.items():
            events = habit.events(rows, len(part))
            self._posteriors[name].append(self._learned[name].of(events))
        self.narrow[0][part], _ = main_capability(rows, len(part), self._capabilities)
        self._row[part] = self._row.max() + 1 + np.arange(len(part), dtype=np.int32)
        self._types.clear()

    def _local(self, rows: pd.DataFrame, accounts: NDArray[np.int32]) -> pd.DataFrame:
        """The rows with their accounts numbered as in ``accounts``."""
        if len(accounts) == self.accounts:
            return rows
        at = np.searchsorted(accounts, rows["account"].to_numpy())
        return rows.assign(account=at.astype(np.int32))


class Heard:
    """Ten-minute buckets of accounts, as far as they were read; grows with what is asked for.

    Args:
        obs: The population.
        exchanges: How many exchanges each account made, shape (accounts,).
    """

    def __init__(self, obs: Observations, exchanges: NDArray[np.int64]) -> None:
        self.obs = obs
        self.exchanges = exchanges
        self.whole = len(obs.sample) == len(exchanges)
        self.left = TIMING.exchange_budget
        self._rhythm: Rhythm | None = None
        self._asked = np.zeros(len(exchanges), bool)

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm of all accounts that were asked for: of a small population all."""
        if self._rhythm is None:
            everybody = np.arange(len(self.exchanges), dtype=np.int32)
            self._read(everybody if self.whole else everybody[:0])
        assert self._rhythm is not None
        return self._rhythm

    def hear(self, accounts: NDArray[np.int32]) -> None:
        """Have the minutes of some accounts read, as far as the budget goes."""
        if self.whole:
            return
        new = np.unique(accounts)
        new = new[~self._asked[new]]
        if len(new):
            self._read(new)

    def _read(self, accounts: NDArray[np.int32]) -> None:
        self._asked[accounts] = True
        enough = accounts[self.exchanges[accounts] >= TIMING.min_exchanges]
        # Over budget the busiest accounts go: a bucket of an account that never rests says least.
        order = enough[np.argsort(self.exchanges[enough], kind="stable")]
        fits = np.cumsum(self.exchanges[order]) <= self.left
        chosen = np.sort(order[fits]).astype(np.int32)
        self.left -= int(self.exchanges[chosen].sum())
        rows = self.obs.exchanges_of(chosen)
        more = Rhythm.of(
            rows["account"].to_numpy(dtype=np.int64),
            days_of(rows["ts"]),
            len(self.exchanges),
            left_out=len(order) - len(chosen),
        )
        self._rhythm = more if self._rhythm is None else self._rhythm.joined(more)


def _parts(obs: Observations, accounts: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Accounts in runs that are read at once; what is said of an account depends on no other."""
    made = np.cumsum(obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)[accounts])
    yield from (
        np.split(accounts, np.flatnonzero(np.diff(made // _AT_ONCE)) + 1) if len(accounts) else ()
    )
