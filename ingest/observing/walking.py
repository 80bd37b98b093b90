"""From day to day until every group of uses has its first rows; no day is read for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kinds import KINDS
from ingest.observing.account_rows import Rows
from ingest.store.packages import ALL, BY_DAY

__all__ = ["ROW", "Walk"]

Ints = NDArray[np.int64]

ROW = ""
"""As the kind of a use: any row of the event kind that ``value`` names."""
# Read at first, then twice as many each time: who is busy is found at once.
_FIRST_DAYS = 2
_KNOWN = {kind.name: kind for kind in KINDS}


class Walk:
    """What is looked for, on which days it may be, and what was found of it.

    Args:
        uses: One row a use: group, account, kind, value, count, first, last, days.
        limit: After how many rows of a group its later days no longer matter; None: they all do.
    """

    def __init__(self, uses: pd.DataFrame, limit: int | None) -> None:
        self._limit = np.inf if limit is None else limit
        self._group = uses["group"].to_numpy(np.int64)
        self._account, self._accounts = pd.factorize(uses["account"].to_numpy(dtype=object))
        own = codes("account", self._accounts.tolist())
        self._by_code = np.argsort(own, kind="stable")
        self._codes = own[self._by_code]
        self._kind = uses["kind"].to_numpy(dtype=object)
        self._value = uses["value"].to_numpy(dtype=object)
        self._span(uses)
        size = int(self._group.max(initial=-1)) + 1
        total = np.bincount(self._group, uses["count"].to_numpy(np.float64), minlength=size)
        # What two rows of different logs tell alike was counted once: no count says "all".
        self._goal = np.full(size, np.inf) if limit is None else np.minimum(total, limit)
        self._count = np.zeros(size, np.int64)
        self._found: list[Ints] = []
        self._events = {name: self._where(name) for name in self._names()}
        self._tables = {name: self._table(name) for name in np.unique(self._kind.astype(str))}

    def _span(self, uses: pd.DataFrame) -> None:
        first, last = (uses[name].to_numpy("datetime64[D]") for name in ("first", "last"))
        self._first = np.where(np.isnat(first), np.datetime64("0001-01-01"), first)
        self._last = np.where(np.isnat(last), np.datetime64("9999-12-31"), last)
        # Of two days, both are known.
        self._few = (uses["days"].to_numpy() <= 2) & ~np.isnat(first) & ~np.isnat(last)

    def _names(self) -> list[str]:
        named = {str(value) for value in self._value[self._kind == ROW]}
        shown = (_KNOWN[kind].sources for kind in set(self._kind) if kind in _KNOWN)
        return sorted(named | {source.event for sources in shown for source in sources})

    def _where(self, event: str) -> NDArray[np.bool_]:
        """Which uses rows of an event kind may show."""
        kinds = {k.name for k in KINDS if any(source.event == event for source in k.sources)}
        named = ((kind == ROW and value == event) or kind in kinds
                 for kind, value in zip(self._kind, self._value, strict=True))  # fmt: skip
        return np.fromiter(named, bool, len(self._kind))

    def _table(self, kind: str) -> tuple[Ints, Ints, Ints]:
        """The codes of a kind's values; value and account of its uses as keys, and the uses."""
        chosen = np.flatnonzero(self._kind == kind)
        place, values = pd.factorize(self._value[chosen])
        own = codes(kind, values.tolist())
        by_code = np.argsort(own)
        rank = np.empty(len(own), np.int64)
        rank[by_code] = np.arange(len(own))
        key = rank[place] * len(self._accounts) + self._account[chosen]
        by = np.argsort(key, kind="stable")
        return own[by_code], key[by], chosen[by]

    @property
    def events(self) -> list[str]:
        """The event kinds that may show any of the uses."""
        return list(self._events)

    def steps(self, days: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
        """Buckets to read next, the early ones first, until nothing more is wanted.

        Args:
            days: The buckets of each event kind.
        """
        left = sorted({day for event in days if event in BY_DAY for day in days[event]})
        step = _FIRST_DAYS
        if any(event not in BY_DAY for event in self.events):
            yield [ALL]
        while left := [day for day in left if self._wanted(day).any()]:
            yield left[:step]
            left, step = left[step:], 2 * step

    def _wanted(self, day: str) -> NDArray[np.bool_]:
        """The uses of unfinished groups that may have been on a day."""
        wanted: NDArray[np.bool_] = (self._count < self._goal)[self._group]
        if day == ALL:
            return wanted
        at = np.datetime64(day)
        inside = (self._first <= at) & (at <= self._last)
        wanted &= inside & (~self._few | (self._first == at) | (self._last == at))
        return wanted

    def asked(self, event: str, days: Sequence[str]) -> tuple[list[str], list[str]]:
        """Whose rows of an event kind matter on some days, and which kinds' values."""
        chosen = np.zeros(len(self._group), bool)
        for day in days:
            chosen |= self._wanted(day)
        chosen &= self._events[event]
        kinds = sorted(set(self._kind[chosen]) - {ROW})
        accounts = self._accounts[np.unique(self._account[chosen])]
        return accounts.tolist(), kinds

    def take(self, event: str, rows: Rows) -> None:
        """Keep what some rows of an event kind show."""
        account = self._by_code[np.searchsorted(self._codes, rows.account)]
        for kind, (code, known) in rows.shown.items():
            own, _, _ = self._tables[kind]
            place = np.minimum(np.searchsorted(own, code), len(own) - 1)
            at = np.flatnonzero(known & (own[place] == code))
            self._keep(kind, rows, at, place[at] * len(self._accounts) + account[at])
        if ROW in self._tables:
            own, _, _ = self._tables[ROW]
            place = np.flatnonzero(own == codes(ROW, [event]))
            at = np.arange(len(account)) if len(place) else np.zeros(0, np.int64)
            self._keep(ROW, rows, at, place.sum() * len(self._accounts) + account[at])

    def _keep(self, kind: str, rows: Rows, at: Ints, key: Ints) -> None:
        """Keep the rows whose account used the value that they show, by value and account."""
        _, keys, uses = self._tables[kind]
        start, stop = (np.searchsorted(keys, key, side=side) for side in ("left", "right"))
        times = stop - start  # several groups may ask for one use
        place = np.repeat(start - (np.cumsum(times) - times), times) + np.arange(times.sum())
        at = np.repeat(at, times)
        group = self._group[uses[place]]
        self._count += np.bincount(group, minlength=len(self._count))
        self._found.append(np.stack([group, rows.ts[at], rows.load[at], rows.row[at]]))

    def first(self) -> Ints:
        """The first rows of each group: group, time, load and row, shape (4, rows), in order."""
        found = np.concatenate([np.zeros((4, 0), np.int64), *self._found], axis=1)
        found = found[:, np.lexsort(found[::-1])]
        group = found[0]
        rank = np.arange(len(group)) - np.searchsorted(group, group)
        return found[:, rank < self._limit]
