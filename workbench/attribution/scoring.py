"""Attributions against the truth of a world: is the right operator named, and how honestly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from workbench.attribution.model import BENIGN, RESELLER_ONLY, UNKNOWN, Attribution

__all__ = ["OperatorGrade", "grade_operators"]


@dataclass(frozen=True)
class OperatorGrade:
    """Access operators: share of right leaders, mean Brier score, AUROC of *unknown*."""

    top1: float | None
    brier: float | None
    unknown_auroc: float | None

    def as_json(self) -> dict[str, float | None]:
        """The object that contract §4 names under ``operator``."""
        return asdict(self)


def grade_operators(
    attributions: Sequence[Attribution], members: pd.DataFrame, truth: pd.DataFrame
) -> OperatorGrade:
    """Grade the access layer of every attribution; all None when nothing was attributed.

    Args:
        attributions: At most one a community.
        members: As ``inference.MEMBER_COLUMNS``.
        truth: ``accounts.csv`` of the truth.
    """
    if not attributions:
        return OperatorGrade(None, None, None)
    right, brier, unknown, doubted = [], [], [], []
    for attribution in attributions:
        said = {h.operator: h.probability for h in attribution.layers["access"]}
        real = _real(attribution.community, members, truth, said)
        right.append(max(said, key=lambda name: said[name]) == real)
        brier.append(sum((p - (name == real)) ** 2 for name, p in said.items()))
        unknown.append(real == UNKNOWN)
        doubted.append(said[UNKNOWN])
    return OperatorGrade(
        float(np.mean(right)), float(np.mean(brier)), _auroc(np.array(unknown), np.array(doubted))
    )


def _real(
    community: str, members: pd.DataFrame, truth: pd.DataFrame, said: Mapping[str, float]
) -> str:
    """What should lead: the operator of most members, or *unknown* when no indicator named it."""
    mine = members.loc[
        (members["community"] == community) & members["tier"].isin(["core", "probable"]), "account"
    ]
    rows = truth[truth["account_id"].isin(mine)]
    role = rows["role"].replace({"mixed": "campaign"}).mode()
    if role.empty or role.iloc[0] != "campaign":
        return RESELLER_ONLY if len(role) and role.iloc[0] == "reseller_customer" else BENIGN
    guilty = rows.loc[rows["role"].isin(["campaign", "mixed"]), "access_operator"].mode()
    name = str(guilty.iloc[0]) if len(guilty) else UNKNOWN
    return name if name in said else UNKNOWN


def _auroc(positive: np.ndarray, score: np.ndarray) -> float | None:
    """Mann–Whitney: P(score of a positive > score of a negative), ties half; None for one class."""
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return None
    ranks = rankdata(score)
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))
