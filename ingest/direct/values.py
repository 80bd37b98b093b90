"""Columns of a file judged value by value: what is stored, and which rows need the whole statement.

Texts that a kernel knows are stored as they are; each other distinct text is asked about once, in
the mapping's own SQL, so that both ways mean the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.buffers import text_buffers
from graph_models.codes import codes
from ingest.direct.kernels import SIGNS, plain_ipv4, plain_tokens
from ingest.direct.plan import GIVEN, Source
from ingest.mapping.contracts import AHEAD
from ingest.mapping.converters import EARLIEST_DAY, LARGEST_INT
from ingest.protection.leaks import mask
from ingest.store.memory import memory_bytes

__all__ = ["Judge", "Known", "OddFileError"]

MEMORY = 100_000  # answers that are kept of one column: user agents, models, small registers
MICROSECONDS = 1_000_000
Good = NDArray[np.bool_]
Answer = tuple[str | None, bool]  # the value as it is stored, and whether it needs a closer look
# One account's code is kept for so many bytes of the memory setting: all take a tenth of it.
_BYTES_OF_CODE = 1 << 11


class OddFileError(Exception):
    """The file is none for the direct way; nothing of it counts yet."""


@dataclass
class Known:
    """What is remembered over all files of an ingest: answers by question, codes by account."""

    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    def account_codes(self, words: list[str]) -> NDArray[np.int64]:
        """The codes of distinct account ids."""
        if len(self.accounts) > memory_bytes() // _BYTES_OF_CODE:
            self.accounts.clear()
        new = [word for word in words if word not in self.accounts]
        self.accounts.update(zip(new, codes("account", new).tolist(), strict=True))
        return np.fromiter(map(self.accounts.__getitem__, words), np.int64, len(words))


@dataclass
class Judge:
    """Judges the values of one column. ``now`` is UTC, in seconds."""

    con: duckdb.DuckDBPyConnection
    source: Source
    now: float
    known: dict[str, Answer]

    def judged(self, values: Any) -> tuple[Any, Good]:
        """The column as it is stored, and which rows are good in it."""
        if self.source.kind == "text":
            stored, good = self._texts(values)
        else:
            stored, good = self._numbers(values)
        if self.source.required and stored.null_count:
            good = good & np.asarray(stored.is_valid())
        return stored, good

    # ---- texts

    def _texts(self, values: Any) -> tuple[Any, Good]:
        if not isinstance(values, pa.DictionaryArray):
            return self._changed(values.cast(pa.string()))
        words = values.dictionary.cast(pa.string())
        if words.null_count:
            raise OddFileError("a dictionary with nulls")
        stored, good = self._changed(words)
        places = values.indices.cast(pa.int32())
        of_rows = np.append(good, True)[places.fill_null(len(words)).to_numpy()]
        if stored is words:
            return pa.DictionaryArray.from_arrays(places, words), of_rows
        return stored.take(places), of_rows

    def _changed(self, texts: Any) -> tuple[Any, Good]:
        """Texts with those replaced that a rule changes, and which of them are good."""
        good = np.ones(len(texts), np.bool_)
        unknown = ~self._at_sight(texts)
        if texts.null_count:
            unknown &= np.asarray(texts.is_valid())
        places = np.flatnonzero(unknown)
        if not len(places):
            return texts, good
        asked = texts.take(pa.array(places)).dictionary_encode()
        new, bad = self._ask(asked.dictionary)
        which = asked.indices.to_numpy()
        good[places] = ~bad[which]
        if new.equals(asked.dictionary):
            return texts, good
        return pc.replace_with_mask(texts, pa.array(unknown), new.take(asked.indices)), good

    def _at_sight(self, texts: Any) -> Good:
        if not self.source.plain or not len(texts):
            return np.zeros(len(texts), np.bool_)
        data, offsets = text_buffers(texts)
        if self.source.plain == "ipv4":
            return plain_ipv4(data, offsets)
        return plain_tokens(data, offsets, SIGNS)

    def _ask(self, words: Any) -> tuple[Any, Good]:
        """The values of distinct texts, and which are bad."""
        try:
            texts = words.to_pylist()
        except UnicodeDecodeError as error:
            raise OddFileError("text that is no UTF-8") from error
        new = [text for text in texts if text not in self.known]
        if new:
            if len(self.known) + len(new) > MEMORY:
                self.known.clear()
                new = texts
            self._learn(new)
        answers = [self.known[text] for text in texts]
        bad = np.fromiter((item[1] for item in answers), np.bool_, len(answers))
        return pa.array([item[0] for item in answers], pa.string()), bad

    def _learn(self, texts: list[str]) -> None:
        numbers = pa.array(range(len(texts)), pa.int64())
        given = pa.table({"row": numbers, "given": pa.array(texts, pa.string())})
        self.con.register(GIVEN, given)
        try:
            found = self.con.execute(self.source.question).fetchall()
        finally:
            self.con.unregister(GIVEN)
        for row, value, bad, suspect in found:
            # A run of digits is a card number rarely; one that is no secret stays as it is.
            hides = suspect and mask(value, Counter()) != value
            self.known[texts[row]] = value, bad or hides

    # ---- numbers, times, truths

    def _numbers(self, values: Any) -> tuple[Any, Good]:
        if self.source.kind == "time":
            return self._times(values)
        if self.source.kind == "bool":
            return values, np.ones(len(values), np.bool_)
        kind = pa.int64() if self.source.kind == "int" else pa.float64()
        stored = values.cast(kind)
        numbers = stored.fill_null(0).to_numpy(zero_copy_only=False)
        if self.source.kind == "decimal":
            stored = pc.add(stored, 0.0)  # -0.0 and 0.0 are one number
        return stored, (numbers >= 0) & (numbers <= LARGEST_INT)

    def _times(self, values: Any) -> tuple[Any, Good]:
        stored = values.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
        first = EARLIEST_DAY.timestamp() * MICROSECONDS
        numbers = stored.cast(pa.int64()).fill_null(int(first)).to_numpy()
        good = numbers >= first
        if not self.source.column.future:
            good &= numbers <= (self.now + AHEAD.total_seconds()) * MICROSECONDS
        return stored, good
