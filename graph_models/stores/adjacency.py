"""Who neighbours whom, as memory-mapped arrays: a point look-up touches one slice.

Compressed sparse rows: the neighbours of node ``i`` are ``ends[starts[i]:starts[i + 1]]``, in the
order in which they are shown, so that a page of an expansion is a slice too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Adjacency"]


@dataclass(frozen=True, eq=False)
class Adjacency:
    """One direction of one relation. ``rows`` point into that relation's table of properties."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int32]
    rows: NDArray[np.int32]

    def __post_init__(self) -> None:
        if len(self.ends) != len(self.rows) or int(self.starts[-1]) != len(self.ends):
            raise ValueError("An adjacency needs one row per end, and starts that cover them all.")

    @classmethod
    def build(
        cls,
        sources: NDArray[np.int32],
        ends: NDArray[np.int32],
        *,
        size: int,
        order: Sequence[NDArray[np.generic]],
        rows: NDArray[np.int32] | None = None,
    ) -> Adjacency:
        """Group ``ends`` by their source, each group sorted by the keys in ``order``.

        ``size`` is the number of nodes on the source's side; ``rows`` defaults to 0, 1, 2 …
        """
        by = np.lexsort((*reversed(order), sources))
        starts = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(sources, minlength=size), out=starts[1:])
        numbers = np.arange(len(ends), dtype=np.int32) if rows is None else rows
        return cls(starts, ends[by].astype(np.int32), numbers[by].astype(np.int32))

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]], name: str) -> Adjacency:
        """Take the three arrays that ``arrays(name)`` named."""
        return cls(*(arrays[f"{name}.{part}"] for part in ("starts", "ends", "rows")))  # type: ignore[arg-type]

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The three arrays under names of their own, for saving."""
        return {f"{name}.starts": self.starts, f"{name}.ends": self.ends, f"{name}.rows": self.rows}

    def of(self, node: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Neighbours of one node and the rows of the edges to them, in order."""
        here = slice(int(self.starts[node]), int(self.starts[node + 1]))
        return self.ends[here], self.rows[here]

    def degree(self, node: int) -> int:
        """How many neighbours a node has."""
        return int(self.starts[node + 1] - self.starts[node])

    def among(
        self, nodes: NDArray[np.int64], ends: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """All edges from ``nodes`` to ``ends``: sources, ends and rows, one entry an edge.

        Without ``ends`` it is all edges from ``nodes``.
        """
        lengths = self.starts[nodes + 1] - self.starts[nodes]
        before = np.cumsum(lengths) - lengths
        flat = np.repeat(self.starts[nodes] - before, lengths) + np.arange(lengths.sum())
        if ends is None:
            return np.repeat(nodes, lengths), self.ends[flat], self.rows[flat]
        kept = np.isin(self.ends[flat], ends)
        return np.repeat(nodes, lengths)[kept], self.ends[flat[kept]], self.rows[flat[kept]]
