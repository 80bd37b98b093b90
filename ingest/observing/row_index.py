"""Where each account's rows lie and which values they show: one mapped file an event kind and day.

Beside the day parts, because Parquet decodes a row group for a row. Made once from a day's parts
and named by them, so that a new day costs a day; like all of the cache it may go at any time.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph_models import cleaning
from graph_models.codes import codes, digest_text
from graph_models.kind import Kind, Source
from graph_models.kinds import KINDS
from ingest.events import event_named
from ingest.observing import day_rows as form
from ingest.observing.coding import cleaned
from ingest.observing.day_rows import DayRows
from ingest.observing.queries import sources_of
from ingest.store.manifest import Manifest, winners
from ingest.store.storage import Layout, session

__all__ = ["EVENTS", "KEY", "index_rows", "rows_of_day"]

KEY = "prompt_key"
"""The column of prompts that the log itself put into no cluster."""
EVENTS = sorted({source.event for kind in KINDS for source in kind.sources})
"""The event kinds whose rows show identifiers."""
Ints = NDArray[np.int64]


def rows_of_day(layout: Layout, manifest: Manifest, event: str, day: str) -> DayRows:
    """The rows of one event kind and day, from the cache where it has them."""
    path = _path(layout, manifest, event, day)
    # A file that a power cut tore is made again.
    with suppress(FileNotFoundError, pa.ArrowInvalid):
        return DayRows.open(path)
    found = _made(layout, manifest, event, day)
    if not os.access(layout.cache, os.W_OK):
        return found
    found.save(path)
    return DayRows.open(path)


def index_rows(layout: Layout, manifest: Manifest) -> None:
    """Make what is not there yet, so that no question has to wait for it."""
    if not os.access(layout.cache, os.W_OK):
        return
    for event in EVENTS:
        for day in manifest.of(event):
            if not _path(layout, manifest, event, day).exists():
                _made(layout, manifest, event, day).save(_path(layout, manifest, event, day))


@functools.cache
def _version() -> str:
    """Changes with the code that the index follows from."""
    modules = [inspect.getmodule(kind.clean) for kind in KINDS]
    sources = {inspect.getsource(module) for module in modules if module is not None}
    sources |= {inspect.getsource(module) for module in (sys.modules[__name__], form, cleaning)}
    return digest_text(*sorted(sources), repr([kind.sources for kind in KINDS]))


def _path(layout: Layout, manifest: Manifest, event: str, day: str) -> Path:
    key = digest_text(_version(), event, day, *manifest.hashes(event, day), size=12)
    return layout.cache / f"{event}-{day}-{key}.rows_by_account.arrow"


def _made(layout: Layout, manifest: Manifest, event: str, day: str) -> DayRows:
    ts = event_named(event).ts
    wanted = {
        column for _, source in sources_of(event) for column in (*source.columns, *source.where)
    }
    silent = {"event"} if event == "http_request" else set()
    key = {KEY} if event == "exchange" else set()
    names = ["account", ts, "row", *sorted({*wanted, *silent, *key} - {"account", ts, "row"})]
    table, load, loads = _counting(layout, manifest, (event, day), names)
    account, known = _accounts(layout, manifest, day, table)
    order = np.flatnonzero(known)
    order = order[np.argsort(account[order], kind="stable")]
    values, columns = {}, {"ts": _ints(table[ts], pa.timestamp("us")), "row": _ints(table["row"])}
    columns["load"] = load
    for kind, source in sources_of(event):
        values[kind.name], columns[kind.name] = _shown(kind, _raw(table, source))
    if key:
        unclustered = pc.if_else(table["prompt_cluster"].is_null(), table[KEY], None)
        values[KEY], columns[KEY] = _keys(unclustered)
    fields = [(name, _narrow(name, column)) for name, column in columns.items()]
    rows = np.empty(len(order), fields)
    for name, column in columns.items():
        rows[name] = column[order]
    sorted_ = account[order]
    starts = np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1])[: len(order)])
    ends = np.append(starts, len(order)).astype(np.int64)
    return DayRows(loads, sorted_[starts], ends, rows, values)


def _narrow(name: str, column: NDArray[Any]) -> str:
    if name == "ts":
        return np.dtype(np.int64).str
    return np.min_scalar_type(int(column.max(initial=0))).str


def _counting(
    layout: Layout, manifest: Manifest, key: tuple[str, str], names: Sequence[str]
) -> tuple[pa.Table, NDArray[np.int64], list[str]]:
    """The rows of a bucket that count, the place of each one's load, and the loads."""
    bucket = manifest.buckets[key]
    paths, owners = bucket.paths(layout), [load for load, _ in bucket.parts]
    tables = [_read(path, names) for path in paths]
    if not bucket.clean:
        tables = _without_losers(layout, key[0], paths, tables)
    loads = sorted({*owners})
    place = np.array([loads.index(owner) for owner in owners])
    load = np.repeat(place, [len(table) for table in tables])
    return pa.concat_tables(tables, promote_options="permissive"), load, loads


