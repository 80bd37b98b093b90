"""Load packages: what one file became. A ledger beside immutable Parquet parts named by content.

``loads/<load id>/ledger.json`` says how far a load came: staged → verified → published, or failed,
or withdrawn. A ledger is replaced whole, so whatever kills a load leaves one of these states.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pandas as pd

from graph_models.errors import UsageError, WorkbenchError
from graph_models.text import inert
from ingest import sql
from ingest.events import EventKind
from ingest.store.storage import (
    Layout,
    file_digest,
    read_json,
    sync_file,
    sync_folder,
    write_json,
)

__all__ = [
    "ALL",
    "BY_DAY",
    "QUARANTINE_COLUMNS",
    "ROW_GROUP",
    "STATES",
    "Load",
    "Part",
    "find_load",
    "folder_of",
    "intact",
    "loads",
    "named_by_content",
    "named_part",
    "part_path",
    "quarantine_rows",
    "save",
    "start",
    "write_part",
    "write_parts",
    "write_rejected",
]

STATES = ("staged", "verified", "published", "failed", "withdrawn")
COMPLETE = frozenset({"verified", "published", "withdrawn"})
# Traffic gets one part a day, so that a new day costs a day; registers are small and get one part.
BY_DAY = frozenset({"exchange", "http_request", "login", "device_sighting", "payment"})
ALL = "all"
QUARANTINE_COLUMNS = ("load_id", "file", "row", "column", "code", "reason", "fix", "value")
ROW_GROUP = 50_000  # rows: small enough to skip when a few accounts are asked for


@dataclass(frozen=True, kw_only=True)
class Part:
    """One immutable file: the rows of one event kind and one UTC day of one load.

    ``total`` (sum modulo 2^64) and ``folded`` (xor) of the row hashes do not depend on order;
    ``distinct`` counts the ids among ``rows``.
    """

    event: str
    bucket: str
    name: str
    rows: int
    distinct: int
    total: int
    folded: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """The ledger of one load: one file read through one version of one mapping."""

    load_id: str
    file: str
    mapping: str
    content: str
    state: str
    rows: int = 0
    quarantined: int = 0
    parts: tuple[Part, ...] = ()
    sketches: str | None = None
    rejected: str | None = None
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    world: str | None = None
    at: str = ""
    notes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"A load is never {self.state!r}; the states are {STATES}.")

    @property
    def events(self) -> int:
        """How many events its accepted rows gave, at least one each."""
        return sum(part.rows for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether all its parts are on disk."""
        return self.state in COMPLETE

    def in_state(self, state: str) -> Load:
        """The same load in another state."""
        return replace(self, state=state)

    def as_json(self) -> dict[str, Any]:
        """What the ledger file holds."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data["parts"] = [asdict(part) for part in self.parts]
        data["filled"] = {event: list(columns) for event, columns in self.filled.items()}
        data["notes"] = dict(self.notes)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Load:
        """Read what ``as_json`` wrote."""
        parts = tuple(Part(**part) for part in data["parts"])
        filled = {event: tuple(columns) for event, columns in data["filled"].items()}
        return cls(**{**data, "parts": parts, "filled": filled})


def folder_of(layout: Layout, load_id: str) -> Path:
    """The folder of one load."""
    return layout.loads / load_id


def part_path(layout: Layout, load_id: str, name: str) -> Path:
    """The file of one part."""
    return layout.loads / load_id / name


def save(layout: Layout, load: Load) -> Load:
    """Write the ledger of a load; everything it names must already be on disk."""
    write_json(folder_of(layout, load.load_id) / "ledger.json", load.as_json())
    return load


def find_load(layout: Layout, load_id: str) -> Load | None:
    """The ledger of a load, or None when it never began, or a power cut tore its ledger."""
    path = folder_of(layout, load_id) / "ledger.json"
    return _ledger(path) if path.exists() else None


def _ledger(path: Path) -> Load | None:
    """A torn ledger is none: the load is made again, its parts get the same names."""
    try:
        return Load.from_json(read_json(path))
    except WorkbenchError:
        return None


def loads(layout: Layout) -> Iterator[Load]:
    """All loads by id."""
    for path in sorted(layout.loads.glob("*/ledger.json")):
        load = _ledger(path)
        if load is not None:
            yield load


def start(layout: Layout, load: Load) -> Load:
    """Begin a load afresh: what an earlier, killed attempt left goes first."""
    folder = folder_of(layout, load.load_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sync_folder(layout.loads)
    return save(layout, load.in_state("staged"))


def intact(layout: Layout, load: Load) -> bool:
    """Whether a load is complete and all its files are still what their names say."""
    names = [part.name for part in load.parts]
    names += [name for name in (load.sketches, load.rejected) if name is not None]
    paths = (part_path(layout, load.load_id, name) for name in names)
    return load.complete and all(named_by_content(path) for path in paths)


def named_by_content(path: Path) -> bool:
    """Whether a part is there and holds the bytes that its name was made from."""
    return path.is_file() and path.stem.rpartition("-")[2] == file_digest(path)[:20]


def write_part(con: duckdb.DuckDBPyConnection, query: str, folder: Path, stem: str) -> str:
    """Write the rows of a query as one Parquet file named ``<stem>-<content hash>.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{stem}.new"
    con.execute(
        f"COPY ({query}) TO {sql.text(str(fresh))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    return named_part(fresh, stem)


def named_part(fresh: Path, stem: str) -> str:
    """Give a written file its lasting name, by its content; returns the name."""
    sync_file(fresh)
    name = f"{stem}-{file_digest(fresh)[:20]}.parquet"
    fresh.replace(fresh.parent / name)
    return name


def _bucket(event: EventKind) -> str:
    return "strftime(day, '%Y-%m-%d')" if event.name in BY_DAY else sql.text(ALL)


def write_parts(
    con: duckdb.DuckDBPyConnection, table: str, event: EventKind, folder: Path
) -> tuple[Part, ...]:
    """Write a staged table, which is sorted by day, as one part for each of its buckets.

    The table has the event's columns and ``row, row_hash, event, account, day``.
    """
    bucket = _bucket(event)
    groups = con.execute(
        f"SELECT {bucket} AS bucket, count(*), count(DISTINCT event), "
        "CAST(sum(CAST(row_hash AS HUGEINT)) % 18446744073709551616 AS HUGEINT), bit_xor(row_hash) "
        f"FROM {table} GROUP BY bucket ORDER BY bucket"
    ).fetchall()
    parts = []
    for value, rows, distinct, total, folded in groups:
        only = f"WHERE day = DATE {sql.text(value)}" if value != ALL else ""
        query = f"SELECT * EXCLUDE (day) FROM {table} {only}"
        name = write_part(con, query, folder / event.name, value)
        parts.append(
            Part(
                event=event.name,
                bucket=value,
                name=f"{event.name}/{name}",
                rows=rows,
                distinct=distinct,
                total=int(total) % 2**64,
                folded=folded,
            )
        )
    if parts:
        sync_folder(folder / event.name)
    return tuple(parts)


def write_rejected(con: duckdb.DuckDBPyConnection, table: str, folder: Path) -> str | None:
    """Write the rejected rows beside the parts; None when there are none."""
    if not con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
        return None
    return write_part(con, f"SELECT * FROM {table} ORDER BY ALL", folder, "quarantine")


def quarantine_rows(layout: Layout, load_id: str | None = None) -> pd.DataFrame:
    """Rejected rows of one load or of all that are not withdrawn; ``QUARANTINE_COLUMNS``.

    Raises:
        UsageError: there is no such load.
    """
    chosen = [item for item in loads(layout) if load_id in (None, item.load_id)]
    if load_id is not None and not chosen:
        raise UsageError(
            f"There is no load {load_id!r}.", fix="List the loads with: workbench snapshots"
        )
    frames = [
        _rejected(layout, item)
        for item in chosen
        if item.rejected and (load_id is not None or item.state != "withdrawn")
    ]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in QUARANTINE_COLUMNS})
    return pd.concat(frames, ignore_index=True)


def _rejected(layout: Layout, load: Load) -> pd.DataFrame:
    assert load.rejected is not None
    rows = pd.read_parquet(part_path(layout, load.load_id, load.rejected))
    rows.insert(0, "load_id", load.load_id)
    rows.insert(1, "file", load.file)
    rows["value"] = rows["value"].map(inert, na_action="ignore")
    return rows[list(QUARANTINE_COLUMNS)].sort_values(["row", "column"], ignore_index=True)
