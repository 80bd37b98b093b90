"""One suite over the canonical mappings: their files, samples, golden outputs, detection.

Run with WRITE_GOLDEN=1 after a change that is meant to change the output, and read the diff.
"""

from __future__ import annotations

import csv
import json
import os
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.events import EVENTS
from ingest.mapping.detect import detect, detect_mapping
from ingest.mapping.readers import Reading, read_file
from ingest.mapping.sources import explain_file, preview, sources_check, sources_list
from ingest.mappings import MAPPINGS, load_mapping

GOLDEN = Path(__file__).parent.parent / "golden" / "mappings"
CANONICAL = [f"canonical.{event.name}" for event in EVENTS]
EVERY = pytest.mark.parametrize("mapping_id", CANONICAL)  # vendors': test_vendor_mappings.py


@pytest.fixture(scope="module")
def con():
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("SET enable_progress_bar = false")
        yield con


def sample_of(mapping_id: str) -> Path:
    (path,) = (path for path in (GOLDEN / mapping_id).glob("sample.*") if len(path.suffixes) == 1)
    return path


def rows_of(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    return con.sql(f"SELECT * FROM {table} ORDER BY row").to_arrow_table().to_pylist()


def outcome(con: duckdb.DuckDBPyConnection, reading: Reading) -> dict[str, Any]:
    """What is compared: values that are there, and why rows were put aside."""
    accepted = [
        {key: str(v) for key, v in row.items() if v is not None and key != "row_hash"}
        for row in rows_of(con, reading.accepted)
    ]
    rejected = [
        {key: row[key] for key in ("row", "column", "code", "value")}
        for row in rows_of(con, reading.rejected)
    ]
    return {"accepted": accepted, "rejected": rejected, "unknown": dict(reading.unknown_columns)}


@EVERY
def test_the_sample_gives_the_golden_output(con, now: datetime, mapping_id: str) -> None:
    reading = read_file(con, sample_of(mapping_id), load_mapping(mapping_id), now=now)
    found = outcome(con, reading)
    golden = GOLDEN / mapping_id / "expected.json"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(golden.read_text())
    assert found["accepted"]
    assert found["rejected"], "a sample shows at least one row that is put aside"


@EVERY
def test_the_sample_fills_every_column_that_the_mapping_lists(con, now, mapping_id) -> None:
    mapping = load_mapping(mapping_id)
    reading = read_file(con, sample_of(mapping_id), mapping, now=now)
    assert not set(reading.lacking) & {field.name for field in mapping.fields}


@EVERY
def test_the_sample_is_detected_and_its_name_does_not_matter(tmp_path, mapping_id) -> None:
    path = tmp_path / "renamed.bin"
    path.write_bytes(sample_of(mapping_id).read_bytes())
    assert detect_mapping(path).id == mapping_id
    assert detect(path)[0].score == 1.0


@EVERY
def test_every_format_of_the_sample_gives_the_same_rows(con, now, tmp_path, mapping_id) -> None:
    mapping, source = load_mapping(mapping_id), sample_of(mapping_id)
    rows = _as_text(source)
    (tmp_path / "x.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    with (tmp_path / "x.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    wanted = rows_of(con, read_file(con, source, mapping, now=now).accepted)
    for name in mapping.formats:
        reading = read_file(con, tmp_path / f"x.{name}", mapping, now=now)
        assert rows_of(con, reading.accepted) == wanted, name


def _as_text(source: Path) -> list[dict[str, str | None]]:
    if source.suffix == ".csv":
        with source.open(newline="") as file:
            return list(csv.DictReader(file))
    records = [json.loads(line) for line in source.read_text().splitlines()]
    names = dict.fromkeys(name for record in records for name in record)
    return [{name: _text(record.get(name)) for name in names} for record in records]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


@EVERY
def test_the_file_is_named_as_its_id_and_checks_itself(mapping_id: str) -> None:
    info = sources_check(mapping_id)
    assert info.mapping == mapping_id
    assert info.version >= 1
    assert info.summary.endswith(".")
    path = Path(str(files("ingest.mappings"))) / f"{mapping_id}.toml"
    assert path.read_text().startswith("# ")
    assert load_mapping(path).digest == info.digest


def test_the_registry_and_the_folder_agree() -> None:
    folder = Path(str(files("ingest.mappings")))
    assert sorted(path.stem for path in folder.glob("*.toml")) == list(MAPPINGS)
    assert [info.mapping for info in sources_list()] == list(MAPPINGS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_the_canonical_mapping_is_in_step_with_the_event_kind(event) -> None:
    mapping = load_mapping(f"canonical.{event.name}")
    assert mapping.emits == event.name
    listed = [(f.name, str(f.sources[0]), f.as_, f.required, f.cls) for f in mapping.fields]
    assert listed == [(c.name, c.name, c.type, c.required, c.cls) for c in event.columns]
    assert [str(path) for path in mapping.detect[0].all] == list(event.required)


def test_preview_and_explanation_show_no_person_and_no_prompt(now) -> None:
    shown = preview(sample_of("canonical.account"), now=now)
    text = shown.accepted.to_string() + shown.rejected.to_string()
    assert "acct_1" in text
    assert "Ada" not in text
    assert "prompt" not in preview(sample_of("canonical.exchange"), now=now).accepted


def test_an_explanation_names_what_a_file_cannot_feed(now, tmp_path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("exchange_id,ts,account_id,ip,x\ne,2026-01-01T00:00:00Z,a,192.0.2.1,1\n")
    found = explain_file(path, now=now)
    assert {lack.column for lack in found.lacks} >= {"prompt", "device_fingerprint", "model"}
    assert "ip" not in {lack.column for lack in found.lacks}
    assert [str(family) for family in found.silent_families] == [
        "device",
        "lifecycle",
        "profile",
        "prompts",
    ]
    assert found.unknown_columns == {"x": 1}
    whole = explain_file(sample_of("canonical.exchange"), now=now)
    assert whole.silent_families == ()
