"""One way to run Ibis expressions on DuckDB and on Spark: compiled, kept under a name, counted.

A step of an iteration must be kept before the next one reads it, or a plan grows with every round;
where it is kept is all that the engines differ in.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb
import ibis
from ibis import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["DuckEngine", "Engine", "SparkEngine"]


class Engine(Protocol):
    """Something that runs expressions over tables that it knows by name."""

    def keep(self, name: str, table: Table) -> Table:
        """Run it, keep its rows under the name, and return that table as an expression."""

    def numbers(self, table: Table) -> tuple[int, ...]:
        """The one row of an expression whose columns are whole numbers."""


class DuckEngine:
    """DuckDB: tables of the connection's own."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def keep(self, name: str, table: Table) -> Table:
        """Run it into a temporary table."""
        query = str(ibis.to_sql(table, dialect="duckdb"))
        self._con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}')
        return ibis.table(table.schema(), name=name)

    def numbers(self, table: Table) -> tuple[int, ...]:
        """Run it and fetch its row."""
        rows = self._con.execute(str(ibis.to_sql(table, dialect="duckdb"))).fetchall()
        return tuple(int(value or 0) for value in rows[0])


class SparkEngine:
    """Spark: Parquet folders under ``folder``, seen through temporary views.

    Parquet rather than a cached frame: it cuts the plan, survives a lost executor, and can be read
    by anything else.
    """

    def __init__(self, session: SparkSession, folder: Path | str) -> None:
        self._session, self._folder, self._kept = session, str(folder), 0

    def keep(self, name: str, table: Table) -> Table:
        """Run it into a new Parquet folder, whose view replaces the one of that name."""
        self._kept += 1
        path = f"{self._folder}/{name}-{self._kept}"
        self._sql(table).write.parquet(path)
        self._session.read.parquet(path).createOrReplaceTempView(name)
        return ibis.table(table.schema(), name=name)

    def numbers(self, table: Table) -> tuple[int, ...]:
        """Run it and fetch its row."""
        return tuple(int(value or 0) for value in self._sql(table).collect()[0])

    def _sql(self, table: Table) -> DataFrame:
        return self._session.sql(_spark_sql(table))


def _spark_sql(table: Table) -> str:
    with warnings.catch_warnings():
        # Ibis' module for Spark warns of pandas 3, which no row passes through here.
        warnings.simplefilter("ignore", FutureWarning)
        assert ibis.pyspark is not None  # registers the options that its dialect reads
    return str(ibis.to_sql(table, dialect="pyspark"))
