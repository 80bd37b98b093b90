"""What else is known of an identifier: its prefix, its network, its name, whether it may link."""

from __future__ import annotations

import duckdb
import pandas as pd

from graph_models.kind import Kind
from graph_models.kinds import KINDS, kind_named
from graph_models.kinds.ip_address import IP_ADDRESS
from graph_models.kinds.payment_method import PAYMENT_METHOD

__all__ = ["card_prefixes", "describe"]

_KNOWN = frozenset(kind.name for kind in KINDS)


def describe(con: duckdb.DuckDBPyConnection, identifiers: pd.DataFrame) -> pd.DataFrame:
    """Add linkable, prefix, asn and label to a table with kind and value, sorted by kind.

    The label of a value is what its kind derives, else what an indicator without a role (knowledge
    of a shared service, not of a suspect) says of it. Needs ``rows_indicator`` and
    ``rows_http_request`` in ``con``.
    """
    parts = [_of_kind(kind_named(str(name)), own) for name, own in identifiers.groupby("kind")]
    columns = {"linkable": "bool", "prefix": "str", "asn": "str", "label": "str"}
    empty = identifiers.iloc[:0].assign(**{name: pd.Series(dtype=t) for name, t in columns.items()})
    found = pd.concat([empty, *parts]) if parts else empty
    shared = _labels(con)
    names = pd.Series(list(zip(found["kind"], found["value"], strict=True)), index=found.index)
    found["label"] = found["label"].fillna(names.map(shared).astype("str"))
    is_ip = found["kind"] == IP_ADDRESS.name
    seen = found["value"].where(is_ip).map(_networks(con)).astype("str")
    found["asn"] = found["asn"].fillna(seen)
    return found


def _of_kind(kind: Kind, own: pd.DataFrame) -> pd.DataFrame:
    values = own["value"].tolist()
    derived = [kind.derive(value) for value in values]
    properties = {
        name: pd.Series([item.get(name) for item in derived], index=own.index, dtype="str")
        for name in ("prefix", "asn", "label")
    }
    return own.assign(linkable=[kind.linkable(value) for value in values], **properties)


def _labels(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = con.execute(
        "SELECT kind, value, min(operator) FROM rows_indicator "
        "WHERE role IS NULL AND operator IS NOT NULL GROUP BY kind, value ORDER BY ALL"
    ).fetchall()
    cleaned = (
        (kind, kind_named(kind).clean(value), name) for kind, value, name in rows if kind in _KNOWN
    )
    return {(kind, value): name for kind, value, name in cleaned if value is not None}


def _networks(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The autonomous system that most requests from an address named; ties by name."""
    rows = con.execute(
        "SELECT ip, asn, count(*) AS n FROM rows_http_request WHERE asn IS NOT NULL "
        "GROUP BY ip, asn ORDER BY n, asn DESC, ip"
    ).fetchall()
    cleaned = ((IP_ADDRESS.clean(ip), asn) for ip, asn, _ in rows)
    return {ip: asn for ip, asn in cleaned if ip is not None}


def card_prefixes(con: duckdb.DuckDBPyConnection, identifiers: pd.DataFrame) -> pd.DataFrame:
    """The first digits that logs give of each payment method: columns identifier and bin.

    Needs ``rows_payment`` in ``con``; ``identifiers`` has kind and value, indexed by position.
    """
    rows = con.execute(
        "SELECT DISTINCT coalesce(psp, '') || '/' || payment_fingerprint, bin FROM rows_payment "
        "WHERE payment_fingerprint IS NOT NULL AND bin IS NOT NULL ORDER BY ALL"
    ).fetchall()
    own = identifiers.loc[identifiers["kind"] == PAYMENT_METHOD.name, "value"]
    place = pd.Series(own.index, index=own.to_numpy())
    known = pd.DataFrame(
        [(PAYMENT_METHOD.clean(raw), str(digits)) for raw, digits in rows],
        columns=["value", "bin"],
        dtype="str",
    )
    found = known.assign(identifier=known["value"].map(place)).dropna()
    return found[["identifier", "bin"]].astype({"identifier": "int64"})
