"""Sketches → prompt clusters: frames are groups of shingles that occur in the same prompts.

Two shingles belong to one frame when the *sets of prompts* that hold them nearly coincide. Chains of
similar prompts cannot arise, however large the corpus: a shingle of ordinary English stands in other
prompts than its neighbours do. All counts are over distinct texts, so a repeated prompt is one vote.
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
from ingest.prompts.joins import (
    Corpus,
    Units,
    best_units,
    code_of,
    count_votes,
    supports,
    vote,
)
from ingest.prompts.keys import restore

__all__ = ["CLUSTER_SCHEMA", "cluster"]

CLUSTER_SCHEMA = pa.schema([("prompt_key", pa.int64()), ("cluster", pa.string())])

LEAST_PROMPTS = 3  # two prompts may share a quotation; three share a form
LEAST_FRAME = 4  # shingles: seven words in a row, or two phrases; less is idiom
JOINED = 0.6  # share of the prompts of both; above 1/2 a majority vote finds every such pair
ROUNDS = 6  # joins of joins; each round needs a join, so that real corpora end after three
COMMON = 0.05  # share of all prompts above which a frame weighs less against a rarer one
LEAST_WEIGHT = 0.1  # a frame that all prompts fill is still better than none
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
    known = _recurring(hashes)
    codes = np.empty(len(hashes), np.int32)
    code_of(hashes, known, codes, max(8, int(2 * len(known)).bit_length()))
    longest = int(np.diff(offsets).max(initial=1))
    corpus = Corpus(codes, offsets, longest)
    units = _frames(corpus, len(known))
    ids = np.full(len(units.sizes), np.iinfo(np.uint64).max, np.uint64)
    inside = units.of >= 0
    np.minimum.at(ids, units.of[inside], known[inside])
    best = best_units(corpus, units, _weights(units, len(stored)))
    cluster_id = np.where(best >= 0, ids[best] if len(ids) else 0, np.uint64(0))
    _add_repeats(cluster_id, hashes, offsets, uses)
    return _named(stored, cluster_id)


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


def _frames(corpus: Corpus, shingles: int) -> Units:
    """Join shingles, then what came of it, until nothing joins; keep what is long enough."""
    of = np.arange(shingles, dtype=np.int32)
    for _ in range(ROUNDS):
        units = _measured(corpus, of)
        leader = vote(corpus, units, JOINED)
        agreed = count_votes(corpus, units, JOINED, leader)
        most = np.maximum(units.support, units.support[leader])
        joined = np.flatnonzero((leader >= 0) & (agreed >= JOINED * most))
        if not len(joined):
            break
        of = _components(of, joined, leader[joined], len(units.sizes))
    sizes = np.bincount(of, minlength=1)
    return _measured(corpus, _renumbered(np.where(sizes[of] >= LEAST_FRAME, of, -1)))


def _measured(corpus: Corpus, of: NDArray[np.int32]) -> Units:
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


def _weights(units: Units, prompts: int) -> NDArray[np.float64]:
    """What one matched shingle says: a greeting that everybody uses names no template."""
    rarity = np.log2(max(prompts, 1) / np.maximum(units.support, 1)) / np.log2(1 / COMMON)
    return np.clip(rarity, LEAST_WEIGHT, 1.0)


def _add_repeats(
    cluster_id: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    uses: NDArray[np.int64],
) -> None:
    """Give prompts without a frame the id of their masked text, if it occurs more than once."""
    rest = np.flatnonzero((cluster_id == 0) & (np.diff(offsets) > 0))
    mixed = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
    total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)))
    masked = (total[offsets[rest + 1]] - total[offsets[rest]]) | np.uint64(1)
    _, inverse = np.unique(masked, return_inverse=True)
    often = np.bincount(inverse, weights=uses[rest])[inverse] >= REPEATED
    cluster_id[rest[often]] = masked[often]


def _named(stored: NDArray[np.int64], cluster_id: NDArray[np.uint64]) -> pa.Table:
    distinct, inverse = np.unique(cluster_id, return_inverse=True)
    names = pa.array([f"pc_{value:016x}" for value in distinct.tolist()], pa.string())
    names = names.take(pa.array(inverse, mask=cluster_id == 0))
    return pa.Table.from_arrays([pa.array(stored), names], schema=CLUSTER_SCHEMA)
