"""Columns of sightings in another order, gathered when they are asked for and not copied.

At a million accounts tens of millions of edges stand in the order of accounts while the sightings
stand in that of identifiers: copies in every order would take gigabytes, and few of them are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def reordered(columns: Mapping[str, Column], order: NDArray[np.int64]) -> dict[str, Column]:
    """The same columns with their edges in another order; those that share rows go on to."""
    rows: dict[int, NDArray[np.int32]] = {}
    found: dict[str, Column] = {}
    for name, column in columns.items():
        if isinstance(column, Gathered):
            same = rows.get(id(column.rows))
            if same is None:
                same = rows[id(column.rows)] = column.rows[order]
            found[name] = Gathered(column.values, same, column.read)
        else:
            found[name] = column[order]
    return found
