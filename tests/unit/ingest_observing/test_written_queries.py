"""The queries that ship as text are those that Ibis would make."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files

import duckdb
import pytest

from ingest.observing import aggregate, queries
from ingest.observing.queries import EVENTS, origin, queries_of, read_written, sources_of
from ingest.observing.written import written

AGAIN = "duckdb.sql is not what the expressions make now: python -m ingest.observing.written"
NO_IBIS = """
import sys
import workbench.cli, ingest.load, ingest.observing.observe
from ingest.observing.queries import EVENTS, accounts_by_day_sql, activity_sql, queries_of
assert all(queries_of(event) and accounts_by_day_sql(event) for event in EVENTS)
assert activity_sql("rows")
assert "ibis" not in sys.modules, "Ibis was loaded"
"""


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing of the queries is held, before and after."""
    held = (queries._texts, queries.queries_of)
    for function in held:
        function.cache_clear()
    yield
    for function in held:
        function.cache_clear()


def test_what_is_written_is_what_ibis_makes_now() -> None:
    stored = files("ingest.observing").joinpath("duckdb.sql").read_text(encoding="utf-8")
    key, kept = read_written(stored)
    assert kept == aggregate.made_queries(), AGAIN
    assert key == origin(), AGAIN


def test_writing_and_reading_agree() -> None:
    assert read_written(written()) == (origin(), aggregate.made_queries())


def test_ingest_and_analysis_load_no_ibis() -> None:
    subprocess.run([sys.executable, "-c", NO_IBIS], check=True)


@pytest.mark.usefixtures("forgotten")
def test_other_expressions_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ibis makes the queries where what they follow from is not what was written down."""
    made = {name: f"{query} -- anew" for name, query in aggregate.made_queries().items()}
    monkeypatch.setattr(aggregate, "made_queries", lambda: made)
    before = queries_of("exchange")
    assert not any(one.grouped.endswith("-- anew") for one in before)
    queries._texts.cache_clear()
    queries.queries_of.cache_clear()
    monkeypatch.setattr(queries, "origin", lambda: "another")
    after = queries_of("exchange")
    assert [one.grouped for one in after] == [f"{one.grouped} -- anew" for one in before]


def test_the_origin_follows_kinds_and_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    before = origin()
    assert origin() == before
    monkeypatch.setattr(queries, "KINDS", queries.KINDS[1:])
    assert origin() != before


def test_every_source_has_its_queries() -> None:
    for event in EVENTS:
        kinds = [kind.name for kind, _source in sources_of(event)]
        assert [one.kind.name for one in queries_of(event)] == kinds


def test_activity_is_asked_of_any_relation() -> None:
    with duckdb.connect() as con:
        con.execute(
            'CREATE TABLE "my rows" AS SELECT 1 AS account, 5 AS moment, '
            "'m' AS model, 'c' AS capability, NULL AS elicitation, 7 AS input_tokens, "
            "NULL AS output_tokens FROM range(3)"
        )
        query = queries.activity_sql("my rows")
        told = con.sql(f"SELECT exchanges, elicited, input_tokens, output_tokens FROM ({query})")
        assert told.fetchall() == [(3, 0, 21, 0)]
