"""Some records of a file, spread over all of it, so that what comes late is seen, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from ingest.formats.columnar import open_parquet
from ingest.formats.records import Records
from ingest.formats.sniff import BLOCK, FileForm, blocks, sniff

__all__ = ["SAMPLE", "Sample", "sample"]

SAMPLE = 500  # records
PLACES = 20  # parts of a long file that are looked at
OF_PLACE = SAMPLE // 4  # records of each: a file may have few
CHUNK = 256 << 10  # bytes that are read at each of them; most records are below 10 KB


@dataclass(frozen=True)
class Sample:
    """Some records of a file, and the column names (or top-level keys) that it has or that occur.

    ``lines`` are the records as JSON text; the values of CSV are texts.
    """

    form: FileForm
    names: tuple[str, ...]
    records: tuple[Table[str, Any], ...]

    @property
    def lines(self) -> list[str]:
        """The records as JSON, one line each."""
        return [orjson.dumps(record, default=str).decode() for record in self.records]


def sample(path: Path, *, size: int = SAMPLE) -> Sample:
    """A sample of the records of a file; broken ones are left out.

    Raises:
        BadDataError: the file is of a foreign kind or damaged.
    """
    form = sniff(path)
    if form.format == "parquet":
        with open_parquet(path, form) as opened:
            names = tuple(opened.file.schema_arrow.names)
            return Sample(form, names, tuple(opened.sample(size)) or (dict.fromkeys(names),))
    records = Records(path, form, enveloped=True)
    batch = next(records.batches(records.schema()), None)
    if records.is_csv:
        return _csv_sample(records, batch, size)
    lines = batch["line"].to_pylist() if batch is not None else []
    far = _far_lines(path, form) if path.stat().st_size > BLOCK or form.compression else []
    if far:
        lines = [*_spread(lines, OF_PLACE), *far]
    found = tuple(record for record in map(_parsed, _spread(lines, size)) if record is not None)
    return Sample(form, tuple(dict.fromkeys(name for record in found for name in record)), found)


def _csv_sample(records: Records, batch: pa.RecordBatch | None, size: int) -> Sample:
    names = tuple(name[2:] for name in records.schema().names[1:])
    rows = batch.slice(0).drop_columns(["row"]).to_pylist() if batch is not None else []
    given = tuple({key[2:]: v for key, v in row.items()} for row in _spread(rows, size))
    return Sample(records.form, names, given or (dict.fromkeys(names, ""),))


def _spread(items: Sequence[Any], size: int) -> list[Any]:
    """At most ``size`` items with equal steps between them, the first included."""
    step = max(1, -(-len(items) // size))
    return list(items[::step])


def _far_lines(path: Path, form: FileForm) -> list[str]:
    """Whole lines from all over a long file of JSON lines."""
    chunks = _unpacked(path, form) if form.compression else _seeked(path)
    found: list[str] = []
    for chunk in chunks:
        # The first and the last piece are parts of lines.
        whole = chunk.split(b"\n")[1:-1]
        found += [line.decode("utf-8", "replace") for line in _spread(whole, OF_PLACE)]
        if len(found) > PLACES * OF_PLACE:  # however long the file, the memory is bounded
            found = found[::2]
    return found


def _seeked(path: Path) -> Iterator[bytes]:
    step = max(1, path.stat().st_size // PLACES)
    with path.open("rb") as file:
        for place in range(1, PLACES):
            file.seek(place * step)
            yield file.read(CHUNK)


def _unpacked(path: Path, form: FileForm) -> Iterator[bytes]:
    """The beginning of every block: a packed file cannot be sought in."""
    for number, block in enumerate(blocks(path, form.compression)):
        if number:
            yield block[:CHUNK]


def _parsed(line: str) -> Table[str, Any] | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None
