"""The same Ibis expressions on Spark and on DuckDB: equal sightings, links and components."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fixtures import synthesise
from graph_models.kind import Kind
from graph_models.kinds import KINDS, kind_named
from ingest.load import ingest_paths
from ingest.observing.aggregate import sightings_by_day
from ingest.observing.coding import code_values
from ingest.observing.components import components
from ingest.observing.derive import SIGHTED as EVENTS
from ingest.observing.engines import DuckEngine, Engine, SparkEngine
from ingest.observing.pairs import IDENTIFIERS, SIGHTED, links, shared_pairs
from ingest.observing.queries import coded_name, queries_of
from ingest.store.storage import session
from ingest.store.views import open_rows, view_name
from ingest.store.workspace import Workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.xdist_group("spark")

THRESHOLD = 9_000
# What the two engines are asked about; prompt clusters are found by our own code, not by SQL.
ASKED = tuple(kind.name for kind in KINDS if kind.sources)
WORLDS = {"quickstart": 0.15, "all-benign": 0.1}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One local Spark of two threads; the first start takes most of a minute."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (extra: spark)")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("Spark needs Java 17: apt-get install openjdk-17-jre-headless")
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        # Thousands of rows: compiling costs more than running.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = sql.SparkSession.builder.master("local[2]").appName("workbench-tests")
    started = builder.config(map=settings).getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    yield started
    started.stop()


@dataclass(frozen=True)
class Logs:
    """The rows of one ingested world as Parquet files by the name of their view."""

    tables: dict[str, Path]
    accounts: int

    def open_in(self, con: duckdb.DuckDBPyConnection) -> DuckEngine:
        for name, path in self.tables.items():
            con.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet('{path}')")
        return DuckEngine(con)

    def open_on(self, session: SparkSession, folder: Path) -> SparkEngine:
        for name, path in self.tables.items():
            session.read.parquet(str(path)).createOrReplaceTempView(name)
        return SparkEngine(session, folder)


@pytest.fixture(scope="module", params=WORLDS)
def logs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Logs:
    folder = tmp_path_factory.mktemp("logs")
    synthesise(request.param, folder / "world", seed=3, scale=WORLDS[request.param])
    workspace = Workspace.open(folder / "workspace", create=True)
    ingest_paths(workspace, [folder / "world"], mapping=None, now=datetime(2026, 11, 21))
    return _exported(workspace, folder)


def _exported(workspace: Workspace, folder: Path) -> Logs:
    snapshot, tables, values = workspace.current(), {}, []
    with session(snapshot.layout) as con:
        for event in EVENTS:
            names = [open_rows(con, snapshot.layout, snapshot.manifest, event)]
            code_values(con, event)
            for place, queries in enumerate(queries_of(event)):
                named = (
                    f"SELECT code, '{queries.kind.name}' AS kind, value FROM {coded_name(place)}"
                )
                values.append(con.sql(named).to_arrow_table())
                names.append(coded_name(place))
            for name in names:
                own = name if name == view_name(event) else f"{name}_{event}"
                tables[own] = folder / f"{own}.parquet"
                con.execute(f"COPY (FROM {name}) TO '{tables[own]}'")
        accounts = con.execute("SELECT count(DISTINCT account) FROM rows_account").fetchall()
    tables["identifiers"] = folder / "identifiers.parquet"
    pq.write_table(_identifiers(pa.concat_tables(values)), tables["identifiers"])
    return Logs(tables, accounts[0][0])


def _identifiers(values: pa.Table) -> pa.Table:
    known = values.group_by(["code", "kind", "value"]).aggregate([]).to_pylist()
    rows = [
        {"code": row["code"], "kind": row["kind"],
         "linkable": kind_named(row["kind"]).linkable(row["value"])}
        for row in known
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(
        [("code", pa.int64()), ("kind", pa.string()), ("linkable", pa.bool_())]
    ))  # fmt: skip


@dataclass(frozen=True)
class Both:
    """What each engine left, as tables of one connection: ``duck.NAME`` and ``spark.NAME``."""

    con: duckdb.DuckDBPyConnection
    names: tuple[str, ...]

    def rows(self, engine: str, name: str) -> list[Any]:
        return self.con.execute(f"FROM {engine}.{name} ORDER BY ALL").fetchall()


def run(engine: Engine, open_event: Any, accounts: int) -> list[str]:
    """Everything from rows to components, kept under names that are returned."""
    days = []
    for event in EVENTS:
        sources = sightings_by_day(event)
        if sources:
            open_event(event)
            days.append(engine.keep(f"days_{event}", _together(sources)))
    seen = ibis.union(*(day.select("account", "code") for day in days), distinct=True)
    sighted = engine.keep("sighted", seen)
    identifiers = ibis.table(IDENTIFIERS, name="identifiers")
    pairs = shared_pairs(sighted, identifiers, kinds=ASKED, accounts=accounts)
    linked = engine.keep("links", links(engine.keep("pairs", pairs), threshold=THRESHOLD))
    components(engine, linked)
    return [*(day.get_name() for day in days), "sighted", "pairs", "links", "stars_components"]


def _together(sources: Sequence[tuple[Kind, ibis.Table]]) -> ibis.Table:
    named = [table.mutate(kind=ibis.literal(kind.name)) for kind, table in sources]
    return ibis.union(*named, distinct=False) if len(named) > 1 else named[0]


@pytest.fixture(scope="module")
def both(
    logs: Logs, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("engines")
    with duckdb.connect() as con:
        duck = logs.open_in(con)
        on_spark = logs.open_on(spark, folder)

        def coded(event: str) -> None:
            for place in range(len(queries_of(event))):
                name = coded_name(place)
                con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {name}_{event}")
                spark.table(f"{name}_{event}").createOrReplaceTempView(name)

        names = run(duck, coded, logs.accounts)
        assert run(on_spark, coded, logs.accounts) == names
        con.execute("CREATE SCHEMA duck; CREATE SCHEMA spark")
        for name in names:
            newest = max(folder.glob(f"{name}-*"), key=lambda path: int(path.name.split("-")[-1]))
            con.execute(f'CREATE VIEW spark.{name} AS FROM read_parquet("{newest}/*.parquet")'
                        .replace('"', "'"))  # fmt: skip
            con.execute(f"CREATE TABLE duck.{name} AS FROM temp.{name}")
        yield Both(con, tuple(names))


def test_sightings_by_day_are_equal(both: Both) -> None:
    days = [name for name in both.names if name.startswith("days_")]
    assert sum(len(both.rows("duck", name)) for name in days) > 1000
    for name in days:
        assert both.rows("spark", name) == both.rows("duck", name), name


@pytest.mark.parametrize("name", ["sighted", "pairs", "links", "stars_components"])
def test_what_follows_is_equal(both: Both, name: str) -> None:
    found = both.rows("duck", name)
    assert found
    assert both.rows("spark", name) == found


def test_sighted_is_what_the_pairs_are_made_of(both: Both) -> None:
    told = both.con.execute("DESCRIBE spark.sighted").fetchall()
    assert {row[0]: row[1] for row in told} == {"account": "BIGINT", "code": "BIGINT"}
    assert list(SIGHTED.names) == ["account", "code"]
