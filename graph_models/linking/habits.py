"""What accounts do by habit – their hours, their pace, their moves – as types of the population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.linking.layers import days_of
from graph_models.linking.rules import TIMING
from graph_models.linking.types import Mixture, Types, fit_binomial, fit_profiles
from graph_models.observations import Observations

__all__ = [
    "Habit", "elicitation_types", "habits_of", "hour_types", "main_capability", "move_types",
    "pace_types", "releases",
]  # fmt: skip

Floats = NDArray[np.float64]

_WEEK = 24 * 7
_MONDAY = 3  # 1970-01-01 was a Thursday, day 3 of a week that begins on Monday
_PEAKS = range(0, 24, 3)
_WEEKENDS = (0.2, 1.0)  # work at the weekend against a weekday: rests then, or does not
_PACE_EDGES = np.array([1, 2, 3, 4, 6, 8, 11, 15, 25])  # active hours in a day, bins of like ratio
_SETTLED_DAYS = 2.0  # a model first seen later than this after the logs begin is a new one
_SHARES = (0.02, 0.1, 0.25, 0.45, 0.65, 0.85, 0.97)
NARROW = 0.8  # share of exchanges in one capability that makes an account narrow
NARROW_EXCHANGES = 30  # below that an account has not shown its work
_MOST_TRIES = 60.0  # exchanges of one account repeat each other; beyond these they add nothing


@dataclass(frozen=True, kw_only=True)
class Habit:
    """One way in which accounts differ: what counts as an event, and types learned from events.

    ``events(activity, accounts)`` counts events by account and bin, shape (accounts, bins), where
    the accounts of the rows are 0 … accounts - 1; ``learn(events)`` finds the types.
    """

    name: str
    events: Callable[[pd.DataFrame, int], Floats]
    learn: Callable[[Floats], Mixture]

    def types(self, activity: pd.DataFrame, accounts: int) -> Types:
        """The types of all accounts, learned from themselves."""
        events = self.events(activity, accounts)
        return self.learn(events).types(events, self.name)


def habits_of(obs: Observations) -> dict[str, Habit]:
    """The habits by name: hours, pace, eliciting, and a move to each model that came out."""
    moves = [_move(name, day, TIMING.move_days) for name, day in sorted(releases(obs).items())]
    return {habit.name: habit for habit in (HOURS, PACE, ELICITING, *moves)}


def hour_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by hour of the week (168 bins, UTC): flat, or round a peak, with or without weekends.

    An hour in which an account was active counts once, however many exchanges fell into it:
    exchanges of one sitting are one event.
    """
    return HOURS.types(activity, accounts)


def pace_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by how many hours of a day an account is active, over the days it is active at all."""
    return PACE.types(activity, accounts)


def move_types(
    activity: pd.DataFrame, accounts: int, *, model: str, released: float, days: float
) -> Types:
    """Types by the share of exchanges that went to a new model within ``days`` of its release."""
    return _move(model, released, days).types(activity, accounts)


def elicitation_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by the share of exchanges that elicit reasoning, grades or evasive rewriting."""
    return ELICITING.types(activity, accounts)


