"""The DuckDB queries over stored rows, by name: as they were written down, or made anew by Ibis.

What Ibis makes of the expressions is the same text every time, and loading Ibis costs more than two
CPU seconds and 150 MB a process. So the texts ship as data (``duckdb.sql`` beside this file) with
a digest of all that they follow from; where that differs, Ibis makes them as ever.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from graph_models.codes import digest_text
from graph_models.kind import Kind, Source
from graph_models.kinds import KINDS
from ingest import sql
from ingest.events import event_named
from ingest.store.views import view_name

__all__ = [
    "ASKED",
    "EVENTS",
    "KEY",
    "MARK",
    "SIGHTED_COLUMNS",
    "SourceQueries",
    "accounts_by_day_sql",
    "activity_sql",
    "coded_name",
    "digest_of_texts",
    "grouped_name",
    "origin",
    "queries_of",
    "read_written",
    "sources_of",
]

SIGHTED_COLUMNS = ("account", "code", "day", "count", "first", "last", "claimed")
# Events that show an account at work; labels and aliases only speak about one.
EVENTS = ("account", "payment", "exchange", "login", "http_request", "device_sighting")
ASKED = "asked"
"""The relation that the written ``activity_sql`` reads."""
MARK, KEY = "-- query: ", "-- key: "


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


def grouped_name(place: int) -> str:
    """The relation that holds ``SourceQueries.grouped`` of the source at that place."""
    return f"grouped_{place}"


def coded_name(place: int) -> str:
    """The relation (raw, code) that the queries over the source at that place join."""
    return f"coded_{place}"


def sources_of(event: str) -> Iterator[tuple[Kind, Source]]:
    """The kinds of identifier that an event kind shows, with where each stands."""
    for kind in KINDS:
        for source in kind.sources:
            if source.event == event:
                yield kind, source


@functools.cache
def queries_of(event: str) -> tuple[SourceQueries, ...]:
    """The queries of every source of one of ``EVENTS``, in the order of the kinds."""
    return tuple(
        SourceQueries(
            kind=kind,
            grouped=_text(event, place, "grouped"),
            raws=_text(event, place, "raws"),
            by_day=_text(event, place, "by_day"),
            by_day_apart=_text(event, place, "by_day_apart"),
            rows=_text(event, place, "rows"),
        )
        for place, (kind, _source) in enumerate(sources_of(event))
    )


def accounts_by_day_sql(event: str) -> str:
    """DuckDB SQL: account, account_id, day, count, first, last of the accounts themselves."""
    return _text(event, "accounts_by_day")


def activity_sql(rows: str) -> str:
    """DuckDB SQL: account × hour × model × capability of exchanges.

    Args:
        rows: Name of a relation of exchanges: account, moment (cut to the hour), model,
            capability, elicitation, input_tokens, output_tokens.
    """
    return _text("activity").replace(sql.name(ASKED), sql.name(rows))


def digest_of_texts() -> str:
    """Changes with any of the queries, and so with what follows from them."""
    return digest_text(*(f"{name}\n{query}" for name, query in sorted(_texts().items())))


def origin() -> str:
    """A digest of what the texts follow from: the expressions, the columns, where values stand."""
    expressions = files("ingest.observing").joinpath("aggregate.py").read_text(encoding="utf-8")
    told = []
    for event in map(event_named, EVENTS):
        columns = [(column.name, column.sql_type, column.cls) for column in event.columns]
        stand = [
            (kind.name, source.columns, sorted(source.where.items()))
            for kind, source in sources_of(event.name)
        ]
        told.append((view_name(event.name), event.ts, columns, stand))
    return digest_text(expressions, repr(told), coded_name(0), grouped_name(0), ASKED)


def read_written(text: str) -> tuple[str, dict[str, str]]:
    """The key and the queries by name of a file in the form of ``duckdb.sql``."""
    head, *parts = text.split(MARK)
    key = next((line for line in head.splitlines() if line.startswith(KEY)), "")
    named = (part.partition("\n") for part in parts)
    return key.removeprefix(KEY), {name: query.strip() for name, _, query in named}


def _text(*name: object) -> str:
    return _texts()[".".join(map(str, name))]


@functools.cache
def _texts() -> Mapping[str, str]:
    written = files("ingest.observing").joinpath("duckdb.sql")
    key, queries = (
        read_written(written.read_text(encoding="utf-8")) if written.is_file() else ("", {})
    )
    if key == origin():
        return queries
    # Only here: that it need not be loaded is what the texts were written down for.
    from ingest.observing.aggregate import made_queries

    return made_queries()
