"""Whose exchanges are read where there are too many: some of every community, those in doubt first.

Small communities are read whole; what is left of the budget goes to the large ones. Of a community
that is read in part, one half is spread evenly over its members and speaks for all; the other half
is of those who are least tied to it, who may be other people.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.pool import Pool
from graph_models.communities.rules import SHARES
from graph_models.communities.traffic import spread

__all__ = ["LEAST", "to_read"]

Ints = NDArray[np.int64]

# Members of each community that are read at any size, and as many of those in doubt: fewer leave
# hours and volumes of a campaign untold from those of a random pool.
LEAST = 40


def to_read(pool: Pool, members: pd.DataFrame) -> tuple[Ints, Ints]:
    """Accounts of members whose exchanges are read, and those of them who speak for all.

    Args:
        pool: The communities in question.
        members: As ``inference.MEMBER_COLUMNS``; of other communities as well. Who is possible is
            read too, so that there is something to judge by.
    """
    rows = members[members["community"].isin(pool.names)]
    code = pd.Index(pool.names).get_indexer(pd.Index(rows["community"].astype(str)))
    account = pool.background.index.get_indexer(pd.Index(rows["account"])).astype(np.int64)
    doubt = np.lexsort((account, rows["member_confidence"], rows["share"], code))
    known = doubt[account[doubt] >= 0]
    code, account = code[known], account[known]
    made = pool.obs.accounts["exchanges"].fillna(0).to_numpy(dtype=np.int64)[account]
    volume = np.bincount(code, made, minlength=len(pool.names)).astype(np.float64)
    budget = np.full(len(volume), _each(volume, SHARES.read))
    ends = np.searchsorted(code, np.arange(len(volume) + 1))
    read, even = np.zeros(len(code), np.bool_), np.zeros(len(code), np.bool_)
    for low, high, limit in zip(ends[:-1].tolist(), ends[1:].tolist(), budget, strict=True):
        order = np.argsort(account[low:high])
        enough = max(limit, 2 * LEAST * made[low:high].mean()) if high > low else limit
        some, fair = spread(made[low:high][order], np.argsort(order), exchanges=enough)
        read[low + order], even[low + order] = some, fair
    return np.unique(account[read]), np.unique(account[even])


def _each(volume: NDArray[np.float64], whole: float) -> float:
    """The most that any one community may have, so that all together have ``whole``."""
    if volume.sum() <= whole:
        return float(volume.max(initial=0))
    rising = np.sort(volume)
    left = np.arange(len(rising), 0, -1)
    spent = np.concatenate([[0.0], np.cumsum(rising)[:-1]])
    level = (whole - spent) / left  # were all from here on given the same
    return float(level[np.argmax(level <= rising)])
