"""Whatever the format, the packing or the damage: the same rows, and every row accounted for."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph_models.errors import BadDataError
from ingest.mapping.readers import read_file
from ingest.mappings import load_mapping

NOW = datetime(2026, 7, 1, tzinfo=UTC)
COLUMNS = ("exchange_id", "ts", "account_id", "ip", "user_agent", "temperature", "n", "prompt")
SETTINGS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes where a file is read
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12),
    st.sampled_from(
        ['a "quoted", word', "two\nlines", "\r\n", "=1+1", "  edge ", "ünïcode", "null"]
    ),
)
ids = st.text("abcXYZ019_-é", min_size=2, max_size=8).map(lambda text: f"i{text}")
times = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 30))
events = st.fixed_dictionaries(
    {
        "exchange_id": ids,
        "ts": times.map(lambda moment: moment.replace(tzinfo=UTC)),
        "account_id": ids,
        "ip": st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str) | st.none(),
        "user_agent": texts | st.none(),
        "temperature": st.floats(0, 2, width=32).map(lambda x: round(x, 3)) | st.none(),
        "n": st.integers(0, 2**53) | st.none(),
        "prompt": texts | st.none(),
    }
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("SET enable_progress_bar = false")
        yield con


def as_csv(rows: list[dict], end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    # Python's csv leaves a lone CR bare, which its own reader then refuses.
    writer = csv.DictWriter(out, COLUMNS, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in rows:
        writer.writerow(row | {"ts": row["ts"].isoformat()})
    return out.getvalue().encode()


def as_jsonl(rows: list[dict], *, ascii_only: bool = False) -> bytes:
    lines = [
        json.dumps(row | {"ts": row["ts"].isoformat()}, ensure_ascii=ascii_only) for row in rows
    ]
    return "\n".join(lines).encode()


def as_parquet(rows: list[dict], *, typed: bool = True) -> bytes:
    moment = pa.timestamp("us", tz="UTC") if typed else pa.string()
    kinds = {"ts": moment, "temperature": pa.float64(), "n": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    given = rows if typed else [row | {"ts": row["ts"].isoformat(" ")} for row in rows]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(given, schema), out)
    return out.getvalue()


def read(con, path: Path, data: bytes) -> tuple[list[tuple], list[tuple]]:
    path.write_bytes(data)
    reading = read_file(con, path, load_mapping("canonical.exchange"), now=NOW)
    try:
        accepted, rejected = (
            con.execute(f"SELECT * FROM {table} ORDER BY row").fetchall()
            for table in (reading.accepted, reading.rejected)
        )
    finally:
        reading.drop(con)
    assert reading.rows == len(accepted) + len(rejected)
    numbers = sorted(row[0] for row in accepted + rejected)
    assert numbers == list(range(1, reading.rows + 1))
    return accepted, rejected


WRITERS: tuple[Callable[[list[dict]], bytes], ...] = (
    as_csv,
    lambda rows: b"\xef\xbb\xbf" + as_csv(rows, "\r\n"),
    as_jsonl,
    lambda rows: as_jsonl(rows, ascii_only=True),
    as_parquet,
    lambda rows: as_parquet(rows, typed=False),
    lambda rows: gzip.compress(as_csv(rows)),
    lambda rows: gzip.compress(as_parquet(rows)),
)


@settings(SETTINGS, max_examples=5)  # eight files each
@given(rows=st.lists(events, min_size=5, max_size=40))
def test_every_format_gives_the_same_rows_and_hashes(con, tmp_path, rows) -> None:
    found = [read(con, tmp_path / "any", write(rows)) for write in WRITERS]
    accepted, rejected = found[0]
    assert len(accepted) == len(rows)
    assert rejected == []
    for other, others in found[1:]:
        assert other == accepted
        assert others == []


def test_zstd_is_read_like_the_plain_file(con, tmp_path) -> None:
    rows = [dict.fromkeys(COLUMNS) | {"exchange_id": "e", "account_id": "a", "ts": NOW}] * 3
    packed = tmp_path / "packed"
    with pa.output_stream(packed, compression="zstd") as out:
        out.write(as_csv(rows))
    assert read(con, packed, packed.read_bytes()) == read(con, tmp_path / "x", as_csv(rows))


@SETTINGS
@given(rows=st.lists(events, min_size=1, max_size=25), seed=st.randoms(use_true_random=False))
def test_hashes_do_not_depend_on_the_order_of_rows(con, tmp_path, rows, seed) -> None:
    shuffled = seed.sample(rows, len(rows))
    before, after = (read(con, tmp_path / "any", as_csv(given))[0] for given in (rows, shuffled))
    assert sorted(row[-1] for row in before) == sorted(row[-1] for row in after)


damage = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([b'"', b"\n", b",", b"\x00", b"\xff", b"\r", b"{", b"}", b"\\", b"x", b""]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, wounds: list[tuple[float, bytes, int]]) -> bytes:
    for where, what, cut in wounds:
        at = int(where * len(data))
        data = data[:at] + what + data[at + cut :]
    return data


@SETTINGS
@given(rows=st.lists(events, min_size=2, max_size=20), wounds=damage)
@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_damage_loses_no_row_silently(con, tmp_path, write, rows, wounds) -> None:
    hurt = damaged(write(rows), wounds)
    with contextlib.suppress(BadDataError):  # or the file is refused as a whole
        accepted, rejected = read(con, tmp_path / "any", hurt)
        assert len(accepted) + len(rejected) > 0


@SETTINGS
@given(rows=st.lists(events, min_size=2, max_size=20), data=st.data())
def test_a_broken_json_line_takes_no_other_along(con, tmp_path, rows, data) -> None:
    lines = as_jsonl(rows, ascii_only=True).split(b"\n")
    hurt = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=3))
    wound = data.draw(st.sampled_from([b"\xff", b"\x00", b'"', b"]", b"{{", b"NaN"]))
    broken = [line[:-1] + wound if i in hurt else line for i, line in enumerate(lines)]
    accepted, rejected = read(con, tmp_path / "any", b"\n".join(broken))
    assert {row[0] - 1 for row in rejected} == hurt
    assert len(accepted) == len(lines) - len(hurt)


@SETTINGS
@given(
    table=st.lists(
        st.lists(st.text('a,"\n\r é', max_size=6), min_size=1, max_size=4), min_size=1, max_size=12
    )
)
def test_csv_records_are_those_of_the_csv_module(con, tmp_path, table) -> None:
    out = io.StringIO(newline="")
    out.write(",".join(COLUMNS) + "\n")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    text = out.getvalue()
    accepted, rejected = read(con, tmp_path / "any", text.encode())
    assert accepted == []
    wanted = [record for record in csv.reader(io.StringIO(text, newline="")) if record][1:]
    assert len(rejected) == len(wanted)
