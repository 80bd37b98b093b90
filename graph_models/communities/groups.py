"""Communities laid end to end, so that one pass over all members answers for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Groups", "entries"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Groups:
    """Members of many communities, community after community, accounts ascending in each.

    ``label`` (communities,) ascending; ``account`` and ``code`` (members,): position of the member
    and the number 0… of its community.
    """

    label: Ints
    account: Ints
    code: Ints

    @classmethod
    def of(cls, labels: Ints) -> Groups:
        """Members by label of every account, shape (accounts,); label -1 is nobody's."""
        member = np.flatnonzero(labels >= 0)
        order = member[np.argsort(labels[member], kind="stable")]
        label, code = np.unique(labels[order], return_inverse=True)
        return cls(label.astype(np.int64), order, code.astype(np.int64))

    def __len__(self) -> int:
        return len(self.label)

    @cached_property
    def size(self) -> Ints:
        """Members of each community, shape (communities,)."""
        return np.bincount(self.code, minlength=len(self)).astype(np.int64)

    @cached_property
    def start(self) -> Ints:
        """Where the members of each community begin, and the end, shape (communities + 1,)."""
        return np.concatenate([[0], np.cumsum(self.size)]).astype(np.int64)

    def parts(self) -> list[Ints]:
        """Accounts of each community."""
        return np.split(self.account, self.start[1:-1]) if len(self) else []

    def only(self, keep: NDArray[np.bool_]) -> Groups:
        """Some of the communities, ``keep`` of shape (communities,)."""
        member = keep[self.code]
        number = np.cumsum(keep) - 1
        return Groups(self.label[keep], self.account[member], number[self.code[member]])

    def median(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Median of the members' values (members,) in each community, shape (communities,)."""
        order = np.lexsort((values, self.code))
        low = self.start[:-1] + (self.size - 1) // 2
        high = self.start[:-1] + self.size // 2
        middle: NDArray[np.float64] = (values[order[low]] + values[order[high]]) / 2
        return middle


def entries(start: Ints, accounts: Ints) -> tuple[Ints, Ints]:
    """All entries of the accounts' rows in a row table: index into ``accounts``, and entry.

    Args:
        start: Row starts, shape (rows + 1,).
        accounts: Rows that are asked for, in any order.
    """
    size = start[accounts + 1] - start[accounts]
    member = np.repeat(np.arange(len(accounts)), size)
    offset = np.arange(len(member)) - np.repeat(np.cumsum(size) - size, size)
    return member, np.repeat(start[accounts], size) + offset
