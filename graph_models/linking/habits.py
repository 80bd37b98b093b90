"""What accounts do by habit – their hours, their pace, their moves – as types of the population."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.linking.layers import days_of
from graph_models.linking.rules import TIMING
from graph_models.linking.types import Mixture, fit_binomial, fit_profiles
from graph_models.observations import Observations
from graph_models.tallies import WEEK, Counted, Tally

__all__ = ["ELICITING", "HOURS", "NARROW", "NARROW_EXCHANGES", "PACE", "Habit", "counted_for",
           "habits_of", "main_capability", "releases"]  # fmt: skip

Floats = NDArray[np.float64]

_PEAKS = range(0, 24, 3)
WEEKENDS = (0.2, 1.0)  # work at the weekend against a weekday: rests then, or does not
_PACE_EDGES = np.array([1, 2, 3, 4, 6, 8, 11, 15, 25])  # active hours in a day, bins of like ratio
_SETTLED_DAYS = 2.0  # a model first seen later than this after the logs begin is a new one
_SHARES = (0.02, 0.1, 0.25, 0.45, 0.65, 0.85, 0.97)
NARROW = 0.8  # share of exchanges in one capability that makes an account narrow
NARROW_EXCHANGES = 30  # below that an account has not shown its work
_MOST_TRIES = 60.0  # exchanges of one account repeat each other; beyond these they add nothing


@dataclass(frozen=True, kw_only=True)
class Habit:
    """One way in which accounts differ: what counts as an event, and types learned from events.

    ``events(tally)`` takes events by account and bin from a tally, shape (accounts, bins);
    ``learn(events)`` finds the types.

    Hours (168 of the week, UTC) count once, however many exchanges fell into one: exchanges of one
    sitting are one event. Pace is how many hours of a day an account is active, over the days it is
    active at all; a move the share of exchanges that went to a new model soon after its release.
    """

    name: str
    events: Callable[[Tally], Floats]
    learn: Callable[[Floats], Mixture]


def habits_of(counted: Counted) -> dict[str, Habit]:
    """The habits by name: hours, pace, eliciting, and a move to each model that came out."""
    moves = [_move(model, at) for at, model in enumerate(counted.moves)]
    return {habit.name: habit for habit in (HOURS, PACE, ELICITING, *moves)}


def main_capability(tally: Tally) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The one capability that an account's exchanges are nearly all of.

    Returns:
        Index into the capabilities that were counted, -1 where there is no such, and whether any
        was seen at all; each of shape (accounts,).
    """
    counts = tally.capabilities
    total, own = counts.sum(axis=1), counts[:, :-1]
    if not own.shape[1]:
        return np.full(len(tally), -1, np.int64), total > 0
    narrow = (own.max(axis=1) >= NARROW * total) & (total >= NARROW_EXCHANGES)
    return np.where(narrow, own.argmax(axis=1), -1), total > 0


def counted_for(obs: Observations) -> Counted:
    """What a tally must hold so that all habits of a population can be told from it."""
    seen = obs.activity["capability"]
    return Counted(
        moves={model: _window(day) for model, day in sorted(releases(obs).items())},
        capabilities=tuple(sorted(seen[seen.notna() & (seen != "")].unique())),
    )


def _window(released: float) -> tuple[int, int]:
    """Hours, by their middle, of the days after a release in which going over to it counts."""
    first, after = (
        math.ceil(round(24 * day - 0.5, 6)) for day in (released, released + TIMING.move_days)
    )
    return first, after


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


def _hour_events(tally: Tally) -> Floats:
    return tally.week.astype(np.float64)


def _pace_events(tally: Tally) -> Floats:
    events: Floats = np.add.reduceat(tally.days, _PACE_EDGES[:-1], axis=1, dtype=np.float64)
    return events


def _learn_pace(events: Floats) -> Mixture:
    bins = events.shape[1]
    if not events.any():
        return Mixture(np.zeros((bins, 1)), np.ones(1))
    near = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    start = np.exp(-1.0 * near)
    return fit_profiles(events, start / start.sum(axis=1, keepdims=True))


def _elicitation_events(tally: Tally) -> Floats:
    return _tries(tally.elicited, tally.exchanges)


def _move(model: str, at: int) -> Habit:
    def events(tally: Tally) -> Floats:
        return _tries(tally.moved[:, at, 0], tally.moved[:, at, 1])

    return Habit(name=f"move to {model}", events=events, learn=_learn_shares)


def _tries(hits: NDArray[np.int64], tries: NDArray[np.int64]) -> Floats:
    """Hits and misses by account, shape (accounts, 2)."""
    scale = np.minimum(1.0, _MOST_TRIES / np.maximum(tries, 1.0))
    return np.column_stack([hits * scale, tries * scale - hits * scale])


def _learn_shares(events: Floats) -> Mixture:
    return fit_binomial(events, _SHARES)


def _week_profiles() -> Floats:
    """Where the types begin: flat, and one bump a day at each peak; rows sum to 1."""
    hour, day = np.arange(WEEK) % 24, np.arange(WEEK) // 24
    rows = [np.full(WEEK, 1.0)]
    for peak in _PEAKS:
        bump = np.exp(2.0 * np.cos(2 * np.pi * (hour - peak) / 24))
        rows += [bump * np.where(day >= 5, weekend, 1.0) for weekend in WEEKENDS]
    start = np.array(rows)
    profiles: Floats = start / start.sum(axis=1, keepdims=True)
    return profiles


def _learn_hours(events: Floats) -> Mixture:
    return fit_profiles(events, _week_profiles())


HOURS = Habit(name="hours", events=_hour_events, learn=_learn_hours)
PACE = Habit(name="pace", events=_pace_events, learn=_learn_pace)
ELICITING = Habit(name="eliciting", events=_elicitation_events, learn=_learn_shares)
