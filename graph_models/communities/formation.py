"""From links to communities: partition, then the split by work.

The same steps on every world, real, resampled or rewired, so that results may be compared.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.graph import named_by_first, partition
from graph_models.communities.groups import Groups
from graph_models.communities.work import works_of
from graph_models.linking import LinkContext, probability
from graph_models.linking.rules import CANDIDATES

__all__ = ["form", "members_by_label", "unlisted_part", "weighted"]


def weighted(links: pd.DataFrame, prior_bits: float) -> pd.DataFrame:
    """Add ``weight``: the probability that the pair has one controller."""
    return links.assign(weight=probability(links["millibits"].to_numpy(np.int64), prior_bits))


def members_by_label(labels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Accounts (ascending) of each community, by label; label -1 is nobody's."""
    groups = Groups.of(labels)
    return dict(zip(groups.label.tolist(), groups.parts(), strict=True))


def unlisted_part(cut: NDArray[np.int64], accounts: int) -> NDArray[np.float64] | None:
    """Part of each account's candidate pairs that was left out of a dense block, (accounts,).

    Args:
        cut: How many partners of each account were left out (``Candidates.cut``).
        accounts: How many accounts there are; of whom partners were left out, these many stayed.

    Returns:
        Parts from 0 to below 1, or None where no pair was left out.
    """
    if not cut.any():
        return None
    part: NDArray[np.float64] = cut / (cut + CANDIDATES.most_partners(accounts))
    return part


def form(
    context: LinkContext,
    links: pd.DataFrame,
    *,
    seed: int,
    unlisted: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Community label of every account (-1: none).

    Args:
        context: The population, for the work of members.
        links: Links with a weight (see ``weighted``).
        seed: Seed of the partition.
        unlisted: Part of each account's pairs that nobody looked at (see ``unlisted_part``).
    """
    labels = partition(links, context.accounts, seed=seed, unlisted=unlisted)
    leaving = np.zeros(context.accounts, bool)
    groups = Groups.of(labels)
    for code, work in works_of(context, groups).items():
        fellows = groups.account[groups.start[code] : groups.start[code + 1]]
        leaving[fellows[work.outsider]] = True
    if not leaving.any():
        return labels
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    left = links[leaving[a] & leaving[b]]
    outside = partition(left, context.accounts, seed=seed, unlisted=unlisted)
    labels[leaving] = np.where(outside >= 0, outside + context.accounts, -1)[leaving]
    return named_by_first(labels)
