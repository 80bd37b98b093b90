"""Ours: ``link`` on every table, and the community finder where the table is a graph."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table
from graph_models.communities import tight_communities
from workbench.foreign import link_tables

__all__ = ["COMMUNITIES", "LINK", "OURS"]

SURE = 10_000  # millibits of a link that is given and not inferred


def _link(table: Table, _: Setting) -> Labels:
    found = link_tables(table.attributes, table.events).set_index("account")
    names = found["community"].reindex(table.accounts)
    return pd.factorize(names, sort=True)[0].astype(np.int64)


def _communities(table: Table, setting: Setting) -> Labels:
    if table.edges is None:
        raise ValueError(f"{table.name} is no graph.")
    ends = [table.accounts.get_indexer(table.edges[end]) for end in ("a", "b")]
    low, high = np.minimum(*ends), np.maximum(*ends)
    links = pd.DataFrame({"a": low, "b": high, "millibits": SURE, "weight": 1.0})
    labels = np.full(len(table.accounts), -1, np.int64)
    for number, found in enumerate(
        tight_communities(links, len(table.accounts), seed=setting["seed"])
    ):
        labels[found.accounts] = number
    return labels


LINK = Peer(
    name="link",
    find=_link,
    settings=({},),
    reason="The shipped command: it has no parameter.",
)
COMMUNITIES = Peer(
    name="communities",
    find=_communities,
    settings=({"seed": 0},),
    reason="The community finder of link, on the graph itself.",
    fits=lambda table: table.edges is not None,
)
OURS = (LINK, COMMUNITIES)
