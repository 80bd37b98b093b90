"""Text files as numbered records: good ones as Arrow batches, bad ones with a reason each.

A record is a CSV row or a JSON line; the header and blank lines are none. Numbers start at 1 and
are exact whatever else is wrong in the file: good + bad = all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.errors import BadDataError
from ingest.formats import scan
from ingest.formats.bad import Bad
from ingest.formats.csv_columns import csv_columns
from ingest.formats.headers import check_header
from ingest.formats.members import Members, repeats_a_key
from ingest.formats.sniff import BLOCK, FileForm, blocks
from ingest.mapping.envelopes import HEAD, begins_envelope
from ingest.quarantine import REASONS

__all__ = ["MAX_RECORD", "Bad", "Records", "Say"]

Say = Callable[[int, float | None], None]

MAX_RECORD = 1 << 20  # bytes of one record; longer ones are put aside
MAX_OPEN = 16 << 20  # bytes of one record at which the file is refused
# A file of which so much is unreadable is of another kind, or damaged throughout.
MAX_BAD, MAX_BAD_SHARE = 200_000, 0.2
_BOM = b"\xef\xbb\xbf"

_CSV_FLAGS = ((scan.NUL, "nul_byte"), (scan.BAD_QUOTE | scan.UNCLOSED, "quote"))
_JSON_FLAGS = (
    (scan.NUL, "nul_byte"),
    (scan.BAD_SHAPE, "json_shape"),
    (scan.DEPTH, "json_depth"),
    (scan.TRAILING_COMMA, "json_broken"),
    (scan.NONFINITE, "json_number"),
    (scan.SAME_KEY, "json_keys"),
    (scan.WIDE, "json_wide"),
)


@dataclass
class Records:
    """A text file, read once from beginning to end by ``batches``."""

    path: Path
    form: FileForm
    delimiter: str = ","
    rows: int = 0
    bad: list[Bad] = field(default_factory=list)
    known: frozenset[str] = frozenset()
    enveloped: bool = False  # a line may hold many records, and be as long as they are together
    failure: BadDataError | None = None
    say: Say | None = None  # hears the records so far, and their share of the bytes
    consumed: int = 0  # bytes
    _lines: int = 0
    _members: Members = field(default_factory=Members)

    @property
    def keys(self) -> Counter[str]:
        """How often each column or top-level key has a value."""
        return self._members.counts

    @property
    def is_csv(self) -> bool:
        """True for CSV, False for JSON lines."""
        return self.form.format == "csv"

    def header(self) -> list[str]:
        """The column names of a CSV file; BadDataError when they cannot be told."""
        first = next(self._scanned(), None)
        if first is None:
            raise BadDataError("The header cannot be read.", where=str(self.path))
        data, found = first
        line = bytes(data[found[0, 0] : found[0, 1]])
        return check_header(self.path, line, self.delimiter)

    def schema(self) -> pa.Schema:
        """``row`` and the text columns of the header, or ``line`` and the ``shape`` of its keys."""
        if not self.is_csv:
            return pa.schema([("row", pa.int64()), ("line", pa.string()), ("shape", pa.int64())])
        names = [f"c:{name}" for name in self.header()]
        return pa.schema([("row", pa.int64()), *((name, pa.string()) for name in names)])

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The good records, numbered; fills ``rows``, ``bad`` and ``keys`` on the way.

        ``failure`` keeps the error that ends the reading: DuckDB would turn it into text.
        """
        try:
            yield from self._batches(schema)
        except BadDataError as error:
            self.failure = error
            raise

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        before = 1 if self.is_csv else 0
        for data, found in self._scanned():
            found = found[before:]
            before = 0
            if not len(found):
                continue
            numbers = np.arange(self.rows + 1, self.rows + 1 + len(found), dtype=np.int64)
            self.rows += len(found)
            self._tell()
            good = self._sift(data, found, numbers, len(schema) - 1)
            make = self._csv_batch if self.is_csv else self._json_batch
            if good.any():
                yield make(data, found, good, numbers[good], schema)

    def _tell(self) -> None:
        if self.say is not None:  # how long a packed file is shows at its end only
            share = self.consumed / max(1, self.path.stat().st_size)
            self.say(self.rows, None if self.form.compression else min(1.0, share))

    # ---- blocks to records

    def _scanned(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
        rest, newline = b"", self._newline()
        source = blocks(self.path, self.form.compression)
        block, self._lines, self.consumed = next(source, b"").removeprefix(_BOM), 0, 0
        while block or rest:
            following = next(source, b"")
            self.consumed += len(block)
            data = np.frombuffer(rest + block, dtype=np.uint8)
            used = 0
            while True:
                out = np.empty((min(len(data) - used, BLOCK) // 16 + 64, 4), dtype=np.int64)
                view, end = data[used:], not following
                if self.is_csv:
                    count, step = scan.scan_csv(view, ord(self.delimiter), end, out)
                else:
                    count, step = scan.scan_json(view, newline, end, out)
                if count:
                    self._refuse_swallowed(view, out[count - 1])
                    yield view, out[:count]
                used += step
                if count < len(out):
                    break
            self._lines += int(np.count_nonzero(data[:used] == 10))
            rest, block = data[used:].tobytes(), following
            if len(rest) > MAX_OPEN:
                raise self._endless()
            if not following:
                break

    def _newline(self) -> int:
        head = self.form.head
        return 13 if b"\n" not in head and b"\r" in head else 10

    def _refuse_swallowed(self, data: NDArray[np.uint8], last: NDArray[np.int64]) -> None:
        """A quote that never closes takes all rows behind it along: nothing can be told apart."""
        if last[3] & scan.UNCLOSED and np.any(data[last[0] : last[1]] == 10):
            self._lines += int(np.count_nonzero(data[: last[0]] == 10))
            raise self._endless()

    def _endless(self) -> BadDataError:
        return BadDataError(
            f"A record that begins in line {self._lines + 1} does not end.",
            where=str(self.path),
            fix="Look for a quote that is never closed, or for missing line ends.",
        )

    # ---- records to batches

    def _sift(
        self,
        data: NDArray[np.uint8],
        found: NDArray[np.int64],
        numbers: NDArray[np.int64],
        columns: int,
    ) -> NDArray[np.bool_]:
        """Put bad records aside; returns which are good."""
        flags, lengths = found[:, 3], found[:, 1] - found[:, 0]
        reasons = [(self._too_long(data, found, lengths), "line_too_long")]
        known = _CSV_FLAGS if self.is_csv else _JSON_FLAGS
        reasons += [((flags & flag) != 0, code) for flag, code in known]
        if self.is_csv:
            reasons.append((found[:, 2] != columns, "columns"))
        good = np.ones(len(found), dtype=np.bool_)
        for wrong, code in reasons:
            for index in np.flatnonzero(wrong & good):
                self.bad.append(Bad(int(numbers[index]), code, _seen(code, found[index], columns)))
            good &= ~wrong
        self._sift_encoding(data, found, numbers, good)
        if not self.is_csv:
            self._sift_escaped_keys(data, found, numbers, good)
        self._refuse_ruin()
        return good

    def _too_long(
        self, data: NDArray[np.uint8], found: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        long: NDArray[np.bool_] = lengths > MAX_RECORD
        for index in np.flatnonzero(long) if self.enveloped else ():
            long[index] = not begins_envelope(data[found[index, 0] :][:HEAD].tobytes())
        return long

    def _sift_encoding(
        self,
        data: NDArray[np.uint8],
        found: NDArray[np.int64],
        numbers: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> None:
        foreign = np.flatnonzero(((found[:, 3] & scan.FOREIGN) != 0) & good)
        if not len(foreign) or scan.is_utf8(data):
            return
        for index in foreign:
            start, end = found[index, :2]
            try:
                bytes(data[start:end]).decode("utf-8")
            except UnicodeDecodeError as error:
                seen = f"byte 0x{error.object[error.start]:02x} at offset {error.start} of the row"
                self.bad.append(Bad(int(numbers[index]), "encoding", seen))
                good[index] = False

    def _sift_escaped_keys(
        self,
        data: NDArray[np.uint8],
        found: NDArray[np.int64],
        numbers: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> None:
        for index in np.flatnonzero(((found[:, 3] & scan.ESCAPED_KEY) != 0) & good):
            start, end = found[index, :2]
            if repeats_a_key(bytes(data[start:end])):
                self.bad.append(Bad(int(numbers[index]), "json_keys"))
                good[index] = False

    def _refuse_ruin(self) -> None:
        if len(self.bad) > MAX_BAD and len(self.bad) > MAX_BAD_SHARE * self.rows:
            reason = REASONS[self.bad[-1].code]
            raise BadDataError(
                f"{len(self.bad):,} of the first {self.rows:,} records cannot be read; the last of "
                f"them: {reason.sentence}",
                where=f"{self.path} row {self.bad[-1].row}",
                fix=reason.fix,
            )

    def _csv_batch(
        self,
        data: NDArray[np.uint8],
        found: NDArray[np.int64],
        good: NDArray[np.bool_],
        numbers: NDArray[np.int64],
        schema: pa.Schema,
    ) -> pa.RecordBatch:
        if good.all():
            text = data[found[0, 0] : found[-1, 1]].tobytes()
        else:
            text = b"\n".join(data[start:end].tobytes() for start, end in found[good][:, :2])
        names = schema.names[1:]
        columns = csv_columns(text, names, self.delimiter)
        if any(len(column) != len(numbers) for column in columns):
            raise BadDataError(
                f"Rows {numbers[0]} to {numbers[-1]} cannot be told apart.",
                where=str(self.path),
                fix="Quote fields that hold quotes, delimiters or line ends (RFC 4180).",
            )
        for name, column in zip(names, columns, strict=True):
            if name[2:] not in self.known:
                self.keys[name[2:]] += pc.sum(pc.not_equal(column, "")).as_py() or 0
        return pa.RecordBatch.from_arrays([pa.array(numbers), *columns], schema=schema)

    def _json_batch(
        self,
        data: NDArray[np.uint8],
        found: NDArray[np.int64],
        good: NDArray[np.bool_],
        numbers: NDArray[np.int64],
        schema: pa.Schema,
    ) -> pa.RecordBatch:
        offsets = np.append(found[:, 0], found[-1, 1]).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(found), pa.py_buffer(offsets), pa.py_buffer(data))
        kept = lines if good.all() else lines.filter(pa.array(good))
        shapes = found[good][:, 2]
        self._members.count(kept, shapes)
        columns = [pa.array(numbers), kept, pa.array(shapes)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)


def _seen(code: str, record: NDArray[np.int64], columns: int) -> str | None:
    if code == "columns":
        return f"{record[2]} fields, the header has {columns}"
    return f"{record[1] - record[0]:,} bytes" if code == "line_too_long" else None
