"""Findings against the hidden truth of a synthetic world (contract §3 and §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.errors import BadDataError, UsageError
from graph_models.inference import Community
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import GraphView
from ingest.observing.citations import register
from workbench.attribution.attribute import Attribution, attribute
from workbench.attribution.scoring import OperatorGrade, grade_operators
from workbench.contingency import Contingency, Scores

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["CampaignGrade", "Grade", "Largest", "Truth", "grade", "grade_published"]

GUILTY_ROLES = ("campaign", "mixed")
_TRUTH_COLUMNS = (
    "account_id", "role", "campaign", "cell", "supplier", "access_operator", "beneficiary", "kind",
)  # fmt: skip
_TRAFFIC_COLUMNS = ("account_id", "hour", "campaign", "exchanges")


@dataclass(frozen=True)
class CampaignGrade:
    """How one campaign was found; ``communities`` are the accused ones that hold its accounts."""

    campaign: str
    size: int
    found: int
    precision: float | None
    communities: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 lists under ``campaigns``."""
        return {
            "campaign": self.campaign,
            "size": self.size,
            "found": self.found,
            "recall": self.found / self.size,
            "precision": self.precision,
            "communities": list(self.communities),
        }


@dataclass(frozen=True)
class Largest:
    """The community with most core and probable members; chaining shows here first."""

    community: str
    accounts: int
    guilty: int
    assessed_as: str

    def as_json(self) -> dict[str, Any]:
        """``innocent``: fewer than half of its accounts carry campaign traffic."""
        return asdict(self) | {"innocent": 2 * self.guilty < self.accounts}


@dataclass(frozen=True)
class Grade:
    """The grade of one run. Accused: core or probable in a community assessed as a campaign.

    ``weighted_precision`` and ``largest`` look at all communities, accused or not.
    """

    account: Scores
    traffic: Scores
    pair: Scores
    b3: Scores
    weighted_precision: float | None
    largest: Largest | None
    cells_ari: float | None
    cells_b3: Scores
    campaigns: tuple[CampaignGrade, ...]
    accused_by_kind: Mapping[str, int]
    benign_accused: int
    reseller_customers_accused: float | None
    operator: OperatorGrade

    def as_json(self) -> dict[str, Any]:
        """The object that contract §4 names for ``grade``."""
        return {
            "account": self.account.as_json(),
            "traffic": self.traffic.as_json(),
            "pair": self.pair.as_json(),
            "b3": self.b3.as_json(),
            "weighted_precision": self.weighted_precision,
            "largest": self.largest.as_json() if self.largest else None,
            "cells": {"ari": self.cells_ari, "b3": self.cells_b3.as_json()},
            "campaigns": [campaign.as_json() for campaign in self.campaigns],
            "accused_by_kind": dict(self.accused_by_kind),
            "benign_accused": self.benign_accused,
            "reseller_customers_accused": self.reseller_customers_accused,
            "operator": self.operator.as_json(),
        }


@dataclass(frozen=True, eq=False)
class Truth:
    """``DIR.truth``: ``accounts`` sorted by account_id, ``traffic`` of mixed accounts."""

    accounts: pd.DataFrame
    traffic: pd.DataFrame

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """Read the truth of a world; UsageError when the folder has none."""
        if not (folder / "accounts.csv").is_file():
            raise UsageError(
                "There is no truth here.",
                where=str(folder),
                fix="Name the folder DIR.truth that synth wrote beside DIR.",
            )
        accounts = _read(folder / "accounts.csv", _TRUTH_COLUMNS)
        path = folder / "traffic.csv"
        traffic = (
            _read(path, _TRAFFIC_COLUMNS)
            if path.is_file()
            else pd.DataFrame(columns=list(_TRAFFIC_COLUMNS))
        )
        traffic = traffic.assign(exchanges=pd.to_numeric(traffic["exchanges"]))
        return cls(accounts.sort_values("account_id", ignore_index=True), traffic)

    @property
    def guilty(self) -> NDArray[np.bool_]:
        """Which accounts carry campaign traffic, in full or in part."""
        return self.accounts["role"].isin(GUILTY_ROLES).to_numpy(dtype=bool)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = sorted(set(columns) - set(table.columns))
    if missing:
        raise BadDataError(
            f"The truth lacks the columns {', '.join(missing)}.",
            where=str(path),
            fix="Write the world again with this version of workbench synth.",
        )
    return table


def grade(
    members: pd.DataFrame,
    communities: Sequence[Community],
    truth: Path,
    *,
    exchanges: Mapping[str, int] | None = None,
    attributions: Sequence[Attribution] = (),
) -> Grade:
    """Grade findings against a world's truth.

    Args:
        members: As ``inference.MEMBER_COLUMNS``.
        communities: With their assessments.
        truth: The folder ``DIR.truth``.
        exchanges: Account id to all its exchanges, for the traffic of mixed accounts; without it
            (and without own traffic in the truth) traffic is not graded.
        attributions: What was attributed; without any, ``operator`` is null.

    Returns:
        The grade; measures with nothing to divide by are None.
    """
    known = Truth.read(truth)
    campaigns = [c.community for c in communities if c.assessment.assessed_as == "campaign"]
    table, grouped = _placed(known, members, campaigns), _placed(known, members)
    found = table["community"].notna().to_numpy(dtype=bool)
    both = Contingency.of(_codes(table["community"]), _codes(table["campaign"].where(known.guilty)))
    return Grade(
        account=Scores.of((found & known.guilty).sum(), found.sum(), known.guilty.sum()),
        traffic=_traffic(known, table, exchanges),
        pair=both.pairs(),
        b3=both.b_cubed(),
        weighted_precision=Contingency.of(
            _codes(grouped["community"]), _codes(grouped["campaign"].where(known.guilty))
        ).weighted_precision(),
        largest=_largest(grouped, communities),
        **_cells(table[found & known.guilty]),
        campaigns=_campaigns(table),
        **_innocent(table, found),
        operator=grade_operators(attributions, members, known.accounts),
    )


