"""Connected components on shared values: whoever has enough in common is one group."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.peers.peer import Labels, Peer, Setting
from benchmarks.peers.table import Table, pair_counts

__all__ = ["SHARED_VALUES"]


def _find(table: Table, setting: Setting) -> Labels:
    accounts = table.accounts
    if table.edges is not None:
        a, b = (accounts.get_indexer(table.edges[end]) for end in ("a", "b"))
    else:
        most = setting["most_accounts"]
        a, b, common = pair_counts(table.values, accounts, most_accounts=most)
        strong = common >= setting["least_common"]
        a, b = a[strong], b[strong]
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(len(accounts),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int64)


SHARED_VALUES = Peer(
    name="shared values",
    find=_find,
    settings=tuple(
        {"least_common": least, "most_accounts": most}
        for least in (1, 2, 3)
        for most in (None, 50, 5)
    ),
    reason="The usual link analysis of fraud teams (Neo4j Graph Data Science: weakly connected "
    "components over shared identifiers); its guides leave out values that many share and raise "
    "the number in common until the groups look right, so that all nine are tried.",
)
