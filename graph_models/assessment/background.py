"""What the population at large does, from the accounts that speak for it; worked out once a run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.halves import Halves, features_in
from graph_models.assessment.reading import Reading, with_codes
from graph_models.observations import Observations

__all__ = ["Background", "mixes"]


@dataclass(frozen=True, eq=False)
class Background:
    """Rates of ``obs.sample``, which is everybody where the population is small."""

    obs: Observations

    @cached_property
    def index(self) -> pd.Index[str]:
        """The accounts by id."""
        ids: pd.Index[str] = pd.Index(self.obs.accounts["account"])
        return ids

    def kind_range(self, kind: str) -> tuple[int, int]:
        """The first position of the identifiers of a kind, and that after the last."""
        ascending = self.obs.identifiers["kind"].array
        return bisect_left(ascending, kind), bisect_right(ascending, kind)

    @cached_property
    def reading(self) -> Reading:
        """Single exchanges of members, as far as they were asked for."""
        return Reading(self.obs)

    @cached_property
    def activity(self) -> pd.DataFrame:
        """The hours of the sample, with models and capabilities as categories."""
        return with_codes(self.obs.activity)

    @property
    def whole(self) -> bool:
        """Whether the sample is the population, so that every member's hours are at hand."""
        return len(self.obs.sample) == len(self.obs.accounts)

    @cached_property
    def scale(self) -> float:
        """Exchanges of the population for one of the sample."""
        if self.whole:
            return 1.0
        made = self.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.float64)
        return float(made.sum() / max(made[self.obs.sample].sum(), 1.0))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Capabilities that were seen, in order of name; empty ones are unknown."""
        seen = self.activity["capability"].cat.categories
        return tuple(sorted(str(name) for name in seen if name))

    @cached_property
    def features(self) -> dict[str, Halves]:
        """Features of every account of the sample; see ``halves.features_in``."""
        return features_in(self.activity, len(self.obs.accounts), self.tasks)

    @cached_property
    def mix(self) -> NDArray[np.float64]:
        """Exchanges by account of the sample (who made any of a known kind) and capability.

        Shape (accounts, capabilities + 1); the last column counts what elicits.
        """
        return mixes(self.activity, self.tasks)[1]


def mixes(
    rows: pd.DataFrame, tasks: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Exchanges by account and capability, and those that elicit, of rows of activity.

    Returns:
        Accounts with any exchange of a known capability, ascending; shape (accounts,
        capabilities + 1).
    """
    code = pd.Index(tasks).get_indexer(pd.Index(rows["capability"]))
    known = np.flatnonzero(code >= 0)
    account = rows["account"].to_numpy(dtype=np.int64)[known]
    number = np.cumsum(np.bincount(account) > 0) - 1
    who, at = np.flatnonzero(np.diff(number, prepend=-1)), number[account]
    made = rows["exchanges"].to_numpy(dtype=np.float64)[known]
    asked = rows["elicited"].to_numpy(dtype=np.float64)[known]
    size = len(who) * len(tasks)
    mix = np.bincount(at * len(tasks) + code[known], made, minlength=size)
    elicited = np.bincount(at, asked, minlength=len(who))
    return who, np.column_stack([mix.reshape(len(who), len(tasks)), elicited])
