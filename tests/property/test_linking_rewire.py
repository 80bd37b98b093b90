from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models.rewire import rewire

edges = st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=300)


@settings(max_examples=80, deadline=None)
@given(edges, st.integers(0, 2**32 - 1))
def test_rewiring_keeps_all_degrees_and_makes_no_edge_twice(
    pairs: set[tuple[int, int]], seed: int
) -> None:
    table = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    account, identifier = table[:, 0], table[:, 1]
    dealt = rewire(account, identifier, np.random.default_rng(seed))
    assert dealt.dtype == np.int32
    assert sorted(dealt.tolist()) == sorted(identifier.tolist())
    assert len({*zip(account.tolist(), dealt.tolist(), strict=True)}) == len(table)
    again = rewire(account, identifier, np.random.default_rng(seed))
    assert (again == dealt).all()


def test_rewiring_moves_most_edges_of_a_sparse_graph() -> None:
    rng = np.random.default_rng(0)
    key = np.unique(rng.integers(0, 500 * 500, 2000))
    account, identifier = (key // 500).astype(np.int32), (key % 500).astype(np.int32)
    dealt = rewire(account, identifier, np.random.default_rng(1))
    assert (dealt != identifier).mean() > 0.9


def test_a_complete_graph_has_only_itself_as_a_rewiring() -> None:
    account, identifier = (x.ravel().astype(np.int32) for x in np.mgrid[0:6, 0:6])
    dealt = rewire(account, identifier, np.random.default_rng(3))
    assert len({*zip(account.tolist(), dealt.tolist(), strict=True)}) == 36
