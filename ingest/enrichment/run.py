"""What all providers say of a snapshot's identifiers: distinct values only, kept in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph_models.codes import digest_text
from graph_models.observations import COLUMNS, empty_table
from ingest.enrichment import ANSWER, ENRICHMENTS, Enrichment, Site, Source
from ingest.enrichment.provider import FOLDER

__all__ = ["BIN", "Asked", "absent", "at_hand", "enrich"]

BIN = "bin"
CHUNK = 100_000  # values asked at a time: bounds memory and paces the progress
EDITION = "1"  # of how answers are made and kept; a change makes old ones unread

Say = Callable[..., None]


@dataclass(frozen=True, eq=False)
class Asked:
    """Distinct values, and which identifiers each belongs to.

    ``values``: distinct texts. ``value`` and ``identifier``: (n,) pairs of an index into
    ``values`` and an identifier position, sorted by ``value``. ``weight``: (values,) how many
    accounts showed each, for sources that cannot look up all.
    """

    values: Sequence[str]
    value: NDArray[np.int64]
    identifier: NDArray[np.int64]
    weight: NDArray[np.int64]

    @classmethod
    def of_kind(cls, identifiers: pd.DataFrame, kind: str) -> Asked:
        """The values of a kind, each of which is one identifier."""
        at = np.flatnonzero((identifiers["kind"] == kind).to_numpy())
        values = identifiers["value"].iloc[at].tolist()
        weight = identifiers["accounts"].to_numpy(np.int64)[at]
        return cls(values, np.arange(len(at)), at, weight)

    @classmethod
    def of_bins(cls, identifiers: pd.DataFrame, bins: pd.DataFrame) -> Asked:
        """The BIN of each payment method; ``bins`` has the columns identifier and bin.

        A card has one number: where logs give more or fewer of its digits, the longest BIN holds.
        """
        order = bins.assign(digits=-bins["bin"].str.len())
        one = order.sort_values(["identifier", "digits", "bin"]).drop_duplicates("identifier")
        pairs = one.sort_values(["bin", "identifier"])
        value, values = pd.factorize(pairs["bin"], sort=True)
        at = pairs["identifier"].to_numpy(np.int64)
        degree = identifiers["accounts"].to_numpy(np.int64)[at]
        weight = np.bincount(value, weights=degree, minlength=len(values)).astype(np.int64)
        return cls(values.tolist(), value.astype(np.int64), at, weight)


def at_hand(root: Path) -> tuple[tuple[Enrichment, Source], ...]:
    """Every source that can be asked, opened and so checked, in the order of ``ENRICHMENTS``.

    Raises:
        BadDataError: a file of the user's is damaged; nothing of it is believed.
    """
    site = Site.of(root)
    return tuple((item, source) for item in ENRICHMENTS for source in item.open(site))


def absent(sources: Sequence[tuple[Enrichment, Source]]) -> tuple[str, ...]:
    """The properties that none of these sources tells, as ``enrichment.property``."""
    every = {name for item in ENRICHMENTS for name in item.gives}
    given = {name for item, _ in sources for name in item.gives}
    return tuple(sorted(f"{FOLDER}.{name}" for name in every - given))


def enrich(
    sources: Sequence[tuple[Enrichment, Source]],
    identifiers: pd.DataFrame,
    bins: pd.DataFrame,
    *,
    cache: Path,
    say: Say | None = None,
) -> pd.DataFrame:
    """Every fact of these sources about the identifiers of a snapshot.

    Args:
        sources: What ``at_hand`` opened.
        identifiers: ``observations.COLUMNS["identifiers"]``.
        bins: First digits of cards: columns identifier (position) and bin.
        cache: Folder where answers are kept, by source, version and set of values.
        say: Called with what is being done, and the share that is done.

    Returns:
        ``observations.COLUMNS["enrichment"]``, sorted by identifier and property; where several
        tell the same property, in the order of ``sources``.
    """
    kinds = sorted({item.reads for item in ENRICHMENTS} - {BIN})
    asked = {kind: Asked.of_kind(identifiers, kind) for kind in kinds}
    asked[BIN] = Asked.of_bins(identifiers, bins)
    parts = [
        _placed(_looked_up(source, asked[item.reads], cache, say), asked[item.reads], rank)
        for rank, (item, source) in enumerate(sources)
        if asked[item.reads].values
    ]
    return _sorted(parts)


def _chosen(source: Source, asked: Asked) -> NDArray[np.int64]:
    """Which values a source looks up: all, or those on the most accounts; ties by value."""
    size = len(asked.values)
    if source.most is None or size <= source.most:
        return np.arange(size)
    order = np.lexsort((np.arange(size), -asked.weight))
    return np.sort(order[: source.most])


def _looked_up(source: Source, asked: Asked, kept: Path, say: Say | None) -> pa.Table:
    """The answers of one source, ``at`` being indexes into ``asked.values``."""
    chosen = _chosen(source, asked)
    every = len(chosen) == len(asked.values)
    values = asked.values if every else [asked.values[i] for i in chosen.tolist()]
    path = kept / _name(source, values)
    found = _read(path)
    if found is None:
        found = _answers(source, values, say)
        _keep(path, found)
    at = pa.array(chosen.astype(np.int32)[found["at"].to_numpy()])
    return found.set_column(0, "at", at)


def _answers(source: Source, values: Sequence[str], say: Say | None) -> pa.Table:
    tables = [ANSWER.empty_table()]
    for start in range(0, len(values), CHUNK):
        if say is not None and len(values) > CHUNK:
            say(f"enrichment: {source.name}", start / len(values))
        told = source.look_up(values[start : start + CHUNK])
        at = pc.add(told["at"], pa.scalar(start, pa.int32()))
        tables.append(told.set_column(0, "at", at))
    return pa.concat_tables(tables).unify_dictionaries()


def _placed(found: pa.Table, asked: Asked, rank: int) -> pa.Table:
    """Answers about values → facts about identifiers, with their rank and order."""
    at = found["at"].to_numpy()
    first = np.searchsorted(asked.value, at, side="left")
    times = np.searchsorted(asked.value, at, side="right") - first
    row = np.repeat(np.arange(len(at)), times)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    identifier = asked.identifier[first[row] + nth].astype(np.int32)
    table = found.take(pa.array(row)).set_column(0, "identifier", pa.array(identifier))
    return table.append_column("rank", pa.array(np.full(len(row), rank, dtype=np.int16)))


def _sorted(parts: Sequence[pa.Table]) -> pd.DataFrame:
    whole = [part for part in parts if part.num_rows]
    if not whole:
        return empty_table("enrichment")
    frame = pa.concat_tables(whole).unify_dictionaries().to_pandas()
    for name, kind in COLUMNS["enrichment"].items():
        if kind == "category":
            words = frame[name].cat.remove_unused_categories()
            frame[name] = words.cat.reorder_categories(sorted(words.cat.categories))
    # lexsort is stable: two classes that one source tells keep its order.
    keys = (frame["rank"], frame["property"].cat.codes, frame["identifier"])
    order = np.lexsort(tuple(key.to_numpy() for key in keys))
    found: pd.DataFrame = frame[list(COLUMNS["enrichment"])].take(order)
    return found.reset_index(drop=True)


# ---- the cache


def _name(source: Source, values: Sequence[str]) -> str:
    digest = blake2b(digest_size=16)
    for start in range(0, len(values), CHUNK):
        # Lengths first, so that no two lists of values are the same bytes.
        chunk = values[start : start + CHUNK]
        digest.update(np.fromiter(map(len, chunk), np.int64, len(chunk)).tobytes())
        digest.update("".join(chunk).encode("utf-8", "surrogatepass"))
    key = digest_text(EDITION, source.name, source.version, digest.hexdigest())
    return f"{FOLDER}-{key}.parquet"


def _read(path: Path) -> pa.Table | None:
    try:
        found = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):  # not there, or cut short: it is made again
        return None
    return found.cast(ANSWER) if found.schema.names == ANSWER.names else None


def _keep(path: Path, table: pa.Table) -> None:
    fresh = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        pq.write_table(table, fresh)
        fresh.replace(path)
    except OSError:  # read-only, or full: what cannot be kept is looked up again next time
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
