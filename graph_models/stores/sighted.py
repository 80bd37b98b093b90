"""Sightings of a published graph as arrays: who used what, in the order in which it is shown.

Everything is counted and gathered in runs; nothing is sorted that stands in order already, because
at a million accounts there are tens of millions of sightings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph_models.stores.adjacency import Adjacency

__all__ = ["Sighted"]

_TOLD = ("count", "first", "last", "days", "claimed")

Arrays = dict[str, NDArray[Any]]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sighted:
    """Sightings in order of identifier and account.

    ``starts`` (identifiers + 1,): where those of each identifier begin; ``rows``: the table's row
    of each, or None where the table stands in that order.
    """

    table: pd.DataFrame
    starts: Ints
    rows: Ints | None

    @classmethod
    def of(cls, table: pd.DataFrame, identifiers: int) -> Sighted:
        """Bring a table of sightings in order.

        Raises:
            ValueError: an account and an identifier stand in two rows.
        """
        account = table["account"].to_numpy(dtype=np.int32)
        identifier = table["identifier"].to_numpy(dtype=np.int32)
        starts = np.zeros(identifiers + 1, np.int64)
        np.cumsum(np.bincount(identifier, minlength=identifiers), out=starts[1:])
        if _ascending(identifier, account):
            return cls(table, starts, None)
        rows = np.lexsort((account, identifier))
        if not _ascending(identifier[rows], account[rows]):
            raise ValueError("Observations.sightings must hold one row per account and identifier.")
        return cls(table, starts, rows)

    @property
    def degree(self) -> Ints:
        """Accounts of each identifier, shape (identifiers,)."""
        return np.diff(self.starts)

    def column(self, name: str, chosen: NDArray[Any] | slice = slice(None)) -> NDArray[Any]:
        """A column in order, or some of it."""
        values: NDArray[Any] = self.table[name].to_numpy()
        return values[chosen] if self.rows is None else values[self.rows[chosen]]

    def counts(self, kind: NDArray[np.int16], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Per account and kind: identifiers that others used too, and private ones.

        Args:
            kind: The kind of each identifier, shape (identifiers,).
            size: How many accounts there are.

        Returns:
            Two arrays of shape (accounts, kinds), int32.
        """
        width = int(kind.max(initial=-1)) + 1
        shared, private = (np.zeros((size, width), np.int32) for _ in range(2))
        for number in range(width):
            for low, high in _spans(kind == number):
                degree = np.diff(self.starts[low : high + 1])
                here = slice(int(self.starts[low]), int(self.starts[high]))
                account, alone = self.column("account", here), np.repeat(degree == 1, degree)
                for chosen, counts in ((account[~alone], shared), (account[alone], private)):
                    counts[:, number] += np.bincount(chosen, minlength=size).astype(np.int32)
        return shared, private

    def uses(self, observed: Ints, hub: NDArray[np.bool_], size: int) -> Arrays:
        """The relation between accounts and identifiers that are nodes, from either side.

        Args:
            observed: The identifier of each node, shape (nodes,).
            hub: Which nodes are context, shape (nodes,).
            size: How many accounts there are.

        Returns:
            Adjacencies ``uses`` (an account's identifiers, rarest first, hubs last), ``used_by``
            (an identifier's accounts by id), and what each sighting tells.
        """
        degree = self.degree[observed]
        here = _runs(self.starts[observed], degree)
        account = self.column("account", here).astype(np.int32, copy=False)
        told = {f"sighting.{name}": self.column(name, here) for name in _TOLD}
        del here
        starts = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
        number = np.arange(len(account), dtype=np.int32)
        used_by = Adjacency(starts, account, number)
        rank = np.lexsort((np.arange(len(degree)), degree, hub)).astype(np.int32)
        by_account = _by_account(used_by, rank, size)
        return {**by_account.arrays("uses"), **used_by.arrays("used_by"), **told}


def _by_account(used_by: Adjacency, rank: NDArray[np.int32], size: int) -> Adjacency:
    """The other side: each account's nodes in the order of ``rank``, by one pass of counting."""
    degree = np.diff(used_by.starts)[rank]
    starts = np.concatenate([[0], np.cumsum(degree)])
    here = _runs(used_by.starts[rank], degree)
    small = np.int32 if len(here) < 2**31 else np.int64
    turned = csr_array(
        (here, used_by.ends[here], starts.astype(small)), shape=(len(rank), size)
    ).tocsc()
    return Adjacency(turned.indptr.astype(np.int64), rank[turned.indices], turned.data)


def _ascending(identifier: NDArray[np.int32], account: NDArray[np.int32]) -> bool:
    """Whether no row stands before, or with, the one before it."""
    later = identifier[1:] > identifier[:-1]
    later |= (identifier[1:] == identifier[:-1]) & (account[1:] > account[:-1])
    return bool(later.all())


def _runs(starts: Ints, lengths: Ints) -> NDArray[Any]:
    """Places of several runs, one after the other."""
    total = int(lengths.sum())
    small = np.int32 if total + int(starts.max(initial=0)) < 2**31 else np.int64
    before = np.cumsum(lengths) - lengths
    return np.repeat((starts - before).astype(small), lengths) + np.arange(total, dtype=small)


def _spans(chosen: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where runs of chosen places begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
