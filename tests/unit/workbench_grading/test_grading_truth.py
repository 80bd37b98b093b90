"""Grades of small findings against small truths."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from graph_models.errors import BadDataError, UsageError
from graph_models.inference import ASSESSMENTS, MEMBER_COLUMNS, Assessment, Community, TierSizes
from workbench.grading import grade

TRUTH = """account_id,role,campaign,cell,supplier,access_operator,beneficiary,kind
a1,campaign,red,red/1,S,Op,B,campaign
a2,campaign,red,red/1,S,Op,B,campaign
a3,campaign,red,red/2,S,Op,B,campaign
a4,mixed,red,,S,Op,B,reseller
b1,benign,,,,,,household
b2,benign,,,,,,household
r1,reseller_customer,,,S,,,reseller
r2,reseller_customer,,,S,,,reseller
"""
TRAFFIC = "account_id,hour,campaign,exchanges\na4,2026-05-01T00:00:00Z,red,40\n"


def community(name: str, top: str) -> Community:
    probabilities = {key: 0.94 if key == top else 0.01 for key in ASSESSMENTS}
    return Community(
        community=name, size=TierSizes(3, 0, 0), exchanges=1, first_seen=None, last_seen=None,
        assessment=Assessment(probabilities, "moderate", (), ()), held_together=1.0,
        robust_to=(), chance_p=0.0, cells=(),
    )  # fmt: skip


def members(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    columns = ["account", "community", "cell", "tier", "share"]
    table = pd.DataFrame(list(rows), columns=columns)
    return table.assign(member_confidence=1.0)[list(MEMBER_COLUMNS)].astype(MEMBER_COLUMNS)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text(TRUTH)
    (tmp_path / "traffic.csv").write_text(TRAFFIC)
    return tmp_path


def test_a_perfect_run(truth: Path) -> None:
    found = members(
        ("a1", "c", "x", "core", 1), ("a2", "c", "x", "core", 1), ("a3", "c", "y", "probable", 1),
        ("a4", "c", "y", "core", 0.4), ("b1", "h", "", "core", 1), ("b2", "h", "", "core", 1),
    )  # fmt: skip
    report = grade(
        found, [community("c", "campaign"), community("h", "household")], truth,
        exchanges={"a4": 100},
    ).as_json()  # fmt: skip
    assert report["account"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert report["traffic"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert report["pair"]["f1"] == report["b3"]["f1"] == 1.0
    assert report["cells"] == {"ari": 1.0, "b3": {"precision": 1.0, "recall": 1.0, "f1": 1.0}}
    assert report["weighted_precision"] == 1.0
    assert report["largest"] == {
        "community": "c", "accounts": 4, "guilty": 4, "assessed_as": "campaign", "innocent": False
    }  # fmt: skip
    assert report["accused_by_kind"] == {}
    assert report["benign_accused"] == 0
    assert report["reseller_customers_accused"] == 0.0
    assert report["operator"] == {"top1": None, "brier": None, "unknown_auroc": None}
    assert report["campaigns"] == [
        {"campaign": "red", "size": 4, "found": 4, "recall": 1.0, "precision": 1.0,
         "communities": ["c"]}
    ]  # fmt: skip


def test_innocents_who_are_accused_are_counted_by_kind(truth: Path) -> None:
    found = members(
        ("a1", "c", "x", "core", 1), ("b1", "c", "x", "core", 1), ("r1", "c", "x", "probable", 1),
        ("a2", "c", "x", "possible", 1),
    )  # fmt: skip
    report = grade(found, [community("c", "campaign")], truth).as_json()
    assert report["account"]["precision"] == pytest.approx(1 / 3)
    assert report["account"]["recall"] == pytest.approx(1 / 4)
    assert report["accused_by_kind"] == {"household": 1, "reseller": 1}
    assert report["benign_accused"] == 1
    assert report["reseller_customers_accused"] == 0.5
    assert report["campaigns"][0]["precision"] == pytest.approx(1 / 3)
    assert report["traffic"] == {"precision": None, "recall": None, "f1": None}


def test_an_undecided_community_accuses_nobody(truth: Path) -> None:
    found = members(("a1", "c", "x", "core", 1), ("b1", "c", "x", "core", 1))
    report = grade(found, [community("c", "event")], truth).as_json()
    assert report["account"] == {"precision": None, "recall": 0.0, "f1": None}
    assert report["benign_accused"] == 0
    assert report["campaigns"][0]["communities"] == []
    assert report["campaigns"][0]["precision"] is None


def test_traffic_of_mixed_accounts_counts_the_overlap(truth: Path) -> None:
    found = members(("a4", "c", "x", "core", 0.8))
    report = grade(found, [community("c", "campaign")], truth, exchanges={"a4": 100}).as_json()
    assert report["traffic"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3)}


def test_purity_and_size_are_told_of_all_communities_accused_or_not(truth: Path) -> None:
    found = members(
        ("a1", "c", "x", "core", 1), ("a2", "c", "x", "core", 1), ("b1", "c", "x", "core", 1),
        ("b2", "c", "x", "core", 1), ("r1", "c", "x", "core", 1), ("a3", "c", "x", "possible", 1),
    )  # fmt: skip
    report = grade(found, [community("c", "event")], truth).as_json()
    assert report["weighted_precision"] == pytest.approx(2 / 5)
    assert report["largest"] == {
        "community": "c", "accounts": 5, "guilty": 2, "assessed_as": "event", "innocent": True
    }  # fmt: skip


def test_a_benign_world_has_no_recall(tmp_path: Path) -> None:
    lines = [line for line in TRUTH.splitlines() if "red" not in line]
    (tmp_path / "accounts.csv").write_text("\n".join(lines) + "\n")
    report = grade(members(), [], tmp_path).as_json()
    assert report["account"] == {"precision": None, "recall": None, "f1": None}
    assert report["campaigns"] == []
    assert report["benign_accused"] == 0


def test_no_truth_is_said_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no truth") as caught:
        grade(members(), [], tmp_path)
    assert "synth" in str(caught.value)


def test_a_truth_without_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,role\na1,benign\n")
    with pytest.raises(BadDataError, match="beneficiary, campaign"):
        grade(members(), [], tmp_path)
