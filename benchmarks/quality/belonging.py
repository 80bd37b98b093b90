"""Who belongs with whom in truth, for probabilities about pairs, members and communities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.calibration import counts
from fixtures.splits import TOGETHER
from graph_models.inference import Inference
from graph_models.linking import (
    LinkContext,
    calibrated,
    candidate_pairs,
    link_pairs,
    link_threshold,
)
from workbench.grading import GUILTY_ROLES, Truth

__all__ = ["Belonging"]

_NO_KIND = ("", "ordinary", "campaign")
LOWEST_ODDS_BITS = -4.25  # summed bits that the curve puts far below 0.05: no item beyond


@dataclass(frozen=True, eq=False)
class Belonging:
    """Group codes by account position; -1: with nobody, -2: the truth does not say with whom.

    ``controlled``: campaigns and innocent groups that somebody runs together. ``any_group``: also
    those that only meet (a campus, a class). ``guilty``: carries campaign traffic.
    """

    controlled: NDArray[np.int64]
    any_group: NDArray[np.int64]
    guilty: NDArray[np.bool_]
    index: pd.Index

    @classmethod
    def of(cls, truth: Truth, accounts: pd.Series) -> Belonging:
        """Read the truth for accounts in the order of their positions."""
        table = truth.accounts.set_index("account_id").reindex(accounts.astype(str)).fillna("")
        guilty = table["role"].isin(GUILTY_ROLES).to_numpy(dtype=bool)
        kind = table["kind"]
        named = table["group"] if "group" in table else pd.Series("", index=table.index)
        look_alike = ~guilty & ~kind.isin(_NO_KIND).to_numpy(dtype=bool)
        # Whether a reseller controls his customers' accounts is a matter of words: left out.
        resold = (table["role"] == "reseller_customer").to_numpy(dtype=bool)
        unknown = look_alike & ((named == "").to_numpy(dtype=bool) | resold)
        name = np.where(guilty, "campaign/" + table["campaign"], "")
        name = np.where(look_alike & ~unknown, kind + "/" + named, name)
        any_group = pd.factorize(pd.Series(name).where(name != ""), sort=True)[0].astype(np.int64)
        any_group[unknown] = -2
        meets = look_alike & ~resold & ~kind.isin(TOGETHER).to_numpy(dtype=bool)
        return cls(np.where(meets, -1, any_group), any_group, guilty, pd.Index(accounts))

    def pairs(self, context: LinkContext) -> dict[str, list[float]]:
        """Pair probabilities of all candidate pairs from 0.05 on: has the pair one controller?"""
        lowest = link_threshold(context) + round(1000 * LOWEST_ODDS_BITS)
        links = link_pairs(context, candidate_pairs(context).view, lowest).links(lowest)
        said = calibrated(links["millibits"].to_numpy(), context.prior_bits)
        true, known = self.controls(links["a"].to_numpy(), links["b"].to_numpy())
        return counts(said[known], true[known])

    def controls(
        self, a: NDArray[np.int32], b: NDArray[np.int32]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each pair has one controller, and whether the truth says so, both (pairs,)."""
        one, other = self.controlled[a], self.controlled[b]
        unsaid = ((one == -2) & (other != -1)) | ((other == -2) & (one != -1))
        return (one == other) & (one >= 0), ~unsaid

    def members(self, found: Inference) -> dict[str, list[float]]:
        """Member confidences: is the account of the group that most members are of?"""
        rows = found.members
        group = self.any_group[self.index.get_indexer(pd.Index(rows["account"]))]
        table = pd.DataFrame({"community": rows["community"].to_numpy(), "group": group})
        counted = table[table["group"] != -1].groupby(["community", "group"]).size()
        sizes = counted.rename("n").reset_index().sort_values(
            ["community", "n", "group"], ascending=[True, False, True]
        )  # fmt: skip
        lead = sizes.drop_duplicates("community").set_index("community")
        leading = table["community"].map(lead["group"].where(lead["n"] > 1, -3)).fillna(-3)
        known = (leading != -2).to_numpy() & (group != -2)
        said = rows["member_confidence"].to_numpy(dtype=np.float64)
        return counts(said[known], (leading == group).to_numpy()[known])

    def communities(self, found: Inference) -> dict[str, list[float]]:
        """P(campaign) of communities: do most core and probable members carry its traffic?"""
        rows = found.members[found.members["tier"].isin(["core", "probable"])]
        guilty = self.guilty[self.index.get_indexer(pd.Index(rows["account"]))]
        share = pd.Series(guilty).groupby(rows["community"].to_numpy()).mean()
        stated = {c.community: c.assessment.probabilities["campaign"] for c in found.communities}
        said = share.index.map(stated).to_numpy(dtype=np.float64)
        return counts(said, (share >= 0.5).to_numpy())
