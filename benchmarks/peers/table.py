"""One table with a known answer, in the form that ``workbench link`` reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu

__all__ = ["Table", "pair_counts"]

ATTRIBUTES = ["account", "type", "value"]
SINGLE = 0.98  # share of accounts with at most one value that makes a type a field of a record


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Attributes and events as ``link`` reads them, and whom each account belongs to.

    Attributes:
        name: What it is called.
        seed: Seed of its maker; 0 where it is a fixed data set.
        attributes: account, type, value and, where known, first_seen, last_seen, weight.
        events: account, time, object_type, object; None where there are none.
        truth: Group by account; an account of nobody has a group of its own, and accounts that are
            not named count neither for nor against.
        edges: a, b (accounts, each pair once) where the table is a graph; then ``attributes`` says
            who is a neighbour of whom.
    """

    name: str
    seed: int
    attributes: pd.DataFrame
    truth: pd.Series
    events: pd.DataFrame | None = None
    edges: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if not self.truth.index.is_unique:
            raise ValueError(f"{self.name}: an account has two answers.")
        unknown = set(self.truth.index) - set(self.accounts)
        if unknown:
            raise ValueError(f"{self.name}: answers for accounts without a row: {min(unknown)} …")

    @cached_property
    def accounts(self) -> pd.Index:
        """All accounts, sorted."""
        return pd.Index(sorted(set(self.uses["account"])))

    @cached_property
    def uses(self) -> pd.DataFrame:
        """account, type, value, time (UTC, NaT where unknown); one row a sighting."""
        given = self.attributes.reindex(columns=[*ATTRIBUTES, "first_seen"])
        parts = [given.rename(columns={"first_seen": "time"})]
        if self.events is not None:
            named = {"object_type": "type", "object": "value"}
            parts.append(self.events.rename(columns=named)[[*ATTRIBUTES, "time"]])
        rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
        rows["time"] = pd.to_datetime(rows["time"], utc=True, format="ISO8601")
        return rows

    @cached_property
    def values(self) -> pd.DataFrame:
        """account, type, value, token (type and value in one), each once."""
        rows = self.uses[ATTRIBUTES].drop_duplicates(ignore_index=True)
        return rows.assign(token=rows["type"] + "\x1f" + rows["value"])

    @cached_property
    def is_timed(self) -> bool:
        """Whether most sightings have a time."""
        return bool(self.uses["time"].notna().mean() > 0.5)

    @cached_property
    def is_records(self) -> bool:
        """Whether nearly every account has at most one value of each type, and several types."""
        counts = self.values.groupby(["type", "account"]).size()
        single = (counts <= 1).groupby("type").mean()
        return len(single) > 2 and bool((single >= SINGLE).all())


def pair_counts(
    values: pd.DataFrame, accounts: pd.Index, *, most_accounts: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs with values in common, and how many.

    Args:
        values: Table.values.
        accounts: Table.accounts; positions refer to it.
        most_accounts: Values of more accounts are left out.

    Returns:
        Positions a < b and the number of common values, one entry a pair.
    """
    code, names = pd.factorize(values["token"])
    held = np.bincount(code, minlength=len(names))
    keep = (held[code] >= 2) & (held[code] <= (most_accounts or len(accounts)))
    row, column = accounts.get_indexer(values["account"])[keep], code[keep]
    shape = (len(accounts), max(len(names), 1))
    matrix = csr_matrix((np.ones(len(row), np.int32), (row, column)), shape=shape)
    common = triu(matrix @ matrix.T, k=1).tocoo()
    return common.row.astype(np.int64), common.col.astype(np.int64), common.data.astype(np.int64)
