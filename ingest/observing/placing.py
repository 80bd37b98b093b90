"""Merged totals → the tables of identifiers and sightings: positions by kind and value, no copy."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.observations import COLUMNS
from ingest.observing.merge import Uses

__all__ = ["named_identifiers", "placed_sightings"]


def named_identifiers(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Uses]
) -> tuple[pa.Table, NDArray[np.int32]]:
    """All identifiers by kind and value.

    Returns:
        code, kind, value, accounts; and of each of them, where it stands in the parts, laid
        together: (n,).
    """
    names = pa.concat_tables([part.names for part in parts])
    degree = np.concatenate([part.degree for part in parts]).astype(np.int32)
    at = pa.array(np.arange(len(degree), dtype=np.int32))
    con.register(
        "unplaced", names.append_column("accounts", pa.array(degree)).append_column("at", at)
    )
    table = con.sql("SELECT * FROM unplaced ORDER BY kind, value").to_arrow_table()
    con.unregister("unplaced")
    return table.drop_columns("at"), table["at"].to_numpy()


def placed_sightings(parts: Sequence[Uses], at: NDArray[np.int32]) -> pd.DataFrame:
    """The sightings by identifier and account; takes the columns out of the parts.

    Args:
        parts: The uses, each by code and account.
        at: (n,) where each identifier stands in the parts.
    """
    degree = np.concatenate([part.degree for part in parts])
    begins = np.cumsum(degree) - degree
    own = degree[at]
    ends = np.cumsum(own)
    # Uses of one identifier lie together and by account: whole runs move, nothing is sorted.
    source = np.repeat(begins[at] - (ends - own), own)
    source += np.arange(len(source))
    columns: dict[str, NDArray[np.generic]] = {
        "identifier": np.repeat(np.arange(len(at), dtype=np.int32), own)
    }
    types = COLUMNS["sightings"]
    for name in [name for name in types if name != "identifier"]:
        whole = np.concatenate([part.columns.pop(name) for part in parts])
        columns[name] = whole[source].astype(types[name], copy=False)
    return pd.DataFrame({name: columns[name] for name in types}, copy=False)
