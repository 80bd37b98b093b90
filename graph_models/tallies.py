"""How often accounts did what habits are told by: counts of hours, days and exchanges.

A tally is all that habits need of an account's exchanges, however many there are: a few hundred
bytes an account, counted in one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["MOST_WEEKS", "WEEK", "Counted", "Tally", "hour_of_week", "tallied"]

WEEK = 24 * 7
MOST_WEEKS = 255  # an hour of the week is counted so often at most: five years
_MONDAY = 3  # 1970-01-01 was a Thursday, day 3 of a week that begins on Monday


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What is counted beside hours and days.

    ``moves``: model → the hours (since 1970, from, up to) in which going over to it counts;
    ``capabilities``: those that are told apart.
    """

    moves: Mapping[str, tuple[int, int]]
    capabilities: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """Counts by account; every array has one row an account.

    ``week`` (accounts, 168): in how many weeks each hour was an active one, at most ``MOST_WEEKS``;
    ``days`` (accounts, 25): days by number of active hours; ``exchanges``, ``elicited``
    (accounts,); ``capabilities`` (accounts, capabilities + 1): exchanges of each, last of others,
    those of none left out; ``moved`` (accounts, moves, 2): exchanges within the hours of each move
    that went to the model, and all of them.
    """

    week: NDArray[np.uint8]
    days: NDArray[np.uint16]
    exchanges: NDArray[np.int64]
    elicited: NDArray[np.int64]
    capabilities: NDArray[np.int64]
    moved: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.exchanges)

    @classmethod
    def empty(cls, accounts: int, counted: Counted) -> Tally:
        """A tally of accounts that did nothing yet."""
        return cls(
            week=np.zeros((accounts, WEEK), np.uint8),
            days=np.zeros((accounts, 25), np.uint16),
            exchanges=np.zeros(accounts, np.int64),
            elicited=np.zeros(accounts, np.int64),
            capabilities=np.zeros((accounts, len(counted.capabilities) + 1), np.int64),
            moved=np.zeros((accounts, len(counted.moves), 2), np.int64),
        )

    def take(self, accounts: NDArray[np.int32] | slice) -> Tally:
        """The tally of some accounts."""
        return Tally(**{one.name: getattr(self, one.name)[accounts] for one in fields(self)})


def hour_of_week(hour: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 … 167 from Monday midnight UTC; hours are counted since 1970."""
    return (hour + 24 * _MONDAY) % WEEK


def tallied(activity: pd.DataFrame, accounts: int, counted: Counted) -> Tally:
    """Count rows of activity.

    Args:
        activity: As ``observations.COLUMNS["activity"]``, accounts 0 … accounts - 1, any order.
        accounts: How many there are.
        counted: What is counted beside hours and days.
    """
    account, made = _columns(activity, "account", "exchanges")
    (elicited,) = _columns(activity, "elicited")
    hour, known = _hours(activity)
    week, days = _active(account[known], hour[known], accounts)
    return Tally(
        week=week,
        days=days,
        exchanges=_summed(account, made, accounts),
        elicited=_summed(account, elicited, accounts),
        capabilities=_by_capability(activity, accounts, counted),
        moved=_by_move(activity, accounts, counted),
    )


def _columns(activity: pd.DataFrame, *names: str) -> list[NDArray[np.int64]]:
    return [activity[name].to_numpy(dtype=np.int64) for name in names]


def _hours(activity: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Hours since 1970, and which of them are known."""
    moments = activity["hour"].to_numpy(dtype="datetime64[h]")
    return moments.astype(np.int64), ~np.isnat(moments)


def _by_capability(activity: pd.DataFrame, accounts: int, counted: Counted) -> NDArray[np.int64]:
    account, made = _columns(activity, "account", "exchanges")
    seen, names = pd.factorize(activity["capability"])
    width = len(counted.capabilities) + 1
    place = pd.Index(counted.capabilities).get_indexer(names)
    place[place < 0] = width - 1
    place[names == ""] = -1
    which = np.append(place, -1)[seen]
    said = which >= 0
    total = _summed(account[said] * width + which[said], made[said], accounts * width)
    return total.reshape(accounts, width)


def _by_move(activity: pd.DataFrame, accounts: int, counted: Counted) -> NDArray[np.int64]:
    account, made = _columns(activity, "account", "exchanges")
    hour, known = _hours(activity)
    moved = np.zeros((accounts, len(counted.moves), 2), np.int64)
    for at, (model, (low, high)) in enumerate(counted.moves.items()):
        within = known & (hour >= low) & (hour < high)
        hit = within & (activity["model"] == model).to_numpy()
        for column, rows in enumerate((hit, within)):
            moved[:, at, column] = _summed(account[rows], made[rows], accounts)
    return moved


def _summed(key: NDArray[np.int64], weight: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return np.bincount(key, weights=weight, minlength=size).astype(np.int64)


def _active(
    account: NDArray[np.int64], hour: NDArray[np.int64], accounts: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Active hours by hour of the week, and days by how many they have."""
    origin = int(hour.min(initial=0)) // 24 * 24
    days = (int(hour.max(initial=0)) - origin) // 24 + 1
    active, _ = _runs(account * days * 24 + hour - origin)
    who, when = active // (days * 24), active % (days * 24) + origin
    week = np.bincount(who * WEEK + hour_of_week(when), minlength=accounts * WEEK)
    day, hours = _runs(active // 24)
    busy = np.bincount(day // days * 25 + hours, minlength=accounts * 25)
    return (
        np.minimum(week, MOST_WEEKS).astype(np.uint8).reshape(accounts, WEEK),
        busy.astype(np.uint16).reshape(accounts, 25),
    )


def _runs(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys, ascending, and how often each occurs; cheap where they come in order."""
    if (np.diff(key) < 0).any():
        key = np.sort(key)
    begin = np.flatnonzero(np.r_[True, np.diff(key) != 0]) if len(key) else np.zeros(0, np.int64)
    return key[begin], np.diff(np.r_[begin, len(key)])
