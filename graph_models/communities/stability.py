"""How firmly communities hold: identifiers lost at random, and whole families left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import form, weighted
from graph_models.communities.rules import STABILITY
from graph_models.families import FAMILIES
from graph_models.linking import Scored

__all__ = ["Robustness", "Stability", "holds_without", "resample", "support"]


@dataclass(frozen=True, eq=False)
class Stability:
    """``member`` (accounts,): share of runs in which the account stood with its community's bulk.

    ``held``: per label, the share of runs in which the bulk held together.
    """

    member: NDArray[np.float64]
    held: dict[int, float]


@dataclass(frozen=True, eq=False)
class Robustness:
    """``survives``: per label, the families whose loss the community survives.

    ``fell`` (accounts,): of these families, those with which the account loses its place.
    """

    survives: dict[int, tuple[str, ...]]
    fell: NDArray[np.int64]


def resample(scored: Scored, labels: NDArray[np.int64], *, threshold: int, seed: int) -> Stability:
    """Form communities again with a fifth of all identifiers lost, many times.

    Identifiers are what may be missing from a log, or be of a stranger, as a whole; links are not
    independent of each other.
    """
    pairs = len(scored.ledger.view)
    runs = int(np.clip(STABILITY.pairs_budget // max(pairs, 1), STABILITY.min_runs, STABILITY.runs))
    context = scored.context
    thinned = scored.thinned(threshold, STABILITY.drop, np.random.default_rng(seed))
    with_bulk = np.zeros(len(labels))
    held: dict[int, list[float]] = {}
    for run in range(runs):
        links = weighted(next(thinned), context.prior_bits)
        stood, overlap = _bulk(labels, form(context, links, seed=seed + run))
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


def holds_without(scored: Scored, labels: NDArray[np.int64], *, seed: int) -> Robustness:
    """Which families each community, and each member's place in it, can lose.

    A community survives when, of the communities that a run with the same seed forms without the
    family, one holds at least half of its members (``STABILITY.same``). A family that said nothing
    is lost without harm.
    """
    survived: dict[int, list[str]] = {int(label): [] for label in np.unique(labels[labels >= 0])}
    fell = np.zeros(len(labels), np.int64)
    for family in FAMILIES:
        context, links = scored.without(family)
        again = form(context, weighted(links, context.prior_bits), seed=seed)
        stood, overlap = _bulk(labels, again)
        holds = [label for label, part in overlap.items() if part >= STABILITY.same]
        fell += np.isin(labels, holds) & (stood == 0)
        for label in holds:
            survived[label].append(family.value)
    return Robustness({label: tuple(names) for label, names in survived.items()}, fell)


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
