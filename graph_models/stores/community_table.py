"""Communities as a columnar table in the order of triage: a page of it is read, never all.

Each row is one whole ``Community``; what the list is filtered and counted by has columns of its
own, so that counting 130,000 of them touches a few arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph_models.inference import ASSESSMENTS, Assessment, Community, Reason, TierSizes
from graph_models.stores.names import with_names

__all__ = ["ASSESSED", "communities_of", "community_tables"]

ASSESSED = (*ASSESSMENTS, "undecided")
"""What a community is assessed as, by the number in the table's column ``assessed``."""

_TIERS = ("core", "probable", "possible")
_PLAIN = {
    "community": pa.large_string(),
    "exchanges": pa.int64(),
    "first_seen": pa.timestamp("us"),
    "last_seen": pa.timestamp("us"),
    "held_together": pa.float64(),
    "chance_p": pa.float64(),
}
_LISTS = ("robust_to", "cells")
_TEXT = pa.large_string()


def community_tables(
    communities: Sequence[Community],
) -> tuple[dict[str, pa.Table], dict[str, NDArray[np.int32]]]:
    """The tables ``communities``, in the order given, and ``names``, sorted; and their orders.

    ``communities.by_id`` says which row each of the sorted names is.
    """
    table = _table(communities)
    by_id = pc.sort_indices(table["community"])
    names, by_folded = with_names(table.select(["community"]).take(by_id), "community")
    orders = {"names.by_folded": by_folded, "communities.by_id": by_id.to_numpy().astype(np.int32)}
    return {"communities": table, "names": names}, orders


def _table(communities: Sequence[Community]) -> pa.Table:
    told = [community.assessment for community in communities]
    sizes = [community.size for community in communities]
    chances = [[one.probabilities[name] for name in ASSESSMENTS] for one in told]
    columns = {
        **{
            name: pa.array([getattr(one, name) for one in communities], type_)
            for name, type_ in _PLAIN.items()
        },
        **{tier: pa.array([getattr(size, tier) for size in sizes], pa.int64()) for tier in _TIERS},
        "assessed": pa.array([ASSESSED.index(one.assessed_as) for one in told], pa.int8()),
        "probabilities": pa.array(chances, pa.list_(pa.float64())),
        "confidence": pa.array([one.confidence for one in told], _TEXT),
        "reasons": _reasons(told),
        "innocent_explanations": _texts([one.innocent_explanations for one in told]),
        **{name: _texts([getattr(one, name) for one in communities]) for name in _LISTS},
    }
    return pa.table(columns)


def _texts(lists: Sequence[Sequence[str]]) -> pa.Array:
    return pa.ListArray.from_arrays(_offsets(lists), pa.array(chain.from_iterable(lists), _TEXT))


def _offsets(lists: Sequence[Sequence[Any]]) -> pa.Array:
    offsets = [0]
    for one in lists:
        offsets.append(offsets[-1] + len(one))
    return pa.array(offsets, pa.int32())


def _reasons(told: Sequence[Assessment]) -> pa.Array:
    every = [reason for one in told for reason in one.reasons]
    columns = {
        "text": pa.array([reason.text for reason in every], _TEXT),
        "bits": pa.array([reason.bits for reason in every], pa.float64()),
        "family": pa.array([reason.family for reason in every], _TEXT),
    }
    rows = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    return pa.ListArray.from_arrays(_offsets([one.reasons for one in told]), rows)


def communities_of(table: pa.Table) -> tuple[Community, ...]:
    """The communities that the rows of a table tell, equal in every field to those put in."""
    return tuple(_community(row) for row in table.to_pylist())


def _community(row: dict[str, Any]) -> Community:
    told: dict[str, Any] = {name: row[name] for name in _PLAIN}
    told |= {name: tuple(row[name]) for name in _LISTS}
    return Community(
        **told,
        size=TierSizes(**{tier: row[tier] for tier in _TIERS}),
        assessment=Assessment(
            probabilities=dict(zip(ASSESSMENTS, row["probabilities"], strict=True)),
            confidence=row["confidence"],
            reasons=tuple(Reason(**reason) for reason in row["reasons"]),
            innocent_explanations=tuple(row["innocent_explanations"]),
        ),
    )
