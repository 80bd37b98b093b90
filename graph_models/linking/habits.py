"""What accounts do by habit – their hours, their pace, their moves – as types of the population."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.linking.layers import days_of
from graph_models.linking.types import Types, fit_binomial, fit_profiles
from graph_models.observations import Observations

__all__ = ["elicitation_types", "hour_types", "move_types", "pace_types", "releases"]

_WEEK = 24 * 7
_MONDAY = 3  # 1970-01-01 was a Thursday, day 3 of a week that begins on Monday
_PEAKS = range(0, 24, 3)
_WEEKENDS = (0.2, 1.0)  # work at the weekend against a weekday: rests then, or does not
_PACE_EDGES = np.array([1, 2, 3, 4, 6, 8, 11, 15, 25])  # active hours in a day, bins of like ratio
_SETTLED_DAYS = 2.0  # a model first seen later than this after the logs begin is a new one
_SHARES = (0.02, 0.1, 0.25, 0.45, 0.65, 0.85, 0.97)
_MOST_TRIES = 60.0  # exchanges of one account repeat each other; beyond these they add nothing


def hour_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by hour of the week (168 bins, UTC): flat, or round a peak, with or without weekends.

    An hour in which an account was active counts once, however many exchanges fell into it:
    exchanges of one sitting are one event.
    """
    account, hour = _active_hours(activity)
    of_week = (hour + 24 * _MONDAY) % _WEEK
    counts = np.bincount(account * _WEEK + of_week, minlength=accounts * _WEEK)
    return fit_profiles(counts.reshape(accounts, _WEEK).astype(np.float64), _week_profiles())


def pace_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by how many hours of a day an account is active, over the days it is active at all."""
    account, hour = _active_hours(activity)
    if not len(account):
        return Types(np.ones((accounts, 1), np.float32), np.ones(1))
    span = int(hour.max() // 24) + 1
    key, hours = np.unique(account * span + hour // 24, return_counts=True)
    bins = len(_PACE_EDGES) - 1
    level = np.searchsorted(_PACE_EDGES, hours, side="right") - 1
    counts = np.bincount(key // span * bins + level, minlength=accounts * bins)
    near = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    start = np.exp(-1.0 * near)
    return fit_profiles(
        counts.reshape(accounts, bins).astype(np.float64),
        start / start.sum(axis=1, keepdims=True),
    )


def move_types(
    activity: pd.DataFrame, accounts: int, *, model: str, released: float, days: float
) -> Types:
    """Types by the share of exchanges that went to a new model within ``days`` of its release."""
    when = days_of(activity["hour"]) + 0.5 / 24
    rows = activity[(when >= released) & (when < released + days)]
    return _share_types(rows, (rows["model"] == model).to_numpy(), accounts)


def releases(obs: Observations) -> dict[str, float]:
    """The day on which each model came out within the logs: by calendar, else as first seen."""
    if not len(obs.activity):
        return {}
    first = obs.activity.groupby("model", sort=True)["hour"].min()
    seen: dict[str, float] = dict(
        zip(first.index.astype(str), days_of(first).tolist(), strict=True)
    )
    begin = min(seen.values())
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


def elicitation_types(activity: pd.DataFrame, accounts: int) -> Types:
    """Types by the share of exchanges that elicit reasoning, grades or evasive rewriting."""
    exchanges = activity["exchanges"].to_numpy(dtype=np.float64)
    share = activity["elicited"].to_numpy(dtype=np.float64) / np.maximum(exchanges, 1)
    return _share_types(activity, share, accounts)


def _share_types(
    rows: pd.DataFrame, hit: NDArray[np.float64] | NDArray[np.bool_], accounts: int
) -> Types:
    account = rows["account"].to_numpy(dtype=np.int64)
    weight = rows["exchanges"].to_numpy(dtype=np.float64)
    tries = np.bincount(account, weights=weight, minlength=accounts).astype(np.float64)
    hits = np.bincount(account, weights=weight * hit, minlength=accounts).astype(np.float64)
    scale = np.minimum(1.0, _MOST_TRIES / np.maximum(tries, 1.0))
    return fit_binomial(hits * scale, tries * scale, _SHARES)


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
    key = np.unique(account * span + hour - origin)
    return key // span, key % span + origin


def _week_profiles() -> NDArray[np.float64]:
    """Where the types begin: flat, and one bump a day at each peak; rows sum to 1."""
    hour, day = np.arange(_WEEK) % 24, np.arange(_WEEK) // 24
    rows = [np.full(_WEEK, 1.0)]
    for peak in _PEAKS:
        bump = np.exp(2.0 * np.cos(2 * np.pi * (hour - peak) / 24))
        rows += [bump * np.where(day >= 5, weekend, 1.0) for weekend in _WEEKENDS]
    start = np.array(rows)
    profiles: NDArray[np.float64] = start / start.sum(axis=1, keepdims=True)
    return profiles
