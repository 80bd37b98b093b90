"""Raw values → clean values → 64-bit codes: in Python, but once for each distinct value."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from graph_models.codes import codes
from graph_models.kind import Kind
from ingest.observing.aggregate import coded_name, queries_of

__all__ = ["VALUES", "code_values"]

VALUES = pa.schema([("code", pa.int64()), ("kind", pa.string()), ("value", pa.string())])


def code_values(con: duckdb.DuckDBPyConnection, event: str) -> pa.Table:
    """Register the relations that the queries of an event kind join.

    Needs the view of the event in ``con``. Values that identify nothing get no code.

    Returns:
        ``VALUES``: the distinct clean values that occur.
    """
    tables = [VALUES.empty_table()]
    for place, queries in enumerate(queries_of(event)):
        raws = con.sql(f"SELECT raw FROM ({queries.raws}) ORDER BY raw").to_arrow_table()["raw"]
        coded, values = _coded(queries.kind, raws.to_pylist())
        con.register(coded_name(place), coded)
        tables.append(values)
    return pa.concat_tables(tables).group_by(VALUES.names, use_threads=False).aggregate([])


def _coded(kind: Kind, raws: list[str]) -> tuple[pa.Table, pa.Table]:
    pairs = [(raw, value) for raw in raws if (value := kind.clean(raw)) is not None]
    values = [value for _, value in pairs]
    own = pa.array(codes(kind.name, values))
    coded = pa.table({"raw": pa.array([raw for raw, _ in pairs], pa.string()), "code": own})
    names = pa.array([kind.name] * len(values), pa.string())
    return coded, pa.table([own, names, pa.array(values, pa.string())], schema=VALUES)
