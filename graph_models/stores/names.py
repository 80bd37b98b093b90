"""Sorted names of one kind, searched by halving: exact, by beginning, and the nearest ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Names"]


@dataclass(frozen=True, eq=False)
class Names:
    """Names in ascending order; ``folded`` are their lower-case forms, ``by_folded`` sorts those.

    ``offset`` is added to every position that is answered: a kind is a slice of a longer table.
    """

    values: pa.Array
    folded: pa.Array
    by_folded: NDArray[np.int32]
    offset: int = 0

    def position(self, name: str) -> int | None:
        """Where exactly this name stands, or None."""
        place = self._place(name)
        found = place < len(self.values) and self.values[place].as_py() == name
        return self.offset + place if found else None

    def starting(self, beginning: str) -> Iterator[int]:
        """Positions of names that start so, in order."""
        for place in range(self._place(beginning), len(self.values)):
            if not self.values[place].as_py().startswith(beginning):
                return
            yield self.offset + place

    def starting_folded(self, beginning: str) -> Iterator[int]:
        """Positions of names that start so when case is set aside, in folded order."""
        low = beginning.lower()
        order = self.by_folded
        first = bisect_left(order, low, key=lambda place: self.folded[place].as_py())
        for place in order[first:]:
            if not self.folded[int(place)].as_py().startswith(low):
                return
            yield self.offset + int(place)

    def near(self, name: str, count: int = 3) -> list[str]:
        """The names that stand next to where this one would, for a helpful refusal."""
        place = self._place(name)
        first = max(0, min(place - count // 2, len(self.values) - count))
        return [value.as_py() for value in self.values[first : first + count]]

    def _place(self, name: str) -> int:
        places = range(len(self.values))
        return bisect_left(places, name, key=lambda place: self.values[place].as_py())
