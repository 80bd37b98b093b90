"""A case of the corpus: how its files are made, and what must become of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "FORMATS",
    "GOOD",
    "TS",
    "Case",
    "Expect",
    "Make",
    "content",
    "file_case",
    "rows_case",
    "written",
]

TS = "2026-01-01T00:00:00Z"
FORMATS = ("csv", "jsonl", "parquet")
Row = Mapping[str, Any]
Make = Callable[[Path], list[Path]]

GOOD: Mapping[str, Row] = {
    "account": {"account_id": "good", "created_at": TS, "organisation": "Acme", "country": "DE"},
    "exchange": {"exchange_id": "good", "ts": TS, "account_id": "good", "input_tokens": "3"},
    "payment": {"payment_id": "good", "ts": TS, "account_id": "good", "amount": "1"},
    "alias": {"account_id": "good", "system": "psp", "external_id": "x"},
    "http_request": {"request_id": "good", "ts": TS, "ip": "9.9.9.9"},
}


@dataclass(frozen=True)
class Expect:
    """``refused``: a pattern of the reason, or None. ``why``: (row, column, code) in each file."""

    loaded: int = 0
    duplicate: int = 0
    why: tuple[tuple[int, str, str], ...] = ()
    refused: str | None = None
    usage: str | None = None
    warned: str | None = None


@dataclass(frozen=True)
class Case:
    """``id`` begins with the number in reference/evidence-and-security.md."""

    id: str
    make: Make
    expect: Expect
    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def content(data: bytes | str, name: str = "input.log") -> Make:
    """One file of these bytes."""

    def make(folder: Path) -> list[Path]:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return [path]

    return make


def file_case(
    id_: str, data: bytes | str | Make, expect: Expect, *, options: tuple[str, ...] = ()
) -> Case:
    """A case of one file, or of what a function makes."""
    return Case(id_, data if callable(data) else content(data), expect, options)


def written(rows: Sequence[Row], form: str) -> bytes:
    """Rows in a format; values are text, so that every format carries the same signs."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if form == "csv":
        text = io.StringIO()
        table = csv.DictWriter(text, names, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode()
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def rows_case(
    id_: str,
    kind: str,
    rows: Iterable[tuple[Row, tuple[str, str] | None]],
    *,
    formats: Sequence[str] = FORMATS,
) -> Case:
    """One file in each format: rows between two good ones, each accepted (None) or put aside.

    The files hold the same ids, so that what one format loads is a duplicate in the others.
    """
    good, listed = GOOD[kind], list(rows)
    key = next(iter(good))
    records = [good, *({**good, key: f"id {n}", **row} for n, (row, _) in enumerate(listed))]
    records.append({**good, key: "good too"})
    why = tuple((place, *wrong) for place, (_, wrong) in enumerate(listed, 2) if wrong is not None)

    def make(folder: Path) -> list[Path]:
        files = (content(written(records, form), f"input.{form}")(folder) for form in formats)
        return [path for made in files for path in made]

    loaded = len(records) - len(why)
    return Case(id_, make, Expect(loaded, loaded * (len(formats) - 1), why))
