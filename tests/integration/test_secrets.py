"""B27, B36 to B39 to the end: secrets are stored nowhere, and what says nothing links nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.store.workspace import Workspace
from tests.integration.bad_input.values import CARDS, KEYS
from tests.unit.ingest_store import logs


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "desk")


def stored_text(folder: Path) -> str:
    """All that a workspace holds, unpacked."""
    found = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            found.append(json.dumps(pq.read_table(path).to_pylist(), default=str))
        elif path.is_file():
            found.append(path.read_text(errors="replace"))
    return "\n".join(found)


SECRETS = (
    "4111 1111 1111 1111", "5555555555554444", "3782-822463-10005",
    "４２４２４２４２４２４２４２４２",
    "sk-proj-abcdefghijklmnopqrstuvwx1", "AKIAIOSFODNN7EXAMPLE", "hunter2x!", "S3cret99",
)  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_b38_b39_cards_and_keys_are_masked_counted_and_nowhere_stored(
    desk: Workspace, tmp_path: Path, form: str
) -> None:
    texts = [*CARDS, *KEYS, "order 4111111111111112 of 2026-01-01 12:00"]
    rows = [
        {**row, "prompt": text, "user_agent": text, "end_user_id": f"{text} x"}
        for row, text in zip(logs.exchanges(len(texts)), texts, strict=True)
    ]
    rows.append({**rows[0], "exchange_id": "bad", "ip": SECRETS[0]})
    rows.append({**rows[1], "exchange_id": f"id of {SECRETS[1]}"})
    report = logs.load(desk, logs.write(tmp_path / f"x.{form}", rows))
    assert (report.total("loaded"), report.total("quarantined")) == (len(texts) + 1, 1)
    (package,) = report.packages
    assert package.removed["card_numbers"] == 3 * len(CARDS) + 4
    assert package.removed["keys"] + package.removed["passwords"] == 3 * len(KEYS)
    assert "card numbers" in " ".join(package.warnings)
    text = stored_text(desk.path) + json.dumps(report.as_json(), ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in text]
    assert "4111111111111112" in text


def test_a_file_without_a_header_shows_no_card_number(desk: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a1,4111111111111111,x\na2,5555555555554444,y\n")
    report = logs.load(desk, path)
    assert len(report.refused) == 1
    assert "4111111111111111" not in json.dumps(report.as_json())


def shared(column: str, values: list[str], kind: str) -> list[logs.Row]:
    """Two accounts for each value, which they share."""
    names = {"payment": "payment_id", "exchange": "exchange_id"}
    return [
        {names[kind]: f"e{n}_{i}", "ts": logs.at(0.1), "account_id": f"a{n}_{i}", column: value}
        for n, value in enumerate(values)
        for i in range(2)
    ]


NOTHING = {
    "device_fingerprint": ["unknown", "N/A", "0", "null", "00000000-0000-0000-0000-000000000000"],
    "tls_fingerprint": ["unknown", "-", "none"],
    "ip": ["10.0.0.1", "127.0.0.1", "192.0.2.1", "224.0.0.1", "fe80::1", "100.64.0.1"],
    "api_key_id": ["null", "unknown", "-"],
    "prompt_hash": ["unknown", "-"],
    "user_agent": ["unknown", "-", "N/A"],
}
REAL = {
    "device_fingerprint": "dv_81f3c0aa", "tls_fingerprint": "t13d1516h2_8daaf6152771_02713d6af862",
    "ip": "9.9.9.9", "api_key_id": "key_81f3",
}  # fmt: skip


@pytest.mark.parametrize("column", sorted(NOTHING))
def test_b27_b36_what_says_nothing_links_nobody(
    desk: Workspace, tmp_path: Path, column: str
) -> None:
    values = NOTHING[column] + ([REAL[column]] if column in REAL else [])
    rows = shared(column, values, "exchange")
    report = logs.load(desk, logs.write(tmp_path / "x.jsonl", rows))
    assert report.total("loaded") == len(rows)
    found = desk.current().observations()
    identifiers = found.identifiers.loc[found.identifiers["kind"] != "account"]
    linking = identifiers.loc[identifiers["linkable"].astype(bool), "value"].tolist()
    assert [value for value in linking if value in NOTHING[column]] == []
    assert column not in REAL or [v for v in linking if REAL[column] in v]


def test_b37_test_cards_and_card_numbers_are_no_instruments(
    desk: Workspace, tmp_path: Path
) -> None:
    values = ["4111111111111111", "4242 4242 4242 4242", "tok_visa", "pm_card_mastercard", "null"]
    rows = shared("payment_fingerprint", [*values, "fp_81f3c0aa"], "payment")
    logs.load(desk, logs.write(tmp_path / "x.jsonl", rows))
    found = desk.current().observations().identifiers
    assert found.loc[found["kind"] == "payment_method", "value"].tolist() == ["fp_81f3c0aa"]