def grade_published(desk: Workbench, truth: Path) -> Grade:
    """Grade what a desk has published.

    Traffic and operators are graded only while the published run is the loaded snapshot's.
    """
    view, snapshot = desk.store.view(), desk.snapshot()
    members, communities = view.members(), view.communities()
    if view.about().get("snapshot") != snapshot.digest:
        return grade(members, communities, truth)
    known = register(snapshot, "indicator")
    accused = [c for c in communities if c.assessment.assessed_as == "campaign" and len(known)]
    accounts = Truth.read(truth).accounts
    mixed = accounts.loc[accounts["role"] == "mixed", "account_id"]
    return grade(
        members,
        communities,
        truth,
        exchanges={account: _exchanges(view, account) for account in mixed},
        attributions=[attribute(c, members, desk.observations(), known) for c in accused],
    )


def _exchanges(view: GraphView, account: str) -> int:
    """All exchanges of an account, as the published graph counts them; none where it is unknown."""
    try:
        entity = view.entity(NodeRef(ACCOUNT.name, account))
    except UsageError:
        return 0
    return int(entity.properties.get("exchanges") or 0)


def _placed(
    truth: Truth, members: pd.DataFrame, communities: Sequence[str] | None = None
) -> pd.DataFrame:
    """The true accounts with the firmest core or probable membership of each, where it has one."""
    rows = members[members["tier"].isin(["core", "probable"])]
    if communities is not None:
        rows = rows[rows["community"].isin(communities)]
    order = ["account", "member_confidence", "community"]
    rows = rows.sort_values(order, ascending=[True, False, True]).drop_duplicates("account")
    rows = rows.rename(columns={"cell": "found_cell"})
    return truth.accounts.merge(rows, how="left", left_on="account_id", right_on="account")


def _largest(grouped: pd.DataFrame, communities: Sequence[Community]) -> Largest | None:
    sizes = grouped["community"].value_counts().sort_index()
    if sizes.empty:
        return None
    name = str(sizes.idxmax())
    mine = grouped["community"] == name
    guilty = int((mine & grouped["role"].isin(GUILTY_ROLES)).sum())
    called = {c.community: c.assessment.assessed_as for c in communities}
    return Largest(name, int(mine.sum()), guilty, called[name])


def _codes(text: pd.Series) -> NDArray[np.int64]:
    """Codes of group names, -1 for none."""
    return pd.factorize(text.where(text != ""), sort=True)[0].astype(np.int64)


def _cells(rows: pd.DataFrame) -> dict[str, Any]:
    named = rows[(rows["cell"] != "") & rows["found_cell"].notna()]
    predicted = _codes(named["community"] + "/" + named["found_cell"].astype(str))
    truth = _codes(named["campaign"] + "/" + named["cell"])
    both = Contingency.of(predicted, truth)
    return {"cells_ari": both.adjusted_rand(), "cells_b3": both.b_cubed()}


def _campaigns(table: pd.DataFrame) -> tuple[CampaignGrade, ...]:
    """Each campaign with the accused communities in which it is the largest true group."""
    guilty = table[table["role"].isin(GUILTY_ROLES) & (table["campaign"] != "")]
    held = guilty.groupby(["community", "campaign"]).size()
    sizes = table.groupby("community").size()
    graded = []
    for campaign, rows in guilty.groupby("campaign"):
        mine = held[held.index.get_level_values("campaign") == campaign].droplevel("campaign")
        inside = float(mine.sum())
        graded.append(
            CampaignGrade(
                campaign=str(campaign),
                size=len(rows),
                found=int(rows["community"].notna().sum()),
                precision=Scores.of(inside, float(sizes.reindex(mine.index).sum()), 0.0).precision,
                communities=tuple(sorted(map(str, mine.index))),
            )
        )
    return tuple(graded)


def _innocent(table: pd.DataFrame, found: NDArray[np.bool_]) -> dict[str, Any]:
    """Who was accused and should not have been."""
    innocent = ~table["role"].isin(GUILTY_ROLES).to_numpy(dtype=bool)
    customer = (table["role"] == "reseller_customer").to_numpy(dtype=bool)
    kinds = table.loc[found & innocent, "kind"].where(lambda text: text != "", "unknown")
    return {
        "accused_by_kind": {str(k): int(n) for k, n in kinds.value_counts().sort_index().items()},
        "benign_accused": int((found & innocent & ~customer).sum()),
        "reseller_customers_accused": (float(found[customer].mean()) if customer.any() else None),
    }


def _traffic(truth: Truth, table: pd.DataFrame, exchanges: Mapping[str, int] | None) -> Scores:
    """Exchanges of mixed accounts that are said to be, and are, the campaign's."""
    own = truth.traffic["campaign"] == ""
    by_account = truth.traffic.groupby("account_id")["exchanges"].sum()
    if exchanges is None and not own.any():
        return Scores(None, None)
    mixed = table[table["role"] == "mixed"].set_index("account_id")
    total = by_account if exchanges is None else pd.Series(exchanges, dtype=np.float64)
    wanted = truth.traffic[~own].groupby("account_id")["exchanges"].sum()
    wanted = wanted.reindex(mixed.index, fill_value=0)
    said = (mixed["share"].fillna(0.0) * total.reindex(mixed.index).fillna(0)).round()
    hits = np.minimum(said, wanted).sum()
    return Scores.of(float(hits), float(said.sum()), float(wanted.sum()))
