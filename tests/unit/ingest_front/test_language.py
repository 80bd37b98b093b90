"""Each word of the mapping language, on the records that need it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graph_models.errors import UsageError
from ingest.mapping import model as mapping
from ingest.mapping.expressions import parse_expression
from ingest.mapping.model import parse_mapping

TS = "2026-01-01T00:00:00Z"
HEAD = '[mapping]\nid = "site.x"\nversion = 1\nemits = "login"\n'
LOGIN = (
    '[fields]\nlogin_id = { from = ["id"] }\nts = { from = ["ts"] }\n'
    'account_id = { from = ["user"] }\nip = { from = ["ip"] }\n'
)
ROW = {"id": "l1", "ts": TS, "user": "u1", "ip": "240.0.0.1"}


def parsed(text: str):
    return parse_mapping(text, where="test")


def lines(*rows: dict) -> str:
    return "\n".join(json.dumps(row) for row in rows)


# ---- where


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ('kind = { equals = "login" }', [1]),
        ('kind = { in = ["login", "signup"] }', [1, 2]),
        ('kind = { not_in = ["login"] }', [2, 3, 4]),
        ('kind = { prefix = ["log", "oth"] }', [1, 3]),
        ("kind = { present = true }", [1, 2, 3]),
        ("kind = { present = false }", [4]),
        ("flag = { equals = true }", [2]),
        ("kind = { present = true, not_in = ['login'], prefix = 'o' }", [3]),
    ],
)
def test_where_keeps_the_records_that_every_word_fits(read, words, kept) -> None:
    rows = [
        ROW | {"kind": "login"},
        ROW | {"kind": "signup", "flag": True},
        ROW | {"kind": "other", "flag": False},
        ROW | {"kind": None},
    ]
    found = read(lines(*rows), parsed(HEAD + f"[where]\n{words}\n" + LOGIN))
    assert found.column("row") == kept
    assert found.reading.skipped == 4 - len(kept)


# ---- expr


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("CASE WHEN bool('bad') THEN 'blocked' ELSE text('how') END", "blocked"),
        ("text('how') || '/' || lower(text('WHO'))", "sso/ada"),
        ("coalesce(nullif(text('none'), ''), 'else')", "else"),
        ("CASE WHEN num('n') >= 2.5 THEN 'many' END", "many"),
        ("split_part(text('arn'), '/', 2)", "ada"),
        ("CASE WHEN text('how') IN ('sso', 'pw') AND NOT bool('good') THEN 'yes' END", "yes"),
        ("substr(text('how'), 1, 2)", "ss"),
        ("regexp_extract(text('arn'), ':(\\d+):', 1)", "12"),
        ("CASE WHEN num('how') > 1 THEN 'x' END", None),
        ("CASE WHEN text('how') = 5 THEN 'x' END", None),
    ],
)
def test_an_expression_gives_one_value(read, expr, value) -> None:
    row = ROW | {
        "bad": True,
        "good": False,
        "how": "sso",
        "WHO": "ADA",
        "n": "3",
        "arn": "a:12:/ada",
    }
    text = HEAD + LOGIN + f"outcome = {{ expr = {json.dumps(expr)} }}\n"
    assert read(lines(row), parsed(text)).column("outcome") == [value]


@pytest.mark.parametrize(
    "expr",
    [
        "read_text('secrets')",
        "(SELECT 1)",
        "text('a') IN (SELECT 1)",
        "CAST(text('a') AS INT)",
        "getenv('HOME')",
        "a",
        "repeat('x', 1000000000)",
        "text(lower('a'))",
        "text('a'); DROP TABLE x",
        "text('a', 'b')",
        "'\x1f0'",
        "x" * 3_000,
        "CASE WHEN",
        "random()",
        "list_transform([1], x -> x)",
    ],
)
def test_anything_else_in_an_expression_is_refused(expr) -> None:
    with pytest.raises(ValueError, match="expr"):
        parse_expression(expr)


def test_a_refused_expression_names_what_is_valid() -> None:
    with pytest.raises(UsageError, match=r"fields\.outcome.*read_text.*split_part"):
        parsed(HEAD + LOGIN + "outcome = { expr = \"read_text('x')\" }\n")


def test_text_of_an_expression_is_never_sql(read) -> None:
    row = ROW | {"how": "'; DROP TABLE x; --", "q": '"#0"'}
    text = HEAD + LOGIN + """outcome = { expr = "'a''b' || text('how') || text('q')" }\n"""
    assert read(lines(row), parsed(text)).column("outcome") == ["a'b'; DROP TABLE x; --\"#0\""]


# ---- several kinds


ALSO = """
[[also]]
emits = "device_sighting"
where = { device = { present = true } }
[also.fields]
sighting_id = { from = ["id"] }
ts = { from = ["ts"] }
account_id = { from = ["user"] }
device_fingerprint = { from = ["device"] }
ip = { from = ["ip2"] }
"""


def kinds(con, reading) -> dict[str, list[int]]:
    return {
        item.kind: [
            r for (r,) in con.execute(f"SELECT row FROM {item.table} ORDER BY 1").fetchall()
        ]
        for item in reading.tables
    }


def test_one_record_may_become_several_events(read, con) -> None:
    rows = [
        ROW,
        ROW | {"id": "l2", "device": "d1"},
        ROW | {"id": "l3", "device": ""},  # its required value is missing: no such event
        ROW | {"id": "l4", "device": "d2", "ip2": "no address"},  # present but bad
        ROW | {"id": "l5", "ip": None, "device": "d3"},
    ]
    found = read(lines(*rows), parsed(HEAD + LOGIN + ALSO))
    assert kinds(con, found.reading) == {"login": [1, 2, 3], "device_sighting": [2]}
    assert found.why == [(4, "ip", "ip"), (5, "ip", "missing")]
    assert (found.reading.rows, found.reading.accepted_rows) == (5, 3)


def test_a_record_that_is_only_a_further_event_is_kept_whole(read, con) -> None:
    text = HEAD + '[where]\nkind = { equals = "login" }\n' + LOGIN + ALSO
    rows = [
        ROW | {"kind": "login"},
        ROW | {"kind": "seen", "device": "d1"},
        ROW | {"kind": "seen"},  # neither
        {"kind": "seen", "device": "d1"},  # lacks what the further event needs
    ]
    found = read(lines(*rows), parsed(text))
    assert kinds(con, found.reading) == {"login": [1], "device_sighting": [2]}
    assert (found.reading.rows, found.reading.skipped) == (2, 2)


def test_a_kind_is_emitted_once() -> None:
    with pytest.raises(UsageError, match="emitted twice"):
        parsed(
            HEAD
            + LOGIN
            + '[[also]]\nemits = "login"\n'
            + LOGIN.replace("[fields]", "[also.fields]")
        )


def test_a_further_kind_needs_its_required_fields_and_known_words() -> None:
    with pytest.raises(UsageError, match="sighting_id"):
        parsed(HEAD + LOGIN + '[[also]]\nemits = "device_sighting"\n')
    with pytest.raises(UsageError, match=r"\[\[also\]\] has 'when'"):
        parsed(HEAD + LOGIN + '[[also]]\nemits = "device_sighting"\nwhen = 1\n')


def test_an_overlay_changes_and_adds_kinds(read, con) -> None:
    base = parsed(HEAD + LOGIN + ALSO)
    text = """
