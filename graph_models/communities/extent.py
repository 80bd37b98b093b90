"""How much communities did, and when they were seen first and last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from graph_models.communities.draft import Draft
from graph_models.observations import Observations

__all__ = ["extents_of"]

Moments = list[datetime | None]


def extents_of(obs: Observations, drafts: Sequence[Draft]) -> tuple[list[int], Moments, Moments]:
    """Exchanges that belong to each community, and its first and last sighting.

    Args:
        obs: The population.
        drafts: The communities; members count with their share.

    Returns:
        Three lists, each of one value a community; None where nothing says when.
    """
    if not drafts:
        return [], [], []
    start = np.cumsum([0, *(len(draft.accounts) for draft in drafts)])[:-1]
    rows = np.concatenate([draft.accounts for draft in drafts])
    share = np.concatenate([draft.share for draft in drafts])
    made = np.rint(obs.accounts["exchanges"].to_numpy()[rows] * share)
    seen = (
        bound.reduceat(obs.accounts[name].to_numpy(dtype="datetime64[us]")[rows], start).tolist()
        for bound, name in ((np.fmin, "first_seen"), (np.fmax, "last_seen"))
    )
    return np.add.reduceat(made, start).astype(np.int64).tolist(), *seen
