"""What a run might have found in a drawn graph: one campaign, and very many small communities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.families import FAMILIES
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
from graph_models.observations import Observations

__all__ = ["Size", "drawn_inference"]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large the drawn graph is; ``of(1.0)`` is the full one."""

    accounts: int
    communities: int
    campaign: int
    cells: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """The size at a scale of the full one, whose hub has a million accounts."""
        full = cls(accounts=1_025_000, communities=130_000, campaign=25_000, cells=500)
        return cls(**{name: max(4, round(scale * count)) for name, count in vars(full).items()})


def drawn_inference(rng: np.random.Generator, size: Size, obs: Observations) -> Inference:
    """Communities, members and links over some accounts of the observations, drawn at random."""
    sizes = _community_sizes(rng, size)
    who = rng.permutation(size.accounts)[: sizes.sum()].astype(np.int32)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    names = np.array([f"cm_{number:08x}" for number in range(len(sizes))])
    cell = np.arange(len(who)) * size.cells // size.campaign
    members = pd.DataFrame(
        {
            "account": obs.accounts["account"].take(who).to_numpy(),
            "community": names[owner],
            "cell": np.where(owner == 0, np.char.add("cell_", cell.astype(str)), ""),
            "tier": rng.choice(["core", "probable"], len(who)),
            "member_confidence": rng.uniform(0.5, 1, len(who)),
            "share": 1.0,
        }
    ).astype(MEMBER_COLUMNS)
    found = [_community(rng, str(names[at]), int(sizes[at]), size) for at in range(len(sizes))]
    found.sort(key=lambda c: (-c.assessment.probabilities["campaign"], c.community))
    return Inference(
        run="served",
        snapshot=obs.snapshot,
        seed=1,
        candidate_pairs=0,
        links=_links(rng, who, sizes),
        communities=tuple(found),
        members=members.sort_values(["community", "account"], ignore_index=True),
    )


def _community_sizes(rng: np.random.Generator, size: Size) -> NDArray[np.int64]:
    others = np.minimum(1 + rng.geometric(0.7, size.communities - 1), 12)
    return np.concatenate([[size.campaign], others])


def _community(rng: np.random.Generator, name: str, members: int, size: Size) -> Community:
    large = members == size.campaign
    chances = rng.dirichlet(np.full(len(ASSESSMENTS), 0.3)).round(6)
    if large:
        chances = np.eye(len(ASSESSMENTS))[0]
    chances[-1] += 1 - chances.sum()
    reasons = tuple(
        Reason(f"{members} members share {at + 1} values that few others use.", 7.5 - at, family)
        for at, family in enumerate(("device", "network", "prompts"))
    )
    return Community(
        community=name,
        size=TierSizes(members, 0, 0),
        exchanges=100 * members,
        first_seen=datetime(2026, 4, 22, 3),
        last_seen=datetime(2026, 6, 1, 3),
        assessment=Assessment(
            dict(zip(ASSESSMENTS, chances.tolist(), strict=True)),
            "high" if large else "moderate",
            reasons,
            ("A family or a small team shares one machine.",),
        ),
        held_together=0.9,
        robust_to=tuple(family.value for family in FAMILIES[:3]),
        chance_p=1e-6,
        cells=tuple(f"cell_{at}" for at in range(size.cells)) if large else (),
    )


def _links(
    rng: np.random.Generator, who: NDArray[np.int32], sizes: NDArray[np.int64]
) -> pd.DataFrame:
    """All pairs of a small community; about a hundred links of each account of the campaign."""
    first, campaign = np.cumsum(sizes) - sizes, int(sizes[0])
    near = np.repeat(np.arange(campaign), 100)
    pairs = [np.column_stack([near, (near + rng.integers(1, 300, len(near))) % campaign])]
    for step in range(1, int(sizes[1:].max(initial=1))):
        some = np.repeat(first[1:], np.maximum(sizes[1:] - step, 0))
        low = some + _within(np.maximum(sizes[1:] - step, 0))
        pairs.append(np.column_stack([low, low + step]))
    ends = np.sort(who[np.concatenate(pairs)], axis=1).astype(np.int64)
    key = np.unique(ends[:, 0] << 32 | ends[:, 1])
    families = {family.value: rng.integers(0, 9_000, len(key)) for family in FAMILIES}
    links = pd.DataFrame({"a": key >> 32, "b": key & 0xFFFFFFFF, **families})
    return links.assign(millibits=sum(families.values()))[list(LINK_COLUMNS)].astype(LINK_COLUMNS)


def _within(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1 … within each of the runs of these lengths."""
    starts = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(starts, counts)
