"""coordination-network-toolkit: a co-link network, and its connected components."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table

__all__ = ["COORDINATION", "network"]


def _find(table: Table, setting: Setting) -> Labels:
    labels = np.full(len(table.accounts), -1, np.int64)
    found = network(table, setting)
    for number, members in enumerate(nx.connected_components(found.to_undirected())):
        labels[table.accounts.get_indexer(pd.Index(sorted(members)))] = number
    return labels


def network(table: Table, setting: Setting) -> nx.DiGraph:
    """The network of accounts that posted the same within the window of a setting."""
    from coordination_network_toolkit.compute_networks import compute_co_link_network
    from coordination_network_toolkit.graph import load_networkx_graph
    from coordination_network_toolkit.preprocess import preprocess_data

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        database = str(Path(folder) / "messages.db")
        preprocess_data(database, _messages(table))
        compute_co_link_network(
            database, setting["time_window"], n_threads=setting["n_threads"],
            min_edge_weight=setting["min_edge_weight"],
        )  # fmt: skip
        return load_networkx_graph(database, "co_link", n_messages=0)


def _messages(table: Table) -> list[tuple[object, ...]]:
    """Each sighting as a post of one link."""
    rows = table.uses[table.uses["time"].notna()]
    since = rows["time"] - rows["time"].min()
    seconds = since.dt.total_seconds()
    link = rows["type"] + "/" + rows["value"]
    return [
        (number, account, account, None, None, "", second, [url])
        for number, (account, second, url) in enumerate(
            zip(rows["account"], seconds, link, strict=True)
        )
    ]


COORDINATION = Peer(
    name="coordination toolkit",
    find=_find,
    settings=tuple(
        {"time_window": seconds, "min_edge_weight": weight, "n_threads": 2}
        for seconds, weight in ((60, 1), (60, 2), (3_600, 2), (86_400, 2), (86_400, 3))
    ),
    reason="README of coordination-network-toolkit 1.5: co_link with a window of 60 seconds and at "
    "least two common posts (the command line's default), components of the network by networkx; "
    "wider windows and another weight are ours, since 60 seconds fit social media. Networks are "
    "of posts with times: tables without any are not its own, and would be 'shared values' again.",
    fits=lambda table: table.is_timed,
    needs=("coordination_network_toolkit",),
)
