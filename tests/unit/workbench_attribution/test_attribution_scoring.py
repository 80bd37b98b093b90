"""Attributions graded against truth."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.attribution.model import ALWAYS, LAYERS, Attribution, Hypothesis
from workbench.attribution.scoring import OperatorGrade, grade_operators

TRUTH = pd.DataFrame({
    "account_id": ["a", "b", "c", "d"],
    "role": ["campaign", "campaign", "reseller_customer", "benign"],
    "access_operator": ["Op", "Hidden", "", ""],
})  # fmt: skip
MEMBERS = pd.DataFrame({
    "account": ["a", "b", "c", "d"], "community": ["1", "2", "3", "4"], "tier": "core",
})  # fmt: skip


def attribution(name: str, **said: float) -> Attribution:
    rest = dict.fromkeys(ALWAYS, 0.0) | said
    hypotheses = tuple(Hypothesis(key, p) for key, p in rest.items())
    return Attribution(name, dict.fromkeys(LAYERS, hypotheses), (), "low", (), ())


def test_nothing_attributed_nothing_graded() -> None:
    assert grade_operators([], MEMBERS, TRUTH) == OperatorGrade(None, None, None)


def test_right_leaders_and_an_unknown_operator() -> None:
    said = [
        attribution("1", Op=1.0),
        attribution("2", Op=0.2, unknown=0.8),
        attribution("3", **{"reseller-only": 1.0}),
        attribution("4", benign=1.0),
    ]
    found = grade_operators(said, MEMBERS, TRUTH)
    assert found.top1 == 1.0
    assert found.brier == pytest.approx((0.2**2 + 0.2**2) / 4)
    assert found.unknown_auroc == 1.0


def test_a_wrong_name_costs() -> None:
    found = grade_operators([attribution("2", Op=1.0)], MEMBERS, TRUTH)
    assert found == OperatorGrade(0.0, 2.0, None)
