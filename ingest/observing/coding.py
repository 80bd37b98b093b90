"""Raw values → clean values → 64-bit codes, once for each distinct value of a day."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph_models.cleaning import MAX_VALUE, NOTHING
from graph_models.codes import codes
from graph_models.kind import Kind
from ingest.observing.queries import coded_name, queries_of

__all__ = ["cleaned", "code_raws", "code_values"]

_NOTHING = pa.array(sorted(NOTHING), pa.large_string())


def cleaned(kind: Kind, raws: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Raw texts with their clean values, in no order; those that identify nothing are left out.

    Texts of the kind's plain form are their own clean values; only the others pass through
    ``clean``, one at a time.
    """
    texts = pc.cast(raws, pa.large_string())
    plain = _is_plain(kind, texts)
    as_it_is = texts.filter(plain)
    odd = [(raw, kind.clean(raw)) for raw in texts.filter(pc.invert(plain)).to_pylist()]
    kept = [(raw, value) for raw, value in odd if value is not None]
    names = ("raw", "value")
    rest = {
        name: pa.array([pair[i] for pair in kept], pa.large_string())
        for i, name in enumerate(names)
    }
    return pa.concat_tables(
        [pa.table(dict.fromkeys(names, as_it_is)), pa.table(rest)]
    ).combine_chunks()


def _is_plain(kind: Kind, texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if not kind.plain:
        return pc.is_null(texts)  # no text is
    whole = pc.match_substring_regex(texts, rf"\A(?:{kind.plain})\z")
    short = pc.less_equal(pc.binary_length(texts), MAX_VALUE)
    refused = pa.concat_arrays([_NOTHING, pa.array(sorted(kind.not_plain), pa.large_string())])
    named = pc.invert(pc.is_in(pc.ascii_lower(texts), refused))
    return pc.and_(pc.and_(whole, short), named)


def code_raws(con: duckdb.DuckDBPyConnection, place: int, kind: Kind, raws: str) -> bool:
    """Register the relation ``coded_name(place)``: raw, code, value.

    Args:
        con: The session.
        place: Which source of its event it is.
        kind: What the values are.
        raws: SQL of the distinct raw values, column ``raw``.

    Returns:
        Whether no two raw values have one code.
    """
    known = cleaned(kind, con.sql(raws).to_arrow_table()["raw"])
    own = codes(kind.name, known["value"])
    con.register(coded_name(place), known.append_column("code", pa.array(own)))
    ordered = np.sort(own)
    return not (ordered[1:] == ordered[:-1]).any()


def code_values(con: duckdb.DuckDBPyConnection, event: str) -> None:
    """Register the relations that the queries over the rows of an event kind join.

    Needs the view of the event in ``con``. Values that identify nothing get no code.
    """
    for place, queries in enumerate(queries_of(event)):
        code_raws(con, place, queries.kind, queries.raws)
