"""One suite over every mapping that ships: samples, golden events of each kind, detection.

A mapping's samples are ``tests/golden/mappings/<id>/sample*``; beside each stand its golden events,
one file a kind (``<sample>.<kind>.jsonl``), and what is put aside (``<sample>.rejected.jsonl``).

To write them anew after a change that is meant to change the output, and then read the diff:
``WRITE_GOLDEN=1 python -m pytest tests/contract/test_vendor_mappings.py``
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from ingest.mapping.detect import detect, detect_router
from ingest.mapping.envelopes import unwrapped
from ingest.mapping.model import Mapping
from ingest.mapping.patterns import knows
from ingest.mapping.readers import Reading, read_file, read_shared
from ingest.mapping.sources import sources_check
from ingest.mappings import MAPPINGS, load_mapping

GOLDEN = Path(__file__).parent.parent / "golden" / "mappings"
SOURCES = Path(__file__).parents[2] / "docs" / "sources.md"
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")


def samples_of(mapping_id: str) -> list[Path]:
    found = (GOLDEN / mapping_id).glob("sample*")
    return sorted(path for path in found if path.suffix in SUFFIXES and path.stem.count(".") == 0)


VENDORS = [name for name in MAPPINGS if not name.startswith("canonical.")]  # test_mappings.py
EVERY = pytest.mark.parametrize("mapping_id", MAPPINGS)
SAMPLES = [
    pytest.param(mapping_id, path, id=f"{mapping_id}-{path.name}")
    for mapping_id in MAPPINGS
    for path in samples_of(mapping_id)
]
EVERY_SAMPLE = pytest.mark.parametrize(("mapping_id", "sample"), SAMPLES)
VENDOR_SAMPLE = pytest.mark.parametrize(
    ("mapping_id", "sample"), [item for item in SAMPLES if item.values[0] in VENDORS]
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("SET enable_progress_bar = false")
        yield con


def rows_of(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        con.sql(f"SELECT * FROM {table} ORDER BY row").to_arrow_table().to_pylist()
    )
    return found


Outcome = dict[str, list[dict[str, str]]]
Named = Callable[[str, Path], Outcome]


def outcome(con: duckdb.DuckDBPyConnection, reading: Reading) -> Outcome:
    """Events by kind and what was put aside, each value as text, missing ones left out."""
    tables = {item.kind: rows_of(con, item.table) for item in reading.tables if item.rows}
    tables["rejected"] = rows_of(con, reading.rejected)
    return {name: [_told(row) for row in rows] for name, rows in tables.items() if rows}


def _told(row: dict[str, Any]) -> dict[str, str]:
    hidden = ("row_hash", "reason", "fix")
    return {key: str(v) for key, v in row.items() if v is not None and key not in hidden}


def golden_of(sample: Path) -> Outcome:
    found = {}
    for path in sorted(sample.parent.glob(f"{sample.stem}.*.jsonl")):
        lines = path.read_bytes().splitlines()
        found[path.name.split(".")[1]] = [orjson.loads(line) for line in lines]
    return found


def write_golden(sample: Path, found: Outcome) -> None:
    for path in sample.parent.glob(f"{sample.stem}.*.jsonl"):
        path.unlink()
    for name, rows in found.items():
        path = sample.parent / f"{sample.stem}.{name}.jsonl"
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


@pytest.fixture(scope="module")
def named(con: duckdb.DuckDBPyConnection, now: datetime) -> Named:
    """What a sample gives when its mapping is named; each is read once."""

    @cache
    def read(mapping_id: str, sample: Path) -> Outcome:
        return outcome(con, read_file(con, sample, load_mapping(mapping_id), now=now))

    return read


@EVERY
def test_samples_show_every_kind_every_column_and_a_reject(named: Named, mapping_id: str) -> None:
    samples = samples_of(mapping_id)
    assert samples, f"{mapping_id} has no sample in tests/golden/mappings"
    found = [named(mapping_id, path) for path in samples]
    assert any("rejected" in events for events in found), "no sample shows a row put aside"
    for emission in load_mapping(mapping_id).emissions:
        rows = [row for events in found for row in events.get(emission.emits, ())]
        assert rows, f"no sample gives a {emission.emits}"
        filled = {name for row in rows for name in row}
        assert not {field.name for field in emission.fields} - filled


@VENDOR_SAMPLE
def test_a_sample_gives_its_golden_events(named: Named, mapping_id: str, sample: Path) -> None:
    found = named(mapping_id, sample)
    if os.environ.get("WRITE_GOLDEN"):
        write_golden(sample, found)
    assert found == golden_of(sample)


@EVERY_SAMPLE
def test_a_sample_is_detected_and_read_as_if_its_mapping_were_named(
    con: duckdb.DuckDBPyConnection,
    named: Named,
    now: datetime,
    tmp_path: Path,
    mapping_id: str,
    sample: Path,
) -> None:
    path = tmp_path / "renamed.bin"
    path.write_bytes(sample.read_bytes())
    assert detect(path)[0].mapping == mapping_id
    router = detect_router(path)
    assert router.mappings[0].id == mapping_id
    detected = read_shared(con, path, router, now=now)
    assert outcome(con, detected) == named(mapping_id, sample)
    assert detected.elsewhere == {}


@EVERY_SAMPLE
def test_no_other_mapping_knows_a_record_of_a_sample(mapping_id: str, sample: Path) -> None:
    if sample.suffix != ".jsonl":
        return
    own = load_mapping(mapping_id)
    for line in sample.read_bytes().splitlines():
        record = orjson.loads(line)
        known = [name for name in MAPPINGS if any_known(load_mapping(name), record)]
        assert set(known) <= {own.id}
        assert known or not any_known(own, record)


def any_known(mapping: Mapping, record: Any) -> bool:
    return any(knows(mapping, item) for item in (record, *unwrapped(record, mapping)[1]))


@EVERY
def test_a_mapping_checks_itself_and_says_what_it_is(mapping_id: str) -> None:
    info = sources_check(mapping_id)
    assert info.mapping == mapping_id
    assert info.version >= 1
    assert info.summary
    path = Path(str(files("ingest.mappings"))) / f"{mapping_id}.toml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > len("# ") + 20, "the first line says what records these are"
    assert load_mapping(path).digest == info.digest


@pytest.mark.parametrize("mapping_id", VENDORS)
def test_the_documents_say_what_a_source_gives(mapping_id: str) -> None:
    (row,) = [
        line for line in SOURCES.read_text("utf-8").splitlines() if f"| `{mapping_id}` |" in line
    ]
    assert all(f"`{item.emits}`" in row for item in load_mapping(mapping_id).emissions)
