"""What else is known of an identifier: its prefix, its network, its name, whether it may link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graph_models.kind import Kind
from graph_models.kinds import KINDS, kind_named
from graph_models.kinds.ip_address import IP_ADDRESS
from graph_models.kinds.payment_method import PAYMENT_METHOD
from ingest.observing.coding import cleaned

__all__ = ["card_prefixes", "describe"]

_KNOWN = frozenset(kind.name for kind in KINDS)
AT_A_TIME = 200_000  # values that are Python's at a time: bounds memory
FACTS = pa.schema(
    [("linkable", pa.bool_()), *((name, pa.large_string()) for name in ("prefix", "asn", "label"))]
)


def describe(con: duckdb.DuckDBPyConnection, identifiers: pa.Table) -> pd.DataFrame:
    """Add linkable, prefix, asn and label to a table with kind and value, by kind and value.

    The label of a value is what its kind derives, else what an indicator without a role (knowledge
    of a shared service, not of a suspect) says of it. Needs ``rows_indicator`` and
    ``rows_http_request`` in ``con``.
    """
    told = {IP_ADDRESS.name: [_networks(con)]}
    for name, labels in _labels(con).items():
        told.setdefault(name, []).append(labels)
    parts = [
        _of_kind(kind, values, told.get(kind.name, ())) for kind, values in _by_kind(identifiers)
    ]
    facts = pa.concat_tables([FACTS.empty_table(), *parts])
    frame: pd.DataFrame = identifiers.to_pandas(split_blocks=True)
    for name in FACTS.names:
        frame[name] = facts[name].to_pandas()
    return frame


def _by_kind(identifiers: pa.Table) -> Iterator[tuple[Kind, pa.ChunkedArray]]:
    """The values of each kind: runs of a table that is sorted by kind."""
    runs = pc.run_end_encode(identifiers["kind"].combine_chunks())
    start = 0
    for name, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield kind_named(name), identifiers["value"].slice(start, end - start)
        start = end


def _of_kind(kind: Kind, values: pa.ChunkedArray, told: Sequence[pa.Table]) -> pa.Table:
    """``FACTS`` of values of a kind; each of ``told`` has value and one column of ``FACTS``."""
    steps = range(0, len(values), AT_A_TIME)
    found = pa.concat_tables(
        [FACTS.empty_table(), *(_derived(kind, values.slice(at, AT_A_TIME)) for at in steps)]
    )
    for known in told:
        name = known.column_names[-1]
        place = pc.index_in(values.cast(pa.large_string()), value_set=known["value"])
        said = known[name].take(place)
        filled = pc.coalesce(found[name], said)
        found = found.set_column(found.schema.get_field_index(name), name, filled)
    return found


def _derived(kind: Kind, values: pa.ChunkedArray) -> pa.Table:
    texts = values.to_pylist() if kind.derives or kind.refuses else []
    linkable = [kind.linkable(text) for text in texts] if kind.refuses else [True] * len(values)
    derived = [kind.derive(text) for text in texts] if kind.derives else []
    columns = {
        name: [item.get(name) for item in derived] if derived else [None] * len(values)
        for name in ("prefix", "asn", "label")
    }
    return pa.table({"linkable": linkable, **columns}, schema=FACTS)


def _labels(con: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """Kind → value and label."""
    rows = con.execute(
        "SELECT kind, value, min(operator) FROM rows_indicator "
        "WHERE role IS NULL AND operator IS NOT NULL GROUP BY kind, value ORDER BY ALL"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for kind, raw, name in rows:
        value = kind_named(kind).clean(raw) if kind in _KNOWN else None
        if value is not None:
            found.setdefault(kind, {})[value] = name
    return {
        kind: _texts({"value": list(own), "label": list(own.values())})
        for kind, own in found.items()
    }


def _networks(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Address (value) and the autonomous system that most of its requests named; ties by name."""
    raws = "SELECT DISTINCT ip FROM rows_http_request WHERE asn IS NOT NULL"
    con.register("addresses", cleaned(IP_ADDRESS, con.sql(raws).to_arrow_table()["ip"]))
    table = con.sql(
        "SELECT a.value, r.asn FROM (SELECT ip, asn, count(*) AS n FROM rows_http_request "
        "WHERE asn IS NOT NULL GROUP BY ip, asn) r JOIN addresses a ON r.ip = a.raw "
        "QUALIFY row_number() OVER (PARTITION BY a.value ORDER BY n DESC, r.asn) = 1"
    ).to_arrow_table()
    con.unregister("addresses")
    return _texts({name: table[name] for name in ("value", "asn")})


def _texts(columns: Mapping[str, list[str] | pa.ChunkedArray]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(own, pa.large_string())
            if isinstance(own, list)
            else own.cast(pa.large_string())
            for name, own in columns.items()
        }
    ).combine_chunks()


def card_prefixes(con: duckdb.DuckDBPyConnection, identifiers: pd.DataFrame) -> pd.DataFrame:
    """The first digits that logs give of each payment method: columns identifier and bin.

    Needs ``rows_payment`` in ``con``; ``identifiers`` has kind and value, indexed by position.
    """
    mine = np.flatnonzero((identifiers["kind"] == PAYMENT_METHOD.name).to_numpy())
    own = {"value": identifiers["value"].iloc[mine], "identifier": mine}
    con.register("methods", pa.table(own))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE card_digits AS "
        "SELECT DISTINCT coalesce(psp, '') || '/' || payment_fingerprint AS raw, bin "
        "FROM rows_payment WHERE payment_fingerprint IS NOT NULL AND bin IS NOT NULL"
    )
    raws = con.sql("SELECT DISTINCT raw FROM card_digits").to_arrow_table()["raw"]
    con.register("cards", cleaned(PAYMENT_METHOD, raws))
    table = con.sql(
        "SELECT m.identifier, CAST(d.bin AS VARCHAR) AS bin FROM card_digits d "
        "JOIN cards c ON d.raw = c.raw JOIN methods m ON c.value = m.value ORDER BY ALL"
    ).to_arrow_table()
    con.unregister("methods")
    con.unregister("cards")
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype({"identifier": "int64", "bin": "str"})
