"""The whole of community finding: form, resample, leave families out, compare with chance, name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.cells import cells_of, placed
from graph_models.communities.chance import chance_p, null_strengths, strength
from graph_models.communities.draft import Draft, community_name
from graph_models.communities.formation import form, members_by_label, weighted
from graph_models.communities.rules import BEHAVIOUR, STABILITY
from graph_models.communities.stability import Stability, holds_without, resample
from graph_models.communities.work import Work, work_of
from graph_models.linking import LinkContext

__all__ = ["find_communities"]

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class _Found:
    """What the steps found, by account or by label."""

    context: LinkContext
    labels: NDArray[np.int64]
    cell: NDArray[np.int64]
    weight: NDArray[np.float64]
    placed: NDArray[np.bool_]
    stability: Stability
    robust: dict[int, tuple[str, ...]]
    strength: pd.Series
    chance: pd.Series
    chance_per_world: float


def find_communities(
    context: LinkContext,
    links: pd.DataFrame,
    *,
    threshold: int,
    seed: int = 0,
    say: Say = lambda _: None,
) -> tuple[Draft, ...]:
    """Find communities among links, with cells, tiers and what chance makes of them.

    Args:
        context: The population.
        links: As ``inference.LINK_COLUMNS``, all of at least ``threshold`` millibits.
        threshold: Millibits from which a pair is a link.
        seed: Seed of every random step.
        say: Hears which step begins.

    Returns:
        Drafts, sorted by name; every community has at least two members.
    """
    links = weighted(links, context.prior_bits)
    say("forming communities")
    labels = form(context, links, seed=seed)
    say("testing how firmly communities hold")
    firm = resample(context, links, labels, seed=seed)
    robust = holds_without(context, links, labels, threshold=threshold, seed=seed)
    say("comparing communities with chance")
    strong = strength(links, labels, threshold)
    p, per_world = _chance(context, strong, threshold, seed)
    cell = cells_of(links, labels, seed=seed)
    found = _Found(
        context, labels, cell, _ties(links, labels), placed(links, labels), firm, robust, strong,
        pd.Series(p, index=strong.index), per_world,
    )  # fmt: skip
    drafts = [_draft(found, label, who) for label, who in members_by_label(labels).items()]
    return tuple(sorted(drafts, key=lambda draft: draft.community))


def _chance(
    context: LinkContext, strong: pd.Series, threshold: int, seed: int
) -> tuple[NDArray[np.float64], float]:
    if not len(strong):
        return np.zeros(0), 0.0
    null = null_strengths(context, threshold, seed=seed)
    rng = np.random.default_rng([seed, 2])
    return chance_p(strong.to_numpy(dtype=np.float64), null.strengths, rng), null.per_world


def _ties(links: pd.DataFrame, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The best probability that ties each account to a fellow member, shape (accounts,)."""
    best = np.zeros(len(labels))
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    inside = labels[a] == labels[b]
    for end in (a[inside], b[inside]):
        np.maximum.at(best, end, links["weight"].to_numpy()[inside])
    return best


def _draft(found: _Found, label: int, accounts: NDArray[np.int64]) -> Draft:
    context = found.context
    work = work_of(context, accounts) if len(accounts) >= BEHAVIOUR.min_size else None
    if work is not None and not work.found:
        work = None
    doubt = np.where(_hangers_on(found, accounts, work), STABILITY.one_thread, 1.0)
    confidence = np.round(found.stability.member[accounts] * found.weight[accounts] * doubt, 4)
    tier = np.select(
        [confidence >= STABILITY.core, confidence >= STABILITY.probable],
        ["core", "probable"],
        default="possible",
    )
    ids = context.obs.accounts["account"].to_numpy(dtype=object)
    return Draft(
        community=community_name("cm_", _earliest(context, accounts, tier, ids)),
        accounts=accounts.astype(np.int32),
        tier=tier,
        confidence=confidence,
        share=_share(work, len(accounts)),
        cell=np.array([community_name("ce_", ids[i]) for i in found.cell[accounts]], object),
        frames=_frames(context, work),
        strength=round(float(found.strength.get(label, 0.0)), 3),
        held_together=round(found.stability.held.get(label, 0.0), 4),
        robust_to=found.robust.get(label, ()),
        chance_p=float(found.chance.get(label, 1.0)),
        chance_count=float(found.chance.get(label, 1.0)) * found.chance_per_world,
    )


def _hangers_on(found: _Found, accounts: NDArray[np.int64], work: Work | None) -> NDArray[np.bool_]:
    """Members tied to a community of shared infrastructure by a few of its prompts alone.

    Frames leak and are copied: who uses some, does mostly other work or hardly any, and shares no
    card, device or address with anybody inside may be a stranger. So may one who does share some
    but hardly takes part: a card used once by somebody else is the cheapest way to frame its owner.
    """
    if work is None:
        return np.zeros(len(accounts), bool)
    done = work.share * found.context.population.exchanges[accounts]
    little = done < BEHAVIOUR.little * np.median(done[work.worker])
    apart = work.share < BEHAVIOUR.apart * np.median(work.share[work.worker])
    aside: NDArray[np.bool_] = little & apart & ~work.idle
    placed = found.placed[accounts]
    if placed.mean() >= 0.5:
        aside |= ~placed & ((work.share < 0.5) | work.idle)
    return aside


def _earliest(
    context: LinkContext,
    accounts: NDArray[np.int64],
    tier: NDArray[np.str_],
    ids: NDArray[np.object_],
) -> str:
    core = accounts[tier == "core"] if (tier == "core").any() else accounts
    created = np.nan_to_num(context.population.created[core], nan=np.inf)
    return str(ids[core[np.lexsort((core, created))[0]]])


def _share(work: Work | None, members: int) -> NDArray[np.float64]:
    """Part of each member's exchanges in the common work; all of it where there is none."""
    if work is None:
        return np.ones(members)
    nearly_all = work.share >= BEHAVIOUR.full_share
    share: NDArray[np.float64] = np.where(nearly_all | work.idle, 1.0, np.round(work.share, 4))
    return share


def _frames(context: LinkContext, work: Work | None) -> NDArray[np.int32]:
    layer = context.layer("prompt_cluster")
    if work is None or layer is None:
        return np.zeros(0, np.int32)
    return np.sort(layer.position[work.frames])
