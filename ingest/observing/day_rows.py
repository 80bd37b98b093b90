"""The rows of one event kind and day by account: a file that is mapped, not read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["DayRows"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DayRows:
    """The rows that count of one event kind and day, by account.

    ``accounts``: their codes, ascending; the rows of the n-th are ``rows[starts[n]:starts[n + 1]]``
    with fields ts, row, load (a place in ``loads``) and, by kind, the place in ``values[kind]`` of
    the code of the value that it shows, from 1; 0 where it shows none.
    """

    loads: Sequence[str]
    accounts: Ints
    starts: Ints
    rows: NDArray[np.void]
    values: Mapping[str, Ints]

    def of(self, accounts: Ints) -> tuple[NDArray[np.void], Ints]:
        """The rows of some accounts, by ascending codes, and the account of each row."""
        at = np.searchsorted(self.accounts, accounts)
        at = at[self.accounts[np.minimum(at, len(self.accounts) - 1)] == accounts]
        start, stop = self.starts[at], self.starts[at + 1]
        found = [self.rows[a:b] for a, b in zip(start.tolist(), stop.tolist(), strict=True)]
        rows = np.concatenate([self.rows[:0], *found])
        return rows, np.repeat(self.accounts[at], stop - start)

    def codes_of(self, name: str, rows: NDArray[np.void]) -> tuple[Ints, NDArray[np.bool_]]:
        """The codes that rows show in a field, and whether they show any."""
        if not len(self.values[name]):
            return np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
        place = rows[name].astype(np.int64)
        return self.values[name][place - 1], place > 0

    def save(self, path: Path) -> None:
        """Write it so that it can be mapped; whole or not at all."""
        arrays = {"accounts": self.accounts, "starts": self.starts, "rows": self.rows}
        arrays |= {f"values.{name}": own for name, own in self.values.items()}
        about = {"loads": list(self.loads), "fields": self.rows.dtype.descr}
        columns = {name: pa.array([array.tobytes()], pa.large_binary())
                   for name, array in arrays.items()}  # fmt: skip
        table = pa.table(columns).replace_schema_metadata({"about": json.dumps(about)})
        fresh = path.with_name(f".{os.getpid()}.{path.name}")
        with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        fresh.replace(path)

    @classmethod
    def open(cls, path: Path) -> DayRows:
        """Map what ``save`` wrote."""
        table = pa.ipc.open_file(pa.memory_map(str(path), "r")).read_all()
        about = json.loads(table.schema.metadata[b"about"])
        raw = {name: table[name][0].as_buffer() for name in table.column_names}
        fields = np.dtype([tuple(one) for one in about["fields"]])
        return cls(
            loads=about["loads"],
            accounts=np.frombuffer(raw["accounts"], np.int64),
            starts=np.frombuffer(raw["starts"], np.int64),
            rows=np.frombuffer(raw["rows"], fields),
            values={
                name.removeprefix("values."): np.frombuffer(buffer, np.int64)
                for name, buffer in raw.items()
                if name.startswith("values.")
            },
        )
