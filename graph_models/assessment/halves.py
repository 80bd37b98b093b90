"""Features of every account's life, measured on even and on odd days apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.runs import firsts
from graph_models.observations import Observations

__all__ = ["Halves", "features", "features_in"]

ENOUGH_HOURS = 12  # active hours that either half of an account needs before it has a shape
_HOUR_US = 3_600_000_000
_SLOTS = 24


@dataclass(frozen=True, eq=False)
class Halves:
    """One feature of the accounts with enough activity.

    ``account`` are positions, shape (rows,), increasing; ``even`` and ``odd`` are (rows, width).
    """

    account: NDArray[np.int64]
    even: NDArray[np.float64]
    odd: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.account)

    @property
    def own(self) -> NDArray[np.float64]:
        """<x_A, x_B> by row: the squared length of an account's feature without its noise."""
        return np.asarray(np.einsum("ij,ij->i", self.even, self.odd), dtype=np.float64)

    @property
    def whole(self) -> NDArray[np.float64]:
        """The mean of both halves, (rows, width)."""
        return (self.even + self.odd) / 2

    def row_of(self, accounts: int) -> NDArray[np.int64]:
        """Row by account position, -1 for accounts without enough activity."""
        found = np.full(accounts, -1, dtype=np.int64)
        found[self.account] = np.arange(len(self.account))
        return found


@dataclass(frozen=True, eq=False)
class _Days:
    """Activity rows of usable accounts: ``who`` counts them from 0, ``half`` is a day's parity."""

    rows: pd.DataFrame
    account: NDArray[np.int64]
    who: NDArray[np.int64]
    hour: NDArray[np.int64]

    @property
    def half(self) -> NDArray[np.int64]:
        return self.hour // _SLOTS % 2

    def sums(self, weight: NDArray[np.float64], slot: NDArray[np.int64], width: int) -> _Pair:
        """Weights by account and slot, for even and for odd days."""
        at = (self.half * len(self.account) + self.who) * width + slot
        size = 2 * len(self.account) * width
        flat = np.bincount(at, weight, minlength=size).astype(np.float64)
        parts = flat.reshape(2, len(self.account), width)
        return parts[0], parts[1]


_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def features(obs: Observations) -> dict[str, Halves]:
    """What is known of the life of each account of the sample; see ``features_in``."""
    seen = obs.activity["capability"].dropna().unique()
    tasks = tuple(sorted(str(name) for name in seen if name))
    return features_in(obs.activity, len(obs.accounts), tasks)


def features_in(activity: pd.DataFrame, accounts: int, tasks: tuple[str, ...]) -> dict[str, Halves]:
    """What is known of the life of each account that the rows are of, by name.

    Args:
        activity: Rows as ``COLUMNS["activity"]``.
        accounts: How many accounts the population has.
        tasks: Capabilities that were seen, in order of name.

    Returns:
        ``hours``: share of its active hours by hour of the day. ``volume``: log2 exchanges an
        active day. ``work``: share of its exchanges by capability. A feature whose input is
        lacking is left out.
    """
    days = _days(activity, accounts)
    if not len(days.account):
        return {}
    first = _firsts(days.who, days.hour)
    hours = days.sums(first.astype(np.float64), days.hour % _SLOTS, _SLOTS)
    flat = np.zeros(len(days.who), dtype=np.int64)
    exchanges = days.rows["exchanges"].to_numpy(dtype=np.float64)
    made = days.sums(exchanges, flat, 1)
    active = days.sums(_firsts(days.who, days.hour // _SLOTS).astype(np.float64), flat, 1)
    found = {"hours": _shares(days, hours), "volume": _rates(days, made, active)}
    if len(tasks) > 1:
        code = pd.Index(tasks).get_indexer(pd.Index(days.rows["capability"])).astype(np.int64)
        known = exchanges * (code >= 0)
        found["work"] = _shares(days, days.sums(known, np.maximum(code, 0), len(tasks)))
    return {name: halves for name, halves in found.items() if len(halves)}


def _days(activity: pd.DataFrame, accounts: int) -> _Days:
    """Rows of the accounts with enough active hours on even and on odd days."""
    account = activity["account"].to_numpy(dtype=np.int64)
    hour = activity["hour"].to_numpy(dtype="datetime64[us]").astype(np.int64) // _HOUR_US
    first = _firsts(account, hour)
    at = hour[first] // _SLOTS % 2 * accounts + account[first]
    counts = np.bincount(at, minlength=2 * accounts).reshape(2, accounts)
    usable = np.flatnonzero((counts >= ENOUGH_HOURS).all(axis=0))
    who = np.full(accounts, -1, dtype=np.int64)
    who[usable] = np.arange(len(usable))
    keep = np.flatnonzero(who[account] >= 0) if len(account) else np.zeros(0, np.int64)
    return _Days(activity.iloc[keep], usable, who[account[keep]], hour[keep])


def _firsts(who: NDArray[np.int64], when: NDArray[np.int64]) -> NDArray[np.bool_]:
    """One row of every (who, when)."""
    least = when.min(initial=0)
    return firsts(who * (when.max(initial=0) - least + 1) + when - least)


def _shares(days: _Days, sums: _Pair) -> Halves:
    even, odd = sums
    both = (even.sum(axis=1) > 0) & (odd.sum(axis=1) > 0)
    parts = (part[both] / part[both].sum(axis=1, keepdims=True) for part in (even, odd))
    return Halves(days.account[both], *parts)


def _rates(days: _Days, top: _Pair, bottom: _Pair) -> Halves:
    parts = [
        np.log2(np.maximum(t, 0.5) / np.maximum(b, 1.0)) for t, b in zip(top, bottom, strict=True)
    ]
    return Halves(days.account, *parts)
