"""One suite over every vendor form: what it says that it carries comes back through its mapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from fixtures import SynthReport, load_world, synthesise
from fixtures.vendor import VENDOR_FORMS, VendorForm, common_columns
from ingest.mapping.detect import detect, detect_mapping
from ingest.mapping.readers import read_file
from ingest.mappings import MAPPINGS, load_mapping

# The canonical rows that are a form's, where they are not all of them.
TAKEN = {
    "stripe/charges": "psp = 'stripe' AND status <> 'attached'",
    "stripe/payment_methods": "psp = 'stripe' AND status = 'attached'",
    "cloudflare/account_abuse_protection_events/sign_ups": "created_at >= '2026-04-22'",
}
CANONICAL = {
    "exchange": "exchanges/*.parquet",
    "payment": "payments.parquet",
    "login": "logins.parquet",
    "http_request": "http_requests/*.parquet",
    "account": "accounts.parquet",
}
# Named by the vendor itself: accounts come back through aliases, keys as hashes, logins as rays.
RENAMED = {"account_id", "api_key_id", "login_id"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SynthReport]:
    folder = tmp_path_factory.mktemp("vendor-forms")
    world = replace(load_world("quickstart"), days=7, http_requests=0.4, exchanges=60_000)
    return {
        "vendor": synthesise(world, folder / "vendor", scale=0.03, as_="vendor"),
        "canonical": synthesise(world, folder / "canonical", scale=0.03),
    }


@pytest.fixture(params=VENDOR_FORMS, ids=lambda form: form.file)
def form(request: pytest.FixtureRequest) -> VendorForm:
    return request.param


@pytest.fixture
def file(form: VendorForm, reports: dict[str, SynthReport]) -> Path:
    (found,) = [name for name in reports["vendor"].files if name.startswith(form.file)]
    return reports["vendor"].out / found


def test_its_name_is_that_of_a_shipped_mapping_which_knows_every_record(
    form: VendorForm, file: Path
) -> None:
    assert form.name in MAPPINGS
    assert detect_mapping(file).id == form.name
    scores = {candidate.mapping: candidate.score for candidate in detect(file)}
    assert scores.pop(form.name) == 1.0
    assert all(score < 0.5 for score in scores.values())


def test_every_record_is_accepted(form: VendorForm, file: Path, now: datetime) -> None:
    with duckdb.connect() as con:
        reading = read_file(con, file, load_mapping(form.name), now=now)
    lines = len(file.read_bytes().splitlines())
    assert (reading.rows, reading.accepted_rows, reading.rejected_rows) == (lines, lines, 0)
    assert all(warning.startswith("Not kept") for warning in reading.warnings)
    assert form.kind in {item.kind for item in reading.tables if item.rows == lines}


def test_what_it_carries_comes_back_unchanged(
    form: VendorForm, file: Path, now: datetime, reports: dict[str, SynthReport]
) -> None:
    columns = [column for column in common_columns(form.kind) if column not in RENAMED]
    if form.beside:
        columns = ["created_at", "signup_ip"]
    (canonical,) = reports["canonical"].out.glob(CANONICAL[form.kind])
    found = as_read(file, form.name, form.kind, now)
    wanted = as_read(
        canonical, f"canonical.{form.kind}", form.kind, now, where=TAKEN.get(form.file)
    )
    for name in columns:
        left, right = (in_order(table, columns)[name] for table in (found, wanted))
        pd.testing.assert_series_equal(left, right, obj=name)


def as_read(
    file: Path, mapping: str, kind: str, now: datetime, *, where: str | None = None
) -> pd.DataFrame:
    with duckdb.connect() as con:
        reading = read_file(con, file, load_mapping(mapping), now=now)
        (table,) = [item.table for item in reading.tables if item.kind == kind]
        return con.sql(f"FROM {table} WHERE {where or True}").to_arrow_table().to_pandas()


def in_order(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    kept = table[columns]
    return kept.sort_values(columns, key=lambda column: column.astype(str), ignore_index=True)
