"""A dry run: what a mapping would make of the sampled records that it knows (formats.md §5.6)."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import orjson

from graph_models.text import inert
from ingest import sql
from ingest.events import event_named
from ingest.mapping.envelopes import unwrapped
from ingest.mapping.model import Mapping
from ingest.mapping.readers import KindTable, read_lines
from ingest.protection.protect import Protector

__all__ = ["Trial", "dry_run"]

EXAMPLE = 40  # signs of an example value


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a dry run gave.

    ``accepted`` and ``problems`` are shares of the records, 0..1, ``filled`` is the share of the
    canonical columns (of all kinds that came out) with a value; ``first`` and ``last`` are times of
    the first kind, UTC. ``examples`` shows a value of each column, inert; ``reasons`` counts what
    was wrong.
    """

    records: int
    accepted: float
    problems: float
    filled: float
    first: datetime | None
    last: datetime | None
    kinds: Table[str, int]
    examples: Table[str, str]
    reasons: Table[str, int]

    @property
    def worth(self) -> tuple[float, float, float]:
        """What to compare by: fewest problems, most accepted, most filled."""
        return (-round(self.problems, 2), round(self.accepted, 2), round(self.filled, 2))


def dry_run(
    con: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    records: Sequence[Table[str, Any]],
    *,
    now: datetime,
) -> Trial:
    """Read some records through a mapping and say what came out; nothing is kept."""
    lines = [
        orjson.dumps(inner, default=str).decode()
        for record in records
        for inner in unwrapped(record, mapping)[1]
    ]
    reading = read_lines(con, lines, mapping, now=now)
    try:
        tables = [item for item in reading.tables if item.rows] or [reading.tables[0]]
        every = max(1, len(lines))
        reasons = con.execute(
            f"SELECT \"column\" || ': ' || reason, count(*) FROM {reading.rejected} "
            "GROUP BY ALL ORDER BY 2 DESC, 1"
        ).fetchall()
        first, last = _span(con, tables[0])
        return Trial(
            records=len(lines),
            accepted=round(reading.accepted_rows / every, 4),
            problems=round(reading.rejected_rows / every, 4),
            filled=_filled(tables),
            first=first,
            last=last,
            kinds={item.kind: item.rows for item in reading.tables if item.rows},
            examples=_examples(con, tables[0]),
            reasons=dict(reasons),
        )
    finally:
        reading.drop(con)


def _filled(tables: Sequence[KindTable]) -> float:
    columns = sum(len(event_named(item.kind).columns) for item in tables)
    return round(1 - sum(len(item.lacking) for item in tables) / columns, 4)


def _span(
    con: duckdb.DuckDBPyConnection, item: KindTable
) -> tuple[datetime | None, datetime | None]:
    ts = sql.name(event_named(item.kind).ts)
    first, last = con.execute(f"SELECT min({ts}), max({ts}) FROM {item.table}").fetchall()[0]
    return first, last


def _examples(con: duckdb.DuckDBPyConnection, item: KindTable) -> dict[str, str]:
    """The first value of each column, as it would be stored under a throwaway key."""
    Protector(b"dry run only, never stored").protect(con, item.table, item.kind)
    names = [
        column.name
        for column in event_named(item.kind).columns
        if column.cls != "content" and column.name not in item.lacking
    ]
    firsts = ", ".join(
        f"first(CAST({n} AS VARCHAR) ORDER BY row) FILTER ({n} IS NOT NULL)"
        for n in map(sql.name, names)
    )
    values = con.execute(f"SELECT {firsts} FROM {item.table}").fetchall()[0] if names else ()
    return {
        name: inert(value, limit=EXAMPLE)
        for name, value in zip(names, values, strict=True)
        if value is not None
    }
