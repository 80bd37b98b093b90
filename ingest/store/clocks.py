"""Is the clock of a source right? Told from rows ahead of now, and from requests seen twice.

The edge and the gateway log one request under one id; if their times differ by the same amount
throughout, one of the two clocks, or its zone, is wrong. Nothing is corrected: the report says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

from ingest import sql
from ingest.events import event_named
from ingest.store.manifest import Manifest
from ingest.store.packages import Load, Part, part_path
from ingest.store.storage import Layout, parquet_list

__all__ = ["clock_notes"]

AHEAD = timedelta(minutes=5)  # clocks that are kept differ by less
SKEW = 120.0  # seconds: a request that streams for longer is logged at its end by some
FEWEST = 20  # shared requests; fewer say nothing of a clock
PARTS = 3  # days of a load that are compared: a clock is wrong on all of them
# Kinds that log one request, and the column that names it.
_SAME = {"http_request": ("request_id", "exchange"), "exchange": ("exchange_id", "http_request")}


def clock_notes(
    con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, load: Load, now: datetime
) -> tuple[str, ...]:
    """Warnings about the clock of a load; ``manifest`` holds the load already, ``now`` is UTC."""
    found = [_ahead(con, layout, load, now), _skew(con, layout, manifest, load)]
    return tuple(note for note in found if note)


def _ahead(con: duckdb.DuckDBPyConnection, layout: Layout, load: Load, now: datetime) -> str:
    limit = sql.text((now + AHEAD).strftime("%Y-%m-%d %H:%M:%S"))
    counts = [
        f"SELECT count(*) AS n FROM {_file(layout, load, part)} "
        f"WHERE {event_named(part.event).ts} > TIMESTAMP {limit}"
        for part in load.parts
        if not event_named(part.event).column(event_named(part.event).ts).future
    ]
    if not counts:
        return ""
    rows = con.execute(f"SELECT sum(n) FROM ({' UNION ALL '.join(counts)})").fetchall()[0][0]
    if not rows:
        return ""
    return (
        f"{rows:,} rows are ahead of this machine's clock: check the zone that the source writes, "
        "or its clock."
    )


def _skew(con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, load: Load) -> str:
    queries = []
    for part in [item for item in load.parts if item.event in _SAME][:PARTS]:
        own, other = _SAME[part.event]
        bucket = manifest.buckets.get((other, part.bucket))
        if bucket is not None:
            queries.append(
                f"SELECT epoch(a.ts) - epoch(b.ts) AS seconds, {sql.text(other)} AS other "
                f"FROM {_file(layout, load, part)} a JOIN {parquet_list(bucket.paths(layout))} b "
                f"ON a.{own} = b.{_SAME[other][0]}"
            )
    if not queries:
        return ""
    rows, seconds, other = con.execute(
        f"SELECT count(*), median(seconds), min(other) FROM ({' UNION ALL '.join(queries)})"
    ).fetchall()[0]
    if rows < FEWEST or abs(seconds) < SKEW:
        return ""
    way = "ahead of" if seconds > 0 else "behind"
    return (
        f"The clock of this source is {_spelled(abs(seconds))} {way} that of the {other} rows "
        f"({rows:,} requests that both logged): check its zone or its clock."
    )


def _spelled(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def _file(layout: Layout, load: Load, part: Part) -> str:
    return parquet_list([part_path(layout, load.load_id, part.name)])
