"""Sorted names of one kind, searched by halving: exact, by beginning, and the nearest ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Names", "in_order", "with_names"]


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

    def span(self, beginning: str) -> tuple[int, int]:
        """The positions of names that start so: the first, and the one after the last."""
        places = range(len(self.values))
        cut = len(beginning)
        last = bisect_right(places, beginning, key=lambda at: self.values[at].as_py()[:cut])
        return self.offset + self._place(beginning), self.offset + last

    def span_folded(self, beginning: str) -> tuple[int, int]:
        """As ``span``, over the folded order: how many begin so when case is set aside."""
        low = beginning.lower()
        cut = len(low)

        def start(place: int) -> str:
            return str(self.folded[int(place)].as_py())[:cut]

        order = self.by_folded
        return bisect_left(order, low, key=start), bisect_right(order, low, key=start)

    def near(self, name: str, count: int = 3) -> list[str]:
        """The names that stand next to where this one would, for a helpful refusal."""
        place = self._place(name)
        first = max(0, min(place - count // 2, len(self.values) - count))
        return [value.as_py() for value in self.values[first : first + count]]

    def _place(self, name: str) -> int:
        places = range(len(self.values))
        return bisect_left(places, name, key=lambda place: self.values[place].as_py())


def with_names(
    table: pa.Table, name: str, kind: NDArray[np.int16] | None = None
) -> tuple[pa.Table, NDArray[np.int32]]:
    """The table with a lower-case column, and positions within each kind in that column's order."""
    folded = _folded(table[name])
    group = np.zeros(len(folded), dtype=np.int16) if kind is None else kind
    by = in_order(pa.table({"kind": group, "folded": folded, "value": table[name]}))
    first = np.searchsorted(group, group)
    return table.append_column("folded", folded), (by - first).astype(np.int32)


def in_order(keys: pa.Table) -> NDArray[np.int64]:
    """Places of rows in the order of all columns, (rows,); the first column is a number.

    Names mostly stand in order already, and to sort millions of texts is dear.
    """
    group = keys.column(0).to_numpy()
    places = np.argsort(group, kind="stable")
    there = keys.take(pa.array(places))
    if _ascending(group[places], [there.column(i) for i in range(1, keys.num_columns)]):
        return places
    by = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
    found: NDArray[np.int64] = by.to_numpy().astype(np.int64)
    return found


def _ascending(group: NDArray[Any], columns: list[pa.ChunkedArray]) -> bool:
    """Whether within each group every column alone ascends, which is enough for all of them."""
    same = group[1:] == group[:-1]
    return all(
        bool((pc.greater_equal(one.slice(1), one.slice(0, len(same))).to_numpy() | ~same).all())
        for one in columns
    )


def _folded(names: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names as searches fold them: by Python's rules, which differ from Arrow's beyond ASCII."""
    if pc.all(pc.string_is_ascii(names)).as_py() is not False:
        return pc.ascii_lower(names).cast(pa.large_string())
    lower = [value.lower() for value in names.to_pylist()]
    return pa.chunked_array([pa.array(lower, type=pa.large_string())])
