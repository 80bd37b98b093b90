"""The mapping machinery on records of the shape that vendors write: nested, packed, wrapped."""

from __future__ import annotations

import json

import pytest

from graph_models.errors import UsageError
from ingest.mapping.model import parse_mapping

LITELLM = """
[mapping]
id = "site.litellm"
version = 1
emits = "exchange"
[detect]
any_of = [ { all = ["request_id", "call_type", "api_key", "startTime", "prompt_tokens"] },
           { all = ["id", "call_type", "startTime", "metadata.user_api_key_hash"] } ]
[input]
formats = ["jsonl", "csv", "parquet"]
json_text = ["metadata", "messages", "metadata.extra"]
[where]
call_type = { not_in = ["health_check"] }
[fields]
exchange_id = { from = ["request_id", "id"], required = true }
ts          = { from = ["startTime"], as = "time", formats = ["iso", "epoch_s"] }
account_id  = { from = ["metadata.user_api_key_user_id", "user"], skip = ["default_user_id"] }
end_user_id = { from = ["end_user", "metadata.end_user_id"], trust = "claimed" }
api_key_id  = { from = ["api_key", "metadata.user_api_key_hash"], class = "secret_ref" }
ip          = { from = ["requester_ip_address"], as = "ip", pick_ip = "first-public" }
user_agent  = { from = ["metadata.user_agent"] }
device_fingerprint = { from = ["metadata.spend.device", "metadata.extra.device"] }
model       = { from = ["model_group", "model"] }
endpoint    = { from = ["call_type"], map = { acompletion = "chat" }, default = "other" }
input_tokens  = { from = ["prompt_tokens"], as = "int" }
prompt      = { from = ["messages"], as = "messages", skip = ["{}", "[]"], class = "content" }
session_id  = { from = ["tags.*.session", "list[*].id"] }
status      = { from = ["status"], map = { success = "ok", failure = "error" } }
"""
STRIPE = """
[mapping]
id = "site.stripe"
version = 1
emits = "payment"
[input]
formats = ["jsonl"]
unwrap = ["data.object", "data[*]"]
[fields]
payment_id = { from = ["id"], required = true }
ts         = { from = ["created"], as = "time", formats = ["epoch_s"] }
account_id = { from = ["metadata.account_id", "customer.id", "customer"] }
psp        = { const = "stripe" }
kind       = { from = ["payment_method_details.type"], default = "unknown" }
payment_fingerprint = { from = ["payment_method_details.card.fingerprint"], scope = "of:{source}" }
last4      = { from = ["payment_method_details.card.last4"], check = '^\\d{4}$' }
funding    = { from = ["payment_method_details.card.funding"], enum = ["credit", "debit"] }
amount     = { from = ["amount"], as = "minor_units" }
currency   = { from = ["currency"], as = "upper" }
"""
LITELLM_ROW = {
    "request_id": "r1",
    "call_type": "acompletion",
    "api_key": "hash1",
    "startTime": "2026-01-01T00:00:00Z",
    "prompt_tokens": 5,
    "model": "m",
    "end_user": "eu",
    "requester_ip_address": "10.0.0.1, 203.0.113.9",
    "metadata": {"user_api_key_user_id": "u1", "spend": {"device": "dv"}, "user_agent": "ua"},
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Solve 1+1"}]},
    ],
    "status": "success",
    "tags": {"x": {"session": "s1"}},
}


def parsed(text: str):
    return parse_mapping(text, where="test")


def test_nested_records_are_mapped_whether_json_or_text_of_json(read) -> None:
    packed = LITELLM_ROW | {
        "metadata": json.dumps(LITELLM_ROW["metadata"] | {"extra": json.dumps({"device": "d2"})}),
        "startTime": 1767225600.25,
        "messages": json.dumps(LITELLM_ROW["messages"]),
        "list": [{"id": "s9"}],
        "tags": None,
    }
    rows = [
        LITELLM_ROW,
        packed,
        LITELLM_ROW | {"call_type": "health_check"},
        LITELLM_ROW | {"prompt_tokens": "x9"},
        LITELLM_ROW | {"metadata": "no json", "user": "default_user_id"},
        LITELLM_ROW | {"metadata": {}, "user": "u2", "messages": {}, "call_type": "rerank"},
    ]
    found = read("\n".join(json.dumps(row) for row in rows), parsed(LITELLM))
    assert found.why == [(4, "input_tokens", "int"), (5, "account_id", "missing")]
    assert found.reading.skipped == 1
    assert found.column("row") == [1, 2, 6]
    assert found.column("account_id") == ["u1", "u1", "u2"]
    assert found.column("device_fingerprint") == ["dv", "dv", None]
    assert found.column("session_id") == ["s1", "s9", "s1"]
    assert found.column("ip") == ["203.0.113.9"] * 3
    assert found.column("endpoint") == ["chat", "chat", "other"]
    assert found.column("status") == ["ok"] * 3
    assert found.column("claimed") == ["end_user_id"] * 3
    assert found.column("prompt") == ["Be brief.\nSolve 1+1"] * 2 + [None]
    assert [str(value) for value in found.column("ts")] == [
        "2026-01-01 00:00:00",
        "2026-01-01 00:00:00.250000",
        "2026-01-01 00:00:00",
    ]


