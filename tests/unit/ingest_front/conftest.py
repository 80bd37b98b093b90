"""Reading a few bytes through a mapping."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.mapping.model import Mapping
from ingest.mapping.readers import Reading, read_file
from ingest.mappings import load_mapping

ACCOUNTS = "account_id,created_at,country\n"
EXCHANGES = "exchange_id,ts,account_id"


@dataclass(frozen=True)
class Read:
    """A reading with its two tables as Python rows."""

    reading: Reading
    accepted: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def why(self) -> list[tuple[int, str, str]]:
        return [(row["row"], row["column"], row["code"]) for row in self.rejected]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.accepted]


Reader = Callable[..., Read]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("SET enable_progress_bar = false")
        yield con


@pytest.fixture
def read(con: duckdb.DuckDBPyConnection, tmp_path: Path, now: datetime) -> Reader:
    def read(
        data: str | bytes | Path,
        mapping: str | Mapping = "canonical.account",
        *,
        name: str = "input.log",
    ) -> Read:
        if isinstance(data, Path):
            path = data
        else:
            path = tmp_path / name
            raw = data.encode() if isinstance(data, str) else data
            path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        chosen = load_mapping(mapping) if isinstance(mapping, str) else mapping
        reading = read_file(con, path, chosen, now=now)
        accepted, rejected = (
            con.sql(f"SELECT * FROM {table} ORDER BY row").to_arrow_table().to_pylist()
            for table in (reading.accepted, reading.rejected)
        )
        assert reading.rejected_rows == len(rejected)
        assert reading.accepted_rows >= len(accepted)
        assert chosen.also or reading.accepted_rows == len(accepted)
        assert chosen.unwrap or not {row["row"] for row in accepted} & {
            row["row"] for row in rejected
        }
        return Read(reading, accepted, rejected)

    return read
