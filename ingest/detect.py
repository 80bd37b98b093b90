"""Which mapping reads a file: told from its columns and values, never from its name."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from graph_models.errors import BadDataError
from ingest.columnar import open_parquet
from ingest.mapping import Mapping, Pattern
from ingest.mappings import MAPPINGS, load_mapping
from ingest.paths import PathInRecord
from ingest.records import Records
from ingest.sniff import FileForm, sniff

__all__ = ["Candidate", "Sample", "detect", "detect_mapping", "sample"]

SAMPLE = 500  # records, spread over the first block
# Share of records that a mapping must know. Below 1, because rows that lack a required value belong
# into quarantine; above one half, so that a file of two kinds is asked about.
ACCEPT = 0.8


@dataclass(frozen=True)
class Sample:
    """Some records of a file, and all its column names (or top-level keys)."""

    form: FileForm
    names: tuple[str, ...]
    records: tuple[Table[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A mapping that may read a file.

    ``score``: share of the sampled records that it knows, 0..1. ``reads``: how many of the file's
    columns it uses; ``ignores`` names the others.
    """

    mapping: str
    emits: str
    score: float
    reads: int
    ignores: tuple[str, ...]


def detect(path: Path, *, among: Sequence[str] = MAPPINGS) -> list[Candidate]:
    """The mappings that know at least one record of a file, best first.

    Raises:
        BadDataError: the file is of a foreign kind or damaged.
    """
    seen = sample(path)
    found = []
    for mapping_id in among:
        mapping = load_mapping(mapping_id)
        if seen.form.format in mapping.formats:
            candidate = _judge(mapping, seen)
            found += [candidate] if candidate.score else []
    return sorted(found, key=lambda item: (-item.score, -item.reads, item.mapping))


def detect_mapping(path: Path) -> Mapping:
    """The one mapping that reads a file.

    Raises:
        BadDataError: none does, or several do equally well; the message ranks them.
    """
    ranked = detect(path)
    clear = bool(ranked) and ranked[0].score >= ACCEPT
    if clear and len(ranked) > 1:
        first, second = ranked[:2]
        clear = second.score <= first.score / 2 or first.reads > second.reads
    if clear:
        return load_mapping(ranked[0].mapping)
    names = ", ".join(ascii(name)[1:-1][:40] for name in sample(path).names[:20])
    listed = ", ".join(f"{item.mapping} ({item.score:.0%})" for item in ranked[:3]) or "none"
    raise BadDataError(
        f"No mapping clearly reads this file. Candidates: {listed}. Its columns: {names}.",
        where=str(path),
        fix="Name one with --mapping, or write one: workbench sources explain FILE",
    )


def sample(path: Path, *, size: int = SAMPLE) -> Sample:
    """A sample of the records of a file; broken ones are left out."""
    form = sniff(path)
    if form.format == "parquet":
        with open_parquet(path, form) as opened:
            return _parquet_sample(form, opened.file, size)
    records = Records(path, form)
    schema = records.schema()
    batch = next(records.batches(schema), None)
    if records.is_csv:
        names = tuple(name[2:] for name in schema.names[1:])
        rows = _spread(batch, size).drop_columns(["row"]).to_pylist() if batch else []
        given = tuple({key[2:]: value for key, value in row.items()} for row in rows)
        return Sample(form, names, given or (dict.fromkeys(names, ""),))
    lines = _spread(batch, size)["line"].to_pylist() if batch else []
    return Sample(form, tuple(records.keys), tuple(_parsed(line) for line in lines))


def _spread(batch: pa.RecordBatch, size: int) -> pa.Table:
    step = max(1, len(batch) // size)
    return pa.Table.from_batches([batch]).take(pa.array(range(0, len(batch), step)[:size]))


def _parquet_sample(form: FileForm, file: pq.ParquetFile, size: int) -> Sample:
    names = tuple(file.schema_arrow.names)
    batch = next(file.iter_batches(size), None)
    rows = batch.to_pylist() if batch is not None else []
    return Sample(form, names, tuple(rows) or (dict.fromkeys(names),))


def _parsed(line: str) -> Table[str, Any]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}


def _judge(mapping: Mapping, seen: Sample) -> Candidate:
    known = sum(any(_fits(item, record) for item in mapping.detect) for record in seen.records)
    used = {path.root for path in mapping.paths} | {str(path) for path in mapping.paths}
    return Candidate(
        mapping=mapping.id,
        emits=mapping.emits,
        score=known / len(seen.records) if seen.records else 0.0,
        reads=len(used.intersection(seen.names)),
        ignores=tuple(name for name in seen.names if name not in used),
    )


def _fits(pattern: Pattern, record: Table[str, Any]) -> bool:
    return (
        all(_has(record, path) for path in pattern.all)
        and all(str(_value(record, path)) == value for path, value in pattern.equals)
        and all(str(_value(record, path)).startswith(value) for path, value in pattern.prefix)
    )


def _has(record: Table[str, Any], path: PathInRecord) -> bool:
    return _value(record, path, missing=_MISSING) is not _MISSING


_MISSING = object()


def _value(record: Any, path: PathInRecord, *, missing: Any = None) -> Any:
    if str(path) in record:
        return record[str(path)]
    for segment in path.segments:
        if isinstance(record, str) and record[:1] in "{[":
            record = _parsed(record)
        if segment == "[*]" and isinstance(record, list) and record:
            record = record[0]
        elif isinstance(record, dict) and segment in record:
            record = record[segment]
        else:
            return missing
    return record