def _read(path: Path, names: Sequence[str]) -> pa.Table:
    """Some columns of a part, texts as they are coded in it."""
    with pq.ParquetFile(path, memory_map=True) as known:
        schema, metadata = known.schema_arrow, known.metadata
    texts = [name for name in names if pa.types.is_string(schema.field(name).type)]
    with pq.ParquetFile(path, memory_map=True, metadata=metadata, read_dictionary=texts) as file:
        return file.read(names, use_threads=False)


def _without_losers(
    layout: Layout, event: str, paths: list[Path], tables: list[pa.Table]
) -> list[pa.Table]:
    with session(layout) as con:
        lost = con.sql(
            f"SELECT f, n FROM ({winners(event, paths)}) WHERE place > 1"
        ).to_arrow_table()
    file, number_in_file = _ints(lost["f"]), _ints(lost["n"])
    kept = []
    for number, table in enumerate(tables):
        counts = np.ones(len(table), bool)
        counts[number_in_file[file == number]] = False
        kept.append(table.filter(pa.array(counts)))
    return kept


def _accounts(
    layout: Layout, manifest: Manifest, day: str, table: pa.Table
) -> tuple[Ints, NDArray[np.bool_]]:
    """The account of each row and whether it has one; a request may take its exchange's."""
    account = _ints(table["account"])
    known = _known(table["account"])
    if (
        "event" not in table.column_names
        or known.all()
        or ("exchange", day) not in manifest.buckets
    ):
        return account, known
    exchanges, _, _ = _counting(layout, manifest, ("exchange", day), ["account", "event"])
    exchanges = exchanges.drop_null().sort_by("event")
    events, asked = _ints(exchanges["event"]), _ints(table["event"])
    at = np.minimum(np.searchsorted(events, asked), max(len(events) - 1, 0))
    if not len(events):
        return account, known
    taken = ~known & (events[at] == asked)
    return np.where(taken, _ints(exchanges["account"])[at], account), known | taken


def _ints(column: pa.Array | pa.ChunkedArray, via: pa.DataType | None = None) -> Ints:
    """A column as integers, 0 where it is null; times in microseconds."""
    whole = (column.cast(via) if via else column).cast(pa.int64())
    return np.array(whole.fill_null(0), np.int64)


def _known(column: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.array(column.is_valid(), bool)


def _raw(table: pa.Table, source: Source) -> pa.ChunkedArray:
    """The raw values of a source, coded; as ``aggregate`` joins them."""
    if len(source.columns) == 1 and not source.where:
        return table[source.columns[0]]
    *before, last = (table[name].cast(pa.large_string()) for name in source.columns)
    parts = [pc.fill_null(column, "") for column in before]
    slash = pa.scalar("/", pa.large_string())
    text = pc.binary_join_element_wise(*parts, last, slash) if parts else last
    for name, value in source.where.items():
        same = pc.fill_null(pc.equal(table[name].cast(pa.large_string()), value), False)
        text = pc.if_else(same, text, None)
    return text


def _shown(kind: Kind, raws: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Codes of clean values, and the place of each row's, from 1; 0 where it has none."""
    whole = _coded(raws)
    texts = whole.dictionary.cast(pa.large_string())
    clean = cleaned(kind, texts)
    at = pc.index_in(texts, value_set=clean["raw"].combine_chunks())
    known = _known(at)
    code = np.zeros(len(texts), np.int64)
    code[known] = codes(kind.name, clean["value"])[at.drop_null().to_numpy()]
    return code, np.append(np.where(known, np.arange(len(texts)) + 1, 0), 0)[_places(whole)]


def _keys(keys: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """As ``_shown``, of numbers."""
    whole = _coded(keys)
    size = len(whole.dictionary)
    return _ints(whole.dictionary), np.append(np.arange(size) + 1, 0)[_places(whole)]


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column with each distinct value once."""
    if pa.types.is_dictionary(column.type):
        return column.unify_dictionaries().combine_chunks()
    return column.combine_chunks().dictionary_encode()


def _places(coded: pa.DictionaryArray) -> Ints:
    """The place of each row's value in the dictionary; after all of them where it has none."""
    places = coded.indices.fill_null(len(coded.dictionary))
    return np.array(places, np.int64)
