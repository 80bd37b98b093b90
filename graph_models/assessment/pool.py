"""Members of all communities with what they used, kind by kind: every measure is a group-by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.background import Background, mixes
from graph_models.assessment.halves import Halves, features_in
from graph_models.assessment.runs import together
from graph_models.communities.groups import entries
from graph_models.observations import Observations

__all__ = ["Pool"]

_AT_ONCE = 2_000_000  # sightings gone over in one go: a hundred megabytes
_ACCUSED = ("core", "probable")


@dataclass(frozen=True, eq=False)
class Pool:
    """Core and probable members: ``table`` has one row (community code, account position).

    ``names`` are the community ids in sorted order; every measure returns a frame with one row a
    community in that order, NaN where its input is lacking. ``volume``: exchanges of all members,
    (communities,), where the table holds some of them only.
    """

    obs: Observations
    names: tuple[str, ...]
    table: pd.DataFrame
    background: Background
    volume: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, obs: Observations, members: pd.DataFrame, background: Background | None = None
    ) -> Pool:
        """Join members (inference.MEMBER_COLUMNS) with the positions of their accounts.

        ``background``: what was worked out of the population before, if anything was.
        """
        sure = members["tier"].isin(_ACCUSED)
        accused = members[sure | ~members["community"].isin(members.loc[sure, "community"])]
        codes, names = pd.factorize(accused["community"].astype(str), sort=True)
        known = background or Background(obs)
        positions = known.index.get_indexer(pd.Index(accused["account"]))
        table = pd.DataFrame({"community": codes, "account": positions.astype(np.int32)})
        table = table[table["account"] >= 0].drop_duplicates()
        table = table.sort_values(["community", "account"], ignore_index=True)
        return cls(obs, tuple(names), table, known)

    def part(self, codes: NDArray[np.int64]) -> Pool:
        """Some of the communities, by their number, ascending."""
        if len(codes) == len(self.names):
            return self
        number = np.full(len(self.names), -1, dtype=np.int64)
        number[codes] = np.arange(len(codes))
        code = number[self.table["community"].to_numpy()]
        table = self.table[code >= 0].assign(community=code[code >= 0]).reset_index(drop=True)
        return Pool(self.obs, tuple(self.names[at] for at in codes), table, self.background)

    def only(self, some: NDArray[np.bool_]) -> Pool:
        """Some of the members, shape (members,), who speak for all of their communities."""
        if some.all():
            return self
        table = self.table[some].reset_index(drop=True)
        return Pool(self.obs, self.names, table, self.background, self.made)

    @cached_property
    def made(self) -> NDArray[np.float64]:
        """Exchanges of the members by community, shape (communities,)."""
        made = self.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.float64)
        each = made[self.table["account"]]
        sums = np.bincount(self.table["community"], each, minlength=len(self.names))
        return sums.astype(np.float64)

    @property
    def grown(self) -> NDArray[np.float64]:
        """Exchanges of all members for one of those in the table, shape (communities,)."""
        if self.volume is None:
            return np.ones(len(self.names))
        return np.where(self.made > 0, self.volume / np.maximum(self.made, 1), 1.0)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """Members by community, shape (communities,)."""
        return np.bincount(self.table["community"], minlength=len(self.names)).astype(np.int64)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The accounts table of the members, with their community."""
        rows = self.obs.accounts.iloc[self.table["account"]].reset_index(drop=True)
        return rows.rename(columns={"account": "name"}).join(self.table)

    def uses(self, kind: str, *, shared: bool = False) -> pd.DataFrame:
        """One row per member x identifier of a kind: what the members used.

        ``shared``: only what several accounts used, be they members or not.
        Columns community, account, identifier, degree, linkable, inside (members of the community
        that used it), member (row in the table) and row (in the sightings); sorted by identifier.
        Looked up anew each time: of a million accounts addresses alone are hundreds of megabytes.
        """
        return self._used(*self._sightings_of(kind), shared=shared)

    def uses_by_part(self, kind: str) -> Iterator[pd.DataFrame]:
        """The same of what several accounts used, some identifiers at a time."""
        seen = self.obs.sightings["identifier"].to_numpy()
        begin, end = self._sightings_of(kind)
        cuts = np.searchsorted(seen, seen[np.arange(begin + _AT_ONCE, end, _AT_ONCE)])
        for low, high in pairwise(np.unique([begin, *cuts.tolist(), end]).tolist()):
            yield self._used(low, high, shared=True)

    def _sightings_of(self, kind: str) -> tuple[int, int]:
        """The first sighting of any identifier of a kind, and that after the last."""
        seen = self.obs.sightings["identifier"].to_numpy()
        ends = np.array(self.background.kind_range(kind), seen.dtype)  # others copy all of it
        begin, end = np.searchsorted(seen, ends).tolist()
        return begin, end

    def _used(self, begin: int, end: int, *, shared: bool) -> pd.DataFrame:
        known = self.obs.identifiers
        identifier = self.obs.sightings["identifier"].to_numpy()[begin:end]
        member = self._row[self.obs.sightings["account"].to_numpy()[begin:end]]
        some = member >= 0
        if shared:
            some &= known["accounts"].to_numpy()[identifier] > 1
        row = np.flatnonzero(some)
        member, identifier = member[row], identifier[row]
        community = self.table["community"].to_numpy()[member]
        found = {
            "community": community,
            "account": self.table["account"].to_numpy()[member],
            "identifier": identifier,
            "degree": known["accounts"].to_numpy()[identifier],
            "linkable": known["linkable"].to_numpy(dtype=bool)[identifier],
            "inside": together(identifier.astype(np.int64) * len(self.names) + community),
            "member": member,
            "row": row + begin,
        }
        return pd.DataFrame(found, copy=False)

    def among(self, *members: pd.Series) -> pd.Series:
        """How many members of each community are named by their rows in the table."""
        has = np.zeros(len(self.table), np.bool_)
        for row in members:
            has[row.to_numpy()] = True
        return self._counted(has)

    def having(self, kind: str, *, linkable: bool = False) -> pd.Series:
        """How many members of each community used anything of a kind (that may link)."""
        begin, end = self._sightings_of(kind)
        account = self.obs.sightings["account"].to_numpy()[begin:end]
        if linkable:
            seen = self.obs.sightings["identifier"].to_numpy()[begin:end]
            account = account[self.obs.identifiers["linkable"].to_numpy(bool)[seen]]
        has = np.zeros(len(self.obs.accounts), np.bool_)
        has[account] = True
        return self._counted(has[self.table["account"].to_numpy()])

    def _counted(self, has: NDArray[np.bool_]) -> pd.Series:
        code = self.table["community"].to_numpy()[has]
        return pd.Series(np.bincount(code, minlength=len(self.names)))

    @cached_property
    def _row(self) -> NDArray[np.int32]:
        """Row in the table of each account, who stands in one community at most; -1 for others."""
        row = np.full(len(self.obs.accounts), -1, np.int32)
        row[self.table["account"]] = np.arange(len(self.table))
        return row

    @cached_property
    def activity(self) -> pd.DataFrame:
        """The activity of the members, with their community and their row in the table."""
        account = self.hours["account"].to_numpy(dtype=np.int64)
        sizes = np.bincount(account, minlength=len(self.obs.accounts))
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        member, row = entries(start, self.table["account"].to_numpy(dtype=np.int64))
        order = np.arange(len(account))
        if (np.diff(account) < 0).any():
            order = np.argsort(account, kind="stable")
        rows = self.hours.take(order[row]).reset_index(drop=True)
        community = self.table["community"].to_numpy()[member]
        return rows.assign(community=community, member=member)

    @cached_property
    def hours(self) -> pd.DataFrame:
        """The activity of everybody where that is at hand, else of the members that were read."""
        if self.background.whole:
            return self.background.activity
        account = np.unique(self.table["account"].to_numpy(dtype=np.int32))
        reading = self.background.reading
        return reading.hours_of(account[reading.holds(account)])

    @cached_property
    def features(self) -> dict[str, Halves]:
        """Features of the members' lives (of everybody's where that is at hand)."""
        if self.background.whole:
            return self.background.features
        return features_in(self.hours, len(self.obs.accounts), self.background.tasks)

    @cached_property
    def mix(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Accounts among the members, and what they ask for; see ``background.mixes``."""
        return mixes(self.hours, self.background.tasks)

    def frame(self, **columns: pd.Series | NDArray[np.float64]) -> pd.DataFrame:
        """Columns by community code as a frame over all communities; missing ones are NaN."""
        index = pd.RangeIndex(len(self.names))
        made = {
            name: pd.Series(values).reindex(index).astype(np.float64)
            for name, values in columns.items()
        }
        return pd.DataFrame(made, index=index)
