"""From rows to sightings by day and activity by hour, as Ibis expressions.

The expressions name tables and know no engine: compiled for DuckDB here, they run unchanged on
PySpark where one machine is outgrown (reference/scale.md §2).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import ibis
from ibis import Table, _
from ibis.expr.types import BooleanValue, StringValue

from graph_models.kind import Kind, Source
from graph_models.kinds import KINDS
from ingest.events import EventKind, event_named
from ingest.views import view_name

__all__ = [
    "PSEUDO",
    "activity_sql",
    "by_day",
    "raw_sightings_sql",
    "source_rows_sql",
    "sources_of",
]

PSEUDO = "account"  # the account itself, "seen" on a day: gives its days, first and last
TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "TIMESTAMP": "timestamp(6)",
    "BOOLEAN": "boolean",
}


def _rows(event: EventKind) -> Table:
    columns = {
        column.name: TYPES[column.sql_type] for column in event.columns if column.cls != "content"
    }
    columns |= {"account": "int64", "event": "int64", "row": "int64", "load_id": "string"}
    return ibis.table(columns, name=view_name(event.name))


def sources_of(event: str) -> Iterator[tuple[Kind, Source]]:
    """The kinds of identifier that an event kind shows, with where. Prompts are clustered apart."""
    for kind in KINDS:
        for source in kind.sources:
            if source.event == event:
                yield kind, source


def _joined(rows: Table, source: Source) -> StringValue:
    *before, last = (rows[name].cast("string") for name in source.columns)
    value = last
    for column in reversed(before):
        value = column.fill_null("") + "/" + value
    return value


def _claimed(rows: Table, event: EventKind, source: Source) -> BooleanValue:
    if all(column.name != "claimed" for column in event.columns):
        return ibis.literal(value=False)
    listed = "," + rows.claimed.fill_null("") + ","
    tests = [listed.contains(f",{name},") for name in source.columns]
    return tests[0] if len(tests) == 1 else ibis.or_(*tests)


def _seen(event: EventKind, kind: Kind, source: Source) -> Table:
    """One row a sighting: account, raw value, time, whether the caller wrote it, load and row."""
    rows = _rows(event)
    for column, value in source.where.items():
        rows = rows.filter(rows[column] == value)
    return rows.select(
        rows.account,
        rows.load_id,
        rows.row,
        kind=ibis.literal(kind.name),
        raw=_joined(rows, source),
        ts=rows[event.ts],
        claimed=_claimed(rows, event, source),
    ).filter(_.raw.notnull() & _.account.notnull())


def _account_seen(event: EventKind) -> Table:
    rows = _rows(event)
    return rows.select(
        rows.account,
        kind=ibis.literal(PSEUDO),
        raw=rows.account_id,
        ts=rows[event.ts],
        claimed=ibis.literal(value=False),
    ).filter(_.account.notnull())


def by_day(seen: Table) -> Table:
    """Account × raw value × day: count, first, last, how many the caller wrote himself."""
    return (
        seen.group_by(kind=seen.kind, account=seen.account, raw=seen.raw, day=seen.ts.date())
        .aggregate(
            count=seen.count(),
            first=seen.ts.min(),
            last=seen.ts.max(),
            claimed=seen.claimed.cast("int64").sum(),
        )
        .select("kind", "account", "raw", "day", "count", "first", "last", "claimed")
    )


@functools.cache
def raw_sightings_sql(event: str) -> tuple[str, ...]:
    """DuckDB SQL, one query a source of the event, over its view (``views.view_name``).

    Columns: kind, account, raw, day, count, first, last, claimed. The first query is the account
    itself (``PSEUDO``).
    """
    own = event_named(event)
    tables = [_account_seen(own), *(_seen(own, *pair) for pair in sources_of(event))]
    return tuple(str(ibis.to_sql(by_day(table), dialect="duckdb")) for table in tables)


@functools.cache
def source_rows_sql(event: str) -> tuple[tuple[str, str], ...]:
    """The kind and DuckDB SQL of every source of the event: account, raw, ts, load_id, row."""
    own = event_named(event)
    return tuple(
        (kind.name, str(ibis.to_sql(_seen(own, kind, source), dialect="duckdb")))
        for kind, source in sources_of(event)
    )


@functools.cache
def activity_sql() -> str:
    """DuckDB SQL: account × hour × model × capability of the exchanges."""
    rows = _rows(event_named("exchange"))
    hourly = (
        rows.group_by(
            account=rows.account,
            hour=rows.ts.truncate("h"),
            model=rows.model,
            capability=rows.capability,
        )
        .aggregate(
            exchanges=rows.count(),
            elicited=rows.elicitation.notnull().cast("int64").sum(),
            input_tokens=rows.input_tokens.sum().fill_null(0),
            output_tokens=rows.output_tokens.sum().fill_null(0),
        )
        .filter(_.account.notnull())
    )
    return str(ibis.to_sql(hourly, dialect="duckdb"))
