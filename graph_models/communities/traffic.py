"""Single exchanges of some accounts, coded, and read once for all campaigns of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.communities.lives import Codes
from graph_models.communities.rules import SHARES
from graph_models.linking import LinkContext
from graph_models.observations import Observations

__all__ = ["Tokens", "Traffic", "within_budget"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tokens:
    """Distinct sorts of exchanges of each member, all arrays (tokens,), members ascending.

    ``state``: 0 when its prompt is in no frame, 1 in some other frame, 2 in a frame of the work.
    ``at`` (3, tokens): hour, model, task.
    """

    member: Ints
    state: Ints
    at: Ints
    count: Floats


@dataclass(frozen=True, eq=False)
class Traffic:
    """Exchanges of ``accounts`` (ascending), sorted by account; all other arrays (exchanges,).

    ``cluster``: identifier position of the prompt's frame or -1. ``at`` (3, exchanges): hour,
    model, task. ``width``: how many codes each of the three has.
    """

    accounts: Ints
    account: Ints
    cluster: Ints
    at: Ints
    width: tuple[int, int, int]

    @classmethod
    def read(cls, obs: Observations, accounts: Ints, codes: Codes) -> Traffic:
        """Read the exchanges of some accounts, ascending, a part of them at a time."""
        made = obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)[accounts]
        turn = np.cumsum(made) // SHARES.read_at_once
        cluster, account, at = [], [], []
        for some in np.split(accounts, np.flatnonzero(np.diff(turn)) + 1):
            rows = obs.exchanges_of(some.astype(np.int32))
            rows = rows[rows["ts"].notna()]
            hour, model, task = codes.columns(rows, "ts")
            task = 2 * task + rows["elicited"].fillna(value=False).to_numpy(dtype=np.int64)
            account.append(rows["account"].to_numpy(dtype=np.int64))
            cluster.append(rows["cluster"].to_numpy(dtype=np.int64))
            at.append(np.array([hour, model, task], np.int64))
        found = np.concatenate(account), np.concatenate(cluster), np.concatenate(at, axis=1)
        return cls(accounts, *found, codes.width)

    def tokens(self, accounts: Ints, frames: NDArray[np.int32]) -> Tokens:
        """Equal exchanges of some of the accounts counted; ``member`` is an index into them.

        Args:
            accounts: Ascending, among those that were read.
            frames: Identifier positions of the frames of the work.
        """
        member = np.searchsorted(accounts, self.account)
        member[member == len(accounts)] = 0
        row = np.flatnonzero(accounts[member] == self.account) if len(accounts) else member
        cluster = self.cluster[row]
        state = np.where(np.isin(cluster, frames), 2, (cluster >= 0).astype(np.int64))
        columns, sizes = (member[row], state, *self.at[:, row]), (len(accounts), 3, *self.width)
        key, count = np.unique(np.ravel_multi_index(columns, sizes), return_counts=True)
        who, state, *at = np.unravel_index(key, sizes)
        return Tokens(
            np.asarray(who, np.int64),
            np.asarray(state, np.int64),
            np.array(at, np.int64),
            count.astype(np.float64),
        )


def within_budget(
    context: LinkContext, accounts: Ints, share: Floats, *, exchanges: float
) -> NDArray[np.bool_]:
    """Whose exchanges are read where there are too many, shape (accounts,).

    Half of the budget goes to those with the least share in the common frames, who may be other
    people or work for it in part; the other half to accounts spread over all the others.

    Args:
        context: The population.
        accounts: Members of a campaign, ascending.
        share: Part of each member's exchanges in frames of the work.
        exchanges: How many may be read.
    """
    made = context.population.exchanges[accounts]
    if made.sum() <= exchanges:
        return np.ones(len(accounts), np.bool_)
    least = np.lexsort((np.arange(len(accounts)), share))
    read = np.zeros(len(accounts), np.bool_)
    read[least[np.cumsum(made[least]) <= exchanges / 2]] = True
    rest = np.flatnonzero(~read)
    step = max(1, int(np.ceil(made[rest].sum() / (exchanges / 2))))
    read[rest[::step]] = True
    return read
