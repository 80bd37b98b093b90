"""Back from numbers to rows: what was stored of a row of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.errors import UsageError
from ingest.store.packages import Load, part_path
from ingest.store.storage import parquet_list, session

if TYPE_CHECKING:
    from ingest.store.snapshots import Snapshot

__all__ = ["rows"]


def rows(snapshot: Snapshot, file: str, numbers: Sequence[int] | NDArray[np.int64]) -> pd.DataFrame:
    """The stored rows of one file by number, ordered by number; columns without a value left out.

    Raises:
        UsageError: no load of the snapshot has that name or id.
    """
    chosen = [load for load in snapshot.loads if file in (load.load_id, load.file)]
    if not chosen:
        raise UsageError(
            f"No load of this snapshot is called {file!r}.",
            fix="List the files with: workbench snapshots",
        )
    frames = [_stored(snapshot, load, numbers) for load in chosen]
    found = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return found.sort_values("row", kind="stable", ignore_index=True).dropna(
        axis="columns", how="all"
    )


def _stored(
    snapshot: Snapshot, load: Load, numbers: Sequence[int] | NDArray[np.int64]
) -> pd.DataFrame:
    paths = [part_path(snapshot.layout, load.load_id, part.name) for part in load.parts]
    if not paths:
        return pd.DataFrame({"row": pd.Series(dtype="int64")})
    with session(snapshot.layout) as con:
        con.register("wanted", pa.table({"row": np.unique(np.asarray(numbers, dtype=np.int64))}))
        table = con.sql(
            "SELECT p.* EXCLUDE (row_hash, event, account) "
            f"FROM {parquet_list(paths)} p SEMI JOIN wanted w ON p.row = w.row ORDER BY p.row"
        ).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas()
    return frame
