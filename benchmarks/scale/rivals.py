"""Other engines on the same rows with the same output: sightings by day.

    python -m benchmarks.scale.rivals --engine polars --out FOLDER --files F.parquet …

Of the exchanges of some files, every account × value × day with count, first and last, for
addresses, devices and prompt clusters, from Parquet to Parquet. ``ours`` runs the queries that
ingest runs (``ingest.observing.queries``). The tables must be equal row for row before a ratio is
told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks.scale.sides import COST, OURS, Engine, Find, Question, answer, spent

__all__ = ["ENGINES", "QUESTION", "check_equal", "days_of"]

KINDS = ("ip", "device_fingerprint", "prompt_cluster")
COLUMNS = ("account", "code", "day", "count", "first", "last")
_SQL = """
SELECT account_id AS account, {kind} AS code, CAST(ts AS DATE) AS day, count(*) AS count,
min(ts) AS first, max(ts) AS last FROM rows WHERE {kind} IS NOT NULL GROUP BY ALL
"""


def _ours(files: Sequence[str], folder: Path) -> None:
    from ingest.observing.queries import queries_of, sources_of
    from ingest.store.views import view_name

    told = zip(sources_of("exchange"), queries_of("exchange"), strict=True)
    grouped = {source.columns: queries.grouped for (_, source), queries in told}
    queries = {
        kind: f"SELECT account, raw AS code, day, count, first, last FROM ({grouped[(kind,)]})"
        for kind in KINDS
    }
    stored = f"account_id AS account, ts, {', '.join(KINDS)}, NULL::VARCHAR AS claimed"
    view = f"SELECT {stored}, '' AS load_id, 0 AS row FROM rows"
    _copied(queries, files, folder, views={view_name("exchange"): view})


def _duckdb(files: Sequence[str], folder: Path) -> None:
    _copied({kind: _SQL.format(kind=kind) for kind in KINDS}, files, folder, views={})


def _copied(
    queries: Mapping[str, str], files: Sequence[str], folder: Path, *, views: Mapping[str, str]
) -> None:
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET TimeZone = 'UTC'")
    con.register("rows", con.read_parquet(list(files)))
    for name, view in views.items():
        con.execute(f"CREATE VIEW {name} AS {view}")
    for kind, query in queries.items():
        con.execute(f"COPY ({query}) TO '{folder / kind}.parquet' (FORMAT parquet)")


def _polars(files: Sequence[str], folder: Path) -> None:
    import polars as pl

    for kind in KINDS:
        rows = pl.scan_parquet(list(files)).filter(pl.col(kind).is_not_null())
        day = pl.col("ts").dt.date().alias("day")
        keys = [pl.col("account_id").alias("account"), pl.col(kind).alias("code"), day]
        first, last = pl.col("ts").min().alias("first"), pl.col("ts").max().alias("last")
        made = rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias("count"), first, last)
        made.sink_parquet(folder / f"{kind}.parquet", engine="streaming")


def _pandas(files: Sequence[str], folder: Path) -> None:
    import pandas as pd

    wanted = ["account_id", "ts", *KINDS]
    rows = pd.concat([pd.read_parquet(file, columns=wanted) for file in files], ignore_index=True)
    rows["day"] = rows["ts"].dt.floor("D")
    for kind in KINDS:
        made = rows.groupby(["account_id", kind, "day"], observed=True)["ts"]
        table = made.agg(["size", "min", "max"]).reset_index()
        table["day"] = table["day"].dt.date
        table.columns = pd.Index(COLUMNS)
        table.to_parquet(folder / f"{kind}.parquet")


MOST_ROWS = 5_000_000  # what pandas can hold beside its own copies


def days_of(data: Path) -> list[str]:
    """The first files of exchanges, as many as have ``MOST_ROWS`` rows, one at least."""
    chosen: list[str] = []
    rows = 0
    for path in sorted((data / "exchanges").iterdir()):
        rows += pq.read_metadata(path).num_rows
        if chosen and rows > MOST_ROWS:
            break
        chosen.append(str(path))
    return chosen


def _answering(method: Callable[[Sequence[str], Path], None]) -> Find:
    def find(files: Sequence[str], folder: Path) -> Mapping[str, float]:
        began = spent()
        method(files, folder)
        return {COST: round(spent() - began, 3)}

    return find


def _judged(
    _files: Sequence[str], folders: Mapping[str, Path]
) -> Mapping[str, Mapping[str, float]]:
    for folder in folders.values():
        check_equal(folders[OURS], folder)
    kind = folders[OURS] / f"{KINDS[0]}.parquet"
    return {name: {"rows": pq.read_metadata(kind).num_rows} for name in folders}


def check_equal(ours: Path, theirs: Path) -> None:
    """ValueError when two engines' folders do not hold the same rows."""
    for kind in KINDS:
        tables = [
            f"SELECT account, code, CAST(day AS DATE), CAST(count AS BIGINT), "
            f"CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP) FROM '{folder / kind}.parquet'"
            for folder in (ours, theirs)
        ]
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        query = (
            f"({tables[0]} EXCEPT ALL {tables[1]}) UNION ALL ({tables[1]} EXCEPT ALL {tables[0]})"
        )
        differing = con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
        if differing:
            raise ValueError(f"{theirs.name} and {ours.name} differ in {differing} rows of {kind}.")


_THE_SAME = "the query is the same, but it starts none of the workbench's modules."
ENGINES = {
    OURS: Engine(find=_answering(_ours), needs="ingest.observing.queries"),
    "duckdb": Engine(find=_answering(_duckdb), needs="duckdb", why=_THE_SAME),
    "polars": Engine(
        find=_answering(_polars),
        needs="polars",
        why="its streaming engine groups such rows in less than DuckDB's, which ours runs on.",
    ),
    "pandas": Engine(find=_answering(_pandas), needs="pandas"),
}
QUESTION = Question(
    name="sightings by day",
    module="benchmarks.scale.rivals",
    engines=ENGINES,
    judged=_judged,
)

if __name__ == "__main__":
    answer(ENGINES)
