"""Single exchanges of members: every account is read once, and what is read is held in few bytes.

Each question to the logs is a pass over all exchanges, whatever few accounts it is about. So the
steps of an assessment ask here, and what they are known to need is asked for at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from graph_models.communities.groups import entries
from graph_models.observations import Observations, empty_table

__all__ = ["Reading", "hourly", "with_codes"]

Ints = NDArray[np.int64]
_NAMES = ("model", "capability")
_HOUR_US = 3_600_000_000


class Reading:
    """The exchanges of accounts as far as they were asked for; grows with what is asked.

    Tables are ``COLUMNS["exchanges"]`` and the first columns of ``COLUMNS["activity"]``, with
    models and capabilities as categories.

    Args:
        obs: The population.
    """

    def __init__(self, obs: Observations) -> None:
        self._obs = obs
        self._has = np.zeros(len(obs.accounts), np.bool_)
        self._rows = _compact(empty_table("exchanges"))
        self._start = np.zeros(len(obs.accounts) + 1, np.int64)
        self._hours = hourly(self._rows)
        self._counted = np.zeros(len(obs.accounts), np.bool_)

    def holds(self, accounts: Ints | NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of the accounts were read, shape (accounts,)."""
        return self._has[accounts]

    def read(self, accounts: Ints | NDArray[np.int32]) -> None:
        """Have the exchanges of some accounts read, with one question for all that are new."""
        new = np.unique(accounts[~self._has[accounts]])
        if not len(new):
            return
        more = _compact(self._obs.exchanges_of(new.astype(np.int32)))
        self._rows = _joined(self._rows, more) if len(self._rows) else more
        self._has[new] = True
        account = self._rows["account"].to_numpy()
        if (np.diff(account) < 0).any():
            order = np.argsort(account, kind="stable")
            self._rows, account = self._rows.take(order), account[order]
        sizes = np.bincount(account, minlength=len(self._has))
        self._start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def exchanges_of(self, accounts: NDArray[np.int32]) -> pd.DataFrame:
        """The exchanges of some accounts, sorted by (account, ts)."""
        self.read(accounts)
        some = np.unique(accounts).astype(np.int64)
        _, row = entries(self._start, some)
        return self._rows if len(row) == len(self._rows) else self._rows.take(row)

    def hours_of(self, accounts: NDArray[np.int32]) -> pd.DataFrame:
        """The activity of some accounts: counted from their exchanges where all are at hand."""
        asked = np.unique(accounts).astype(np.int32)
        if not self._counted[asked].all():
            rows = self.exchanges_of(asked)
            made = self._obs.accounts["exchanges"].fillna(0).to_numpy()[asked].sum()
            whole = len(rows) == made
            self._hours = hourly(rows) if whole else with_codes(self._obs.activity_of(asked))
            self._counted[:] = False
            self._counted[asked] = True
        if self._counted.sum() == len(asked):
            return self._hours
        return self._hours[np.isin(self._hours["account"].to_numpy(), asked)]


def hourly(rows: pd.DataFrame) -> pd.DataFrame:
    """Exchanges by account, hour, model and capability, with how many of them elicit.

    Args:
        rows: As ``Reading.exchanges_of`` gives them; those without a time are left out.
    """
    rows = rows[rows["ts"].notna()]
    hour = rows["ts"].to_numpy(dtype="datetime64[us]").astype(np.int64) // _HOUR_US
    first = int(hour.min()) if len(hour) else 0
    columns = [rows["account"].to_numpy(dtype=np.int64), hour - first]
    columns += [rows[name].cat.codes.to_numpy().astype(np.int64) + 1 for name in _NAMES]
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    key = 2 * np.ravel_multi_index(tuple(columns), sizes)
    # The last bit tells what elicits, so that one sort of one number does it all.
    key = np.sort(key + rows["elicited"].to_numpy(dtype=np.int64))
    asked, key = key & 1, key >> 1
    start = np.flatnonzero(np.diff(key, prepend=-1))
    account, hour, *named = np.unravel_index(key[start], sizes)
    sums = np.concatenate([[0], np.cumsum(asked)])
    ends = np.append(start[1:], len(key))
    found = {
        "account": account.astype(np.int32),
        "hour": ((hour + first) * _HOUR_US).astype("datetime64[us]"),
        **{
            name: pd.Categorical.from_codes(code - 1, rows[name].cat.categories)
            for name, code in zip(_NAMES, named, strict=True)
        },
        "exchanges": ends - start,
        "elicited": sums[ends] - sums[start],
    }
    return pd.DataFrame(found)


def with_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with models and capabilities as categories."""
    return rows.assign(**{name: rows[name].astype("category") for name in _NAMES})


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    return with_codes(rows).astype({"elicited": bool, "account": np.int32, "cluster": np.int32})


def _joined(rows: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    both = {name: union_categoricals([rows[name], more[name]], sort_categories=True)
            for name in _NAMES}  # fmt: skip
    plain = [part.drop(columns=list(_NAMES)) for part in (rows, more)]
    return pd.concat(plain, ignore_index=True).assign(**both)[list(rows.columns)]
