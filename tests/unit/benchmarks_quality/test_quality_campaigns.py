"""What became of planted campaigns, and whom a pair, a member or a community belongs with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from benchmarks.quality.belonging import Belonging
from benchmarks.quality.campaigns import (
    grouped,
    main_communities,
    mistakes,
    of_main,
    pivots,
)
from graph_models.inference import (
    ASSESSMENTS,
    LINK_COLUMNS,
    MEMBER_COLUMNS,
    Assessment,
    Community,
    Inference,
    Reason,
    TierSizes,
)
from workbench.grading import Truth

COLUMNS = ["account_id", "role", "campaign", "kind", "group"]
ACCOUNTS = [
    ("a1", "campaign", "red", "campaign", "red/1"),
    ("a2", "campaign", "red", "campaign", "red/1"),
    ("b1", "benign", "", "household", "household-1"),
    ("b2", "benign", "", "household", "household-1"),
    ("c1", "benign", "", "class", "class-1"),
    ("c2", "benign", "", "class", "class-1"),
    ("m1", "mixed", "red", "reseller", "reseller x"),
    ("o1", "benign", "", "ordinary", ""),
    ("r1", "reseller_customer", "", "reseller", "reseller x"),
]
TRUTH = Truth(pd.DataFrame(ACCOUNTS, columns=COLUMNS), pd.DataFrame())


def community(name: str, accused: int, *, top: str = "campaign", text: str = "") -> Community:
    probabilities = {key: 0.94 if key == top else 0.01 for key in ASSESSMENTS}
    reasons = (Reason(text, 1.0, "lifecycle"),)
    return Community(
        community=name, size=TierSizes(accused, 0, 0), exchanges=1, first_seen=None, last_seen=None,
        assessment=Assessment(probabilities, "moderate", reasons, ()), held_together=1.0,
        robust_to=(), chance_p=1e-4, cells=(),
    )  # fmt: skip


def inference(groups: dict[str, tuple[str, ...]], *communities: Community) -> Inference:
    rows = [(a, name, "", "core", 0.5, 1.0) for name, who in groups.items() for a in who]
    links = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in LINK_COLUMNS.items()})
    members = pd.DataFrame(rows, columns=list(MEMBER_COLUMNS)).astype(MEMBER_COLUMNS)
    return Inference("r", "s", 0, 0, links, communities, members)


def belonging() -> Belonging:
    return Belonging.of(TRUTH, TRUTH.accounts["account_id"])


def test_who_is_run_together_and_who_only_meets() -> None:
    codes = dict(zip(TRUTH.accounts["account_id"], belonging().controlled, strict=True))
    assert codes["a1"] == codes["a2"] == codes["m1"] >= 0
    assert codes["b1"] == codes["b2"] >= 0
    assert codes["a1"] != codes["b1"]
    assert codes["c1"] == codes["c2"] == codes["o1"] == -1
    assert codes["r1"] == -2
    assert belonging().any_group[4] == belonging().any_group[5] >= 0


def test_members_are_right_with_the_group_that_leads() -> None:
    found = inference({"x": ("a1", "a2", "o1"), "y": ("o1", "b1")})
    counted = belonging().members(found)
    assert sum(counted["n"]) == 5
    assert sum(counted["true"]) == 2


def test_a_community_of_mostly_guilty_accounts_is_a_campaign() -> None:
    doubtful = {key: 0.5 if key == "campaign" else 0.5 / 6 for key in ASSESSMENTS}
    unsure = [
        Community(
            community=name, size=TierSizes(2, 0, 0), exchanges=1, first_seen=None, last_seen=None,
            assessment=Assessment(doubtful, "low", (), ()), held_together=1.0, robust_to=(),
            chance_p=1.0, cells=(),
        ) for name in ("x", "y")
    ]  # fmt: skip
    counted = belonging().communities(inference({"x": ("a1", "a2"), "y": ("b1", "b2")}, *unsure))
    assert (sum(counted["n"]), sum(counted["true"])) == (2, 1)


def test_the_main_community_of_a_campaign_and_what_stood_before_assessment() -> None:
    found = inference(
        {"x": ("a1", "a2", "o1"), "y": ("m1", "b1", "b2")},
        community("x", 3, top="event"), community("y", 3),
    )  # fmt: skip
    (main,) = main_communities(TRUTH, found)
    assert (main["campaign"], main["size"], main["held"]) == ("red", 3, 2)
    assert (main["community"], main["assessed_as"]) == ("x", "event")
    assert of_main([main]) == {"undecided": 0.0, "campaign_p": 1e-4}
    guilty = pd.Series(belonging().guilty, index=TRUTH.accounts["account_id"])
    assert grouped(found, guilty) == {
        "grouped_precision": 2 / 3, "grouped_recall": 2 / 3, "communities": 2.0
    }  # fmt: skip


def test_mistakes_are_named_with_their_community() -> None:
    found = inference(
        {"x": ("a1", "o1"), "y": ("a2", "b1")}, community("x", 2), community("y", 2, top="event")
    )
    assert mistakes(TRUTH, found) == {
        "accused": [["o1", "ordinary", "x"]],
        "missed": [["a2", "campaign", "y"], ["m1", "reseller", ""]],
    }


def test_a_move_is_told_with_model_day_and_share(tmp_path: Path) -> None:
    release = {"kind": "model_release", "name": "n-3", "day": 20.0}
    dials = {"calendar": [release], "days": 45, "operators": [{"name": "red", "pivot": 0.5}]}
    (tmp_path / "world.json").write_text(json.dumps({"dials": dials}))
    calendar = pd.DataFrame(
        {"ts": [pd.Timestamp("2026-05-12")], "kind": ["model_release"], "name": ["n-3"]}
    )
    told = {
        "48% moved to n-3 (released 2026-05-12)": 1.0,
        "48% moved to n-3": 0.0,
        "9% moved to n-3 (released 2026-05-12)": 0.0,
    }
    for text, expected in told.items():
        mains = main_communities(
            TRUTH, inference({"x": ("a1", "a2")}, community("x", 2, text=text))
        )
        assert pivots(mains, calendar, tmp_path) == expected
    dials["operators"] = [{"name": "red", "pivot": 0.5, "adoption": "drift"}]
    (tmp_path / "world.json").write_text(json.dumps({"dials": dials}))
    assert pivots(mains, calendar, tmp_path) is None
