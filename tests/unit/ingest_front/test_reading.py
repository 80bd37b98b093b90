from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph_models.errors import BadDataError, UsageError
from ingest.events import CLASSES, EVENTS, Column, event_named
from ingest.formats import records, sniff
from ingest.mapping.detect import detect, detect_mapping
from ingest.mapping.paths import PathInRecord
from ingest.mappings import load_mapping
from ingest.quarantine import REASONS

TS = "2026-01-01T00:00:00Z"
CSV = (
    'account_id,created_at,organisation\r\na1,{0},"two\r\nlines, ""quoted"""\r\n\r\na2,{0},\xfc\r\n'
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_records_do_not_depend_on_where_blocks_end(read, monkeypatch, size) -> None:
    def small(path, compression):
        return sniff.blocks(path, compression, size=size)

    lines = [{"account_id": f"a{i}", "created_at": TS, "organisation": 'ü"{}'} for i in range(5)]
    for text in (
        CSV.format(TS),
        CSV.format(TS).replace("\r\n", "\r"),
        "\n".join(map(json.dumps, lines)),
    ):
        whole = read(text)
        monkeypatch.setattr(records, "blocks", small)
        assert read(text).accepted == whole.accepted
        assert whole.rejected == []
        monkeypatch.undo()


def test_a_wrong_row_does_not_shift_the_numbers_of_others(read) -> None:
    found = read(CSV.format(TS) + f"a3,{TS}\na4,{TS},x\n")
    assert found.column("row") == [1, 2, 4]
    assert found.why == [(3, "", "columns")]


def test_a_stray_quote_within_a_field_is_a_sign_like_others(read) -> None:
    found = read(f'account_id,created_at,organisation\na1,{TS},5" disk\na2,{TS},"x" y\n')
    assert found.column("organisation") == ['5" disk']
    assert found.why == [(2, "", "quote")]


def test_unknown_columns_are_named_and_counted(read) -> None:
    found = read(f"account_id,created_at,x,y\na1,{TS},1,\na2,{TS},2,\n")
    assert found.reading.unknown_columns == {"x": 2, "y": 0}
    assert "x, y" in found.reading.warnings[0]
    rows = [{"account_id": "a", "created_at": TS, "x": 1}, {"account_id": "b", "created_at": TS}]
    found = read("\n".join(json.dumps(row) for row in rows))
    assert found.reading.unknown_columns == {"x": 1}


def test_parquet_types_are_read_as_they_are(read, tmp_path) -> None:
    moments = pa.array([1767225600000000, None], pa.int64())
    columns = {
        "exchange_id": pa.array(["e1", "e2"]).dictionary_encode(),
        "ts": moments.cast(pa.timestamp("us", tz="Europe/Berlin")),
        "account_id": pa.array([7, 8], pa.int32()),
        "input_tokens": pa.array([5.0, 6.5]),
        "temperature": pa.array([0.5, float("nan")], pa.float32()),
        "tools": pa.array([["a", "b"], None]),
        "ip": pa.array([b"192.0.2.1", None], pa.binary()),
        "prompt": pa.array([[{"role": "user", "content": "hi"}], None]),
    }
    path = tmp_path / "typed.parquet"
    pq.write_table(pa.table(columns), path)
    found = read(path, "canonical.exchange")
    assert found.why == [(2, "ts", "missing")]
    (row,) = found.accepted
    assert str(row["ts"]) == "2026-01-01 00:00:00"
    assert (row["account_id"], row["input_tokens"], row["temperature"]) == ("7", 5, 0.5)
    assert (row["tools"], row["ip"], row["prompt"]) == ('["a","b"]', "192.0.2.1", "hi")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_unit_in_parquet(read, tmp_path, unit) -> None:
    moment = pa.array([1767225600]).cast(pa.timestamp("s")).cast(pa.timestamp(unit, tz="UTC"))
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"account_id": ["a"], "created_at": moment}), path)
    assert str(read(path).column("created_at")[0]) == "2026-01-01 00:00:00"


def test_a_parquet_time_without_a_zone_is_put_aside(read, tmp_path) -> None:
    moment = pa.array([1767225600000000]).cast(pa.timestamp("us"))
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"account_id": ["a"], "created_at": moment}), path)
    assert read(path).why == [(1, "created_at", "time_no_zone")]


def test_reading_works_within_a_transaction_and_leaves_nothing_behind(read, con) -> None:
    con.execute("BEGIN")
    found = read(f"account_id,created_at\na1,{TS}\nbad\n")
    con.execute("COMMIT")
    found.reading.drop(con)
    left = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert left == views == []


def test_a_file_is_detected_by_its_columns(tmp_path) -> None:
    path = tmp_path / "any.log.gz"
    path.write_bytes(gzip.compress(f"exchange_id,ts,account_id,ip\ne,{TS},a,192.0.2.1\n".encode()))
    assert detect_mapping(path).id == "canonical.exchange"
    (best, *_) = detect(path)
    assert (best.score, best.reads, best.ignores) == (1.0, 4, ())


def test_an_unknown_file_is_refused_with_what_it_has(tmp_path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("alpha,beta\n1,2\n")
    with pytest.raises(BadDataError, match=r"alpha, beta"):
        detect_mapping(path)


def test_a_file_of_two_kinds_is_not_guessed(tmp_path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [{"account_id": "a", "created_at": TS}, {"login_id": "l", "ts": TS, "account_id": "a"}]
    path.write_text("\n".join(json.dumps(row | {"ip": "192.0.2.1"}) for row in rows * 5))
    with pytest.raises(BadDataError, match=r"canonical\.account"):
        detect_mapping(path)


def test_a_header_alone_is_detected(tmp_path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("ts,kind,name,who\n")
    assert detect_mapping(path).id == "canonical.calendar"


def test_an_unknown_mapping_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"canonical\.login"):
        load_mapping("canonical.logins")
    with pytest.raises(UsageError, match="cannot be read"):
        load_mapping("/nowhere/x.toml")


@pytest.mark.parametrize(
    "text", ["a", "a.b", 'a."b.c".d', "data[*].id", "tags.*.id", "Client IP", "a-b.c_d", "$x.@y"]
)
def test_paths_are_written_as_they_are_read(text: str) -> None:
    path = PathInRecord.parse(text)
    assert PathInRecord.parse(str(path)) == path


@pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "a[0]", "*", "[*].a", 'a."b', "a[*"])
def test_other_paths_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        PathInRecord.parse(text)


def test_the_event_kinds_are_whole() -> None:
    assert [event.name for event in EVENTS] == [
        "account", "alias", "payment", "exchange", "login", "http_request", "device_sighting",
        "label", "indicator", "calendar",
    ]  # fmt: skip
    for event in EVENTS:
        names = [column.name for column in event.columns]
        assert len(names) == len(set(names))
        assert all(column.cls in CLASSES for column in event.columns)
        assert set(event.id_columns) - {event.ts} <= set(event.required)
    assert event_named("exchange").column("prompt").hidden
    with pytest.raises(UsageError, match="device_sighting"):
        event_named("session")
    with pytest.raises(UsageError, match="account_id"):
        event_named("exchange").column("who")
    with pytest.raises(ValueError, match="type"):
        Column(name="x", type="date", doc="")


def test_every_reason_has_a_sentence_and_a_way_out() -> None:
    assert all(reason.code == code for code, reason in REASONS.items())
    assert len({reason.sentence for reason in REASONS.values()}) == len(REASONS)
