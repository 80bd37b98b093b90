"""From links to communities: partition, then the split by work.

The same steps on every world, real, resampled or rewired, so that results may be compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.graph import Ground, named_by_first, partition
from graph_models.communities.groups import Groups
from graph_models.communities.work import may_work, work_of
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
    known = ground or Ground.of(links, context.accounts)
    labels = partition(links, context.accounts, seed=seed, ground=known)
    leaving = np.zeros(context.accounts, bool)
    for outsiders in _outsiders(context, Groups.of(labels), known):
        leaving[outsiders] = True
    if not leaving.any():
        return labels
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    left = links[leaving[a] & leaving[b]]
    outside = partition(left, context.accounts, seed=seed, ground=known)
    labels[leaving] = np.where(outside >= 0, outside + context.accounts, -1)[leaving]
    return named_by_first(labels)


def _outsiders(context: LinkContext, groups: Groups, ground: Ground) -> Iterator[NDArray[np.int64]]:
    """Accounts that leave each community whose common work they take no part in."""
    who = groups.parts()
    for code in np.flatnonzero(may_work(context, groups)).tolist():
        members = who[code].tobytes()
        if members not in ground.outsiders:
            work = work_of(context, who[code])
            some = who[code][work.outsider] if work is not None and work.found else who[code][:0]
            ground.outsiders[members] = some
        yield ground.outsiders[members]
