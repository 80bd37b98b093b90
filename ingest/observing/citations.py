"""Which rows of which files stand behind a figure: read from the day parts when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kinds import kind_named
from graph_models.nodes import NodeRef
from graph_models.observations import Observations
from ingest.events import event_named
from ingest.observing.account_rows import AccountRows
from ingest.observing.known_values import users_of
from ingest.observing.row_index import EVENTS
from ingest.observing.walking import Walk
from ingest.store.packages import ALL
from ingest.store.storage import session
from ingest.store.views import open_rows

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["Citations", "register", "uses_of"]

_US_PER_HOUR = 3_600_000_000


class Citations:
    """The rows of one snapshot; see ``AccountRows``."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._rows = AccountRows(snapshot)
        files = {load.load_id: load.file for load in snapshot.loads}
        self._files = np.array([files[load] for load in self._rows.loads], dtype=object)

    def behind(self, uses: pd.DataFrame, *, limit: int) -> pd.DataFrame:
        """The first rows behind groups of uses.

        Args:
            uses: One row a use: group (0, 1, …), account, kind, value; count, first, last and days
                (on how many it was) as the sightings have them. With ``walking.ROW`` as its kind it
                is any row of the event kind that ``value`` names.
            limit: How many rows to name of each group.

        Returns:
            group, file, row: by group, then time.
        """
        walk = Walk(uses, limit)
        self._walk(walk)
        group, _, load, row = walk.first()
        return self._named({"group": group}, load, row)

    def loads_behind(self, uses: pd.DataFrame, *, groups: int) -> list[list[str]]:
        """The loads that any row behind each of the groups of uses lies in, by id."""
        walk = Walk(uses, None)
        self._walk(walk)
        pairs = np.unique(walk.first()[[0, 2]], axis=1)
        names = np.array(self._rows.loads, dtype=object)
        return [names[pairs[1, pairs[0] == group]].tolist() for group in range(groups)]

    def loads_about(self, events: Sequence[str], accounts: Sequence[str]) -> list[str]:
        """The loads that hold a row of some event kinds about any of the accounts, by id."""
        found: set[int] = set()
        for event in events:
            for day in self._rows.days(event):
                found.update(np.unique(self._rows.read(event, accounts, [day]).load).tolist())
        return [self._rows.loads[load] for load in sorted(found)]

    def _walk(self, walk: Walk) -> None:
        days = {event: self._rows.days(event) for event in walk.events}
        for step in walk.steps(days):
            # What is read together is asked together: the first rows may be of any event kind.
            there = {event: [day for day in step if day in days[event]] for event in walk.events}
            asked = {event: walk.asked(event, there[event]) for event in walk.events}
            for event, (accounts, kinds) in asked.items():
                if accounts:
                    walk.take(event, self._rows.read(event, accounts, there[event], kinds))

    def days(self, event: str) -> list[str]:
        """The days that hold rows of an event kind, in order."""
        return self._rows.days(event)

    def rows_about(self, event: str, accounts: Sequence[str]) -> pd.DataFrame:
        """All rows of a small event kind, such as the register, about accounts: file, row."""
        found = self._rows.read(event, accounts, self._rows.days(event))
        by = np.lexsort((found.row, found.load, found.ts))
        return self._named({}, found.load[by], found.row[by])

    def by_file(self, account: str) -> pd.DataFrame:
        """Rows about one account by event kind and file: event, file, rows, first, last."""
        found = []
        for event in EVENTS:
            rows = self._rows.read(event, [account], self._rows.days(event))
            told = pd.DataFrame({"load": rows.load, "ts": rows.ts.astype("datetime64[us]")})
            summed = told.groupby("load", as_index=False).agg(
                rows=("ts", "size"), first=("ts", "min"), last=("ts", "max")
            )
            file = pd.Series(self._files[summed["load"].to_numpy(np.int64)], dtype="str")
            found.append(summed.assign(event=event, file=file))
        table = pd.concat(found, ignore_index=True)[["event", "file", "rows", "first", "last"]]
        return table.sort_values(["event", "file"], ignore_index=True)

    def by_day(self, accounts: Sequence[str]) -> pd.DataFrame:
        """Exchanges of some accounts by day: columns day and exchanges, in order."""
        days = self._rows.days("exchange")
        counted = [len(self._rows.read("exchange", accounts, [day]).row) for day in days]
        table = pd.DataFrame({"day": np.array(days, "datetime64[us]"), "exchanges": counted})
        table = table.astype({"exchanges": "int64"})
        return table[table["exchanges"] > 0].reset_index(drop=True)

    def by_hour(
        self, accounts: Sequence[str], *, first: str = "", last: str = "9999-12-31"
    ) -> pd.DataFrame:
        """Exchanges of some accounts by hour: account, hour, exchanges, in that order.

        Args:
            accounts: Account ids; one that no log names has no rows.
            first: The first day to read (YYYY-MM-DD).
            last: The last day to read.
        """
        days = [day for day in self._rows.days("exchange") if first <= day <= last]
        rows = self._rows.read("exchange", accounts, days)
        names = np.unique(np.array(accounts, dtype=object).astype(str)).astype(object)
        code = codes("account", names.tolist())
        by_code = np.argsort(code)
        place = by_code[np.searchsorted(code[by_code], rows.account)]
        key = np.stack([place, rows.ts // _US_PER_HOUR])
        told, counted = np.unique(key, axis=1, return_counts=True)
        hours = (told[1] * _US_PER_HOUR).astype("datetime64[us]")
        table = {"account": pd.Series(names[told[0]], dtype="str"), "hour": hours}
        return pd.DataFrame({**table, "exchanges": counted.astype(np.int64)})

    def seen(
        self, node: NodeRef, accounts: Sequence[str], start: datetime, stop: datetime
    ) -> pd.DataFrame:
        """All rows on which some accounts used an identifier within ``start <= ts < stop`` (UTC).

        Returns:
            account, event, ts, file, row: by time.
        """
        (wanted,) = codes(node.kind, [node.value]).tolist()
        names = sorted(set(accounts))
        own = codes("account", names)
        order = np.argsort(own)
        low, high = (np.datetime64(moment, "us").astype(np.int64) for moment in (start, stop))
        found = []
        for event in sorted(source.event for source in kind_named(node.kind).sources):
            days = [day for day in self._rows.days(event) if _touches(day, start, stop)]
            rows = self._rows.read(event, names, days, [node.kind])
            if node.kind not in rows.shown:
                continue
            code, known = rows.shown[node.kind]
            at = np.flatnonzero(known & (code == wanted) & (low <= rows.ts) & (rows.ts < high))
            who = order[np.searchsorted(own[order], rows.account[at])]
            table = self._named({"ts": rows.ts[at]}, rows.load[at], rows.row[at])
            found.append(table.assign(account=np.array(names, dtype=object)[who], event=event))
        whole = pd.concat(found, ignore_index=True) if found else self._named(
            {"ts": np.zeros(0, np.int64)}, np.zeros(0, np.int64), np.zeros(0, np.int64)
        ).assign(account="", event="")  # fmt: skip
        whole["ts"] = whole["ts"].to_numpy().astype("datetime64[us]")
        table = whole[["account", "event", "ts", "file", "row"]]
        return table.sort_values(["ts", "file", "row"], ignore_index=True)

    def users(self, node: NodeRef) -> pd.DataFrame:
        """Who used an identifier, private or not: account, count, first, last."""
        return users_of(self.snapshot, node)

    def _named(
        self, told: Mapping[str, NDArray[np.int64]], load: NDArray[np.int64], row: NDArray[np.int64]
    ) -> pd.DataFrame:
        file = pd.Series(self._files[load], dtype="str")
        return pd.DataFrame({**told, "file": file, "row": row})


def _touches(day: str, start: datetime, stop: datetime) -> bool:
    return day == ALL or start.date().isoformat() <= day <= stop.date().isoformat()


def uses_of(obs: Observations, sightings: pd.DataFrame) -> pd.DataFrame:
    """Sightings of some observations as uses: account, kind, value, count, first, last, days."""
    account = obs.accounts["account"].iloc[sightings["account"].to_numpy()]
    named = obs.identifiers.iloc[sightings["identifier"].to_numpy()]
    told = {name: sightings[name].to_numpy() for name in ("count", "first", "last", "days")}
    return pd.DataFrame({
        "account": account.to_numpy(object),
        "kind": named["kind"].to_numpy(object),
        "value": named["value"].to_numpy(object),
        **told,
    })  # fmt: skip


def register(snapshot: Snapshot, event: str) -> pd.DataFrame:
    """All rows that count of a small event kind (indicator, label, calendar), columns as events."""
    columns = ", ".join(f'"{column.name}"' for column in event_named(event).columns)
    with session(snapshot.layout) as con:
        view = open_rows(con, snapshot.layout, snapshot.manifest, event)
        frame: pd.DataFrame = con.sql(f"SELECT {columns} FROM {view} ORDER BY ALL").df()
    return frame
