"""Single exchanges of some accounts, coded, and read once for all campaigns of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.communities.lives import Codes
from graph_models.communities.rules import SHARES
from graph_models.linking import LinkContext
from graph_models.observations import Observations, RowsOf

__all__ = ["Tokens", "Traffic", "spread", "within_budget"]

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
    def read(
        cls,
        obs: Observations,
        accounts: Ints,
        codes: Codes,
        *,
        exchanges_of: RowsOf | None = None,
    ) -> Traffic:
        """Read the exchanges of some accounts, ascending, a part of them at a time.

        ``exchanges_of``: who holds them already, if anybody does.
        """
        asked = exchanges_of or obs.exchanges_of
        made = obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)[accounts]
        turn = np.cumsum(made) // SHARES.read_at_once
        cluster, account, at = [], [], []
        for some in np.split(accounts, np.flatnonzero(np.diff(turn)) + 1):
            rows = asked(some.astype(np.int32))
            rows = rows[rows["ts"].notna()]
            hour, model, task = codes.columns(rows, "ts")
            task = 2 * task + rows["elicited"].fillna(value=False).to_numpy(dtype=np.int64)
            account.append(rows["account"].to_numpy(dtype=np.int64))
            cluster.append(rows["cluster"].to_numpy(dtype=np.int64))
            at.append(np.array([hour, model, task], np.int64))
        found = np.concatenate(account), np.concatenate(cluster), np.concatenate(at, axis=1)
        return cls(accounts, *found, codes.width)

    def made(self, accounts: Ints) -> Ints:
        """How many exchanges of each of some accounts were read, shape (accounts,)."""
        low, high = (np.searchsorted(self.account, accounts, side) for side in ("left", "right"))
        return high - low

    def tokens(self, accounts: Ints, frames: NDArray[np.int32]) -> Tokens:
        """Equal exchanges of some of the accounts counted; ``member`` is an index into them.

        Args:
            accounts: Ascending, among those that were read.
            frames: Identifier positions of the frames of the work.
        """
        low, high = (np.searchsorted(self.account, accounts, side) for side in ("left", "right"))
        member = np.repeat(np.arange(len(accounts)), high - low)
        ends = np.cumsum(high - low)
        row = np.arange(len(member)) + np.repeat(high - ends, high - low)
        cluster = self.cluster[row]
        state = np.where(np.isin(cluster, frames), 2, (cluster >= 0).astype(np.int64))
        columns, sizes = (member, state, *self.at[:, row]), (len(accounts), 3, *self.width)
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

    See ``spread``; most in doubt are those with the least share in the common frames, who may be
    other people or work for it in part.

    Args:
        context: The population.
        accounts: Members of a campaign, ascending.
        share: Part of each member's exchanges in frames of the work.
        exchanges: How many may be read.
    """
    doubtful = np.lexsort((np.arange(len(accounts)), share))
    return spread(context.population.exchanges[accounts], doubtful, exchanges=exchanges)[0]


def spread(
    made: Ints, doubtful: Ints, *, exchanges: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who of many is read: half of the budget at even steps, half of those most in doubt.

    Args:
        made: Exchanges of each, shape (accounts,).
        doubtful: All of them, those most in doubt first.
        exchanges: How many may be read.

    Returns:
        Who is read, and who of them was chosen at even steps and so speaks for all; everybody, and
        everybody, where the budget allows it. Both have shape (accounts,).
    """
    read, even = np.ones(len(made), np.bool_), np.ones(len(made), np.bool_)
    if made.sum() > exchanges:
        even[:] = False
        even[:: int(np.ceil(2 * made.sum() / max(exchanges, 1)))] = True
        rest = doubtful[~even[doubtful]]
        read = even.copy()
        read[rest[np.cumsum(made[rest]) <= exchanges / 2]] = True
    return read, even
