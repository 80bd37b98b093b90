"""Accounts already known to belong together, compared as one: what all of them have, pooled.

A record is weighed against the whole entity (the Senzing principle): values that most members have
in common stand for it, become rare again once its members count as one, and a member who left only
faint traces shows up against the pool though he does not against any single fellow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.linking.agreement import is_single
from graph_models.linking.context import LinkContext
from graph_models.linking.layers import Layer

__all__ = ["pooled"]

BACKED = 2  # members who must have a value before it stands for their entity …
LIFT = 3.0  # … and how many times as many as their activity and its popularity explain


def pooled(context: LinkContext, label: NDArray[np.int64]) -> LinkContext:
    """The context with each entity's sightings moved to its first member.

    Args:
        context: The context of single accounts.
        label: Position of the entity's first member for each account, -1 for accounts alone.
    """
    alone = np.arange(context.accounts)
    entity = np.where(label >= 0, label, alone)
    layers = tuple(_pooled(layer, entity, label >= 0) for layer in context.layers)
    return replace(context, layers=layers)


def _pooled(layer: Layer, entity: NDArray[np.int64], member: NDArray[np.bool_]) -> Layer:
    edges = pd.DataFrame({
        "account": entity[layer.account], "value": layer.value, "count": layer.count[:],
        "claimed": layer.claimed[:], "first": layer.first[:], "last": layer.last[:], "members": 1,
        "pool": member[layer.account],
    })  # fmt: skip
    rows = edges.groupby(["account", "value"], sort=True, as_index=False).agg(
        {"count": "sum", "claimed": "min", "first": "min", "last": "max", "members": "sum",
         "pool": "first"}
    )  # fmt: skip
    if is_single(layer):
        ranked = rows.sort_values(["account", "members", "value"], ascending=[True, False, True])
        rows = ranked.drop_duplicates("account").sort_values(["account", "value"])
    else:
        activity = np.bincount(entity, weights=layer.spread, minlength=layer.accounts)
        expected = activity[rows["account"]] * layer.degree[rows["value"]] / layer.edges
        backed = (rows["members"] >= BACKED) & (rows["members"] >= LIFT * expected)
        rows = rows[~rows["pool"] | backed]
    return replace(
        layer,
        account=rows["account"].to_numpy(np.int32),
        value=rows["value"].to_numpy(np.int32),
        count=rows["count"].to_numpy(np.int64),
        claimed=rows["claimed"].to_numpy(np.float32),
        first=rows["first"].to_numpy(np.float64),
        last=rows["last"].to_numpy(np.float64),
    )
