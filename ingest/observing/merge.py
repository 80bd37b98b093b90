"""Totals over the days: one row per account and identifier, merged one range of codes at a time.

Codes are hashes, so ranges of equal width hold equally many rows, whatever a log says; what is
held at a time does not grow with the days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph_models.codes import refuse_collision
from ingest import sql

__all__ = ["Totals", "Uses", "merge_totals"]

ROWS_AT_A_TIME = 6_000_000
_BITS = 62  # days that one signed word of 64 bits counts
_LOW, _ALL = -(2**63), 2**64
COLUMNS = ("account", "count", "first", "last", "days", "claimed")


@dataclass(frozen=True, eq=False)
class Uses:
    """Who used which identifier, by code and account.

    ``degree``: (n,) accounts of each identifier. ``columns``: ``COLUMNS`` of all uses, one array a
    range of codes, times as they come from Arrow; who lays them together takes them out.
    """

    degree: NDArray[np.int32]
    columns: dict[str, list[NDArray[np.generic]]]


@dataclass(frozen=True)
class Totals:
    """What is merged.

    ``by_day``: SQL of sightings by day; ``told`` is the count where the register says it, else
    null. ``values``: SQL of code, kind and value.
    ``days``: the days that logs other than the register speak of.
    """

    by_day: str
    values: str
    days: Sequence[date]


def merge_totals(con: duckdb.DuckDBPyConnection, totals: Totals) -> tuple[pa.Table, Uses]:
    """All identifiers (code, kind, value) and their uses; needs ``account_at`` in ``con``.

    Raises:
        BadDataError: two values share a code.
    """
    rows = con.execute(f"SELECT count(*) FROM ({totals.by_day})").fetchall()[0][0]
    ranges = max(1, -(-int(rows) // ROWS_AT_A_TIME))
    edges = [_LOW + _ALL * i // ranges for i in range(ranges + 1)]
    query = _uses_sql(totals)
    names, degrees = [], []
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in COLUMNS}
    for low, high in pairwise(edges):
        within = f"code BETWEEN {low} AND {high - 1}"
        table = con.sql(query.format(within=within)).to_arrow_table()
        codes = table["code"].to_numpy()
        begins = np.flatnonzero(np.r_[len(codes) > 0, codes[1:] != codes[:-1]])
        names.append(_names(con, totals.values, within, codes[begins]))
        degrees.append(np.diff(np.r_[begins, len(codes)]).astype(np.int32))
        for name in COLUMNS:
            columns[name].append(table[name].to_numpy())
    return pa.concat_tables(names), Uses(np.concatenate(degrees), columns)


def _names(
    con: duckdb.DuckDBPyConnection, values: str, within: str, used: NDArray[np.int64]
) -> pa.Table:
    """Kind and value of the codes that are used; ``used`` ascends."""
    found = con.sql(
        "SELECT code, any_value(kind) AS kind, any_value(value) AS value, "
        "min(hash(kind, value)) <> max(hash(kind, value)) AS clash "
        f"FROM ({values}) WHERE {within} GROUP BY code ORDER BY code"
    ).to_arrow_table()
    known = found.take(pa.array(np.searchsorted(found["code"].to_numpy(), used)))
    if known["clash"].to_numpy().any():
        refuse_collision("identifier")
    return known.drop_columns("clash")


def _uses_sql(totals: Totals) -> str:
    """SQL of ``COLUMNS`` and code, by code and account, with a place for the range of codes.

    The register and the edge may both tell of one sign-up; it is one sighting.
    """
    return (
        "SELECT m.code, a.position AS account, m.first, m.last, "
        "CAST(m.every - m.told + m.told_most AS BIGINT) AS count, "
        "CAST(m.days AS INTEGER) AS days, CAST(m.claimed / m.every AS FLOAT) AS claimed FROM ("
        "SELECT code, account, sum(count) AS every, coalesce(sum(told), 0) AS told, "
        "coalesce(max(told), 0) AS told_most, min(first) AS first, max(last) AS last, "
        f"sum(claimed) AS claimed, {_days_sql(totals.days)} AS days "
        f"FROM ({totals.by_day}) WHERE {{within}} GROUP BY code, account"
        ") m JOIN account_at a ON m.account = a.account ORDER BY m.code, a.position"
    )


def _days_sql(days: Sequence[date]) -> str:
    """How many different days: bits for the days of logs, a list for those of the register."""
    words: list[date] = []
    for day in sorted(days):
        if not words or day > words[-1] + timedelta(days=_BITS - 1):
            words.append(day)
    spans = [(_day(start), _day(start + timedelta(days=_BITS - 1))) for start in words]
    bits = [
        f"coalesce(bit_count(bit_or(CASE WHEN day BETWEEN {start} AND {end} "
        f"THEN CAST(1 AS BIGINT) << (day - {start}) END)), 0)"
        for start, end in spans
    ]
    inside = " OR ".join(f"day BETWEEN {start} AND {end}" for start, end in spans) or "false"
    apart = f"told IS NOT NULL AND NOT ({inside})"  # only the register speaks of other days
    others = f"coalesce(len(list_distinct(list(day) FILTER (WHERE {apart}))), 0)"
    return " + ".join([*bits, others])


def _day(day: date) -> str:
    return f"DATE {sql.text(day.isoformat())}"
