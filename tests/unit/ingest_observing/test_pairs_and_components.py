"""Shared pairs and components in Ibis, on DuckDB: equal to what linking and networkx say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import duckdb
import ibis
import networkx as nx
import numpy as np
import pytest

from graph_models.linking.layers import layers_of
from graph_models.observations import Observations
from ingest.observing.components import components
from ingest.observing.engines import DuckEngine
from ingest.observing.pairs import IDENTIFIERS, SIGHTED, links, shared_pairs
from tests.contract.graphs import published, random_published

Pair = tuple[int, int, str]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def asked(con: duckdb.DuckDBPyConnection, obs: Observations) -> dict[Pair, tuple[int, int]]:
    """The pairs of those observations by the expressions, positions standing for codes."""
    sighted, identifiers = obs.sightings, obs.identifiers.reset_index(names="code")
    con.register("seen", sighted)
    con.register("told", identifiers)
    con.execute("CREATE TEMP VIEW sighted AS SELECT account::BIGINT account, "
                "identifier::BIGINT code FROM seen")  # fmt: skip
    con.execute("CREATE TEMP VIEW identifiers AS SELECT code::BIGINT code, kind, linkable "
                "FROM told")  # fmt: skip
    found = shared_pairs(
        ibis.table(SIGHTED, name="sighted"),
        ibis.table(IDENTIFIERS, name="identifiers"),
        kinds=sorted(obs.identifiers["kind"].unique()),
        accounts=len(obs.accounts),
    )
    engine = DuckEngine(con)
    engine.keep("links", links(engine.keep("pairs", found), threshold=9_000))
    rows = con.execute("SELECT a, b, kind, shared, millibits FROM pairs").fetchall()
    return {(a, b, kind): (shared, bits) for a, b, kind, shared, bits in rows}


def expected(obs: Observations) -> dict[Pair, tuple[int, float]]:
    """The same from linking's layers, pair by pair (``candidates.met_bits``)."""
    told: dict[Pair, tuple[int, float]] = {}
    for layer in layers_of(obs):
        for value in np.flatnonzero(layer.bridging):
            for a, b in combinations(np.sort(layer.account[layer.value == value]).tolist(), 2):
                busier = max(layer.spread[a], layer.spread[b])
                bits = layer.value_bits[value] - np.log2(busier)
                fair = float(np.clip(bits, 0.0, layer.policy.cap_bits))
                shared, sum_ = told.get((a, b, layer.kind), (0, 0.0))
                told[a, b, layer.kind] = shared + 1, sum_ + fair
    return told


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pairs_say_what_linking_says(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    obs = random_published(seed, accounts=40, hub=150).observations
    found, told = asked(con, obs), expected(obs)
    assert found.keys() == told.keys()
    for pair, (shared, bits) in told.items():
        assert found[pair][0] == shared
        assert found[pair][1] == pytest.approx(1000 * bits, abs=0.51 * shared)


def test_links_are_the_pairs_over_the_threshold(con: duckdb.DuckDBPyConnection) -> None:
    found = asked(con, random_published(1, accounts=40).observations)
    told: dict[tuple[int, int], int] = {}
    for (a, b, _), (_, bits) in found.items():
        told[a, b] = told.get((a, b), 0) + bits
    kept = {(a, b): bits for a, b, bits in con.execute("FROM links").fetchall()}
    assert kept == {pair: bits for pair, bits in told.items() if bits >= 9_000}
    assert kept != told


def test_a_hub_and_what_never_links_join_nobody(con: duckdb.DuckDBPyConnection) -> None:
    uses = [(f"acct_{who:04d}", "ip", "240.0.0.1") for who in range(1200)]
    uses += [("acct_0001", "ip", "10.0.0.1"), ("acct_0002", "ip", "10.0.0.1")]
    assert asked(con, published(uses, snapshot="sn_hub").observations) == {}


def found_components(
    con: duckdb.DuckDBPyConnection, edges: list[tuple[int, int]]
) -> dict[int, int]:
    con.execute("CREATE OR REPLACE TEMP TABLE edges (a BIGINT, b BIGINT)")
    if edges:
        con.executemany("INSERT INTO edges VALUES (?, ?)", edges)
    schema = {"a": "int64", "b": "int64"}
    components(DuckEngine(con), ibis.table(schema, name="edges"))
    rows = con.execute("SELECT account, component FROM stars_components").fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def true_components(edges: list[tuple[int, int]]) -> dict[int, int]:
    graph = nx.Graph([edge for edge in edges if edge[0] != edge[1]])
    return {node: min(one) for one in nx.connected_components(graph) for node in one}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("density", [0.3, 0.6, 2.0])
def test_components_are_the_true_ones(
    con: duckdb.DuckDBPyConnection, seed: int, density: float
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-(2**62), 2**62, 120)
    ends = codes[rng.integers(0, len(codes), (int(density * len(codes)), 2))]
    edges = [(int(a), int(b)) for a, b in ends]
    assert found_components(con, edges) == true_components(edges)


def test_a_long_chain_ends_in_few_rounds(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = np.random.default_rng(1).permutation(600).tolist()
    edges = list(pairwise(places))
    monkeypatch.setattr("ingest.observing.components.MOST_ROUNDS", 12)
    assert set(found_components(con, edges).values()) == {0}


def test_no_edges_no_components(con: duckdb.DuckDBPyConnection) -> None:
    assert found_components(con, []) == {}
    assert found_components(con, [(4, 4)]) == {}
