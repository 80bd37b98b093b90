"""Habits, told of everybody from a tally, and minutes, read only of those who are asked for.

Types and shares are learned on the sample that speaks for the population: all of it where it is
small.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.habits import Habit, counted_for, habits_of, main_capability
from graph_models.linking.layers import days_of
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import TIMING
from graph_models.linking.types import Mixture, Types
from graph_models.observations import Observations
from graph_models.tallies import Tally

__all__ = ["Heard", "Told"]

_AT_ONCE = 100_000  # accounts that are told apart in one go: some 150 MB


class Told:
    """The habits of all accounts, from a tally of what they did.

    Args:
        obs: The population.
    """

    def __init__(self, obs: Observations) -> None:
        self.obs = obs

    def types(self, name: str) -> Types:
        """The types of one habit, of all accounts."""
        return self._all[0][name]

    @property
    def moves(self) -> tuple[str, ...]:
        """The names of the moves to a new model, in order."""
        return tuple(name for name in self._all[0] if name.startswith("move to "))

    @property
    def narrow(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The main capability of each narrow account (-1: none), and how common each one is.

        Shapes (accounts,) and (capabilities,).
        """
        return self._all[1]

    @cached_property
    def _all(self) -> tuple[dict[str, Types], tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Everything at once: a tally is larger than what is told from it, and not kept."""
        counted = counted_for(self.obs)
        tally = self.obs.tally(counted)
        some = tally.take(self.obs.sample)
        habits = habits_of(counted)
        types = {name: _types(habit, habit.learn(habit.events(some)), tally)
                 for name, habit in habits.items()}  # fmt: skip
        (main, _), (own, seen) = main_capability(tally), main_capability(some)
        counts = np.bincount(own[own >= 0], minlength=max(len(counted.capabilities), 1))
        return types, (main, (counts + 1) / (int(seen.sum()) + 1))


def _types(habit: Habit, learned: Mixture, tally: Tally) -> Types:
    posterior = [
        learned.of(habit.events(tally.take(slice(low, low + _AT_ONCE))))
        for low in range(0, max(len(tally), 1), _AT_ONCE)
    ]
    return Types(np.concatenate(posterior), learned.share, habit.name)


class Heard:
    """Ten-minute buckets of accounts, as far as they were read; grows with what is asked for.

    Whether an account's minutes may be read depends on the logs alone and not on who asks, so that
    a pair that is explained by itself says what it said among all.

    Args:
        obs: The population.
        exchanges: How many exchanges each account made, shape (accounts,).
    """

    def __init__(self, obs: Observations, exchanges: NDArray[np.int64]) -> None:
        self.obs = obs
        self.exchanges = exchanges
        self.whole = len(obs.sample) == len(exchanges)
        self._rhythm: Rhythm | None = None
        self._asked = np.zeros(len(exchanges), bool)

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm of all accounts that were asked for: of a small population all."""
        if self._rhythm is None:
            everybody = np.arange(len(self.exchanges), dtype=np.int32)
            self._rhythm = self._read(everybody if self.whole else everybody[:0])
        return self._rhythm

    def hear(self, accounts: NDArray[np.int32]) -> None:
        """Have the minutes of some accounts read; of a small population all are."""
        if self.whole:
            return
        new = np.unique(accounts)
        new = new[self._within[new] & ~self._asked[new]]
        if len(new):
            self._rhythm = self.rhythm.joined(self._read(new))

    @cached_property
    def _within(self) -> NDArray[np.bool_]:
        """Accounts with enough exchanges and within the budget, shape (accounts,)."""
        enough = np.flatnonzero(self.exchanges >= TIMING.min_exchanges)
        # Over budget the busiest accounts go: a bucket of an account that never rests says least.
        order = enough[np.argsort(self.exchanges[enough], kind="stable")]
        within = np.zeros(len(self.exchanges), bool)
        within[order[np.cumsum(self.exchanges[order]) <= TIMING.exchange_budget]] = True
        return within

    def _read(self, accounts: NDArray[np.int32]) -> Rhythm:
        self._asked[accounts] = True
        rows = self.obs.moments(accounts[self._within[accounts]])
        over = (self.exchanges >= TIMING.min_exchanges) & ~self._within
        return Rhythm.of(
            rows["account"].to_numpy(dtype=np.int64),
            days_of(rows["ts"]),
            len(self.exchanges),
            left_out=int(over[accounts].sum()),
        )
