"""The bad-input corpus of reference/evidence-and-security.md, as far as files and rows go."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph_models.errors import BadDataError
from ingest.formats import columnar, sniff

HEAD = "account_id,created_at,organisation,country\n"
GOOD = "a1,2026-01-01T00:00:00Z,Acme,DE\n"
EXCHANGE = "exchange_id,ts,account_id"
TS = "2026-01-01T00:00:00Z"


def refusal(read, data, mapping="canonical.account", **kwargs) -> str:
    with pytest.raises(BadDataError) as caught:
        read(data, mapping, **kwargs)
    assert caught.value.what
    assert caught.value.fix
    return f"{caught.value.what} {caught.value.fix}"


@pytest.mark.parametrize("empty", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_b01_an_empty_file_is_refused(read, empty) -> None:
    assert "empty" in refusal(read, empty)


def test_b02_a_header_alone_is_no_error_but_a_warning(read) -> None:
    found = read(HEAD)
    assert found.reading.rows == 0
    assert "no rows" in " ".join(found.reading.warnings)


@pytest.mark.parametrize("text", [HEAD + GOOD, json.dumps({"account_id": "a1", "created_at": TS})])
def test_b03_a_byte_order_mark_is_no_part_of_the_first_name(read, text) -> None:
    assert read(b"\xef\xbb\xbf" + text.encode()).column("account_id") == ["a1"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_b04_utf_16_is_refused_with_a_hint(read, codec) -> None:
    assert "UTF-8" in refusal(read, (HEAD + GOOD).encode(codec))


@pytest.mark.parametrize("wrong", [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xc3"])
def test_b05_b06_a_row_that_is_not_utf8_is_put_aside_with_its_offset(read, wrong) -> None:
    data = HEAD.encode() + b"a0,2026-01-01T00:00:00Z," + wrong + b",DE\n" + "ü1".encode()
    found = read(data + GOOD[2:].encode())
    assert found.why == [(1, "", "encoding")]
    assert f"0x{wrong[0]:02x} at offset 24" in found.rejected[0]["value"]
    assert found.column("account_id") == ["ü1"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (r'{"account_id": "\ud800", "created_at": "%s"}', "json_broken"),
        (r'{"account_id": "a\u0000b", "created_at": "%s"}', "nul"),
        ('{"account_id": "a", "created_at": "%s", "account_id": "b"}', "json_keys"),
        ('{"account_id": "a", "created_at": "%s", "x": ' + "[" * 70 + "]" * 70 + "}", "json_depth"),
        ('{"account_id": "a", "created_at": "%s", "x": NaN}', "json_number"),
        ('{"account_id": "a", "created_at": "%s", "x": -Infinity}', "json_number"),
        ('{"account_id": "a", "created_at": "%s",}', "json_broken"),
        ('{"account_id": "a", "created_at": "%s", "x": [1, ]}', "json_broken"),
        ("{'account_id': 'a', 'created_at': '%s'}", "json_broken"),
        ('{"account_id": "a", "created_at": "%s"} // who', "json_broken"),
        ('{"account_id": "a", "created_at": "%s"', "json_broken"),
        ('{"account_id": "a", "created_at": "%s"}{"x": 1}', "json_broken"),
        ('["a", "%s"]', "json_shape"),
        ('"%s"', "json_shape"),
    ],
)  # fmt: skip
def test_b07_b08_b19_to_b23_a_broken_json_line_is_put_aside_alone(read, line, code) -> None:
    good = '{"account_id": "a1", "created_at": "%s", "x": {"y": [1, 2]}}'
    found = read(f"{good}\n{line}\n\n{good}\n".replace("%s", TS))
    assert [(row, code) for row, _, code in found.why] == [(2, code)]
    assert found.column("row") == [1, 3]


def test_benign_json_that_looks_odd_is_accepted(read) -> None:
    lines = [
        {"account_id": "NaN, Infinity ,] }", "created_at": TS, "x": "\\"},
        {"created_at": TS, "account_id": 'a"b', "x": {"account_id": 1}, "y": [[[]]]},
        {"account_id": 12345678901234567890123, "created_at": TS, "x": None},
    ]
    found = read("\n".join(json.dumps(line) for line in lines))
    assert found.why == []
    assert found.column("account_id") == [
        "NaN, Infinity ,] }",
        'a"b',
        "12345678901234567890123",
    ]


def test_b08_a_nul_byte_in_csv_is_put_aside(read) -> None:
    found = read((HEAD + GOOD + "a\x002,2026-01-01T00:00:00Z,,\n").encode())
    assert found.why == [(2, "", "nul_byte")]


def test_b09_b31_signs_that_a_terminal_obeys_are_escaped_in_what_is_shown(read) -> None:
    found = read(HEAD + "a1,2026-01-01T00:00:00Z,Acme,\x1b[31m\u202eDE\n")
    assert found.rejected[0]["value"] == "\\u001b[31m\\u202eDE"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_b10_every_line_end_is_read(read, end) -> None:
    found = read((HEAD + GOOD + GOOD.replace("a1", "a2")).replace("\n", end))
    assert found.column("account_id") == ["a1", "a2"]
    lines = [json.dumps({"account_id": f"a{i}", "created_at": TS}) for i in (1, 2)]
    assert read(end.join(lines)).column("row") == [1, 2]


def test_b11_the_last_line_needs_no_end(read) -> None:
    assert read(HEAD + GOOD.rstrip()).column("country") == ["DE"]


def test_b12_a_quote_that_swallows_rows_refuses_the_file_and_names_the_line(read) -> None:
    data = HEAD + GOOD + 'a2,2026-01-01T00:00:00Z,"Acme,DE\n' + GOOD
    assert "line 3" in refusal(read, data)


def test_b12_a_last_row_that_was_cut_within_quotes_is_put_aside(read) -> None:
    found = read(HEAD + GOOD + 'a2,2026-01-01T00:00:00Z,"Acm')
    assert found.why == [(2, "", "quote")]


def test_b13_a_line_over_a_megabyte_is_put_aside(read) -> None:
    found = read(HEAD + GOOD + f"a2,{TS},{'x' * (1 << 20)},DE\n" + GOOD.replace("a1", "a3"))
    assert found.why == [(2, "", "line_too_long")]
    assert found.column("row") == [1, 3]


def test_b13_one_endless_line_refuses_the_file(read, tmp_path) -> None:
    path = tmp_path / "endless.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(b'{"account_id": "')
        for _ in range(30):
            out.write(b"ab" * (1 << 19))
    assert "does not end" in refusal(read, path)


def test_b14_a_long_field_is_put_aside_but_a_long_prompt_is_work(read) -> None:
    long = "x" * 131_073
    assert read(HEAD + f"a1,{TS},{long},DE\n").why == [(1, "organisation", "too_long")]
    assert read(HEAD + f"a1,{TS},{long[:-1]},DE\n").why == []
    assert read(f"{EXCHANGE},prompt\ne1,{TS},a1,{long}\n", "canonical.exchange").why == []


def test_b15_too_few_or_too_many_fields(read) -> None:
    found = read(HEAD + GOOD + f"a2,{TS},x\n" + f"a3,{TS},x,DE,more\n" + GOOD)
    assert found.why == [(2, "", "columns"), (3, "", "columns")]
    assert [row["value"] for row in found.rejected] == [
        "3 fields, the header has 4",
        "5 fields, the header has 4",
    ]


@pytest.mark.parametrize("second", ["country", "COUNTRY", " country"])
def test_b16_double_column_names_are_refused(read, second) -> None:
    assert "twice" in refusal(read, f"account_id,created_at,country,{second}\na,{TS},DE,DE\n")


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_b17_another_delimiter_is_refused_with_its_name(read, sign) -> None:
    assert repr(sign) in refusal(read, (HEAD + GOOD).replace(",", sign))


def test_b18_a_hundred_thousand_columns_are_refused(read) -> None:
    assert "100,000 columns" in refusal(read, ",".join(f"c{i}" for i in range(100_000)) + "\n1\n")


def test_b21_b22_b48_numbers_that_are_none(read) -> None:
    cases = {
        "NaN": "int",
        "Infinity": "int",
        "1e999": "int",
        "9007199254740993": "range",
        "9" * 4301: "range",
        "12.5": "int",
        "-1": "negative",
        "twelve": "int",
        "１２": "int",
    }
    rows = "".join(f"e1,{TS},a1,{value}\n" for value in cases)
    found = read(f"{EXCHANGE},input_tokens\n{rows}", "canonical.exchange")
    wanted = [(row, "input_tokens", code) for row, code in enumerate(cases.values(), 1)]
    assert found.why == wanted


def test_benign_whole_numbers(read) -> None:
    rows = "".join(f"e1,{TS},a1,{value}\n" for value in ("12", "12.0", "+3", 2**53, ""))
    found = read(f"{EXCHANGE},input_tokens\n{rows}", "canonical.exchange")
    assert found.column("input_tokens") == [12, 12, 3, 2**53, None]


def test_b21_decimals_that_are_none(read) -> None:
    values = ("NaN", "inf", "1e999", "0x10", "1,5", "0.7", 1, "1e-2")
    lines = [
        json.dumps({"exchange_id": "e", "ts": TS, "account_id": "a", "temperature": value})
        for value in values
    ]
    found = read("\n".join(lines), "canonical.exchange")
    assert found.why == [(row, "temperature", "decimal") for row in range(1, 6)]
    assert found.column("temperature") == [0.7, 1.0, 0.01]


def test_b24_a_json_array_is_refused_with_the_way_out(read) -> None:
    assert "jq -c" in refusal(read, json.dumps([{"account_id": "a", "created_at": TS}]))


IPS = {
    "010.0.0.1": None,
    "0x7f.1": None,
    "2130706433": None,
    "1.2.3": None,
    "fe80::1%eth0": None,
    "１.2.3.4": None,
    "1.2.3.4:80": None,
    "256.1.1.1": None,
    "1::2::3": None,
    "192.0.2.7": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "2001:DB8:0:0::7": "2001:db8::7",
    " 10.0.0.1 ": "10.0.0.1",
    "127.0.0.1": "127.0.0.1",
}


def test_b25_to_b28_addresses_have_one_spelling_or_none(read) -> None:
    rows = "".join(f"e1,{TS},a1,{ip}\n" for ip in IPS)
    found = read(f"{EXCHANGE},ip\n{rows}", "canonical.exchange")
    wrong = [row for row, clean in enumerate(IPS.values(), 1) if clean is None]
    assert found.why == [(row, "ip", "ip") for row in wrong]
    assert found.column("ip") == [clean for clean in IPS.values() if clean]


def test_b33_two_spellings_of_one_letter_are_one_value(read) -> None:
    found = read(HEAD + f"e\u0301,{TS},,\n\u00e9,{TS},,\n")
    assert len(set(found.column("account_id"))) == 1


JUNK = [
    "", "null", "N/A", "unknown", "None", "-", "0", "00000000-0000-0000-0000-000000000000",
    "00:00:00:00", "ffffffff-ffff-ffff-ffff-ffffffffffff", "  ",
]  # fmt: skip


def test_b36_junk_device_ids_are_missing_and_never_link(read) -> None:
    real = ["dv_0f", "f0", "0000a"]
    rows = "".join(f"e1,{TS},a1,{value}\n" for value in JUNK + real)
    found = read(f"{EXCHANGE},device_fingerprint\n{rows}", "canonical.exchange")
    assert found.column("device_fingerprint") == [None] * len(JUNK) + real


def test_b36_junk_in_a_required_id_is_a_missing_value(read) -> None:
    assert read(HEAD + f"null,{TS},,\n").why == [(1, "account_id", "missing")]


def test_b38_a_card_number_as_an_id_is_put_aside_and_not_shown(read) -> None:
    found = read(HEAD + f"4111111111111111,{TS},,\n4111111111111112,{TS},,\n")
    assert found.why == [(1, "account_id", "card_number")]
    assert "4111" not in json.dumps(found.rejected)


HOSTILE = [
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "'}) DETACH DELETE n //", "Ignore all",
    "'; DROP TABLE accepted_1; --", '"; SELECT 1', "{t} {v} {account_id}",
]  # fmt: skip


def test_b40_to_b44_hostile_text_is_text(read) -> None:
    lines = [{"account_id": text, "created_at": TS, "organisation": text} for text in HOSTILE]
    lines += [{"account_id": "a", "created_at": TS, "country": text} for text in HOSTILE]
    found = read("\n".join(json.dumps(line) for line in lines))
    assert found.column("organisation") == HOSTILE
    assert [row["value"] for row in found.rejected] == HOSTILE


def test_hostile_column_names_are_only_names(read) -> None:
    found = read(f'account_id,created_at,"x""; DROP TABLE t; --",row\na,{TS},1,2\n')
    assert found.column("account_id") == ["a"]
    assert found.reading.unknown_columns == {'x"; DROP TABLE t; --': 1, "row": 1}


def test_b45_b46_b47_times_that_are_none(read) -> None:
    cases = {
        "2026-02-30T00:00:00Z": "time_format",
        "2026-01-01T24:00:00Z": "time_format",
        "2026-01-01T23:59:60Z": "time_format",
        "0001-01-01T00:00:00+14:00": "time_old",
        "2026-01-01T00:00:00": "time_no_zone",
        "2026-01-01 00:00:00.5": "time_no_zone",
        "2026-01-01": "time_format",
        "1767225600": "time_format",
        "infinity": "time_format",
        "2014-12-31T23:59:59Z": "time_old",
        "2026-07-02T00:00:01Z": "time_future",
    }
    found = read(HEAD + "".join(f"a1,{time},,\n" for time in cases))
    assert found.why == [(row, "created_at", code) for row, code in enumerate(cases.values(), 1)]


def test_times_with_any_zone_mark_are_utc_whatever_the_zone_of_the_session(read, con) -> None:
    con.execute("SET TimeZone = 'Asia/Tokyo'")
    times = [
        "2026-01-01T00:00:00Z", "2026-01-01 00:00:00+00:00", "2026-01-01T01:00:00+01",
        "2025-12-31T19:00-0500", "2026-01-01 00:00:00.000000 UTC", "2026-01-01T00:00:00.000000001Z",
        "2026-01-01T05:45:00+05:45",
    ]  # fmt: skip
    found = read(HEAD + "".join(f"a1,{time},,\n" for time in times))
    assert {str(value) for value in found.column("created_at")} == {"2026-01-01 00:00:00"}
    assert len(set(found.column("row_hash"))) == 1


def test_b48_an_end_before_its_start_is_put_aside(read) -> None:
    data = f"account_id,created_at,closed_at\na1,{TS},2025-01-01T00:00:00Z\na2,{TS},{TS}\n"
    assert read(data).why == [(1, "closed_at", "order")]


def test_b50_ids_that_differ_in_case_are_two(read) -> None:
    assert len(set(read(HEAD + f"A1,{TS},,\na1,{TS},,\n").column("account_id"))) == 2


@pytest.mark.parametrize("name", ["..", "con.csv", "a\x00b.csv", "n" * 300])
def test_b51_file_names_that_are_traps(read, tmp_path, name) -> None:
    refusal(read, tmp_path / name)


def test_a_path_through_the_parent_folder_is_only_a_path(read, tmp_path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "x.csv").write_text(HEAD + GOOD)
    assert read(tmp_path / "here" / ".." / "x.csv").column("account_id") == ["a1"]


def test_b53_a_parquet_bomb_of_rows_that_take_no_bytes_is_refused(
    read, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(columnar, "FREE_ROWS", 1000)
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"account_id": ["a"] * 100_000, "created_at": [TS] * 100_000}), path)
    assert "bomb" in refusal(read, path)
    monkeypatch.undo()
    assert read(path).reading.accepted_rows == 100_000


@pytest.mark.parametrize("packed", ["gzip", "zstd"])
def test_b53_a_bomb_is_refused_while_it_streams(read, tmp_path, monkeypatch, packed) -> None:
    monkeypatch.setattr(sniff, "FREE_BYTES", 1 << 20)
    path = tmp_path / "bomb.csv"
    text = HEAD.encode() + GOOD.encode() * 100_000
    with pa.output_stream(path, compression=packed) as out:
        out.write(text)
    if packed == "gzip":
        path.write_bytes(gzip.compress(text, 9))
    monkeypatch.setattr(sniff, "MAX_RATIO", 100)
    assert "bomb" in refusal(read, path)


def test_a_well_packed_log_is_no_bomb(read) -> None:
    found = read(HEAD + GOOD * 20_000, name="log.csv.gz")
    assert found.reading.accepted_rows == 20_000


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"<!doctype html><html>", "HTML"),
        (b"\x7fELF\x02\x01\x01", "program"),
        (b"PK\x03\x04zip", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (pickle.dumps({"account_id": "a1"}), "pickle"),
        (b"\x93NUMPY\x01", "NumPy"),
        (b"SQLite format 3\x00", "database"),
        (bytes(range(256)), "program|binary|UTF-8|header|column"),
    ],
)
def test_b54_b56_what_is_no_log_is_refused_whatever_its_name(read, start, word) -> None:
    for name in ("x.csv", "x.parquet"):
        message = refusal(read, start + b"\n" * 300, name=name)
        assert any(part in message for part in word.split("|")), message


@pytest.mark.parametrize("cut", [8, 100, 300])
def test_b55_a_cut_parquet_file_is_refused(read, tmp_path, cut) -> None:
    path = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"account_id": ["a1"] * 50, "created_at": [TS] * 50}), path)
    data = path.read_bytes()
    assert read(data).reading.accepted_rows == 50
    assert "Parquet" in refusal(read, data[:-cut])


def test_b55_a_file_without_a_required_column_is_refused_once(read, tmp_path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"account_id": ["a1"]}), path)
    assert "created_at" in refusal(read, path)
    assert "created_at" in refusal(read, "account_id,country\na1,DE\n")


def test_b55_wrong_types_in_parquet_are_rows_with_reasons(read, tmp_path) -> None:
    path = tmp_path / "x.parquet"
    columns = {"account_id": [1, 2], "created_at": [TS, TS], "country": [[1], None]}
    pq.write_table(pa.table(columns), path)
    found = read(path)
    assert found.why == [(1, "country", "country")]
    assert found.column("account_id") == ["2"]


def test_b55_damaged_text_in_parquet_loses_only_its_rows(read, tmp_path) -> None:
    path = tmp_path / "x.parquet"
    offsets = pa.array([0, 2, 4, 6], pa.int32()).buffers()[1]
    ids = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"a1\xff\xfea3"))
    pq.write_table(pa.table({"account_id": ids, "created_at": [TS] * 3}), path)
    found = read(path)
    assert found.why == [(2, "", "encoding")]
    assert found.column("account_id") == ["a1", "a3"]


def test_f07_a_cut_gzip_file_is_refused(read, tmp_path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress((HEAD + GOOD * 5000).encode())[:-20])
    assert "to its end" in refusal(read, path)


def test_what_must_not_be_shown_is_not_in_quarantine(read) -> None:
    data = {"account_id": "a", "created_at": TS, "email": "canary at example.org", "name": "Canary"}
    found = read(json.dumps(data | {"phone": "canary\u0000"}))
    assert found.why == [(1, "email", "email")]
    assert "canary" not in json.dumps(found.rejected).lower()


def test_file_names_with_wildcards_are_only_names(read, tmp_path) -> None:
    folder = Path(tmp_path)
    table = pa.table({"account_id": ["a1"], "created_at": [TS]})
    for name in ("a[1]*?.parquet", "a1.parquet", "a1x.parquet"):
        pq.write_table(table, folder / name)
    assert read(folder / "a[1]*?.parquet").column("account_id") == ["a1"]
