"""One page of the list of communities, and what stands above it, without reading them all.

The list keeps one order per published graph, so a page is told by the place it begins at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.inference import Community
from graph_models.stores.community_table import ASSESSED

__all__ = ["PAGE", "Asked", "Listing", "Triage", "plain_triage", "prefix_asked"]

PAGE = 50  # rows of a page: more cannot be compared by eye


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which part of the list: ``text`` is the beginning of a community's or an account's id.

    ``classes`` are those of ``assessed_as`` (none: all of them). Communities of fewer core and
    probable members than ``min_size`` are not listed at all.
    """

    classes: tuple[str, ...] = ()
    text: str = ""
    start: int = 0
    limit: int = PAGE
    min_size: int = 2


@dataclass(frozen=True, kw_only=True)
class Triage:
    """One page; shown + hidden + truncated = total.

    ``tally`` counts all that are listed by what they are assessed as, ``accounts`` the accounts in
    them; ``campaign`` is the range of accounts in those assessed as campaigns: core members, and
    members of any tier.
    """

    shown: tuple[Community, ...]
    passing: int
    total: int
    tally: Mapping[str, int]
    accounts: int
    campaign: tuple[int, int]

    @property
    def hidden(self) -> int:
        """Hidden by class or text."""
        return self.total - self.passing

    @property
    def truncated(self) -> int:
        """On other pages."""
        return self.passing - len(self.shown)


@dataclass(frozen=True, eq=False, kw_only=True)
class Listing:
    """What the list is filtered and counted by; arrays (communities,) in the order of triage.

    ``assessed`` numbers ``ASSESSED``; ``accounts_in(ranks)`` counts the accounts of some of them.
    """

    core: NDArray[np.int64]
    probable: NDArray[np.int64]
    possible: NDArray[np.int64]
    assessed: NDArray[np.int8]
    accounts_in: Callable[[NDArray[np.int64]], int]
    read: Callable[[NDArray[np.int64]], tuple[Community, ...]]

    def page(self, asked: Asked, found: NDArray[np.int64] | None) -> Triage:
        """The page that is asked for; ``found``: ranks that the text found, None without a text."""
        listed = self.core + self.probable >= asked.min_size
        passing = listed.copy()
        if asked.classes:
            passing &= np.isin(self.assessed, [ASSESSED.index(name) for name in asked.classes])
        if found is not None:
            there = np.zeros(len(listed), bool)
            there[found] = True
            passing &= there
        ranks = np.flatnonzero(passing)
        counts = np.bincount(self.assessed[listed], minlength=len(ASSESSED)).tolist()
        guilty = listed & (self.assessed == ASSESSED.index("campaign"))
        low = int(self.core[guilty].sum())
        return Triage(
            shown=self.read(ranks[asked.start : asked.start + asked.limit]),
            passing=len(ranks),
            total=int(listed.sum()),
            tally={name: n for name, n in zip(ASSESSED, counts, strict=True) if n},
            accounts=self.accounts_in(np.flatnonzero(listed)),
            campaign=(low, low + int((self.probable + self.possible)[guilty].sum())),
        )


def prefix_asked(text: str) -> str:
    """The beginning of an id that a text stands for; the kind may be written before it."""
    return text.strip().removeprefix("community:").removeprefix("account:")


def plain_triage(communities: Sequence[Community], members: pd.DataFrame, asked: Asked) -> Triage:
    """The same page from all communities and members, for stores that hold no columns of them."""
    listed = [one for one in communities if one.size.accused >= asked.min_size]
    begin = prefix_asked(asked.text)
    by_account = set(members.loc[members["account"].str.startswith(begin), "community"])
    passing = [
        one
        for one in listed
        if (not asked.classes or one.assessment.assessed_as in asked.classes)
        and (not begin or one.community.startswith(begin) or one.community in by_account)
    ]
    tally = Counter(one.assessment.assessed_as for one in listed)
    guilty = [one.size for one in listed if one.assessment.assessed_as == "campaign"]
    inside = members["community"].isin([one.community for one in listed])
    return Triage(
        shown=tuple(passing[asked.start : asked.start + asked.limit]),
        passing=len(passing),
        total=len(listed),
        tally={name: tally[name] for name in ASSESSED if tally[name]},
        accounts=int(members.loc[inside, "account"].nunique()),
        campaign=(
            sum(size.core for size in guilty),
            sum(size.accused + size.possible for size in guilty),
        ),
    )