def test_text_of_json_in_csv_is_mapped_alike(read) -> None:
    row = {
        key: json.dumps(v) if isinstance(v, dict | list) else v for key, v in LITELLM_ROW.items()
    }
    quoted = ",".join('"' + str(value).replace('"', '""') + '"' for value in row.values())
    in_csv = read(",".join(row) + "\n" + quoted, parsed(LITELLM)).accepted
    in_json = read(json.dumps(LITELLM_ROW), parsed(LITELLM)).accepted
    assert in_csv == in_json


def test_envelopes_and_lists_are_unwrapped(read) -> None:
    charge = {
        "id": "ch_1",
        "created": 1767225600,
        "customer": {"id": "cus_1"},
        "source": "acct_9",
        "amount": 1999,
        "currency": "eur",
        "payment_method_details": {
            "type": "card",
            "card": {"fingerprint": "fp1", "last4": "4242", "funding": "debit"},
        },
    }
    card = charge["payment_method_details"] | {"card": {"last4": "12345678", "funding": "prepaid"}}
    rows = [
        charge,
        {"type": "charge.succeeded", "data": {"object": charge | {"customer": "cus_2"}}},
        {"object": "list", "data": [charge, charge | {"currency": "jpy"}, charge | {"id": None}]},
        charge | {"payment_method_details": card},
    ]
    found = read("\n".join(json.dumps(row) for row in rows) + "\nbroken", parsed(STRIPE))
    assert found.column("row") == [1, 2, 3, 4]  # records, not lines
    assert [(row, column) for row, column, _ in found.why] == [
        (5, "payment_id"),
        (6, "last4"),
        (7, ""),
    ]
    assert found.column("account_id") == ["cus_1", "cus_2", "cus_1", "cus_1"]
    assert sorted(found.column("amount")) == [19.99, 19.99, 19.99, 1999.0]
    assert set(found.column("payment_fingerprint")) == {"of:acct_9:fp1"}
    assert set(found.column("psp")) == {"stripe"}


def test_a_source_zone_gives_local_times_a_meaning(read) -> None:
    head = (
        "[mapping]\nid = 'x.y'\nversion = 1\nemits = 'account'\n[input]\nzone = 'Europe/Berlin'\n"
    )
    body = "[fields]\naccount_id = { from = ['id'] }\ncreated_at = { from = ['at'] }\n"
    found = read("id,at\na,2026-01-01 01:00:00\nb,2026-01-01T00:00:00Z\n", parsed(head + body))
    assert {str(value) for value in found.column("created_at")} == {"2026-01-01 00:00:00"}


def test_an_overlay_changes_only_what_it_names(read, tmp_path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        "[mapping]\nid = 'site.account'\nversion = 2\nextends = 'canonical.account'\n"
        "[input]\ndelimiter = ';'\n[fields]\naccount_id = { from = ['konto', 'account_id'] }\n"
    )
    found = read("konto;created_at;country\na;2026-01-01T00:00:00Z;de\n", str(path))
    assert found.column("account_id") == ["a"]
    assert found.column("country") == ["DE"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("[fields]\nacount_id = { from = ['x'] }", "account_id"),
        ("[fields]\naccount_id = { form = ['x'] }", "from"),
        ("[fields]\ncreated_at = { from = ['x'], as = 'date' }", "as is 'date'; valid are"),
        ("[fields]\ncreated_at = { from = ['x'], as = 'int' }", "gives no TIMESTAMP"),
        ("[fields]\ncreated_at = { from = ['x'], formats = ['epoch'] }", "epoch_ms"),
        ("[fields]\nname = { from = ['x'], class = 'secret' }", "secret_ref"),
        ("[fields]\nname = { from = ['x..y'] }", "unreadable"),
        ("[fields]\nname = { from = ['*.y'] }", "begin with a key"),
        ("[fields]\nname = { default = 'x' }", "neither from nor const"),
        ("[fields]\nlast = 1", "last"),
        ("[fields]\nname = { from = ['x'], check = '(' }", "invalid"),
        ("[input]\nzone = 'Mars/Base'", "Mars/Base"),
        ("[input]\ndelimiter = '::'", "one ASCII"),
        ("[input]\nformats = ['xml']", "jsonl"),
        ("[output]\nx = 1", "output"),
        ("[where]\nx = { like = 'y' }", "not_in"),
        ("[detect]\nsome_of = []", "any_of"),
        ("x = [", "no TOML"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong_and_what_is_valid(tmp_path, change, word) -> None:
    from ingest.mappings import load_mapping

    path = tmp_path / "wrong.toml"
    head = "[mapping]\nid = 'x.y'\nversion = 1\nextends = 'canonical.account'\n"
    path.write_text(head + change)
    with pytest.raises(UsageError) as caught:
        load_mapping(path)
    assert word in str(caught.value)
    assert "wrong.toml" in str(caught.value)


def test_a_mapping_needs_the_required_fields() -> None:
    with pytest.raises(UsageError, match="account_id"):
        parsed("[mapping]\nid = 'x'\nversion = 1\nemits = 'account'\n[fields]\n")
