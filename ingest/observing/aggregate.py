"""From rows to sightings by day and activity by hour, as Ibis expressions.

The expressions name tables and know no engine: on DuckDB their text is run (``queries``, where it
is written down), and they run unchanged on PySpark where one machine is outgrown
(reference/scale.md §2).
"""

from __future__ import annotations

import ibis
from ibis import Table, _
from ibis.expr.types import BooleanValue, StringValue

from graph_models.kind import Kind, Source
from ingest.events import EventKind, event_named
from ingest.observing.queries import (
    ASKED,
    EVENTS,
    SIGHTED_COLUMNS,
    coded_name,
    grouped_name,
    sources_of,
)
from ingest.store.views import view_name

__all__ = ["by_day", "by_raw", "made_queries", "sightings_by_day"]

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


def made_queries() -> dict[str, str]:
    """The DuckDB SQL of every query of ``queries``, by name."""
    made = {"activity": _sql(_activity(ASKED))}
    for event in map(event_named, EVENTS):
        made[f"{event.name}.accounts_by_day"] = _sql(_accounts_by_day(event))
        for place, (_kind, source) in enumerate(sources_of(event.name)):
            for name, table in _of_source(event, place, source).items():
                made[f"{event.name}.{place}.{name}"] = _sql(table)
    return made


def _of_source(event: EventKind, place: int, source: Source) -> dict[str, Table]:
    """By the names of ``SourceQueries``."""
    raw = _raw(event, source)
    grouped = by_raw(raw)
    kept = ibis.table(grouped.schema(), name=grouped_name(place))
    return {
        "grouped": grouped,
        "raws": raw.select("raw").distinct(),
        "by_day": by_day(kept, _coded(place), apart=False),
        "by_day_apart": by_day(kept, _coded(place), apart=True),
        "rows": _rows_of(event, place, source),
    }


def sightings_by_day(event: str) -> tuple[tuple[Kind, Table], ...]:
    """As ``SourceQueries.by_day`` of every source, as expressions for whatever engine."""
    own = event_named(event)
    return tuple(
        (kind, by_day(by_raw(_raw(own, source)), _coded(place), apart=False))
        for place, (kind, source) in enumerate(sources_of(event))
    )


def _accounts_by_day(event: EventKind) -> Table:
    """account, account_id, day, count, first, last of the accounts themselves."""
    rows = _rows(event).filter(_.account.notnull())
    ts = rows[event.ts]
    return rows.group_by(account=rows.account, account_id=rows.account_id, day=ts.date()).aggregate(
        count=rows.count(), first=ts.min(), last=ts.max()
    )


def _activity(rows: str) -> Table:
    """As ``queries.activity_sql``."""
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
    return table.group_by("account", "model", "capability", hour=table.moment).aggregate(
        exchanges=table.count(),
        elicited=table.elicitation.notnull().cast("int64").sum(),
        input_tokens=table.input_tokens.sum().fill_null(0),
        output_tokens=table.output_tokens.sum().fill_null(0),
    )


def _sql(table: Table) -> str:
    return str(ibis.to_sql(table, dialect="duckdb"))
