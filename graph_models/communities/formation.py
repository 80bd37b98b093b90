"""From links to communities: partition, then the split by work.

The same steps on every world, real, resampled or rewired, so that results may be compared.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.graph import Ground, named_by_first, partition
from graph_models.communities.groups import Groups
from graph_models.communities.work import works_of
from graph_models.linking import LinkContext, probability

__all__ = ["form", "members_by_label", "weighted"]


def weighted(links: pd.DataFrame, prior_bits: float) -> pd.DataFrame:
    """Add ``weight``: the probability that the pair has one controller."""
    return links.assign(weight=probability(links["millibits"].to_numpy(np.int64), prior_bits))


def members_by_label(labels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Accounts (ascending) of each community, by label; label -1 is nobody's."""
    groups = Groups.of(labels)
    return dict(zip(groups.label.tolist(), groups.parts(), strict=True))


def form(
    context: LinkContext,
    links: pd.DataFrame,
    *,
    seed: int,
    ground: Ground | None = None,
) -> NDArray[np.int64]:
    """Community label of every account (-1: none).

    Args:
        context: The population, for the work of members.
        links: Links with a weight (see ``weighted``).
        seed: Seed of the partition.
        ground: What is known of the accounts; made of the links when not given.
    """
    labels = partition(links, context.accounts, seed=seed, ground=ground)
    leaving = np.zeros(context.accounts, bool)
    groups = Groups.of(labels)
    for code, work in works_of(context, groups).items():
        fellows = groups.account[groups.start[code] : groups.start[code + 1]]
        leaving[fellows[work.outsider]] = True
    if not leaving.any():
        return labels
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    left = links[leaving[a] & leaving[b]]
    outside = partition(left, context.accounts, seed=seed, ground=ground)
    labels[leaving] = np.where(outside >= 0, outside + context.accounts, -1)[leaving]
    return named_by_first(labels)
