"""Where each account's rows lie and which values they show: one mapped file an event kind and day.

Beside the day parts, because Parquet decodes a row group for a row. Made once from a day's parts
and named by them, so that a new day costs a day; like all of the cache it may go at any time.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from ingest.store.manifest import Manifest, winners
from ingest.store.storage import Layout, session

__all__ = ["EVENTS", "DayRows", "day_rows", "index_rows"]

KEY = "prompt_key"
"""The column of prompts that the log itself put into no cluster."""
EVENTS = sorted({source.event for kind in KINDS for source in kind.sources})
"""The event kinds whose rows show identifiers."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DayRows:
    """The rows that count of one event kind and day, by account.

    ``accounts``: their codes, ascending; the rows of the n-th are ``rows[starts[n]:starts[n + 1]]``
    with fields ts, row, load (a place in ``loads``) and, by kind, the place in ``values[kind]`` of
    the code of the value that it shows, from 1; 0 where it shows none.
    """

    loads: Sequence[str]
    accounts: Ints
    starts: Ints
    rows: NDArray[np.void]
    values: Mapping[str, Ints]

    def of(self, accounts: Ints) -> tuple[NDArray[np.void], Ints]:
        """The rows of some accounts, by ascending codes, and the account of each row."""
        at = np.searchsorted(self.accounts, accounts)
        at = at[self.accounts[np.minimum(at, len(self.accounts) - 1)] == accounts]
        start, stop = self.starts[at], self.starts[at + 1]
        found = [self.rows[a:b] for a, b in zip(start.tolist(), stop.tolist(), strict=True)]
        rows = np.concatenate([self.rows[:0], *found])
        return rows, np.repeat(self.accounts[at], stop - start)

    def codes_of(self, name: str, rows: NDArray[np.void]) -> tuple[Ints, NDArray[np.bool_]]:
        """The codes that rows show in a field, and whether they show any."""
        if not len(self.values[name]):
            return np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
        place = rows[name].astype(np.int64)
        return self.values[name][place - 1], place > 0

    def save(self, path: Path) -> None:
        """Write it so that it can be mapped; whole or not at all."""
        arrays = {"accounts": self.accounts, "starts": self.starts, "rows": self.rows}
        arrays |= {f"values.{name}": own for name, own in self.values.items()}
        about = {"loads": list(self.loads), "fields": self.rows.dtype.descr}
        columns = {name: pa.array([array.tobytes()], pa.large_binary())
                   for name, array in arrays.items()}  # fmt: skip
        table = pa.table(columns).replace_schema_metadata({"about": json.dumps(about)})
        fresh = path.with_name(f".{os.getpid()}.{path.name}")
        with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        fresh.replace(path)

    @classmethod
    def open(cls, path: Path) -> DayRows:
        """Map what ``save`` wrote."""
        table = pa.ipc.open_file(pa.memory_map(str(path), "r")).read_all()
        about = json.loads(table.schema.metadata[b"about"])
        raw = {name: table[name][0].as_buffer() for name in table.column_names}
        fields = np.dtype([tuple(one) for one in about["fields"]])
        return cls(
            loads=about["loads"],
            accounts=np.frombuffer(raw["accounts"], np.int64),
            starts=np.frombuffer(raw["starts"], np.int64),
            rows=np.frombuffer(raw["rows"], fields),
            values={
                name.removeprefix("values."): np.frombuffer(buffer, np.int64)
                for name, buffer in raw.items()
                if name.startswith("values.")
            },
        )


def day_rows(layout: Layout, manifest: Manifest, event: str, day: str) -> DayRows:
    """The rows of one event kind and day, from the cache where it has them."""
    path = _path(layout, manifest, event, day)
    if path.exists():
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


def _shown_by(event: str) -> Iterator[tuple[Kind, Source]]:
    """The kinds of identifier that rows of an event kind show, with where each stands."""
    for kind in KINDS:
        for source in kind.sources:
            if source.event == event:
                yield kind, source


@functools.cache
def _version() -> str:
    """Changes with the code that the index follows from."""
    modules = [inspect.getmodule(kind.clean) for kind in KINDS]
    sources = {inspect.getsource(module) for module in modules if module is not None}
    own = inspect.getmodule(_made)
    assert own is not None
    sources |= {inspect.getsource(module) for module in (own, cleaning)}
    return digest_text(*sorted(sources), repr([kind.sources for kind in KINDS]))


def _path(layout: Layout, manifest: Manifest, event: str, day: str) -> Path:
    hashes = list(manifest.buckets[event, day].hashes)
    if event == "http_request":  # takes accounts from the exchanges of its day
        exchange = manifest.buckets.get(("exchange", day))
        hashes += ["exchange", *(exchange.hashes if exchange else ())]
    key = digest_text(_version(), event, day, *hashes, size=12)
    return layout.cache / f"{event}-{day}-{key}.rows_by_account.arrow"


def _made(layout: Layout, manifest: Manifest, event: str, day: str) -> DayRows:
    ts = event_named(event).ts
    wanted = {
        column for _, source in _shown_by(event) for column in (*source.columns, *source.where)
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
    for kind, source in _shown_by(event):
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


def _ints(column: pa.ChunkedArray, via: pa.DataType | None = None) -> Ints:
    """A column as integers, 0 where it is null; times in microseconds."""
    whole = (column.cast(via) if via else column).cast(pa.int64())
    return np.array(whole.fill_null(0), np.int64)


def _known(column: pa.ChunkedArray) -> NDArray[np.bool_]:
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


def _shown(kind: Kind, raws: pa.ChunkedArray) -> tuple[Ints, NDArray[np.int64]]:
    """The distinct codes of the clean values, and the place of each row's among them, from 1."""
    from ingest.observing.coding import cleaned  # Ibis takes a second: look-ups do without

    coded = raws.unify_dictionaries() if pa.types.is_dictionary(raws.type) else raws
    whole = coded.dictionary_encode().combine_chunks()
    texts = whole.dictionary.cast(pa.large_string())
    clean = cleaned(kind, texts)
    code = codes(kind.name, clean["value"])
    own = np.unique(code)
    at = pc.index_in(texts, value_set=clean["raw"].combine_chunks())
    place = np.append(np.searchsorted(own, code) + 1, 0)
    local = np.append(place[at.fill_null(len(code)).to_numpy()], 0)
    return own, local[whole.indices.fill_null(len(texts)).to_numpy()]


def _keys(keys: pa.ChunkedArray) -> tuple[Ints, NDArray[np.int64]]:
    """As ``_shown``, of numbers."""
    known = _known(keys)
    own, place = np.unique(_ints(keys)[known], return_inverse=True)
    places = np.zeros(len(keys), np.int64)
    places[known] = place + 1
    return own, places