def main_capability(
    activity: pd.DataFrame, accounts: int, names: pd.Index
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The one capability that an account's exchanges are nearly all of.

    Args:
        activity: Rows as ``observations.COLUMNS["activity"]``, accounts 0 … accounts - 1.
        accounts: How many there are.
        names: The capabilities to tell apart.

    Returns:
        Index into ``names``, -1 where there is no such capability, and whether any was seen at
        all; each of shape (accounts,).
    """
    row, seen = pd.factorize(activity["capability"])
    told = np.r_[(seen.notna() & (seen != "")), False][row]
    code = np.r_[names.get_indexer(seen), -1][row]
    account = activity["account"].to_numpy(dtype=np.int64)
    made = activity["exchanges"].to_numpy(dtype=np.float64)
    total = np.bincount(account[told], weights=made[told], minlength=accounts)
    known = told & (code >= 0)
    flat = np.bincount(
        account[known] * len(names) + code[known],
        weights=made[known],
        minlength=accounts * len(names),
    )
    if not len(names):
        return np.full(accounts, -1, np.int64), total > 0
    counts = flat.reshape(accounts, len(names))
    narrow = (counts.max(axis=1) >= NARROW * total) & (total >= NARROW_EXCHANGES)
    return np.where(narrow, counts.argmax(axis=1), -1), total > 0


def releases(obs: Observations) -> dict[str, float]:
    """The day on which each model came out within the logs: by calendar, else as first seen."""
    if not len(obs.activity):
        return {}
    first = obs.activity.groupby("model", sort=True)["hour"].min()
    seen: dict[str, float] = dict(
        zip(first.index.astype(str), days_of(first).tolist(), strict=True)
    )
    begin = min(seen.values(), default=0.0)  # no log may have named a model
    told = obs.calendar[obs.calendar["kind"] == "model_release"]
    days: dict[str, float] = dict(
        zip(told["name"].astype(str), days_of(told["ts"]).tolist(), strict=True)
    )
    new = seen | {name: day for name, day in days.items() if name in seen}
    return {
        name: day
        for name, day in new.items()
        if name and day >= begin + (0.0 if name in days else _SETTLED_DAYS)
    }


def _hour_events(activity: pd.DataFrame, accounts: int) -> Floats:
    account, hour = _active_hours(activity)
    of_week = (hour + 24 * _MONDAY) % _WEEK
    counts = np.bincount(account * _WEEK + of_week, minlength=accounts * _WEEK)
    return counts.reshape(accounts, _WEEK).astype(np.float64)


def _pace_events(activity: pd.DataFrame, accounts: int) -> Floats:
    account, hour = _active_hours(activity)
    span = int(hour.max(initial=0) // 24) + 1
    key, hours = _runs(account * span + hour // 24)
    bins = len(_PACE_EDGES) - 1
    level = np.searchsorted(_PACE_EDGES, hours, side="right") - 1
    counts = np.bincount(key // span * bins + level, minlength=accounts * bins)
    return counts.reshape(accounts, bins).astype(np.float64)


def _learn_pace(events: Floats) -> Mixture:
    bins = events.shape[1]
    if not events.any():
        return Mixture(np.zeros((bins, 1)), np.ones(1))
    near = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    start = np.exp(-1.0 * near)
    return fit_profiles(events, start / start.sum(axis=1, keepdims=True))


def _elicitation_events(activity: pd.DataFrame, accounts: int) -> Floats:
    exchanges = activity["exchanges"].to_numpy(dtype=np.float64)
    share = activity["elicited"].to_numpy(dtype=np.float64) / np.maximum(exchanges, 1)
    return _tries(activity, share, accounts)


def _move(model: str, released: float, days: float) -> Habit:
    def events(activity: pd.DataFrame, accounts: int) -> Floats:
        when = days_of(activity["hour"]) + 0.5 / 24
        rows = activity[(when >= released) & (when < released + days)]
        return _tries(rows, (rows["model"] == model).to_numpy(), accounts)

    return Habit(name=f"move to {model}", events=events, learn=_learn_shares)


def _tries(
    rows: pd.DataFrame, hit: NDArray[np.float64] | NDArray[np.bool_], accounts: int
) -> Floats:
    """Hits and misses by account, shape (accounts, 2)."""
    account = rows["account"].to_numpy(dtype=np.int64)
    weight = rows["exchanges"].to_numpy(dtype=np.float64)
    tries = np.bincount(account, weights=weight, minlength=accounts).astype(np.float64)
    hits = np.bincount(account, weights=weight * hit, minlength=accounts).astype(np.float64)
    scale = np.minimum(1.0, _MOST_TRIES / np.maximum(tries, 1.0))
    return np.column_stack([hits * scale, tries * scale - hits * scale])


def _learn_shares(events: Floats) -> Mixture:
    return fit_binomial(events, _SHARES)


def _active_hours(activity: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Account and hour (since 1970, from the Monday before the first) of each active hour."""
    hour = np.floor(days_of(activity["hour"]) * 24 + 1e-6)
    known = ~np.isnan(hour)
    hour = hour[known].astype(np.int64)
    account = activity["account"].to_numpy(dtype=np.int64)[known]
    if not len(hour):
        return account, hour
    origin = (int(hour.min()) + 24 * _MONDAY) // _WEEK * _WEEK - 24 * _MONDAY
    span = int(hour.max()) - origin + 1
    key, _ = _runs(account * span + hour - origin)
    return key // span, key % span + origin


def _runs(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys, ascending, and how often each occurs; cheap where they come in order."""
    if (np.diff(key) < 0).any():
        key = np.sort(key)
    begin = np.flatnonzero(np.r_[True, np.diff(key) != 0]) if len(key) else np.zeros(0, np.int64)
    return key[begin], np.diff(np.r_[begin, len(key)])


def _week_profiles() -> Floats:
    """Where the types begin: flat, and one bump a day at each peak; rows sum to 1."""
    hour, day = np.arange(_WEEK) % 24, np.arange(_WEEK) // 24
    rows = [np.full(_WEEK, 1.0)]
    for peak in _PEAKS:
        bump = np.exp(2.0 * np.cos(2 * np.pi * (hour - peak) / 24))
        rows += [bump * np.where(day >= 5, weekend, 1.0) for weekend in _WEEKENDS]
    start = np.array(rows)
    profiles: Floats = start / start.sum(axis=1, keepdims=True)
    return profiles


def _learn_hours(events: Floats) -> Mixture:
    return fit_profiles(events, _week_profiles())


HOURS = Habit(name="hours", events=_hour_events, learn=_learn_hours)
PACE = Habit(name="pace", events=_pace_events, learn=_learn_pace)
ELICITING = Habit(name="eliciting", events=_elicitation_events, learn=_learn_shares)
