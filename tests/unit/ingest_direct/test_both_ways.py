"""The direct way and the mapping's whole statement make the same of a file, good rows and bad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.direct import plan, run
from ingest.store.memory import SETTING
from ingest.store.packages import Load, loads, part_path
from ingest.store.workspace import Workspace
from tests.unit.ingest_store import logs

ROWS = 400
START = datetime(2026, 5, 1, 20, tzinfo=UTC)
# What stands in a column now and then, beside good values: junk, other spellings, things to refuse
# or to take out. Every rule of the mapping's statement has one that it changes or refuses.
ODD: dict[str, list[Any]] = {
    "exchange_id": [
        None,
        "4111111111111111",
        " ex_blank ",
        "sk-abcdefghijklmnopqrstuvwx",
        "-",
        "é",
    ],
    "account_id": ["acct 7", "N/A", None, "5500 0000 0000 0004", "acct_ünï", "x" * 300],
    "ip": ["10.0.0.1", "010.0.0.1", "2001:DB8:0:0:0:0:0:1", "::ffff:192.0.2.7", "", "999.1.1.1"],
    "user_agent": ["Mozilla/5.0 (X11)", "password: hunter2hunter", " ", "a\tb", "x" * 140_000],
    "device_fingerprint": ["0000-0000", "ffffffffffff", "unknown", "dv_41111111111111112222", None],
    "tls_fingerprint": ["eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4", "t13d1516h2_ab"],
    "model": ["gpt\x00", "größe", "ghp_" + "a" * 36, None],
    "input_tokens": [-1, None, 2**60, 0],
    "temperature": [float("nan"), -0.0, float("inf"), None, 0.7],
    "prompt_hash": ["a" * 64, None, "deadbeef-0000"],
    "prompt_cluster": ["pc_1", "null", "glpat-abcdefghij0123456789xyz"],
    "capability": ["coding", None, "-"],
    "capability_source": ["given", None],
    "claimed": ["ip,model", "prices", None, "model, ip"],
    "status": ["ok", "AKIAABCDEFGHIJKLMNOP", "xoxb-1234567890-abc", "AIza" + "b" * 35],
}
GOOD: dict[str, Any] = {
    "ip": lambda i: f"9.9.{i % 7}.{i % 200}",
    "user_agent": lambda i: f"client/{i % 3}.0",
    "device_fingerprint": lambda i: f"dv_{i % 30:012d}"[:9] + "abc",
    "tls_fingerprint": lambda i: f"t13d151{i % 4}h2_9f3a",
    "model": lambda i: ("small", "large")[i % 2],
    "input_tokens": lambda i: i % 50,
    "temperature": lambda i: (i % 10) / 10,
    "prompt_hash": lambda i: f"ph_{i:010d}x"[:12] + "q",
    "prompt_cluster": lambda i: f"pc_{i % 20:06d}abc",
    "capability": lambda i: ("coding", None)[i % 2],
    "capability_source": lambda i: (None, "given", "derived")[i % 3],
    "claimed": lambda i: ("ip", None)[i % 2],
    "status": lambda i: "ok",
}


def rows(*, odd: float, days: float = 1.2, seed: int = 3) -> list[dict[str, Any]]:
    draw = np.random.default_rng(seed)
    found = []
    for i in range(ROWS):
        row = {
            "exchange_id": f"ex_{i:010d}abc"[:12] + f"{i}",
            "ts": START + timedelta(days=days * i / ROWS),
        }
        row["account_id"] = f"acct_{i % 40:08d}z"
        row |= {name: make(i) for name, make in GOOD.items()}
        for name, values in ODD.items():
            if draw.random() < odd:
                row[name] = values[int(draw.integers(len(values)))]
        found.append(row)
    return found


def written(path: Path, found: list[dict[str, Any]], **how: Any) -> Path:
    kinds = {
        "ts": pa.timestamp("us", "UTC"),
        "input_tokens": pa.int64(),
        "temperature": pa.float64(),
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in found[0]])
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(found, schema=schema), path, **how)
    return path


def loaded(desk: Path, source: Path) -> tuple[Workspace, Load, Any]:
    workspace = Workspace.open(desk)
    report = logs.load(workspace, source)
    (load,) = loads(workspace.layout)
    return workspace, load, report


def stored(workspace: Workspace, load: Load) -> pd.DataFrame:
    paths = [part_path(workspace.layout, load.load_id, part.name) for part in load.parts]
    tables = [pq.read_table(path, partitioning=None) for path in paths]
    frame = pa.concat_tables(tables).to_pandas()
    return frame.sort_values("row", ignore_index=True)


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def load_both(source: Path, *, direct: bool = True) -> list[tuple[Workspace, Load, Any]]:
        found = []
        for name, fewest in (("direct", 0), ("whole", 10**9)):
            monkeypatch.setattr(plan, "FEWEST", fewest)
            monkeypatch.setattr(run, "MOST_ODD", 1.0)
            used: list[bool] = []
            real = run.copy_rows

            def copied(*args: Any, used: list[bool] = used, real: Any = real, **kw: Any) -> Any:
                made = real(*args, **kw)
                used.append(made is not None)
                return made

            monkeypatch.setattr("ingest.direct.load.copy_rows", copied)
            found.append(loaded(tmp_path / name, source))
            assert any(used) == (direct and name == "direct")
        return found

    return load_both


def same(both: list[tuple[Workspace, Load, Any]]) -> Load:
    (first, load, report), (second, other, plain) = both
    assert report.snapshot == plain.snapshot
    assert (load.rows, load.quarantined) == (other.rows, other.quarantined)
    assert report.as_json()["loaded"] == plain.as_json()["loaded"]
    assert load.notes == other.notes
    assert {k: set(v) for k, v in load.filled.items()} == {
        k: set(v) for k, v in other.filled.items()
    }
    sums = [(p.bucket, p.rows, p.distinct, p.total, p.folded) for p in load.parts]
    assert sums == [(p.bucket, p.rows, p.distinct, p.total, p.folded) for p in other.parts]
    frame, plain_frame = stored(first, load), stored(second, other)
    masked = frame.filter(regex="_id$|model").map(lambda v: str(v).startswith("id~"))
    frame, plain_frame = frame.mask(masked, "token"), plain_frame.mask(masked, "token")
    pd.testing.assert_frame_equal(frame, plain_frame, check_dtype=False)
    pd.testing.assert_frame_equal(first.quarantine(), second.quarantine())
    return load


def test_good_rows_go_the_direct_way(both: Any, tmp_path: Path) -> None:
    load = same(both(written(tmp_path / "a.parquet", rows(odd=0.0))))
    assert load.quarantined == 0
    assert [part.bucket for part in load.parts] == ["2026-05-01", "2026-05-02", "2026-05-03"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_odd_value_means_the_same(both: Any, tmp_path: Path, seed: int) -> None:
    load = same(both(written(tmp_path / "a.parquet", rows(odd=0.1, seed=seed), row_group_size=90)))
    assert 0 < load.quarantined < load.rows
    assert load.notes["removed"]


def test_dictionaries_and_plain_pages_mean_the_same(both: Any, tmp_path: Path) -> None:
    same(both(written(tmp_path / "a.parquet", rows(odd=0.02), use_dictionary=False)))


def test_ids_that_come_twice_are_counted(both: Any, tmp_path: Path) -> None:
    found = rows(odd=0.0)
    for row, other in zip(found[:9], found[20:29], strict=True):
        row["exchange_id"], row["ts"] = other["exchange_id"], other["ts"]
    source = written(tmp_path / "a.parquet", found)
    assert [report.as_json()["duplicate"] for _, _, report in both(source)] == [9, 9]


@pytest.mark.parametrize(
    ("change", "quarantined"),
    [
        ({"prompt": "Write a poem."}, 0),  # text has to be sketched
        ({"exchange_id": "x" * 300}, 0),
        ({"ts": datetime(1999, 1, 1, tzinfo=UTC)}, 1),
        ({"ts": datetime(2026, 9, 1, tzinfo=UTC)}, 1),
    ],
)
def test_what_the_direct_way_leaves_to_the_statement(
    both: Any, tmp_path: Path, change: dict[str, Any], quarantined: int
) -> None:
    found = rows(odd=0.0)
    found = [{**row, **dict.fromkeys(change)} if set(change) - set(row) else row for row in found]
    found[5] |= change
    direct = "prompt" not in change and "exchange_id" not in change
    load = same(both(written(tmp_path / "a.parquet", found), direct=direct))
    assert load.quarantined == quarantined


def test_logins_too(both: Any, tmp_path: Path) -> None:
    found = [
        {
            "login_id": f"lg_{i:09d}",
            "ts": START + timedelta(minutes=i),
            "account_id": None if i == 3 else f"acct_{i % 40:08d}z",
            "ip": "nowhere" if i == 4 else f"2001:db8::{i:x}",
            "outcome": "success",
        }
        for i in range(ROWS)
    ]
    assert same(both(written(tmp_path / "a.parquet", found))).quarantined == 2


def test_damaged_text_is_left_to_the_statement(both: Any, tmp_path: Path) -> None:
    found = written(tmp_path / "a.parquet", rows(odd=0.0), compression="none", use_dictionary=False)
    found.write_bytes(found.read_bytes().replace(b"client/1.0", b"client/\xff.0", 1))
    (_, load, _), _ = both(found, direct=False)
    assert load.quarantined == 1


@pytest.mark.parametrize(("size", "fits"), [("3GiB", True), ("512MiB", True), ("a lot", False)])
def test_the_memory_setting_is_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, fits: bool
) -> None:
    monkeypatch.setenv(SETTING, size)
    source = written(tmp_path / "a.parquet", rows(odd=0.0))
    if fits:
        assert loaded(tmp_path / "desk", source)[1].rows == ROWS
    else:
        with pytest.raises(Exception, match="no size"):
            loaded(tmp_path / "desk", source)
