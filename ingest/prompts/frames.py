"""Sketches → prompt clusters: frames are groups of shingles that occur in the same prompts.

Two shingles belong to one frame when the *sets of prompts* that hold them nearly coincide. Chains
of similar prompts cannot arise, however large the corpus: a shingle of ordinary English stands in
other prompts than its neighbours do. All counts are over distinct texts: a repeated prompt is one
vote.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graph_models.errors import BadDataError
from ingest.prompts.choice import chosen_units
from ingest.prompts.joins import (
    Corpus,
    Units,
    code_of,
    count_votes,
    digests,
    supports,
    vote,
)
from ingest.prompts.keys import restore
from ingest.prompts.shapes import AT_END, AT_START, LABELLED

__all__ = [
    "CLUSTER_SCHEMA",
    "cluster",
    "coded",
    "frame_ids",
    "joined",
    "measured",
    "unit_flags",
]

CLUSTER_SCHEMA = pa.schema([("prompt_key", pa.int64()), ("cluster", pa.string())])

LEAST_PROMPTS = 3  # two prompts may share a quotation; three share a form
LEAST_FRAME = 4  # shingles: seven words in a row, or two phrases; less is idiom
LEAST_AT_EDGE = 3  # where a text begins or ends fewer will do: five words to begin with
LEAST_LABELLED = 2  # "Translate to French:" is a form, whatever follows
JOINED = 0.6  # share of the prompts of both; above 1/2 a majority vote finds every such pair
ROUNDS = 3  # joins of joins; on trial corpora the fourth round joined one unit in 100,000
REPEATED = 2  # an equal masked text that two prompts share is a form of its own


def cluster(sketches: pa.Table, *, key: bytes = b"") -> pa.Table:
    """Group prompts by the frame they fill.

    Args:
        sketches: columns ``prompt_key`` and ``shingles`` as ``sketch`` made them, and optionally
            ``uses`` (how often the text was sent). Rows may repeat; null keys are passed over.
        key: the key that ``sketch`` was given. Clusters and their ids do not depend on it.

    Returns:
        ``prompt_key`` (as given) and ``cluster`` (``pc_…`` or null), one row per distinct prompt.

    Raises:
        BadDataError: a needed column is missing.
    """
    stored, hashes, offsets, uses = _distinct(sketches, key)
    known, corpus = coded(hashes, offsets)
    of = joined(corpus, len(known))
    enough = _long_enough(np.bincount(of, minlength=1), unit_flags(of, known))
    units = measured(corpus, _renumbered(np.where(enough[of], of, -1)))
    edge = (unit_flags(units.of, known) & np.uint8(AT_START | AT_END)) != 0
    cluster_id = frame_ids(units, known, chosen_units(corpus, units, edge))
    _add_repeats(cluster_id, hashes, offsets, uses)
    return _named(stored, cluster_id)


def coded(
    hashes: NDArray[np.uint64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], Corpus]:
    """The shingles that recur, sorted, and the texts with their places in that list."""
    known = _recurring(hashes)
    codes = np.empty(len(hashes), np.int32)
    code_of(hashes, known, codes, max(8, int(2 * len(known)).bit_length()))
    return known, Corpus(codes, offsets, int(np.diff(offsets).max(initial=1)))


def _distinct(
    sketches: pa.Table, key: bytes
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Stored keys, plain shingles, their offsets and uses: one row a prompt, by plain key."""
    missing = {"prompt_key", "shingles"} - set(sketches.column_names)
    if missing:
        raise BadDataError(f"Sketches lack the columns {sorted(missing)}.", fix="Use sketch().")
    sketches = sketches.filter(sketches["prompt_key"].is_valid())
    stored = sketches["prompt_key"].to_numpy().astype(np.int64, copy=False)
    _, first = np.unique(restore(stored.view(np.uint64), key), return_index=True)
    lists = sketches["shingles"].take(pa.array(first)).combine_chunks()
    lengths = np.asarray(lists.value_lengths().fill_null(0), dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return stored[first], restore(values.view(np.uint64), key), offsets, _uses(sketches, first)


def _uses(sketches: pa.Table, first: NDArray[np.int64]) -> NDArray[np.int64]:
    if "uses" not in sketches.column_names:
        return np.ones(len(first), np.int64)
    counts = pd.DataFrame(
        {"key": sketches["prompt_key"].to_numpy(), "uses": sketches["uses"].to_numpy()}
    )
    # The largest, not the sum: a row that is given twice is still one row.
    most = counts.groupby("key", sort=False)["uses"].transform("max")
    return most.to_numpy()[first].astype(np.int64)


def _recurring(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The shingles that occur in at least ``LEAST_PROMPTS`` prompts, sorted."""
    ordered = np.sort(hashes)
    if len(ordered) < LEAST_PROMPTS:
        return ordered[:0]
    reach = LEAST_PROMPTS - 1
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    again = np.zeros(len(ordered), bool)
    again[: len(ordered) - reach] = ordered[reach:] == ordered[: len(ordered) - reach]
    return ordered[starts & again]


def joined(corpus: Corpus, count: int) -> NDArray[np.int32]:
    """The unit of each of ``count`` shingles: join them, then what came of it, until none joins."""
    of = np.arange(count, dtype=np.int32)
    for _ in range(ROUNDS):
        units = measured(corpus, of)
        leader = vote(corpus, units, JOINED)
        agreed = count_votes(corpus, units, JOINED, leader)
        most = np.maximum(units.support, units.support[leader])
        rows = np.flatnonzero((leader >= 0) & (agreed >= JOINED * most))
        if not len(rows):
            break
        of = _components(of, rows, leader[rows], len(units.sizes))
    return of


def unit_flags(of: NDArray[np.int32], known: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """What the shingles of each unit are (the flags of ``shapes``)."""
    flags = np.zeros(int(of.max(initial=-1)) + 1, np.uint8)
    inside = of >= 0
    for flag in (AT_START, AT_END, LABELLED):
        carries = np.bincount(of[inside], weights=(known[inside] & flag) != 0, minlength=len(flags))
        flags |= np.where(carries > 0, flag, 0).astype(np.uint8)
    return flags


def _long_enough(sizes: NDArray[np.int64], flags: NDArray[np.uint8]) -> NDArray[np.bool_]:
    edge, labelled = (flags & np.uint8(AT_START | AT_END)) != 0, (flags & np.uint8(LABELLED)) != 0
    least = np.where(edge & labelled, LEAST_LABELLED, np.where(edge, LEAST_AT_EDGE, LEAST_FRAME))
    return np.asarray(sizes[: len(flags)] >= least)


def measured(corpus: Corpus, of: NDArray[np.int32]) -> Units:
    """The units with their sizes and in how many prompts each is present."""
    count = int(of.max(initial=-1)) + 1
    sizes = np.bincount(of[of >= 0], minlength=count).astype(np.int32)
    units = Units(of, sizes, np.zeros(count, np.int32))
    supports(corpus, units)
    return units


def _components(
    of: NDArray[np.int32], left: NDArray[np.int64], right: NDArray[np.int32], count: int
) -> NDArray[np.int32]:
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return _renumbered(label[of])


def _renumbered(of: NDArray[Any]) -> NDArray[np.int32]:
    """Units numbered by their first shingle code (the smallest hash); -1 stays."""
    result = np.full(len(of), -1, np.int32)
    inside = of >= 0
    result[inside] = pd.factorize(of[inside])[0]
    return result


def frame_ids(
    units: Units, known: NDArray[np.uint64], best: NDArray[np.int32]
) -> NDArray[np.uint64]:
    """The smallest shingle hash of the frame of each prompt: it stays when a corpus grows; or 0."""
    ids = np.zeros(len(units.sizes) + 1, np.uint64)
    # ``known`` is sorted, so writing it backwards leaves the smallest of each unit.
    ids[units.of[::-1]] = known[::-1]
    ids[-1] = 0
    return ids[best]


def _add_repeats(
    cluster_id: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    uses: NDArray[np.int64],
) -> None:
    """Give prompts without a frame the id of their masked text, if it occurs more than once."""
    rest = np.flatnonzero((cluster_id == 0) & (np.diff(offsets) > 0))
    masked = digests(hashes, offsets, rest)
    _, inverse = np.unique(masked, return_inverse=True)
    often = np.bincount(inverse, weights=uses[rest])[inverse] >= REPEATED
    cluster_id[rest[often]] = masked[often]


def _named(stored: NDArray[np.int64], cluster_id: NDArray[np.uint64]) -> pa.Table:
    distinct, inverse = np.unique(cluster_id, return_inverse=True)
    names = pa.array([f"pc_{value:016x}" for value in distinct.tolist()], pa.string())
    names = names.take(pa.array(inverse, mask=cluster_id == 0))
    return pa.Table.from_arrays([pa.array(stored), names], schema=CLUSTER_SCHEMA)
