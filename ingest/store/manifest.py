"""The manifest of a snapshot: which parts of which loads, and one digest over the rows that count.

The same id of a kind on one UTC day is one row, whichever file brought it: the row with the
smallest hash. So the digest depends on the set of rows, not on files, their order or their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from graph_models.codes import digest_text
from ingest.store.packages import Load, Part, part_path
from ingest.store.storage import Layout, parquet_list

__all__ = ["EMPTY", "Bucket", "Manifest", "count_fresh", "winners", "with_load", "without_load"]

FORMAT = "snapshot 1"
# A later export of an account knows that it was closed; any other kind keeps the smallest hash.
PREFERRED = {"account": "closed_at IS NULL, closed_at DESC, "}

Key = tuple[str, str]


@dataclass(frozen=True)
class Bucket:
    """The rows of one event kind and day over all loads, after duplicates.

    ``parts`` are (load id, file name), sorted. ``clean``: no id occurs twice, so the parts can be
    read as they are.
    """

    parts: tuple[tuple[str, str], ...]
    rows: int
    total: int
    folded: int
    clean: bool

    def paths(self, layout: Layout) -> list[Path]:
        """The files, in the order of ``parts``."""
        return [part_path(layout, load_id, name) for load_id, name in self.parts]

    @property
    def hashes(self) -> tuple[str, ...]:
        """What names the content: file names hold their hash."""
        return tuple(sorted(name for _, name in self.parts))


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Loads and their buckets by (event, bucket). ``sequence`` orders the snapshots in time."""

    loads: tuple[str, ...] = ()
    buckets: Mapping[Key, Bucket] = field(default_factory=lambda: MappingProxyType({}))
    sequence: int = 0
    at: str = ""

    @cached_property
    def digest(self) -> str:
        """Digest over all rows that count, whatever their order and files."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for (event, _), bucket in self.buckets.items():
            kind = sums[event]
            kind[0] += bucket.rows
            kind[1] = (kind[1] + bucket.total) % 2**64
            kind[2] ^= bucket.folded
        return digest_text(FORMAT, *(f"{event} {sums[event]}" for event in sorted(sums)))

    @property
    def name(self) -> str:
        """File name: equal rows from other loads are another manifest with the same digest."""
        return f"{self.digest}-{digest_text(*self.loads, size=4)}.json"

    def of(self, event: str) -> dict[str, Bucket]:
        """The buckets of one event kind by day, sorted."""
        found = {bucket: item for (kind, bucket), item in self.buckets.items() if kind == event}
        return dict(sorted(found.items()))

    def hashes(self, event: str, day: str) -> list[str]:
        """What names the content that answers about one event kind and day rest on."""
        names = list(self.buckets[event, day].hashes)
        if event == "http_request":  # takes accounts from the exchanges of its day
            exchange = self.buckets.get(("exchange", day))
            names += ["exchange", *(exchange.hashes if exchange else ())]
        return names

    def rows(self) -> dict[str, int]:
        """Rows by event kind, after duplicates."""
        counts: dict[str, int] = defaultdict(int)
        for (event, _), bucket in sorted(self.buckets.items()):
            counts[event] += bucket.rows
        return dict(counts)

    def as_json(self) -> dict[str, Any]:
        """What the manifest file holds."""
        return {
            "digest": self.digest,
            "loads": list(self.loads),
            "sequence": self.sequence,
            "at": self.at,
            "buckets": [
                {"event": event, "bucket": name, **vars(bucket)}
                for (event, name), bucket in sorted(self.buckets.items())
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Manifest:
        """Read what ``as_json`` wrote."""
        buckets = {}
        for item in data["buckets"]:
            values = dict(item)
            key = values.pop("event"), values.pop("bucket")
            values["parts"] = tuple((load_id, name) for load_id, name in values["parts"])
            buckets[key] = Bucket(**values)
        return cls(
            loads=tuple(data["loads"]), buckets=buckets, sequence=data["sequence"], at=data["at"]
        )


EMPTY = Manifest()


def winners(event: str, paths: list[Path]) -> str:
    """SQL: ``place`` 1 marks the row that counts among those of one id; columns f, n name a row."""
    order = f"{PREFERRED.get(event, '')}row_hash, file_index, file_row_number"
    return (
        "SELECT event, row, row_hash, file_index AS f, file_row_number AS n, "
        f"row_number() OVER (PARTITION BY event ORDER BY {order}) AS place "
        f"FROM {parquet_list(paths)}"
    )


def _resolve(con: duckdb.DuckDBPyConnection, layout: Layout, event: str, parts: set[Any]) -> Bucket:
    ordered = tuple(sorted(parts))
    paths = [part_path(layout, load_id, name) for load_id, name in ordered]
    query = (
        "SELECT count(*), count(*) FILTER (place = 1), "
        "sum(CAST(row_hash AS HUGEINT)) FILTER (place = 1) % 18446744073709551616, "
        f"bit_xor(row_hash) FILTER (place = 1) FROM ({winners(event, paths)})"
    )
    every, rows, total, folded = con.execute(query).fetchall()[0]
    return Bucket(ordered, rows, int(total) % 2**64, folded, every == rows)


def _alone(load_id: str, part: Part) -> Bucket:
    return Bucket(((load_id, part.name),), part.rows, part.total, part.folded, clean=True)


def _beside(
    con: duckdb.DuckDBPyConnection, layout: Layout, before: Bucket, load_id: str, part: Part
) -> Bucket | None:
    """The bucket with a part that shares no id with it; None when the rows must be weighed.

    A day that comes in many files would else be sorted as often as it has files.
    """
    if not before.clean or part.distinct < part.rows:
        return None
    own = parquet_list([part_path(layout, load_id, part.name)])
    shared = (
        f"SELECT 1 FROM {parquet_list(before.paths(layout))} "
        f"WHERE event IN (SELECT event FROM {own}) LIMIT 1"
    )
    if con.execute(shared).fetchall():
        return None
    return Bucket(
        tuple(sorted((*before.parts, (load_id, part.name)))),
        before.rows + part.rows,
        (before.total + part.total) % 2**64,
        before.folded ^ part.folded,
        clean=True,
    )


def with_load(
    con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, load: Load
) -> Manifest:
    """The manifest with one more load; only the buckets that the load touches are read."""
    if load.load_id in manifest.loads:
        return manifest
    buckets = dict(manifest.buckets)
    for part in load.parts:
        key = part.event, part.bucket
        before = buckets.get(key)
        if before is None and part.distinct == part.rows:
            buckets[key] = _alone(load.load_id, part)
        else:
            parts = {*(before.parts if before else ()), (load.load_id, part.name)}
            beside = before and _beside(con, layout, before, load.load_id, part)
            buckets[key] = beside or _resolve(con, layout, part.event, parts)
    return replace(manifest, loads=tuple(sorted({*manifest.loads, load.load_id})), buckets=buckets)


def without_load(
    con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, load_id: str
) -> Manifest:
    """The manifest less one load; rows that it had hidden as duplicates come back."""
    buckets: dict[Key, Bucket] = {}
    for (event, name), bucket in manifest.buckets.items():
        left = {part for part in bucket.parts if part[0] != load_id}
        if len(left) == len(bucket.parts):
            buckets[event, name] = bucket
        elif left:
            buckets[event, name] = _resolve(con, layout, event, left)
    return replace(
        manifest,
        loads=tuple(item for item in manifest.loads if item != load_id),
        buckets=buckets,
    )


def count_fresh(
    con: duckdb.DuckDBPyConnection, layout: Layout, manifest: Manifest, load: Load
) -> int:
    """How many source rows of a load bring at least one id that the manifest does not have."""
    if len({part.event for part in load.parts}) == 1 and _nothing_shared(manifest, load.parts):
        return sum(part.rows for part in load.parts)
    con.execute("CREATE OR REPLACE TEMP TABLE fresh (row BIGINT)")
    for part in load.parts:
        own = parquet_list([part_path(layout, load.load_id, part.name)])
        before = manifest.buckets.get((part.event, part.bucket))
        known = (
            f"WHERE event NOT IN (SELECT event FROM {parquet_list(before.paths(layout))})"
            if before
            else ""
        )
        con.execute(f"INSERT INTO fresh SELECT min(row) FROM {own} {known} GROUP BY event")
    count = con.execute("SELECT count(DISTINCT row) FROM fresh").fetchall()[0][0]
    con.execute("DROP TABLE fresh")
    return int(count)


def _nothing_shared(manifest: Manifest, parts: Iterable[Part]) -> bool:
    return all(
        part.distinct == part.rows and (part.event, part.bucket) not in manifest.buckets
        for part in parts
    )