[mapping]
id = "site.y"
version = 2
extends = "site.x"
[fields]
account_id = { from = ["member", "user"] }
[[also]]
emits = "device_sighting"
[also.fields]
device_fingerprint = { from = ["visitor"] }
[[also]]
emits = "alias"
[also.fields]
account_id = { from = ["member"] }
system = { const = "crm" }
external_id = { from = ["user"] }
"""
    overlay = parse_mapping(text, where="test", base=base)
    row = ROW | {"member": "m1", "device": "d0", "visitor": "v1"}
    reading = read(lines(row), overlay).reading
    assert [item.kind for item in reading.tables] == ["login", "device_sighting", "alias"]
    tables = {item.kind: con.sql(f"FROM {item.table}").df().iloc[0] for item in reading.tables}
    assert tables["login"]["account_id"] == tables["alias"]["account_id"] == "m1"
    assert tables["device_sighting"]["device_fingerprint"] == "v1"
    assert tables["alias"]["external_id"] == "u1"
    assert overlay.digest != base.digest
    assert overlay.extends == "site.x"


def test_a_required_word_makes_an_optional_column_required(read) -> None:
    text = HEAD + LOGIN + 'outcome = { from = ["how"], required = true }\n'
    found = read(lines(ROW, ROW | {"how": "ok"}), parsed(text))
    assert found.why == [(1, "outcome", "missing")]


# ---- envelopes


OTEL = """
[input]
unwrap = ["spans[*].scopes[*].items[*]", "one"]
carry = ["resource", "scope"]
kv = ["attributes", "resource.attributes", "events[*].attributes"]
[fields]
login_id = { from = ["id"] }
ts = { from = ["ts"] }
account_id = { from = ['attributes."user.id"', 'resource.attributes."user.id"'] }
ip = { from = ["attributes.ip"] }
user_agent = { from = ["scope.name", 'events[*].attributes."ua"'] }
outcome = { from = ["attributes.list"] }
"""


def pair(key: str, **value) -> dict:
    return {"key": key, "value": value}


def test_envelopes_within_envelopes_carry_what_is_named(read) -> None:
    item = {"id": "a", "ts": TS, "attributes": [pair("ip", stringValue="240.0.0.1")]}
    own = {
        **item,
        "id": "b",
        "attributes": [
            *item["attributes"],
            pair("user.id", intValue="7"),
            pair(
                "list",
                arrayValue={
                    "values": [
                        {"stringValue": "x"},
                        {"kvlistValue": {"values": [pair("k", boolValue=True)]}},
                    ]
                },
            ),
        ],
    }
    late = {**item, "id": "c", "events": [{"attributes": [pair("ua", stringValue="curl/8")]}]}
    envelope = {
        "spans": [
            {
                "resource": {"attributes": [pair("user.id", stringValue="u1")]},
                "scopes": [{"scope": {"name": "s"}, "items": [item, own]}, {"items": [late]}],
            }
        ]
    }  # fmt: skip
    found = read(lines(envelope, {"one": {**item, "id": "d"}}) + "\nbroken", parsed(HEAD + OTEL))
    assert found.column("login_id") == ["a", "b", "c"]
    assert found.column("row") == [1, 2, 3]
    assert found.column("account_id") == ["u1", "7", "u1"]
    assert found.column("user_agent") == ["s", "s", "curl/8"]
    assert found.column("outcome")[1] == '["x",{"k":true}]'
    assert found.why == [(4, "account_id", "missing"), (5, "", "json_shape")]


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ({"spans": []}, 0),  # an empty page holds no record
        ({"spans": [{"scopes": [{"items": []}]}]}, 0),
        ({"spans": "text", "id": "x"}, 1),
        ({"spans": [{"scopes": [{"items": [{}, {}]}]}, {"other": 1}]}, 3),
        ({"one": 5}, 1),
        ({}, 1),
    ],
)
def test_every_record_of_an_envelope_is_accounted_for(read, line, rows) -> None:
    found = read(lines(line), parsed(HEAD + OTEL))
    assert found.reading.rows == found.reading.rejected_rows == rows


# ---- what real files do


def test_text_that_should_be_json_costs_only_its_fields(read) -> None:
    text = HEAD + '[input]\njson_text = ["meta"]\n' + LOGIN + 'outcome = { from = ["meta.how"] }\n'
    rows = [
        ROW | {"meta": '{"how": "ok"}'},
        ROW | {"meta": "{broken"},
        ROW | {"meta": ""},
        ROW | {"meta": ["how"]},
        ROW | {"meta": None},
        ROW | {"meta": "5"},
    ]
    found = read(lines(*rows), parsed(text))
    assert found.column("outcome") == ["ok", None, None, None, None, None]
    assert "1 rows hold text that should be JSON and is not." in found.reading.warnings


def test_other_shapes_than_expected_are_missing_values(read) -> None:
    text = HEAD + LOGIN.replace('["user"]', '["user.id", "user"]')
    rows = [
        ROW | {"user": {"id": 12}},
        ROW | {"user": "u2"},
        ROW | {"user": None, "ip": "240.0.0.2"},
        {key: value for key, value in ROW.items() if key != "user"},
    ]
    found = read(lines(*rows), parsed(text))
    assert found.column("account_id") == ["12", "u2"]
    assert found.why == [(3, "account_id", "missing"), (4, "account_id", "missing")]


def test_an_object_is_no_id(read) -> None:
    text = HEAD + LOGIN.replace('["user"]', '["user.id", "user"]')
    found = read(lines(ROW | {"user": {"name": "x"}}, ROW | {"user": ["a"]}), parsed(text))
    assert found.why == [(1, "account_id", "missing"), (2, "account_id", "missing")]


# ---- the page about it

PAGE = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")


def test_the_page_names_every_word() -> None:
    patterns = ("all", "absent", "equals", "prefix", "in", "not_in", "present")
    words = {*mapping._FIELD_KEYS, *mapping._INPUT_KEYS, *mapping._HEAD_KEYS, *patterns}
    assert {word for word in words if f"`{word}`" not in PAGE} == set()


def test_the_example_of_the_page_runs(read, con) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    record = {
        "EventId": "e1",
        "Time": 1777000000000,
        "User": {"Id": "guest", "Mail": "ada@example.org"},
        "Client": {"Ip": "10.0.0.1, 8.8.4.4"},
        "Ok": True,
        "EventType": "login",
        "Product": "gateway",
        "Details": '{"Device": "d1"}',
    }
    found = read(lines({"Records": [record]}), parsed(example))
    assert found.column("account_id") == ["ada@example.org"]
    assert found.column("ip") == ["8.8.4.4"]
    assert found.column("outcome") == ["success"]
    assert kinds(con, found.reading)["device_sighting"] == [1]
