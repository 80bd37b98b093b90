"""Totals that are merged by ranges of codes equal the plain ones."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from graph_models.errors import BadDataError
from graph_models.observations import Observations
from ingest.observing import merge
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

TABLES = ("accounts", "identifiers", "sightings", "activity", "calendar", "labels", "enrichment")


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def test_any_number_of_ranges_gives_the_same_tables(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.load(desk, logs.small_world(tmp_path / "logs"))
    whole = desk.current().observations()
    monkeypatch.setattr(merge, "ROWS_AT_A_TIME", 7)
    parts = desk.current().observations()
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(parts, name))


def test_days_are_counted_over_years_and_with_the_register(desk: Workspace, tmp_path: Path) -> None:
    days = [day - 420 for day in (0, 0.2, 3, 61, 62, 62.5, 63, 200, 400.1, 400.2)]
    address = logs.accounts(1)[0]["signup_ip"]
    rows = [
        {**row, "ts": logs.at(day), "account_id": "acct_0", "ip": address}
        for row, day in zip(logs.exchanges(len(days)), days, strict=True)
    ]
    early = {**logs.accounts(1)[0], "created_at": logs.at(-450)}
    logs.load(
        desk,
        logs.write(tmp_path / "exchanges.jsonl", rows),
        logs.write(tmp_path / "accounts.csv", [early]),
    )
    obs = desk.current().observations()
    place = obs.identifiers.index[obs.identifiers["value"] == address].item()
    (got,) = obs.sightings[obs.sightings["identifier"] == place].itertuples()
    assert got.days == len({naive(row["ts"]).date() for row in rows}) + 1
    assert (got.count, got.first) == (len(days) + 1, naive(early["created_at"]))


def test_two_values_with_one_code_are_refused(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.load(desk, logs.write(tmp_path / "exchanges.jsonl", logs.exchanges(20)))

    def same(_kind: str, values) -> np.ndarray:
        return np.full(len(values), 7, dtype=np.int64)

    monkeypatch.setattr("ingest.observing.coding.codes", same)
    with pytest.raises(BadDataError, match="same 64-bit code"):
        desk.current().observations()


def digest(obs: Observations) -> str:
    found = blake2b(digest_size=8)
    for name in TABLES:
        for column, values in getattr(obs, name).items():
            texts = [str(value) for value in values.astype(object)]
            found.update("\x1f".join([name, str(column), *texts]).encode())
    return found.hexdigest()


def test_the_tables_of_a_small_world_stay_what_they_were(desk: Workspace, tmp_path: Path) -> None:
    early = logs.exchanges(200, seed=3, people=9, days=70)
    for i, row in enumerate(early):
        row["ip"] = row["ip"] if i % 4 else f"2001:db8:{i % 7}::{i % 3}"
        row |= {"claimed": "ip,user_agent"} if i % 5 else {}
        row["prompt_cluster"], row["prompt"] = f"pc_{i % 11}", None
    logs.load(
        desk,
        logs.write(tmp_path / "exchanges.jsonl", early),
        logs.write(tmp_path / "accounts.csv", logs.accounts(10)),
        logs.write(tmp_path / "payments.csv", logs.payments()),
    )
    assert digest(desk.current().observations()) == "ab28b32a030bc136"
