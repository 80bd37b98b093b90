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
    "SIGHTED_COLUMNS",
    "SourceQueries",
    "accounts_by_day_sql",
    "activity_sql",
    "by_day",
    "by_raw",
    "coded_name",
    "grouped_name",
    "queries_of",
    "sightings_by_day",
]

SIGHTED_COLUMNS = ("account", "code", "day", "count", "first", "last", "claimed")

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
    listed = "," + rows.claimed + ","
    tests = [listed.contains(f",{name},") for name in source.columns]
    # Few rows claim anything: only their text is looked into.
    return ibis.cases((rows.claimed.isnull(), False), else_=ibis.or_(*tests))


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


def _rows_of(event: EventKind, place: int, source: Source) -> Table:
    """The sightings of one source, one row each, with the code of the clean value."""
    raw, coded = _raw(event, source), _coded(place)
    joined = raw.join(coded, raw.raw == coded.raw)
    return joined.select("account", "code", "ts", "claimed", "load_id", "row")


def by_raw(raw: Table) -> Table:
    """Account × raw value × day: count, first, last, how many the caller wrote himself.

    Most of a day's rows say what their account said before: few rows are left to be coded.
    """
    return raw.group_by(account=raw.account, raw=raw.raw, day=raw.ts.date()).aggregate(
        count=raw.count(),
        first=raw.ts.min(),
        last=raw.ts.max(),
        claimed=raw.claimed.cast("int64").sum(),
    )


def by_day(grouped: Table, coded: Table, *, apart: bool) -> Table:
    """Account × identifier × day, from the raw values and their codes.

    Args:
        grouped: As ``by_raw``.
        coded: raw and code.
        apart: Whether no two raw values have one code, so that no rows come together.
    """
    joined = grouped.join(coded, grouped.raw == coded.raw)
    if apart:
        return joined.select(*SIGHTED_COLUMNS)
    return (
        joined.group_by("account", "code", "day")
        .aggregate(
            count=_["count"].sum(),
            first=_["first"].min(),
            last=_["last"].max(),
            claimed=_["claimed"].sum(),
        )
        .select(*SIGHTED_COLUMNS)
    )


def _coded(place: int) -> Table:
    return ibis.table({"raw": "string", "code": "int64"}, name=coded_name(place))


def grouped_name(place: int) -> str:
    """The relation that holds ``SourceQueries.grouped`` of the source at that place."""
    return f"grouped_{place}"


def coded_name(place: int) -> str:
    """The relation (raw, code) that the queries over the source at that place join."""
    return f"coded_{place}"


@dataclass(frozen=True)
class SourceQueries:
    """DuckDB SQL over one source of an event kind, from its view (``views.view_name``).

    ``grouped``: account, raw, day, count, first, last, claimed. ``raws``: the distinct raw values.
    With the relation ``coded_name(place)`` in place, ``rows``: account, code, ts, claimed, load_id,
    row; and with ``grouped_name(place)``, ``by_day``: ``SIGHTED_COLUMNS``, or ``by_day_apart``
    where no two raw values share a code.
    """

    kind: Kind
    grouped: str
    raws: str
    by_day: str
    by_day_apart: str
    rows: str


@functools.cache
def queries_of(event: str) -> tuple[SourceQueries, ...]:
    """The queries of every source of an event kind, in the order of the kinds."""
    return tuple(
        _queries(event_named(event), place, kind, source)
        for place, (kind, source) in enumerate(_sources_of(event))
    )


def _queries(event: EventKind, place: int, kind: Kind, source: Source) -> SourceQueries:
    raw = _raw(event, source)
    grouped = by_raw(raw)
    kept = ibis.table(grouped.schema(), name=grouped_name(place))
    return SourceQueries(
        kind=kind,
        grouped=_sql(grouped),
        raws=_sql(raw.select("raw").distinct()),
        by_day=_sql(by_day(kept, _coded(place), apart=False)),
        by_day_apart=_sql(by_day(kept, _coded(place), apart=True)),
        rows=_sql(_rows_of(event, place, source)),
    )


def sightings_by_day(event: str) -> tuple[tuple[Kind, Table], ...]:
    """As ``SourceQueries.by_day`` of every source, as expressions for whatever engine."""
    own = event_named(event)
    return tuple(
        (kind, by_day(by_raw(_raw(own, source)), _coded(place), apart=False))
        for place, (kind, source) in enumerate(_sources_of(event))
    )


@functools.cache
def accounts_by_day_sql(event: str) -> str:
    """DuckDB SQL: account, account_id, day, count, first, last of the accounts themselves."""
    own = event_named(event)
    rows = _rows(own).filter(_.account.notnull())
    ts = rows[own.ts]
    return _sql(
        rows.group_by(account=rows.account, account_id=rows.account_id, day=ts.date()).aggregate(
            count=rows.count(), first=ts.min(), last=ts.max()
        )
    )


@functools.cache
def activity_sql(rows: str) -> str:
    """DuckDB SQL: account × hour × model × capability of exchanges.

    Args:
        rows: Name of a relation of exchanges: account, moment (cut to the hour), model,
            capability, elicitation, input_tokens, output_tokens.
    """
    columns = {
        "account": "int64",
        "moment": "timestamp(6)",
        "model": "string",
        "capability": "string",
        "elicitation": "string",
        "input_tokens": "int64",
        "output_tokens": "int64",
    }
    table = ibis.table(columns, name=rows)
    return _sql(
        table.group_by("account", "model", "capability", hour=table.moment).aggregate(
            exchanges=table.count(),
            elicited=table.elicitation.notnull().cast("int64").sum(),
            input_tokens=table.input_tokens.sum().fill_null(0),
            output_tokens=table.output_tokens.sum().fill_null(0),
        )
    )


def _sql(table: Table) -> str:
    return str(ibis.to_sql(table, dialect="duckdb"))
