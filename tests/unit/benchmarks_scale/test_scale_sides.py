"""Engines side by side: who is asked when, what a ratio is, and what answers are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from benchmarks.scale import pairing, partitions, sides
from benchmarks.scale.sides import COST, OURS, Engine, Question, compared


def _never(_files: Sequence[str], _folder: Path) -> Mapping[str, float]:
    raise AssertionError("engines are processes of their own")


def _question(**others: Engine) -> Question:
    own = Engine(find=_never, needs="sys")
    return Question(name="sums", module="nowhere", engines={OURS: own, **others})


def _costs(costs: Mapping[str, Sequence[float | None]], asked: list[str]) -> Any:
    """Instead of processes: each engine's cost by round; None where it did not come to an end."""
    turn = dict.fromkeys(costs, 0)

    def run(_question: Question, name: str, *_: object) -> dict[str, Any] | None:
        asked.append(name)
        cost = costs[name][turn[name]]
        turn[name] += 1
        if cost is None:
            return None
        return {"cpu_seconds": cost, "wall_seconds": 1.0, "peak_mb": 9.0, COST: cost / 2}

    return run


def test_ratios_are_of_the_same_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slows down for a round slows both: the ratio stays."""
    asked: list[str] = []
    run = _costs({OURS: (1.0, 10.0, 1.2), "peer": (4.0, 40.0, 4.8)}, asked)
    monkeypatch.setattr(sides, "_run", run)
    found = compared(_question(peer=Engine(find=_never, needs="sys")), [], tmp_path)
    assert asked == [OURS, "peer", "peer", OURS, OURS, "peer"]
    ours, peer = found["engines"]
    assert (ours["cpu_seconds"], ours["times_ours"]) == (1.2, 1.0)
    assert (peer["cpu_seconds"], peer["times_ours"], peer["times_ours_work"]) == (4.8, 4.0, 4.0)
    assert peer["why"] == ""


def test_who_costs_less_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "_run", _costs({OURS: (2.0,), "peer": (1.0,)}, []))
    question = _question(peer=Engine(find=_never, needs="sys", why="it is made for this."))
    _, peer = compared(question, [], tmp_path, repeats=1)["engines"]
    assert (peer["times_ours"], peer["why"]) == (0.5, "it is made for this.")


def test_who_is_absent_or_never_ends_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sides, "_run", _costs({OURS: (1.0, 1.0, 1.0), "slow": (None,)}, asked))
    question = _question(
        slow=Engine(find=_never, needs="sys"), absent=Engine(find=_never, needs="no_such_module")
    )
    ours, slow, absent = compared(question, [], tmp_path)["engines"]
    assert asked == [OURS, "slow", OURS, OURS]
    assert ours["times_ours"] == 1.0
    assert "CPU seconds" in slow["left_out"]
    assert absent["left_out"] == "not installed"


def test_long_rounds_are_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    costs = {OURS: (1.0,), "slow": (100.0,)}
    monkeypatch.setattr(sides, "_run", _costs(costs, asked))
    found = compared(_question(slow=Engine(find=_never, needs="sys")), [], tmp_path)
    assert asked == [OURS, "slow"]
    assert found["engines"][1]["times_ours"] == 100.0


def test_a_question_needs_ours() -> None:
    with pytest.raises(ValueError, match="nobody to compare with"):
        Question(name="sums", module="nowhere", engines={})


def _karate() -> tuple[nx.Graph, pd.DataFrame, np.ndarray]:
    graph = nx.karate_club_graph()
    rows = [(a, b, 1000, float(weight["weight"]) / 8) for a, b, weight in graph.edges(data=True)]
    links = pd.DataFrame(rows, columns=["a", "b", "millibits", "weight"])
    club = np.array([graph.nodes[node]["club"] == "Officer" for node in graph], np.int64)
    return graph, links, club


def test_modularity_is_that_of_networkx() -> None:
    graph, links, club = _karate()
    groups = [set(np.flatnonzero(club == side).tolist()) for side in (0, 1)]
    expected = nx.community.modularity(graph, groups, weight="weight")
    assert partitions.modularity(links, club) == pytest.approx(expected)
    alone = np.where(np.arange(len(club)) == 5, -1, club)
    groups = [*(group - {5} for group in groups), {5}]
    expected = nx.community.modularity(graph, groups, weight="weight")
    assert partitions.modularity(links, alone) == pytest.approx(expected)


def test_potts_quality_counts_pair_by_pair() -> None:
    _, links, club = _karate()
    inside = sum(row.weight for row in links.itertuples() if club[row.a] == club[row.b])
    pairs = sum(club[a] == club[b] for a in range(len(club)) for b in range(a))
    assert partitions.potts(links, club, density=0.1) == pytest.approx(inside - 0.1 * pairs)


@pytest.mark.parametrize("name", list(partitions.ENGINES))
def test_every_engine_finds_two_cliques(name: str, tmp_path: Path) -> None:
    engine = partitions.ENGINES[name]
    if not engine.here:
        pytest.skip(f"{name} is a peer of the bench and is not installed")
    ends = [(a, b) for first in (0, 6) for a in range(first, first + 6) for b in range(first, a)]
    links = pd.DataFrame([(b, a, 9000, 0.9) for a, b in ends]).set_axis(
        ["a", "b", "millibits", "weight"], axis="columns"
    )
    links.to_parquet(tmp_path / "links.parquet")
    accounts = pd.DataFrame({"account": [f"acct_{n:02}" for n in range(13)], "group": -1})
    accounts.to_parquet(tmp_path / "accounts.parquet")
    told = engine.find(
        [str(tmp_path / "links.parquet"), str(tmp_path / "accounts.parquet")], tmp_path
    )
    assert told[COST] >= 0
    labels = pd.read_parquet(tmp_path / "labels.parquet")["label"].to_numpy()
    assert labels[12] == -1
    assert len(set(labels[:6])) == len(set(labels[6:12])) == 1
    assert labels[0] != labels[6]


def _uses() -> pd.DataFrame:
    """Ten who share three devices of theirs, beside two thousand who share nothing but a client."""
    rows = [(f"acct_{n:04}", "user_agent", "everybody") for n in range(2000)]
    rows += [(f"acct_{n:04}", "device", f"own_{n}") for n in range(2000)]
    rows += [(f"acct_{n:04}", "device", f"theirs_{d}") for n in range(10) for d in range(3)]
    uses = pd.DataFrame(rows, columns=["account", "type", "value"])
    when = pd.Timestamp("2026-04-22") + pd.to_timedelta(np.arange(len(uses)), unit="h")
    return uses.assign(linkable=True, count=3, days=1, claimed=0.0, first=when, last=when)


def test_ours_links_who_shares_what_few_have(tmp_path: Path) -> None:
    uses = _uses()
    uses.to_parquet(tmp_path / "uses.parquet")
    pairing.ENGINES[OURS].find([str(tmp_path / "uses.parquet")], tmp_path)
    pairs = pd.read_parquet(tmp_path / "pairs.parquet")
    assert len(pairs) == 45
    assert set(pairs["a"]) | set(pairs["b"]) == {f"acct_{n:04}" for n in range(10)}


def test_pairs_are_judged_by_who_is_with_whom() -> None:
    uses = _uses()
    names = sorted(set(uses["account"]))
    group = np.full(len(names), -1)
    group[:10] = 0
    group[20] = -2
    together = np.where(np.isin(np.arange(len(names)), (30, 31)), 1, group)
    accounts = pd.DataFrame({"account": names, "group": group, "together": together})
    told = [
        ("acct_0000", "acct_0001"),  # right
        ("acct_0001", "acct_0000"),  # the same pair again
        ("acct_0000", "acct_0050"),  # wrong
        ("acct_0007", "acct_0020"),  # nobody knows
        ("acct_0030", "acct_0031"),  # of one class
        ("acct_0003", "acct_0003"),  # no pair
    ]
    worth = pairing.worth(uses, accounts, pd.DataFrame(told, columns=["a", "b"]))
    assert worth["pairs"] == 4
    assert worth["precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert worth["no strangers"] == pytest.approx(2 / 3, abs=1e-4)
    assert worth["recall"] == pytest.approx(1 / 45, abs=1e-4)
