"""How firmly communities hold: identifiers lost at random, and whole families left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.formation import form, weighted
from graph_models.communities.graph import Ground
from graph_models.communities.groups import Groups
from graph_models.communities.rules import STABILITY
from graph_models.communities.spared import spared
from graph_models.families import FAMILIES
from graph_models.linking import Scored, link_threshold

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


def resample(
    scored: Scored,
    labels: NDArray[np.int64],
    ground: Ground | None = None,
    *,
    threshold: int,
    seed: int,
) -> Stability:
    """Form communities again with a fifth of all identifiers lost, many times.

    Identifiers are what may be missing from a log, or be of a stranger, as a whole; links are not
    independent of each other.
    """
    pairs = len(scored.ledger.view)
    runs = int(np.clip(STABILITY.pairs_budget // max(pairs, 1), STABILITY.min_runs, STABILITY.runs))
    context = scored.context
    among, ground = _looked_at(scored, ground)
    thinned = scored.thinned(threshold, STABILITY.drop, np.random.default_rng(seed), among)
    groups = Groups.of(labels)
    with_bulk, held = np.zeros(len(labels)), np.zeros(len(groups))
    for run in range(runs):
        links = weighted(next(thinned), context.prior_bits)
        again = form(context, links, seed=seed + run, ground=ground)
        stood, share = _bulk(groups, again)
        with_bulk += stood
        held += share >= STABILITY.same
    return Stability(
        with_bulk / runs, dict(zip(groups.label.tolist(), (held / runs).tolist(), strict=True))
    )


def _looked_at(
    scored: Scored, ground: Ground | None
) -> tuple[NDArray[np.bool_] | None, Ground | None]:
    """Which pairs runs look at, None for all, and what they then know of the accounts."""
    firm = scored.ledger.millibits >= link_threshold(scored.context)
    if ground is None or firm.sum() <= STABILITY.plain:
        return None, ground
    stay, known = spared(ground, scored.ledger.view.take(firm), STABILITY.partners)
    among = ~firm
    among[firm] = stay
    return among, known


def _bulk(
    groups: Groups, again: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Who stands with the largest remaining part of its community, and how large that part is.

    Returns:
        1 or 0 by account, shape (accounts,); share of the members, shape (communities,). Of equal
        parts the one with the smaller label counts.
    """
    new = again[groups.account]
    key = np.where(new >= 0, groups.code * len(again) + new, -1)
    part, at, count = np.unique(key, return_inverse=True, return_counts=True)
    order = np.lexsort((part, -count, part // len(again)))
    order = order[part[order] >= 0]
    code, first = np.unique(part[order] // len(again), return_index=True)
    bulk = order[first]
    stood, share = np.zeros(len(again)), np.zeros(len(groups))
    stood[groups.account[np.isin(at, bulk)]] = 1.0
    share[code] = count[bulk] / groups.size[code]
    return stood, share


def holds_without(
    scored: Scored, labels: NDArray[np.int64], ground: Ground | None = None, *, seed: int
) -> Robustness:
    """Which families each community, and each member's place in it, can lose.

    A community survives when, of the communities that a run with the same seed forms without the
    family, one holds at least half of its members (``STABILITY.same``). A family that said nothing
    is lost without harm.
    """
    groups = Groups.of(labels)
    survives = np.zeros((len(groups), len(FAMILIES)), np.bool_)
    fell = np.zeros(len(labels), np.int64)
    among, ground = _looked_at(scored, ground)
    for column, (_, context, links) in enumerate(scored.without_each(among)):
        links = weighted(links, context.prior_bits)
        again = form(context, links, seed=seed, ground=ground)
        stood, share = _bulk(groups, again)
        survives[:, column] = holds = share >= STABILITY.same
        fell[groups.account] += holds[groups.code] & (stood[groups.account] == 0)
    names = [tuple(FAMILIES[at].value for at in np.flatnonzero(row)) for row in survives]
    return Robustness(dict(zip(groups.label.tolist(), names, strict=True)), fell)


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
