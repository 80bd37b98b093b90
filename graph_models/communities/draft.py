"""A community before it is assessed: who is in it, how firmly, and what chance makes of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.families import missing_from

__all__ = ["Draft", "community_name"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Draft:
    """One community. Arrays are aligned with ``accounts`` (positions, ascending).

    ``tier``: "core", "probable" or "possible". ``share``: part of each member's exchanges that
    belongs to the community, 0..1. ``frames``: identifier positions of the prompt clusters of its
    common work, empty when there is none. ``strength``: root of the summed squares of
    the bits by which its links exceed the threshold. ``traces`` (members, ``membership.TRACES``):
    what ``confidence``, the probability that each member belongs, was told from.
    """

    community: str
    accounts: NDArray[np.int32]
    tier: NDArray[np.str_]
    confidence: NDArray[np.float64]
    traces: NDArray[np.float64]
    share: NDArray[np.float64]
    cell: NDArray[np.object_]
    frames: NDArray[np.int32]
    strength: float
    held_together: float
    robust_to: tuple[str, ...]
    chance_p: float

    def __post_init__(self) -> None:
        columns = (self.tier, self.confidence, self.traces, self.share, self.cell)
        sizes = {len(column) for column in columns}
        if sizes != {len(self.accounts)}:
            raise ValueError(f"{self.community}: the columns of its members differ in length.")

    @property
    def accused(self) -> NDArray[np.int32]:
        """Positions of core and probable members."""
        accused: NDArray[np.int32] = self.accounts[self.tier != "possible"]
        return accused

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Families without any one of which most members no longer stand together."""
        return missing_from(self.robust_to)

    @property
    def fragile(self) -> bool:
        """Whether the loss of some one family breaks it up: one source could be wrong or forged."""
        return bool(self.rests_on)

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of its cells, sorted."""
        return tuple(sorted({str(cell) for cell in self.cell if cell}))


def community_name(prefix: str, account: str) -> str:
    """A stable name: prefix and a hash of the id of the earliest-created core member."""
    return prefix + hashlib.blake2b(account.encode(), digest_size=6).hexdigest()
