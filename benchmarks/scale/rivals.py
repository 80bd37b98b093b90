"""Other engines on the same rows with the same output: sightings by day.

    python -m benchmarks.scale.rivals --engine polars --out FOLDER --files F.parquet …

Of the exchanges of some files, every account × value × day with count, first and last, for
addresses, devices and prompt clusters, from Parquet to Parquet. ``ours`` runs the expression that
ingest runs (``ingest.observing.aggregate.by_raw``). Every engine is a process of its own; the
tables must be equal row for row before a ratio is told. Engines that are not installed are left
out (``uv pip install polars``).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from benchmarks.scale.stages import Stage, measured

__all__ = ["ENGINES", "check_equal", "compared", "days_of", "sightings"]

KINDS = ("ip", "device_fingerprint", "prompt_cluster")
COLUMNS = ("account", "code", "day", "count", "first", "last")
_SQL = """
SELECT account_id AS account, {kind} AS code, CAST(ts AS DATE) AS day, count(*) AS count,
min(ts) AS first, max(ts) AS last FROM rows WHERE {kind} IS NOT NULL GROUP BY ALL
"""


def sightings(engine: str, files: Sequence[str], folder: Path) -> None:
    """Write ``<kind>.parquet`` for each of ``KINDS`` with ``COLUMNS``, in any order of rows."""
    ENGINES[engine](files, folder)


def _ours(files: Sequence[str], folder: Path) -> None:
    import ibis

    from ingest.observing.aggregate import by_raw

    text = dict.fromkeys(("account_id", *KINDS), "string")
    rows = ibis.table({**text, "ts": "timestamp(6)"}, name="rows")
    queries = {}
    for kind in KINDS:
        never = ibis.literal(value=False)
        seen = rows.select(account=rows.account_id, raw=rows[kind], ts=rows.ts, claimed=never)
        totals = by_raw(seen.filter(seen.raw.notnull())).rename(code="raw").select(*COLUMNS)
        queries[kind] = str(ibis.to_sql(totals, dialect="duckdb"))
    _copied(queries, files, folder)


def _duckdb(files: Sequence[str], folder: Path) -> None:
    _copied({kind: _SQL.format(kind=kind) for kind in KINDS}, files, folder)


def _copied(queries: Mapping[str, str], files: Sequence[str], folder: Path) -> None:
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET TimeZone = 'UTC'")
    con.register("rows", con.read_parquet(list(files)))
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


ENGINES: Mapping[str, Callable[[Sequence[str], Path], None]] = {
    "ours": _ours,
    "duckdb": _duckdb,
    "polars": _polars,
    "pandas": _pandas,
}

_PACKAGES = {"ours": "ibis"}
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


def compared(files: Sequence[str], *, repeats: int = 3) -> list[dict[str, Any]]:
    """Every engine in turn, ``repeats`` rounds: the best of each, ratios paired by round.

    Raises:
        ValueError: an engine's table differs from ours.
    """
    here = [name for name in ENGINES if find_spec(_PACKAGES.get(name, name))]
    with tempfile.TemporaryDirectory() as scratch:
        rounds = [{name: _run(name, files, Path(scratch)) for name in here} for _ in range(repeats)]
        for name in here:
            check_equal(Path(scratch) / "ours", Path(scratch) / name)
    return [
        _best([found[name] for found in rounds], [found["ours"] for found in rounds])
        for name in here
    ]


def _best(theirs: Sequence[Stage], ours: Sequence[Stage]) -> dict[str, Any]:
    """The cheapest round, and the middle of the ratios to ours of the same round."""
    best = min(theirs, key=lambda stage: stage.cpu_seconds)
    pairs = zip(theirs, ours, strict=True)
    ratio = statistics.median(their.cpu_seconds / our.cpu_seconds for their, our in pairs)
    return best.as_json() | {"times_ours": round(ratio, 2)}


def _run(engine: str, files: Sequence[str], scratch: Path) -> Stage:
    folder = scratch / engine
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.scale.rivals", "--engine", engine]
    return measured(engine, [*command, "--out", str(folder), "--files", *files])


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


def main() -> None:
    """One engine, as a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--files", nargs="+", required=True)
    chosen = parser.parse_args()
    sightings(chosen.engine, chosen.files, chosen.out)


if __name__ == "__main__":
    main()
