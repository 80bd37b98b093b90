"""Columns of sightings in another order, gathered when they are asked for and not copied.

At a million accounts tens of millions of edges stand in the order of accounts while the sightings
stand in that of identifiers: copies in every order would take gigabytes, and few of them are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Gathered", "reordered"]


@dataclass(frozen=True, eq=False)
class Gathered:
    """``column[edges]`` are values of some edges, ``column[:]`` those of all.

    ``values`` (rows,) in any order; ``rows`` (edges,) the row of each edge; ``read`` makes what is
    stored into what is meant.
    """

    values: NDArray[Any]
    rows: NDArray[np.int32]
    read: Callable[[NDArray[Any]], NDArray[Any]]

    def __getitem__(self, edges: Any) -> NDArray[Any]:
        return self.read(self.values[self.rows[edges]])

    def __len__(self) -> int:
        return len(self.rows)


Column = NDArray[Any] | Gathered


def reordered(columns: Sequence[Column], order: NDArray[np.int64]) -> list[Column]:
    """The same columns with their edges in another order; those that share rows go on to."""
    rows: dict[int, NDArray[np.int32]] = {}
    found: list[Column] = []
    for column in columns:
        if isinstance(column, Gathered):
            if id(column.rows) not in rows:
                rows[id(column.rows)] = column.rows[order]
            found.append(Gathered(column.values, rows[id(column.rows)], column.read))
        else:
            found.append(column[order])
    return found
