"""From day to day until every group of uses has its first rows; no day is read for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kind import Kind
from graph_models.kinds import KINDS
from ingest.store.packages import ALL, BY_DAY

__all__ = ["ROW", "Walk"]

ROW = ""
"""As the kind of a use: any row of the event kind that ``value`` names."""
_FOUND = ("group", "ts", "load_id", "row")
# Read at first, then twice as many each time: who is busy is found at once.
_FIRST_DAYS = 2
_KNOWN = {kind.name: kind for kind in KINDS}


class Walk:
    """What is looked for, on which days it may be, and what was found of it.

    Args:
        uses: One row a use: group, account, kind, value, count, first, last, days.
        limit: After how many rows of a group its later days no longer matter.
    """

    def __init__(self, uses: pd.DataFrame, limit: int) -> None:
        self._limit = limit
        self._group = uses["group"].to_numpy(np.int64)
        self._accounts, self._account = np.unique(
            uses["account"].to_numpy(dtype=object).astype(str), return_inverse=True
        )
        own = codes("account", self._accounts.tolist())
        self._by_code = np.argsort(own, kind="stable")
        self._codes = own[self._by_code]
        self._kind = uses["kind"].to_numpy(dtype=object)
        self._value = uses["value"].to_numpy(dtype=object)
        self._span(uses)
        size = int(self._group.max(initial=-1)) + 1
        total = np.bincount(self._group, uses["count"].to_numpy(np.float64), minlength=size)
        self._goal = np.minimum(total, limit)
        self._count = np.zeros(size, np.int64)
        self._found: list[pd.DataFrame] = []
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
        shown = np.array([kind in kinds for kind in self._kind], bool)
        return shown | ((self._kind == ROW) & (self._value == event))

    def _table(self, kind: str) -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64]]:
        """A kind's values by number, and value and account of its uses as keys, ascending."""
        chosen = np.flatnonzero(self._kind == kind)
        values, number = np.unique(self._value[chosen].astype(str), return_inverse=True)
        key = number * len(self._accounts) + self._account[chosen]
        by = np.argsort(key, kind="stable")
        return {value: at for at, value in enumerate(values.tolist())}, key[by], chosen[by]

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
        wanted = (self._count < self._goal)[self._group]
        if day == ALL:
            return wanted
        at = np.datetime64(day)
        inside = (self._first <= at) & (at <= self._last)
        return wanted & inside & (~self._few | (self._first == at) | (self._last == at))

    def asked(self, event: str, days: Sequence[str]) -> tuple[list[str], list[Kind]]:
        """Whose rows of an event kind matter on some days, and which kinds' values."""
        chosen = np.zeros(len(self._group), bool)
        for day in days:
            chosen |= self._wanted(day)
        chosen &= self._events[event]
        kinds = sorted(set(self._kind[chosen]) - {ROW})
        accounts = self._accounts[np.unique(self._account[chosen])]
        return accounts.tolist(), [_KNOWN[name] for name in kinds]

    def take(self, event: str, rows: pa.Table) -> None:
        """Keep what some rows of an event kind show: as ``AccountRows.read`` tells them."""
        account = self._by_code[np.searchsorted(self._codes, rows["account"].to_numpy())]
        for kind in sorted({*rows.column_names} & {*self._tables}):
            coded = rows[kind].combine_chunks()
            known, _, _ = self._tables[kind]
            number = np.array(
                [known.get(value, -1) for value in coded.dictionary.to_pylist()] + [-1], np.int64
            )
            self._keep(kind, rows, number[coded.indices.fill_null(-1).to_numpy()], account)
        if ROW in self._tables and event in self._tables[ROW][0]:
            self._keep(ROW, rows, np.full(len(rows), self._tables[ROW][0][event]), account)

    def _keep(
        self, kind: str, rows: pa.Table, number: NDArray[np.int64], account: NDArray[Any]
    ) -> None:
        """Keep the rows whose account used the value that they show; -1 is a value not asked."""
        _, keys, uses = self._tables[kind]
        key = np.where(number < 0, -1, number * len(self._accounts) + account)
        # Several groups may ask for one use.
        start, stop = (np.searchsorted(keys, key, side=side) for side in ("left", "right"))
        at = np.flatnonzero(stop > start)
        if not len(at):
            return
        times = (stop - start)[at]
        place = np.repeat(start[at] - (np.cumsum(times) - times), times) + np.arange(times.sum())
        found = rows.select(_FOUND[1:]).take(pa.array(np.repeat(at, times))).to_pandas()
        found.insert(0, "group", self._group[uses[place]])
        self._count += np.bincount(found["group"], minlength=len(self._count))
        self._found.append(self._few_of([found]))

    def _few_of(self, found: list[pd.DataFrame]) -> pd.DataFrame:
        """The first rows of each group: by time, ties by load and row."""
        rows = pd.concat(found, ignore_index=True)
        rows = rows.sort_values([*_FOUND], ignore_index=True)
        return rows[rows.groupby("group").cumcount() < self._limit]

    def first(self) -> pd.DataFrame:
        """What was found of each group: group, ts, load_id, row."""
        if not self._found:
            return pd.DataFrame({name: pd.Series(dtype="object") for name in _FOUND})
        return self._few_of(self._found)
