"""Drafts of mappings for shapes that nobody has seen, and questions to a file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from graph_models.errors import BadDataError
from ingest.mapping.drafts import draft
from ingest.mapping.looks import look_of, time_formats
from ingest.mapping.sources import detect_file, explain_file, preview, sources_check
from tests.unit.ingest_front.test_dispatch import account, write
from tests.unit.ingest_front.test_language import TS

GATEWAY = [
    {
        "ev": {"reqId": f"req_{i:06x}", "when": 1777000000000 + i},
        "actor": {"userId": f"u{i % 7}", "addr": f"240.0.0.{i % 9}"},
        "ua": "python-requests/2.31",
        "llm": {"modelName": "m", "usage": json.dumps({"promptTokens": i, "completionTokens": 3})},
        "body": [{"role": "user", "content": "hi"}],
        'bad "key': 1,
        "\u202eeman": 2,
    }
    for i in range(30)
]
CHARGES = [
    {
        "Order ID": f"ord-{i}",
        "Customer": f"c{i % 5}",
        "Paid At": f"2026-05-01 10:{i:02d}:00",
        "Total": "10.50",
        "Currency": "EUR",
        "Card Fingerprint": f"fp{i % 4}",
        "Last 4": "0042",
    }
    for i in range(20)
]


def csv_of(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def drafted(path: Path):
    made = draft(path)
    toml = path.with_suffix(".toml")
    toml.write_text(made.toml)
    return made, toml


def test_a_nested_log_is_drafted_checked_and_read(tmp_path, now) -> None:
    path = write(tmp_path / "gateway.jsonl", GATEWAY)
    made, toml = drafted(path)
    assert (made.mapping, made.emits, made.missing) == ("site.gateway", "exchange", ())
    assert made.columns["input_tokens"].startswith("llm.usage.promptTokens (sure")
    assert made.columns["ip"].startswith("actor.addr (guess")
    assert "\u202e" not in made.toml
    trial = sources_check(toml, sample=path, now=now).sample
    assert trial is not None
    assert (trial.accepted, trial.problems, trial.kinds) == (1.0, 0.0, {"exchange": 30})
    assert trial.examples["output_tokens"] == "3"


def test_a_table_is_drafted_checked_and_read(tmp_path, now) -> None:
    path = csv_of(tmp_path / "My Orders (new).csv", CHARGES)
    made, toml = drafted(path)
    assert (made.mapping, made.emits) == ("site.my_orders_new", "payment")
    assert 'zone = "UTC" # !' in made.toml
    shown = preview(path, mapping=toml, now=now)
    assert len(shown.accepted) == 20
    assert shown.accepted["payment_fingerprint"].nunique() == 4
    assert set(shown.accepted["last4"]) == {"0042"}


def test_records_inside_one_envelope_are_found(tmp_path, now) -> None:
    rows = [{"user": f"u{i}", "at": TS, "ip": "240.0.0.1", "outcome": "ok"} for i in range(5)]
    path = write(tmp_path / "page.jsonl", [{"next": None, "results": rows}])
    made, toml = drafted(path)
    assert 'unwrap = ["results[*]"]' in made.toml
    assert "no column names a row" in made.toml
    assert sources_check(toml, sample=path, now=now).sample.kinds == {"login": 5}


def test_what_is_not_found_is_said_and_loads_nothing_invented(tmp_path, now) -> None:
    path = write(tmp_path / "x.jsonl", [{"model": "m", "prompt_tokens": i} for i in range(9)])
    made, toml = drafted(path)
    assert set(made.missing) == {"exchange_id", "ts", "account_id"}
    assert made.toml.count("# ! nothing seems to hold") == 3
    assert sources_check(toml).mapping == "site.x"
    with pytest.raises(BadDataError):
        sources_check(toml, sample=write(tmp_path / "y.jsonl", [{"z": 1}]), now=now)


def test_card_numbers_stop_the_draft(tmp_path) -> None:
    rows = [row | {"Last 4": "4111111111111111"} for row in CHARGES]
    with pytest.raises(BadDataError, match="Last 4") as caught:
        draft(csv_of(tmp_path / "x.csv", rows))
    assert "4111" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "look"),
    [
        (["240.0.0.1", "2001:db8::1"], "ip"),
        (["1777000000", "1777000001"], "time"),
        (["1777000000123"], "time"),
        (["2026-05-01T10:00:00+02:00"], "time"),
        (["t13d1516h2_8daaf6152771_02713d6af862"], "ja4"),
        (["e7d705a3286e19ea42f587b344ee6865"], "hex32"),
        (["6f9619ff-8b86-4011-b42d-00c04fc964ff"], "uuid"),
        (["cus_9s6XKzkNRiz8i3"], "customer"),
        (["ch_3MmlLrLkdIwHu7ix0snN0B15"], "charge"),
        (["chatcmpl-123abc"], "request"),
        (["ada@example.org"], "email"),
        (["OpenAI/Python 1.40.0"], "user_agent"),
        (["Mozilla/5.0 (X11; Linux x86_64)"], "user_agent"),
        (['[{"role": "user", "content": "x"}]'], "messages"),
        (["5105105105105100"], "card"),
        (["5105105105105101"], "number"),
        (["12", "x y z"], ""),
        ([], ""),
    ],
)
def test_the_looks_of_values(values, look) -> None:
    assert look_of(values) == look


def test_time_formats_are_told_apart() -> None:
    values = ["1777000000", "1777000000123", "1777000000123456", "1777000000123456789", TS]
    assert set(time_formats([*values, "2026-05-01 10:00:00", "5"])) == {
        "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "iso", "local",
    }  # fmt: skip


# ---- questions to a file


def test_candidates_come_with_a_dry_run_and_the_next_command(tmp_path, now) -> None:
    rows = [account(i) | {"organisation": "\x1b[2Jfirm"} for i in range(4)]
    (found,) = detect_file(
        write(tmp_path / "x", [*rows, account(5) | {"created_at": "x"}]), now=now
    )
    assert (found.mapping, found.score) == ("canonical.account", 1.0)
    assert (found.accepted, found.problems) == (0.8, 0.2)
    assert list(found.reasons) == ["created_at: This is no time."]
    assert "\x1b" not in found.examples["organisation"]
    assert found.next == "workbench ingest x --mapping canonical.account"


def test_a_mixed_file_is_explained_mapping_by_mapping(tmp_path, now) -> None:
    exchange = {"exchange_id": "e", "ts": TS, "account_id": "a", "claimed": "ip", "ip": "240.0.0.1"}
    found = explain_file(write(tmp_path / "x", [account(1), account(2), exchange]), now=now)
    assert (found.mapping, found.kinds) == ("canonical.account", {"account": 2})
    (other,) = found.others
    assert (other.mapping, other.kinds) == ("canonical.exchange", {"exchange": 1})
    assert "exchange.ip" in other.filled
    assert {lack.column for lack in other.lacks} >= {"prompt", "model"}
    assert "network" not in map(str, other.silent_families)


def test_what_callers_write_is_named(tmp_path, now) -> None:
    toml = tmp_path / "own.toml"
    toml.write_text(
        '[mapping]\nid = "site.own"\nversion = 1\nextends = "canonical.exchange"\nsystem = "gate"\n'
        '[fields]\nend_user_id = { from = ["who"], trust = "claimed" }\n'
    )
    row = {"exchange_id": "e", "ts": TS, "account_id": "a", "who": "w"}
    found = explain_file(write(tmp_path / "x", [row]), mapping=toml, now=now)
    assert found.claimed == ("exchange.end_user_id",)
    assert found.system == "gate"
