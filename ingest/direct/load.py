"""The load of a file that goes the direct way; the same ledger and parts as of any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ingest.direct.plan import Plan, plan_of
from ingest.direct.run import DAY, Direct, copy_rows
from ingest.direct.values import Known
from ingest.mapping.model import Mapping as FileMapping
from ingest.mapping.readers import typed_parquet
from ingest.mapping.reading import Reading, unknown_of, warnings_of
from ingest.protection.protect import Protector
from ingest.store.packages import Load, write_rejected
from ingest.store.staging import stage

__all__ = ["Way", "load_directly"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """What a direct load needs beside the file.

    ``key`` makes the tokens of ids that hold secrets. ``known`` is what is
    remembered from file to file. ``say`` is called with the rows read so far, and their share.
    """

    folder: Path
    key: Callable[[], bytes]
    now: datetime
    known: Known
    say: Callable[[int, float], None]


def load_directly(
    con: duckdb.DuckDBPyConnection, path: Path, mapping: FileMapping, load: Load, way: Way
) -> Load | None:
    """The load with its parts, or None for a file that needs the mapping's whole statement.

    Raises:
        BadDataError: the file is refused as a whole.
    """
    with typed_parquet(con, path, mapping, now=way.now) as found:
        if found is None:
            return None
        file, compiled = found
        plan = plan_of(compiled, file)
        if plan is None:
            return None
        packed = {source.root for source in plan.sources if source.packed}
        file.refuse_bomb(compiled.used_columns, packed=packed)
        direct = copy_rows(con, plan, way.folder, way.known, say=way.say)
        return None if direct is None else _finished(con, plan, direct, load, way)


def _finished(
    con: duckdb.DuckDBPyConnection, plan: Plan, direct: Direct, load: Load, way: Way
) -> Load:
    removed: Mapping[str, int] = {}
    rejected, quarantined = None, 0
    if direct.odd is not None:
        removed = _add_odd(con, plan, direct, direct.odd, way)
        rejected = write_rejected(con, direct.odd.rejected, way.folder)
        quarantined = direct.odd.rejected_rows
    unknown = unknown_of(plan.compiled, plan.file.filled)
    parts = direct.writer.finish()
    order = direct.writer.schema.names
    return replace(
        load,
        rows=plan.file.rows,
        quarantined=quarantined,
        parts=parts,
        rejected=rejected,
        filled={plan.event.name: tuple(n for n in order if n in direct.writer.filled)},
        notes={
            "skipped": 0,
            "unknown_columns": unknown,
            "warnings": list(warnings_of(plan.file.rows, 0, 0, unknown)),
            "removed": dict(removed),
        },
    )


def _add_odd(
    con: duckdb.DuckDBPyConnection, plan: Plan, direct: Direct, odd: Reading, way: Way
) -> Counter[str]:
    """Protect and write those odd rows that are good after all."""
    protector, removed = Protector(way.key()), Counter[str]()
    protector.redact(con, odd.rejected)
    for item in odd.tables:
        removed.update(protector.protect(con, item.table, item.kind))
        if plan.event.name == "exchange":
            con.execute(f"ALTER TABLE {item.table} DROP COLUMN prompt")
        rows = con.sql(f"SELECT * EXCLUDE (day) FROM {stage(con, item.table, plan.event)}")
        table = rows.to_arrow_table()
        if len(table):
            stamps = table[plan.event.ts].cast(pa.int64()).combine_chunks().to_numpy()
            direct.writer.add(table, (stamps // DAY).astype(np.int32))
    return removed
