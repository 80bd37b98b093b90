"""From rows to sightings by day and activity by hour, as Ibis expressions.

The expressions name tables and know no engine: compiled for DuckDB here, they run unchanged on
PySpark where one machine is outgrown (reference/scale.md §2).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import ibis
from ibis import Table, _
from ibis.expr.types import BooleanValue, StringValue

from graph_models.kind import Kind, Source
from graph_models.kinds import KINDS
from ingest.events import EventKind, event_named
from ingest.store.views import view_name

__all__ = [
    "SourceQueries",
    "accounts_by_day_sql",
    "activity_sql",
    "by_day",
    "coded_name",
    "queries_of",
    "sightings_by_day",
]

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


def _sources_of(event: str) -> Iterator[tuple[Kind, Source]]:
    """The kinds of identifier that an event kind shows, with where each stands."""
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


def _raw(event: EventKind, source: Source) -> Table:
    """One row a sighting: account, raw value, time, whether the caller wrote it, load and row."""
    rows = _rows(event)
    for column, value in source.where.items():
        rows = rows.filter(rows[column] == value)
    return rows.select(
        rows.account,
        rows.load_id,
        rows.row,
        raw=_joined(rows, source),
        ts=rows[event.ts],
        claimed=_claimed(rows, event, source),
    ).filter(_.raw.notnull() & _.account.notnull())


def _seen(event: EventKind, place: int, source: Source) -> Table:
    """The sightings of one source with the code of the clean value instead of the raw one."""
    raw = _raw(event, source)
    coded = ibis.table({"raw": "string", "code": "int64"}, name=coded_name(place))
    joined = raw.join(coded, raw.raw == coded.raw)
    return joined.select("account", "code", "ts", "claimed", "load_id", "row")


def _account_seen(event: EventKind) -> Table:
    rows = _rows(event).filter(_.account.notnull())
    never = ibis.literal(value=False)
    return rows.select(rows.account, code=rows.account, ts=rows[event.ts], claimed=never)


def by_day(seen: Table) -> Table:
    """Account × identifier × day: count, first, last, how many the caller wrote himself."""
    return (
        seen.group_by(account=seen.account, code=seen.code, day=seen.ts.date())
        .aggregate(
            count=seen.count(),
            first=seen.ts.min(),
            last=seen.ts.max(),
            claimed=seen.claimed.cast("int64").sum(),
        )
        .select("account", "code", "day", "count", "first", "last", "claimed")
    )


def coded_name(place: int) -> str:
    """The relation (raw, code) that the queries over the source at that place join."""
    return f"coded_{place}"


@dataclass(frozen=True)
class SourceQueries:
    """DuckDB SQL over one source of an event kind, from its view (``views.view_name``).

    ``raws``: the distinct raw values. With the relation ``coded_name(place)`` in place,
    ``by_day``: account, code, day, count, first, last, claimed; ``rows``: account, code, ts,
    load_id, row.
    """

    kind: Kind
    raws: str
    by_day: str
    rows: str


@functools.cache
def queries_of(event: str) -> tuple[SourceQueries, ...]:
    """The queries of every source of an event kind, in the order of the kinds."""
    own = event_named(event)
    found = []
    for place, (kind, source) in enumerate(_sources_of(event)):
        seen = _seen(own, place, source)
        raws = _raw(own, source).select("raw").distinct()
        found.append(SourceQueries(kind, _sql(raws), _sql(by_day(seen)), _sql(seen)))
    return tuple(found)


def sightings_by_day(event: str) -> tuple[tuple[Kind, Table], ...]:
    """As ``SourceQueries.by_day`` of every source, as expressions for whatever engine."""
    own = event_named(event)
    return tuple(
        (kind, by_day(_seen(own, place, source)))
        for place, (kind, source) in enumerate(_sources_of(event))
    )


@functools.cache
def accounts_by_day_sql(event: str) -> str:
    """As ``SourceQueries.by_day``, for the accounts themselves: ``code`` is that of the account."""
    return _sql(by_day(_account_seen(event_named(event))))


def _sql(table: Table) -> str:
    return str(ibis.to_sql(table, dialect="duckdb"))


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
    return _sql(hourly)
