"""Merged totals → the tables of identifiers and sightings: positions by kind and value, no copy."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.observations import COLUMNS
from ingest.observing.merge import Uses

__all__ = ["named_identifiers", "placed_sightings"]


def named_identifiers(
    con: duckdb.DuckDBPyConnection, names: pa.Table, degree: NDArray[np.int32]
) -> tuple[pa.Table, NDArray[np.int32]]:
    """All identifiers by kind and value.

    Returns:
        code, kind, value, accounts; and where each of them stands among ``names``: (n,).
    """
    at = np.arange(len(degree), dtype=np.int32)
    whole = names.append_column("accounts", pa.array(degree)).append_column("at", pa.array(at))
    parts = [whole.slice(0, 0)]
    # One kind at a time: sorting takes several times the room of what it sorts.
    for kind in sorted(pc.unique(whole["kind"]).to_pylist()):
        con.register("unplaced", whole.filter(pc.equal(whole["kind"], kind)))
        parts.append(con.sql("SELECT * FROM unplaced ORDER BY value").to_arrow_table())
        con.unregister("unplaced")
    table = pa.concat_tables(parts)
    return table.drop_columns("at"), table["at"].to_numpy()


def placed_sightings(uses: Uses, at: NDArray[np.int32]) -> pd.DataFrame:
    """The sightings by identifier and account; takes the columns out of ``uses``.

    Args:
        uses: Who used which identifier, by code and account.
        at: (n,) where each identifier stands among them.
    """
    begins = np.cumsum(uses.degree, dtype=np.int64) - uses.degree
    own = uses.degree[at]
    ends = np.cumsum(own, dtype=np.int64)
    # Uses of one identifier lie together and by account: whole runs move, nothing is sorted.
    source = np.repeat(begins[at] - (ends - own), own)
    source += np.arange(len(source))
    types = COLUMNS["sightings"]
    columns: dict[str, NDArray[np.generic]] = {}
    for name, type_ in types.items():
        if name == "identifier":
            columns[name] = np.repeat(np.arange(len(at), dtype=np.int32), own)
        else:
            whole = np.concatenate(uses.columns.pop(name))
            columns[name] = whole[source].astype(type_, copy=False)
    return pd.DataFrame(columns, copy=False)
