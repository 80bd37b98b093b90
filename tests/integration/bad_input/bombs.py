"""B13 and B53: files that burst, or that never end; each made without ever being held whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.bad_input.case import TS, Case, Expect, content, file_case

__all__ = ["CASES"]

_HEAD = b"account_id,created_at,organisation,country\n"
_MEGABYTE = 1 << 20
_BOMB = Expect(refused="decompression bomb")


def _gigabyte_line(folder: Path) -> list[Path]:
    """One line of a gigabyte; the file is sparse, the reader does not know."""
    path = folder / "endless.csv"
    with path.open("wb") as out:
        out.write(_HEAD + b"a1," + b"x" * 4_096)
        out.truncate(1 << 30)
    return [path]


def _endless_json(folder: Path) -> list[Path]:
    path = folder / "endless.jsonl.gz"
    packed = gzip.compress(b"ab" * (_MEGABYTE // 2), 1)
    path.write_bytes(gzip.compress(b'{"account_id": "') + packed * 40)
    return [path]


def _members(folder: Path) -> list[Path]:
    """Ten gigabytes as members of one gzip file of ten megabytes."""
    row = f"a1,{TS},{'x' * 200},DE\n".encode()
    member = gzip.compress(row * (8 * _MEGABYTE // len(row)), 9)
    path = folder / "bomb.csv.gz"
    path.write_bytes(gzip.compress(_HEAD) + member * 60)
    return [path]


def _zstd(folder: Path) -> list[Path]:
    path = folder / "bomb.csv.zst"
    with pa.output_stream(path, compression="zstd") as out:
        out.write(_HEAD)
        for _ in range(100):
            out.write(f"a1,{TS},{'x' * 200},DE\n".encode() * (_MEGABYTE // 230))
    return [path]


def _dictionary(folder: Path) -> list[Path]:
    """Five million rows of a kilobyte each, once decoded."""
    rows = 5_000_000
    words = pa.array([f"{number}{'x' * 1_000}" for number in range(500)])
    codes = pa.array(np.arange(rows, dtype=np.int32) % 500)
    ids = pa.DictionaryArray.from_arrays(codes, words)
    times = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([TS]))
    path = folder / "bomb.parquet"
    pq.write_table(pa.table({"account_id": ids, "created_at": times}), path, compression="zstd")
    return [path]


def _page(folder: Path) -> list[Path]:
    """One page that unpacks to 200 MB."""
    path = folder / "page.parquet"
    table = pa.table({"account_id": ["x" * (200 * _MEGABYTE)], "created_at": [TS]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)
    return [path]


def _empty_rows(folder: Path) -> list[Path]:
    path = folder / "rows.parquet"
    nothing = pa.nulls(30_000_000, pa.string())
    pq.write_table(pa.table({"account_id": nothing, "created_at": nothing}), path)
    return [path]


_PLAIN = _HEAD + f"a1,{TS},Acme,DE\n".encode() * 20_000
_ROWS = "".join(f"a{number},{TS},Acme,DE\n" for number in range(2_000)).encode()

CASES: tuple[Case, ...] = (
    Case("B13-gigabyte", _gigabyte_line, Expect(refused="does not end")),
    Case("B13-endless-gz", _endless_json, Expect(refused="does not end|bomb")),
    Case("B53-gzip", _members, _BOMB),
    Case("B53-zstd", _zstd, _BOMB),
    Case("B53-parquet", _dictionary, _BOMB),
    Case("B53-page", _page, _BOMB),
    Case("B53-rows", _empty_rows, _BOMB),
    file_case(
        "B53-twice",
        content(gzip.compress(gzip.compress(_PLAIN)), "x.csv.gz"),
        Expect(refused="twice"),
    ),
    file_case(
        "B53-benign", content(gzip.compress(_PLAIN), "x.csv.gz"), Expect(loaded=1, duplicate=19_999)
    ),
    Case(
        "B53-setting",
        content(gzip.compress(_HEAD + _ROWS), "x.csv.gz"),
        Expect(usage="WORKBENCH_MAX_RATIO"),
        env={"WORKBENCH_MAX_RATIO": "x"},
    ),
)
