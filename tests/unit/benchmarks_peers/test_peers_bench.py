"""The comparison runs, judges and says what it lacks; known answers are found."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.measured import END
from benchmarks.peers.__main__ import PEERS, figures
from benchmarks.peers.cosine import COSINE
from benchmarks.peers.known import karate, planted
from benchmarks.peers.louvain import LOUVAIN
from benchmarks.peers.measure import compared, score
from benchmarks.peers.ours import COMMUNITIES, LINK, OURS
from benchmarks.peers.page import BEGIN, printed, with_measured
from benchmarks.peers.peer import Peer
from benchmarks.peers.shared_values import SHARED_VALUES
from benchmarks.peers.table import Table, pair_counts
from benchmarks.peers.tables import Source, sources
from benchmarks.peers.verdict import losses

ABOUT = {"date": "2026-11-21", "split": "tuning", "seeds": [1], "version": "0", "machine": "any"}


def tiny(seed: int = 1) -> Table:
    """Three operators with six own values each, among strangers who share by chance."""
    rng = np.random.default_rng(seed)
    rows, truth = [], {}
    for account in range(120):
        name, who = f"a{account:03d}", f"op{account % 3}" if account < 15 else f"one{account}"
        truth[name] = who
        rows += [(name, "ip", f"v{value}") for value in rng.choice(400, 4, replace=False)]
        if who.startswith("op"):
            rows += [(name, "ip", f"{who}:{value}") for value in rng.choice(6, 4, replace=False)]
    attributes = pd.DataFrame(rows, columns=["account", "type", "value"])
    return Table(name="tiny", seed=seed, attributes=attributes, truth=pd.Series(truth))


def row(method: str, b3: float, pair: float | None, seed: int = 1) -> dict[str, Any]:
    return {
        "table": "t", "seed": seed, "method": method, "b3_f": b3, "pair_f": pair, "failed": "",
        "pair_precision": pair, "pair_recall": pair, "seconds": 1.0, "times_ours": None,
    }  # fmt: skip


def test_the_bench_runs_on_a_tiny_table_and_names_what_is_not_installed() -> None:
    absent = Peer(
        name="absent", find=LINK.find, settings=({},), reason="", needs=("no_such_module",)
    )
    source = Source("shapes", "tiny", 1, tiny)
    data = Source("records", "elsewhere", 0, tiny, needs="no_such_data")
    kept = figures([source, data], [COSINE, LOUVAIN, SHARED_VALUES, absent], about=ABOUT)
    found = {line["method"]: line for line in kept["rows"]}
    assert set(found) == {"link", "TF-IDF + Leiden", "Louvain", "shared values"}
    assert found["link"]["b3_f"] > 0.95
    assert found["Louvain"]["times_ours"] > 0
    assert [each["name"] for each in kept["skipped"]] == ["absent", "elsewhere"]
    shown = printed(json.loads(json.dumps(kept)))
    assert "absent: not installed (no_such_module)" in shown


def test_karate_and_planted_groups_are_found_by_our_communities() -> None:
    for table, least in ((karate(), 0.7), (planted(1, inside=0.5, outside=0.01), 0.95)):
        assert score(table, COMMUNITIES.find(table, {"seed": 0}))["b3_f"] > least


def test_a_graph_without_groups_is_not_cut_into_pairs_that_look_like_some() -> None:
    table = planted(1, inside=0.02, outside=0.02)
    labels = LINK.find(table, {})
    sizes = np.bincount(labels)
    assert sizes[sizes > 1].sum() <= 0.05 * len(labels)


def test_strangers_who_share_by_chance_stay_alone_beside_the_operators() -> None:
    table = tiny(2)
    found = pd.Series(LINK.find(table, {}), index=table.accounts)
    strangers = found[table.truth.reindex(found.index).str.startswith("one")]
    assert strangers.value_counts().max() == 1


def test_a_loss_is_judged_seed_by_seed_and_comes_with_its_command() -> None:
    rows = [row("link", 0.9, 0.8), row("Louvain", 0.903, 0.8), row("Splink", 0.8, 0.9),
            row("link", 0.5, None, seed=2), row("Louvain", 0.6, None, seed=2)]  # fmt: skip
    found = losses(rows)
    assert [(each["method"], each["seed"]) for each in found] == [("Splink", 1), ("Louvain", 2)]
    assert found[0]["pair_f"] == pytest.approx(0.1)
    assert found[0]["command"].endswith("--only t --peers Splink --seeds 1")


def test_a_peer_that_fails_is_a_row_that_says_so() -> None:
    def falls(table: Table, setting: Any) -> Any:
        raise MemoryError("too many pairs")

    peer = Peer(name="falls", find=falls, settings=({},), reason="")
    outcome = compared(tiny(), OURS, [peer])[-1]
    assert outcome.failed == "MemoryError: too many pairs"
    assert outcome.b3_f is None


def test_the_best_setting_stands_for_a_peer() -> None:
    def grouped(table: Table, setting: Any) -> Any:
        return np.zeros(len(table.accounts), np.int64) if setting["all"] else -np.ones(120, int)

    peer = Peer(name="p", find=grouped, settings=({"all": 1}, {"all": 0}), reason="")
    assert compared(tiny(), (), [peer])[0].setting == {"all": 0}


def test_accounts_without_an_answer_count_neither_way() -> None:
    rows = pd.DataFrame({"account": list("abc"), "type": "t", "value": "v"})
    table = Table(name="t", seed=0, attributes=rows, truth=pd.Series({"a": "x", "b": "x"}))
    found = score(table, np.zeros(3, np.int64))
    assert (found["pair_precision"], found["pair_recall"]) == (1.0, 1.0)


def test_pairs_are_counted_once_and_hubs_left_out_when_asked() -> None:
    table = tiny()
    a, b, common = pair_counts(table.values, table.accounts)
    assert (a < b).all()
    sets = table.values.groupby("account")["token"].agg(set).reindex(table.accounts).tolist()
    assert common.tolist() == [len(sets[i] & sets[j]) for i, j in zip(a, b, strict=True)]
    assert len(pair_counts(table.values, table.accounts, most_accounts=1)[0]) == 0


def test_answers_for_strangers_are_refused() -> None:
    rows = pd.DataFrame({"account": ["a"], "type": "t", "value": "v"})
    with pytest.raises(ValueError, match="without a row"):
        Table(name="t", seed=0, attributes=rows, truth=pd.Series({"z": "x"}))


def test_the_page_tells_the_kept_figures() -> None:
    kept = {"about": ABOUT, "rows": [row("link", 0.9123, 0.8)], "skipped": [], "peers": [],
            "losses": []}  # fmt: skip
    page = with_measured(f"# Peers\n{BEGIN}\nstale\n{END}\nkept", kept)
    assert "0.912" in page
    assert "stale" not in page
    assert page.endswith("kept")
    with pytest.raises(ValueError, match="no part between"):
        with_measured("# Peers", kept)


def test_splits_have_the_same_tables_and_no_seed_in_common(tmp_path: Any) -> None:
    tuning, report = (sources(split, tmp_path) for split in ("tuning", "report"))
    assert {each.name for each in tuning} == {each.name for each in report}
    seeds = [{each.seed for each in found} - {0} for found in (tuning, report)]
    assert not seeds[0] & seeds[1]
    assert max(seeds[0]) <= 16
    assert len({peer.name for peer in (*PEERS, *OURS)}) == len(PEERS) + len(OURS)
