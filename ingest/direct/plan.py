"""Which files go the direct way: typed Parquet in which every column can be judged alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from ingest import sql
from ingest.events import Column, EventKind
from ingest.formats.columnar import ParquetFile
from ingest.mapping.compile import Compiled, Roots
from ingest.mapping.contracts import CHECKS
from ingest.mapping.converters import native
from ingest.mapping.emitted import Emitted
from ingest.mapping.fields import Field
from ingest.protection.leaks import SUSPECT
from ingest.protection.protect import is_open
from ingest.store.packages import BY_DAY

__all__ = ["FEWEST", "GIVEN", "Plan", "Source", "plan_of"]

FEWEST = 20_000  # rows; below, the statements that judge values cost more than they save
GIVEN = "given_values"  # the relation (row, given) whose values are judged
# Bytes of a value in its column chunk from which on nearly every row has a value of its own: such a
# column is read as it is, all others as dictionaries. Writers give up a dictionary over 1 MB, so
# what many rows share is told by what it is: addresses, devices, keys, whose events they are.
OWN_VALUE = 6.0
_SHARED = ("account_id", "end_user_id", "org_id", "prompt_cluster")
_SHARED_CLASSES = ("network", "device", "instrument", "secret_ref")
_SIMPLE = ("id", "text")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a column of the event stands in the file, and how its values are judged.

    ``kind``: text, time, int, decimal or bool. ``packed``: read as a dictionary. ``plain``: the
    kernel that knows good texts at sight (token, ipv4, or none). ``question``: SQL over ``GIVEN``
    that gives row, value, bad and suspect for texts.
    """

    column: Column
    root: str
    kind: str
    packed: bool
    plain: str
    question: str
    required: bool

    @property
    def name(self) -> str:
        """The name of the event's column."""
        return self.column.name


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A file on the direct way."""

    file: ParquetFile
    compiled: Compiled
    sources: tuple[Source, ...]

    @property
    def event(self) -> EventKind:
        """The kind of event that every row is."""
        return self.compiled.emitted[0].event


def plan_of(compiled: Compiled, file: ParquetFile) -> Plan | None:
    """The direct way of a file, or None where it must go through the mapping's whole statement.

    Args:
        compiled: the mapping over the columns of the file, as DuckDB reads them.
        file: the checked file.
    """
    if file.rows < FEWEST or not _is_simple(compiled):
        return None
    sources = [_source(compiled, file, item) for item in _filled(compiled, file)]
    found = tuple(source for source in sources if source is not None)
    if len(found) < len(sources) or not any(item.kind == "time" for item in found):
        return None
    return Plan(file=file, compiled=compiled, sources=found)


def _is_simple(compiled: Compiled) -> bool:
    mapping, first = compiled.mapping, compiled.emitted[0]
    whole = len(mapping.emissions) == 1 and first.is_every and not mapping.json_text
    alone = first.event.name in BY_DAY and first.event.name not in CHECKS
    return whole and alone and not first.lacks and compiled.roots.broken.startswith("CAST(NULL")


def _filled(compiled: Compiled, file: ParquetFile) -> Iterator[Field]:
    """The fields that may have a value in some row."""
    for item in compiled.emitted[0].fields.values():
        roots = [path.root for path in item.sources]
        needed = item.required or compiled.emitted[0].event.column(item.name).required
        if needed or len(roots) != 1 or file.filled.get(roots[0], 1) or item.default is not None:
            yield item


def _source(compiled: Compiled, file: ParquetFile, item: Field) -> Source | None:
    first = compiled.emitted[0]
    column = first.event.column(item.name)
    if column.hidden or not _is_copied(item):
        return None
    root = item.sources[0].root
    found = file.file.schema_arrow.field(root).type
    kind = _kind(item, column, found, compiled.roots.columns[root][1])
    if kind is None:
        return None
    judged = Roots(GIVEN, {root: ("given", "VARCHAR")})
    alone = Compiled(compiled.mapping, judged, compiled.now).emitted[0]
    return Source(
        column=column,
        root=root,
        kind=kind,
        packed=kind == "text" and (_is_shared(column) or _size(file, root) < OWN_VALUE),
        plain=_plain(column, item) if kind == "text" else "",
        question=_question(alone, column) if kind == "text" else "",
        required=column.required or item.required,
    )


def _is_copied(item: Field) -> bool:
    """Whether a value comes from one column of the file and from nothing else."""
    made = (item.const, item.expr, item.map, item.default, item.scope, item.pick_ip)
    if any(value is not None for value in made) or item.trust != "observed":
        return False
    return len(item.sources) == 1 and len(item.sources[0].segments) == 1


def _kind(item: Field, column: Column, arrow: pa.DataType, duck: str) -> str | None:
    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    if duck == "VARCHAR" and (pa.types.is_string(arrow) or pa.types.is_large_string(arrow)):
        return "text" if column.sql_type == "VARCHAR" and item.as_ != "messages" else None
    typed = item.as_ in ("time", "int", "decimal", "bool")
    exact = not pa.types.is_timestamp(arrow) or arrow.unit in ("us", "ms")
    free = not (item.enum or item.check or item.skip or column.values)
    return item.as_ if typed and exact and free and native("x", duck, item.as_) else None


def _plain(column: Column, item: Field) -> str:
    """The kernel that may pass texts of a field unasked."""
    if item.enum or item.check or item.skip or column.values or column.cls == "instrument":
        return ""
    if item.as_ == "ip" and column.type == "ip":
        return "ipv4"
    return "token" if item.as_ in _SIMPLE and column.type in _SIMPLE else ""


def _question(alone: Emitted, column: Column) -> str:
    suspect = f"coalesce(regexp_matches(value, {sql.text(SUSPECT)}), FALSE)"
    hides = suspect if is_open(column) else "FALSE"
    asked = alone.judgement(column.name)
    return f"SELECT row, value, bad, {hides} AS suspect FROM ({asked})"


def _is_shared(column: Column) -> bool:
    return column.name in _SHARED or column.cls in _SHARED_CLASSES


def _size(file: ParquetFile, root: str) -> float:
    """Bytes of a value of a column, dictionaries shared by all rows."""
    meta, size = file.file.metadata, 0
    names = [meta.schema.column(index).path for index in range(meta.num_columns)]
    place = names.index(root)
    for group in range(meta.num_row_groups):
        size += meta.row_group(group).column(place).total_uncompressed_size
    return size / max(1, file.rows)
