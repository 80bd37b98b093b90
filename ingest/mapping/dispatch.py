"""Which mapping reads which record of a file of JSON lines, and the records of one of them.

A file is passed once for each mapping that occurs in it; every pass numbers all records alike, so
that the passes add up to the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from graph_models.errors import BadDataError
from ingest.formats.records import MAX_RECORD, Bad, Records
from ingest.mapping.envelopes import unwrapped
from ingest.mapping.model import Mapping
from ingest.mapping.patterns import knows, may_know, nearly_knows, surely_knows

__all__ = ["UNKNOWN", "Dispatched", "Router"]

UNKNOWN = -1
_SCHEMA = pa.schema([("row", pa.int64()), ("line", pa.string())])
Routed = tuple[int, str, Any]  # which mapping, JSON text of the record, the record


@dataclass
class Router:
    """Tells which of some mappings, best first, reads a record.

    ``named``: the user named the one mapping, so it reads every record. ``used``: how many of the
    first mappings may also read records that they nearly know.
    """

    mappings: Sequence[Mapping]
    named: bool = False
    used: int = 1
    _decided: dict[int, int | None] = field(default_factory=dict)
    _names: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def decide(self, shape: int, line: str) -> int | None:
        """The mapping of every record of one make, or None when the values decide."""
        if shape not in self._decided:
            record = _parsed(line)
            names = tuple(record) if isinstance(record, dict) else ()
            self._decided[shape] = self._by_names(frozenset(names)) if names else None
            self._names[shape] = names
        return self._decided[shape]

    def names(self, shape: int) -> tuple[str, ...]:
        """The top-level names of one make."""
        return self._names[shape]

    def _by_names(self, names: frozenset[str]) -> int | None:
        if self.named:
            return None if self.mappings[0].opens(names) else 0
        for index, mapping in enumerate(self.mappings):
            if surely_knows(mapping, names):
                return index
            if may_know(mapping, names):
                return None
        return None

    def route(self, line: str) -> list[Routed]:
        """The records of a line, and which mapping reads each."""
        whole = _parsed(line)
        if self.named or not isinstance(whole, dict):  # what is no object is put aside by any
            return _texts(0, whole, line, self.mappings[0])
        for index, mapping in enumerate(self.mappings):
            if not may_know(mapping, whole):
                continue
            path, records = unwrapped(whole, mapping)
            if path is not None and not records:  # an envelope that holds nothing
                return []
            if knows(mapping, whole):
                return [(index, _text(record), record) for record in records]
            known = [knows(mapping, record) for record in records]
            if any(known):
                same = [i for i, other in enumerate(self.mappings) if _alike(other, mapping, path)]
                return [(self._of(record, same), _text(record), record) for record in records]
        return self._near(whole, line)

    def _near(self, whole: Any, line: str) -> list[Routed]:
        for index, mapping in enumerate(self.mappings[: self.used]):
            _, records = unwrapped(whole, mapping)
            if any(nearly_knows(mapping, record) for record in (whole, *records)):
                return [(index, _text(record), record) for record in records]
        return [(UNKNOWN, line, whole)]

    def _of(self, record: Any, among: list[int]) -> int:
        for test in (knows, nearly_knows):
            for index in among:
                if test(self.mappings[index], record):
                    return index
        return UNKNOWN


def _alike(other: Mapping, mapping: Mapping, path: Any) -> bool:
    """Whether another mapping would see the same records in an envelope."""
    if not other.enveloped:
        return True
    same = (other.kv, other.carry) == (mapping.kv, mapping.carry)
    return same and (path is None or path in other.unwrap)


def _texts(index: int, whole: Any, line: str, mapping: Mapping) -> list[Routed]:
    if not isinstance(whole, dict) or not mapping.enveloped:
        return [(index, line, whole)]
    return [(index, _text(record), record) for record in unwrapped(whole, mapping)[1]]


def _parsed(line: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _text(record: Any) -> str:
    return orjson.dumps(record).decode()


@dataclass
class Dispatched:
    """The records of one mapping among those of a file; ``rows`` and ``bad`` as ``Records`` has.

    The pass of the first mapping also accounts for lines that cannot be read and for records that
    no mapping knows. ``found`` counts the records of every mapping.
    """

    records: Records
    router: Router
    chosen: int = 0
    rows: int = 0
    bad: list[Bad] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    found: Counter[int] = field(default_factory=Counter)
    _extra: int = 0
    _steps: list[tuple[int, int]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file."""
        return self.records.path

    @property
    def failure(self) -> BadDataError | None:
        """What ended the reading."""
        return self.records.failure

    def schema(self) -> pa.Schema:
        """``row`` (number of the record in the file) and ``line`` (its JSON text)."""
        return _SCHEMA

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The records of the chosen mapping; fills everything else on the way."""
        for batch in self.records.batches(self.records.schema()):
            made = self._batch(batch, schema)
            if made is not None:
                yield made
        self.rows = self.found[self.chosen]
        if self.chosen == 0:
            self.bad += self._renumbered(self.records.bad)
            self.rows += len(self.bad)

    def _batch(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch | None:
        lines, shapes = batch["line"], batch["shape"].to_numpy()
        distinct, first, inverse = np.unique(shapes, return_index=True, return_inverse=True)
        decided = [
            self.router.decide(int(shape), lines[int(index)].as_py())
            for shape, index in zip(distinct, first, strict=True)
        ]
        longest = pc.max(pc.binary_length(lines)).as_py() or 0
        if None in decided or longest > MAX_RECORD:
            return self._routed(batch, schema)
        which = np.array(decided, dtype=np.int64)[inverse]
        for index, count in zip(*np.unique(which, return_counts=True), strict=True):
            self.found[int(index)] += int(count)
        self._count_names(distinct, np.bincount(inverse[which == self.chosen]))
        numbers = batch["row"].to_numpy() + self._extra
        kept = pa.RecordBatch.from_arrays([pa.array(numbers), lines], schema=schema)
        return kept if (which == self.chosen).all() else kept.filter(pa.array(which == self.chosen))

    def _count_names(self, shapes: Any, counts: Any) -> None:
        for shape, count in zip(shapes[: len(counts)], counts, strict=True):
            if count:
                self.keys.update(dict.fromkeys(self.router.names(int(shape)), int(count)))

    def _routed(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch | None:
        rows, texts = [], []
        for number, line in zip(batch["row"].to_pylist(), batch["line"].to_pylist(), strict=True):
            routed = self.router.route(line)
            for position, (which, text, record) in enumerate(routed):
                code = "unknown_shape"
                if len(text) > MAX_RECORD:  # an envelope may be longer, a record may not
                    which, code = UNKNOWN, "line_too_long"
                self.found[which] += 1
                row = number + self._extra + position
                if which == self.chosen:
                    rows.append(row)
                    texts.append(text)
                    self.keys.update(list(record) if isinstance(record, dict) else ())
                elif which == UNKNOWN and self.chosen == 0:
                    self.bad.append(Bad(row, code, _described(record)))
            if len(routed) != 1:
                self._extra += len(routed) - 1
                self._steps.append((number, self._extra))
        if not rows:
            return None
        return pa.RecordBatch.from_arrays([pa.array(rows), pa.array(texts)], schema=schema)

    def _renumbered(self, bad: Sequence[Bad]) -> list[Bad]:
        """An unreadable line counts as one record among those of the envelopes before it."""
        steps = np.array([(0, 0), *self._steps], dtype=np.int64)
        places = np.searchsorted(steps[:, 0], [item.row for item in bad]) - 1
        extra = steps[places, 1].tolist()
        return [replace(item, row=item.row + more) for item, more in zip(bad, extra, strict=True)]


def _described(record: Any) -> str:
    """The names of a record's members, for its quarantine row."""
    names = ", ".join(ascii(name)[1:-1][:40] for name in list(record)[:8])
    return f"members: {names}"[:120] if isinstance(record, dict) else "no object"
