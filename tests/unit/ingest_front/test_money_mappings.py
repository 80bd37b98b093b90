"""What vendors write in several ways comes out in one: amounts, times, statuses, scopes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.mapping.readers import read_file
from ingest.mappings import load_mapping

GOLDEN = Path(__file__).parents[2] / "golden" / "mappings"
Events = dict[str, list[dict[str, Any]]]
Reader = Callable[[str, str], Events]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        yield con


@pytest.fixture
def read(con: duckdb.DuckDBPyConnection, tmp_path: Path, now: datetime) -> Reader:
    """Reads a text through a mapping: events by kind, and what was put aside."""

    def run(mapping_id: str, text: str) -> Events:
        path = tmp_path / "file"
        path.write_text(text, encoding="utf-8")
        reading = read_file(con, path, load_mapping(mapping_id), now=now)
        tables = {item.kind: item.table for item in reading.tables}
        return {
            name: con.sql(f"FROM {table} ORDER BY row").to_arrow_table().to_pylist()
            for name, table in {**tables, "rejected": reading.rejected}.items()
        }

    return run


def sample(mapping_id: str, place: int = 0) -> Any:
    """A record of a mapping's sample, to be changed."""
    return json.loads((GOLDEN / mapping_id / "sample.jsonl").read_text().splitlines()[place])


def lines(*records: Any) -> str:
    return "\n".join(json.dumps(record) for record in records)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("20.00", 20.0), ("20,00", 20.0), ("1,234.50", 1234.5), ("1.234,50", 1234.5),
        ("1,234", 1234.0), ("12,345,678.90", 12345678.9), ("5000", 5000.0), ("0.00", 0.0),
    ],
)  # fmt: skip
def test_amounts_of_the_dashboard_in_every_language(
    read: Reader, written: str, amount: float
) -> None:
    header = "id,Created (UTC),Amount,Currency,Status,Customer ID,Card Last4"
    found = read(
        "stripe.dashboard_csv", f'{header}\nch_1,2026-05-28 10:00,"{written}",usd,Paid,cus_1,0042'
    )
    (payment,) = found["payment"]
    assert payment["amount"] == pytest.approx(amount)
    assert payment["last4"] == "0042"


@pytest.mark.parametrize(
    "moment",
    [1779963242, "1779963242", 1779963242000000000, "2026-05-28T10:14:02Z",
     "2026-05-28T10:14:02.000000000Z", "2026-05-28T12:14:02+02:00"],
)  # fmt: skip
def test_a_push_job_may_write_any_of_its_time_formats(read: Reader, moment: Any) -> None:
    request = sample("cloudflare.http_requests") | {"EdgeStartTimestamp": moment}
    event = sample("cloudflare.account_abuse", 1) | {"Timestamp": moment}
    seen = read("cloudflare.http_requests", lines(request))["http_request"]
    seen += read("cloudflare.account_abuse", lines(event))["login"]
    assert [row["ts"] for row in seen] == 2 * [datetime(2026, 5, 28, 10, 14, 2)]


@pytest.mark.parametrize("moment", [1779963242000, 1779963242, "2026-05-28T10:14:02Z"])
def test_a_producer_may_write_seconds_where_the_schema_wants_milliseconds(
    read: Reader, moment: Any
) -> None:
    found = read("ocsf.authentication", lines(sample("ocsf.authentication") | {"time": moment}))
    assert found["login"][0]["ts"] == datetime(2026, 5, 28, 10, 14, 2)


def test_a_fingerprint_is_scoped_to_the_account_of_its_processor(read: Reader) -> None:
    charge = sample("stripe.charge")
    connected = {"object": "event", "type": "charge.succeeded", "account": "acct_B"}
    both = [charge, connected | {"data": {"object": charge | {"id": "ch_other"}}}]
    own, other = read("stripe.charge", lines(*both))["payment"]
    assert own["payment_fingerprint"] == other["payment_fingerprint"]
    assert (own["psp"], other["psp"]) == ("stripe", "stripe:acct_B")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "succeeded"), ({"disputed": True}, "disputed"), ({"refunded": True}, "refunded"),
        ({"disputed": True, "refunded": True}, "disputed"), ({"status": "failed"}, "failed"),
        ({"amount_refunded": 5}, "succeeded"), ({"status": "pending"}, "pending"),
    ],
)  # fmt: skip
def test_a_dispute_outweighs_a_refund_and_a_refund_success(
    read: Reader, change: dict[str, Any], status: str
) -> None:
    charge = sample("stripe.charge") | change
    assert read("stripe.charge", lines(charge))["payment"][0]["status"] == status


@pytest.mark.parametrize(
    ("type_", "outcome"),
    [("s", "success"), ("fp", "failure"), ("fu", "failure"), ("limit_wc", "blocked"),
     ("pwd_leak", "blocked"), ("mfar", "challenge"),
     ("slo", None), ("seacft", None), ("sapi", None), ("fsa", None)],
)  # fmt: skip
def test_codes_of_auth0_are_logins_or_none(read: Reader, type_: str, outcome: str | None) -> None:
    record = sample("auth0.logs", 1)
    found = read("auth0.logs", lines({"log_id": "x", "data": record["data"] | {"type": type_}}))
    assert [row["outcome"] for row in found["login"]] == [outcome] * (outcome is not None)
    assert found["rejected"] == []


@pytest.mark.parametrize("typed", ["nobody", "a b@c.example", "'; DROP TABLE account; --", ""])
def test_what_a_person_typed_does_not_put_his_sign_up_aside(read: Reader, typed: str) -> None:
    found = read(
        "cloudflare.account_abuse", lines(sample("cloudflare.account_abuse") | {"Email": typed})
    )
    assert found["rejected"] == []
    assert [row["email"] for row in found["account"]] == [None]
    benign = read("cloudflare.account_abuse", lines(sample("cloudflare.account_abuse")))
    assert benign["account"][0]["email"] == "user1@example.org"


def test_metadata_name_the_account_and_make_the_customer_its_alias(read: Reader) -> None:
    charge = sample("stripe.charge")
    named = charge | {"metadata": {"account_id": "acct_7"}}
    found = read("stripe.charge", lines(charge, named))
    assert [row["account_id"] for row in found["payment"]] == [charge["customer"], "acct_7"]
    assert [(row["account_id"], row["system"], row["external_id"]) for row in found["alias"]] == [
        ("acct_7", "stripe", charge["customer"])
    ]
