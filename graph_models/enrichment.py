"""What providers of background data say of identifiers: one fact a row, each with its origin.

A fact that is absent is *unknown*: an address on no list is not thereby a home, and a domain that
no list names is not thereby a firm's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["CLASS_PROPERTIES", "bundles", "classes", "properties"]

CLASS_PROPERTIES: tuple[str, ...] = ("network_class", "domain_class", "client_kind")
"""The properties that say of what class an identifier is; a kind has at most one of them."""

_TOLD = ("property", "value", "provider", "version", "date")


def classes(enrichment: pd.DataFrame, identifiers: int) -> NDArray[np.object_]:
    """The class of each identifier position, such as ``vpn`` or ``disposable``; None if unknown.

    Args:
        enrichment: ``observations.COLUMNS["enrichment"]``, sorted.
        identifiers: How many identifiers there are.

    Returns:
        (identifiers,) texts; the provider that stands first wins.
    """
    found: NDArray[np.object_] = np.full(identifiers, None, dtype=object)
    own = enrichment[enrichment["property"].isin(CLASS_PROPERTIES)]
    first = own.drop_duplicates("identifier")
    found[first["identifier"].to_numpy()] = first["value"].astype(object).to_numpy()
    return found


def bundles(enrichment: pd.DataFrame, positions: NDArray[np.int64]) -> pa.Array:
    """All facts about each position as one JSON text, for stores; null where there are none.

    Args:
        enrichment: ``observations.COLUMNS["enrichment"]``, sorted.
        positions: (n,) identifier positions.

    Returns:
        (n,) dictionary-encoded texts that ``properties`` reads.
    """
    place = _places(enrichment, positions)
    rows = enrichment[place >= 0]
    place = place[place >= 0]
    fact, one_of_each = _facts(rows)
    told = [json.dumps(row, ensure_ascii=True) for row in one_of_each]
    code, members = _combined(fact, place, len(positions))
    texts = [f"[{', '.join(told[i] for i in chosen)}]" for chosen in members]
    return pa.DictionaryArray.from_arrays(
        pa.array(code, pa.int32(), mask=code < 0), pa.array(texts, pa.large_string())
    )


def properties(text: str | None) -> Mapping[str, Any]:
    """What an entity tells of its bundle: each property flat, and all facts with their origin.

    Where providers differ, the flat value is that of the first; ``enrichment`` lists every one as
    a sentence such as ``registry_country JP: iptocc 3.3.170, data of 2026-11-20``.
    """
    if not text:
        return {}
    facts = json.loads(text)
    flat = {name: value for name, value, *_ in reversed(facts)}
    return {**flat, "enrichment": [_sentence(*fact) for fact in facts]}


def _sentence(name: str, value: str, provider: str, version: str, date: str) -> str:
    return f"{name} {value}: {provider} {version}" + (f", data of {date}" if date else "")


def _places(enrichment: pd.DataFrame, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each fact the index of its identifier among ``positions``, or -1."""
    wanted = pd.Index(enrichment["identifier"])
    return pd.Index(positions).get_indexer(wanted).astype(np.int64)


def _facts(rows: pd.DataFrame) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The number of each row's fact, and the distinct facts."""
    code = np.zeros(len(rows), dtype=np.int64)
    for name in _TOLD:
        own, distinct = pd.factorize(rows[name])
        code = pd.factorize(code * (len(distinct) + 1) + own)[0].astype(np.int64)
    _, first = np.unique(code, return_index=True)
    table = rows.iloc[first][list(_TOLD)].astype(object)
    return code, [list(row) for row in table.itertuples(index=False)]


def _combined(
    fact: NDArray[np.int64], place: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int32], list[list[int]]]:
    """The number of each place's bundle (-1 for none), and the facts in each distinct bundle."""
    order = np.argsort(place, kind="stable")
    fact, place = fact[order], place[order]
    counts = np.bincount(place, minlength=size)
    starts = np.cumsum(counts) - counts
    code = np.zeros(size, dtype=np.int64)
    for nth in range(int(counts.max(initial=0))):
        more = counts > nth
        own = np.zeros(size, dtype=np.int64)
        own[more] = fact[starts[more] + nth] + 1
        code = pd.factorize(code * (int(fact.max()) + 2) + own)[0].astype(np.int64)
    some = np.flatnonzero(counts)
    number = np.full(size, -1, dtype=np.int32)
    own_code, distinct = pd.factorize(code[some])
    number[some] = own_code
    first = some[np.unique(own_code, return_index=True)[1]] if len(distinct) else some
    return number, [fact[starts[i] : starts[i] + counts[i]].tolist() for i in first]
