"""The rows of a few accounts and what they show, from the index of rows by account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.codes import codes
from graph_models.kinds.prompt_cluster import PROMPT_CLUSTER
from ingest.observing.aliases import prepare_aliases
from ingest.observing.clusters import prompt_clusters
from ingest.observing.day_rows import DayRows
from ingest.observing.row_index import KEY, rows_of_day
from ingest.store.storage import session

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["AccountRows", "Rows"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of an event kind: account (code), ts (µs), load (a place in ``loads``), row.

    ``shown``: by kind, the code of the value and whether there is one, each of shape (rows,).
    """

    account: Ints
    ts: Ints
    load: Ints
    row: Ints
    shown: Mapping[str, tuple[Ints, NDArray[np.bool_]]]


class AccountRows:
    """Rows of one snapshot by account, asked for again and again.

    Files once opened are kept until the last user lets go; they are mapped, not read.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.loads = sorted(load.load_id for load in snapshot.loads)
        self._lock = Lock()
        self._open: dict[tuple[str, str], DayRows] = {}
        self._aliases = _aliases(snapshot)
        self._clusters: tuple[Ints, Ints] | None = None

    def days(self, event: str) -> list[str]:
        """The buckets that hold rows of an event kind, in order."""
        return sorted(self.snapshot.manifest.of(event))

    def read(
        self, event: str, accounts: Sequence[str], days: Iterable[str], kinds: Iterable[str] = ()
    ) -> Rows:
        """The rows of one event kind about some accounts, in no order.

        Args:
            event: Name of the event kind.
            accounts: Account ids.
            days: Its buckets to read.
            kinds: Of which kinds of identifiers to tell the values.
        """
        own = np.sort(codes("account", accounts))
        asked = np.union1d(own, self._aliases.external_of(own))
        found = [self._of_day(event, asked, day, tuple(kinds)) for day in days]
        whole = _joined(found, kinds)
        return self._aliases.resolved(whole, own) if len(self._aliases.external) else whole

    def _of_day(self, event: str, asked: Ints, day: str, kinds: tuple[str, ...]) -> Rows:
        index = self._day(event, day)
        rows, account = index.of(asked)
        loads = np.searchsorted(self.loads, index.loads)
        shown = {kind: index.codes_of(kind, rows) for kind in kinds if kind in index.values}
        if PROMPT_CLUSTER.name in shown and KEY in index.values:
            shown[PROMPT_CLUSTER.name] = self._clustered(index, rows, shown[PROMPT_CLUSTER.name])
        load = loads[rows["load"]].astype(np.int64)
        return Rows(account, rows["ts"].astype(np.int64), load, rows["row"].astype(np.int64), shown)

    def _day(self, event: str, day: str) -> DayRows:
        with self._lock:  # who comes second waits for what the first one makes
            if (event, day) not in self._open:
                layout, manifest = self.snapshot.layout, self.snapshot.manifest
                self._open[event, day] = rows_of_day(layout, manifest, event, day)
            return self._open[event, day]

    def _clustered(
        self, index: DayRows, rows: NDArray[np.void], given: tuple[Ints, NDArray[np.bool_]]
    ) -> tuple[Ints, NDArray[np.bool_]]:
        """Clusters that the log gave, and else those that our own clustering found."""
        key, asked = index.codes_of(KEY, rows)
        if not asked.any():
            return given
        with self._lock:
            known, cluster = self._known_clusters()
        at = np.minimum(np.searchsorted(known, key), max(len(known) - 1, 0))
        if not len(known):
            return given
        hit = asked & (known[at] == key)
        return np.where(hit, cluster[at], given[0]), given[1] | hit

    def _known_clusters(self) -> tuple[Ints, Ints]:
        """Prompt keys, ascending, and the code of each one's cluster."""
        if self._clusters is None:
            snapshot = self.snapshot
            table = prompt_clusters(
                snapshot.layout, snapshot.manifest, snapshot.loads, key=snapshot.key
            )
            names = table["cluster"].combine_chunks().dictionary_encode()
            own = codes(PROMPT_CLUSTER.name, names.dictionary)
            self._clusters = table["prompt_key"].to_numpy(), own[names.indices.to_numpy()]
        return self._clusters


@dataclass(frozen=True, eq=False)
class _Aliases:
    """Which account an id of another system stood for, and when (µs); by external."""

    external: Ints
    account: Ints
    since: Ints
    until: Ints

    def external_of(self, accounts: Ints) -> Ints:
        """The ids that ever stood for one of the accounts."""
        return self.external[np.isin(self.account, accounts)]

    def resolved(self, rows: Rows, accounts: Ints) -> Rows:
        """The rows that were of one of the accounts at their time."""
        left = pd.DataFrame(
            {"external": rows.account, "ts": rows.ts, "at": np.arange(len(rows.ts))}
        )
        both = left.merge(pd.DataFrame(vars(self)), on="external")
        both = both[(both["since"] <= both["ts"]) & (both["ts"] < both["until"])]
        account = rows.account.copy()
        account[both["at"].to_numpy()] = both["account"].to_numpy()
        kept = np.flatnonzero(np.isin(account, accounts))
        return Rows(
            account[kept],
            rows.ts[kept],
            rows.load[kept],
            rows.row[kept],
            {kind: (code[kept], known[kept]) for kind, (code, known) in rows.shown.items()},
        )


def _aliases(snapshot: Snapshot) -> _Aliases:
    if not snapshot.manifest.of("alias"):
        return _Aliases(*(np.zeros(0, np.int64) for _ in range(4)))
    with session(snapshot.layout) as con:
        prepare_aliases(con, snapshot.layout, snapshot.manifest)
        found = con.execute(
            "SELECT external, account, epoch_us(since) AS since, epoch_us(until) AS until "
            "FROM alias_of ORDER BY external, since"
        ).fetchnumpy()
    names = ("external", "account", "since", "until")
    return _Aliases(*(np.asarray(found[name], np.int64) for name in names))


def _joined(found: Sequence[Rows], kinds: Iterable[str]) -> Rows:
    """The rows of several days."""

    def column(name: str) -> Ints:
        return np.concatenate([np.zeros(0, np.int64), *(getattr(rows, name) for rows in found)])

    shown = {}
    for kind in kinds:
        parts = [rows.shown[kind] for rows in found if kind in rows.shown]
        if parts:  # all days of an event kind show the same kinds
            code, known = zip(*parts, strict=True)
            shown[kind] = np.concatenate(code), np.concatenate(known)
    return Rows(column("account"), column("ts"), column("load"), column("row"), shown)
