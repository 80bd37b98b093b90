"""How firmly communities hold: links dropped at random, and whole families left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import form
from graph_models.communities.rules import STABILITY
from graph_models.families import FAMILIES
from graph_models.linking import LinkContext

__all__ = ["Stability", "holds_without", "resample", "support"]


@dataclass(frozen=True, eq=False)
class Stability:
    """``member`` (accounts,): share of runs in which the account stood with its community's bulk.

    ``held``: per label, the share of runs in which the bulk held together.
    """

    member: NDArray[np.float64]
    held: dict[int, float]


def resample(
    context: LinkContext, links: pd.DataFrame, labels: NDArray[np.int64], *, seed: int
) -> Stability:
    """Form communities again with a fifth of the links dropped, many times.

    Links are dropped by a hash of their structure-free row number in (a, b) order and the seed.
    """
    runs = int(np.clip(STABILITY.links_budget // max(len(links), 1), 0, STABILITY.runs))
    runs = max(runs, STABILITY.min_runs)
    rng = np.random.default_rng(seed)
    with_bulk = np.zeros(len(labels))
    held: dict[int, list[float]] = {}
    for run in range(runs):
        keep = rng.random(len(links)) >= STABILITY.drop
        again = form(context, links[keep], seed=seed + run)
        stood, overlap = _bulk(labels, again)
        with_bulk += stood
        for label, share in overlap.items():
            held.setdefault(label, []).append(float(share >= STABILITY.same))
    return Stability(with_bulk / runs, {label: float(np.mean(v)) for label, v in held.items()})


def _bulk(
    labels: NDArray[np.int64], again: NDArray[np.int64]
) -> tuple[NDArray[np.float64], dict[int, float]]:
    """Who stands with the largest remaining part of his community, and how large that part is."""
    frame = pd.DataFrame({"old": labels, "new": again})
    frame = frame[frame["old"] >= 0]
    size = frame.groupby("old").size()
    kept = frame[frame["new"] >= 0].groupby(["old", "new"]).size().rename("n").reset_index()
    best = kept.sort_values(["old", "n", "new"], ascending=[True, False, True])
    best = best.drop_duplicates("old").set_index("old")
    stood = np.zeros(len(labels))
    bulk = frame["old"].map(best["new"]) == frame["new"]
    stood[frame.index[bulk.fillna(value=False)]] = 1.0
    share = (best["n"] / size).fillna(0.0)
    return stood, dict(zip(share.index.to_list(), share.to_list(), strict=True))


def holds_without(
    context: LinkContext,
    links: pd.DataFrame,
    labels: NDArray[np.int64],
    *,
    threshold: int,
    seed: int,
) -> dict[int, tuple[str, ...]]:
    """For each community the families whose loss it survives: most members still stand together."""
    survived: dict[int, list[str]] = {int(label): [] for label in np.unique(labels[labels >= 0])}
    for family in FAMILIES:
        column = links[family.value].to_numpy()
        if not column.any():
            names = list(survived)
            for label in names:
                survived[label].append(family.value)
            continue
        left = links["millibits"].to_numpy() - column >= threshold
        _, share = _bulk(labels, form(context, links[left], seed=seed))
        for label, part in share.items():
            if part >= STABILITY.same:
                survived[label].append(family.value)
    return {label: tuple(names) for label, names in survived.items()}


def support(links: pd.DataFrame, accounts: NDArray[np.int32]) -> NDArray[np.float64]:
    """Each member's bits to fellow members, against the median member's; shape (accounts,).

    A pendant that chance hangs on a dense group has a small part of everybody else's support.
    """
    members = pd.Index(accounts)
    a, b = (members.get_indexer(pd.Index(links[end])) for end in ("a", "b"))
    inside = (a >= 0) & (b >= 0)
    bits = links["millibits"].to_numpy()[inside].astype(np.float64)
    ends = np.concatenate([a[inside], b[inside]])
    total = np.bincount(ends, weights=np.concatenate([bits, bits]), minlength=len(accounts))
    relative: NDArray[np.float64] = total / max(float(np.median(total)), 1.0)
    return relative
