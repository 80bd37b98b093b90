"""The whole of community finding: form, resample, leave families out, compare with chance, name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.communities.cells import cells_of, placed
from graph_models.communities.chance import chance_p, null_strengths, real_share, strength
from graph_models.communities.draft import Draft, community_name
from graph_models.communities.formation import form, weighted
from graph_models.communities.graph import Ground
from graph_models.communities.groups import Groups
from graph_models.communities.membership import Footing, belief, footing, tiers, traces
from graph_models.communities.rules import BEHAVIOUR
from graph_models.communities.stability import Robustness, Stability, holds_without, resample
from graph_models.communities.work import Work, works_of
from graph_models.linking import LinkContext, Scored, candidate_pairs, score_candidates

__all__ = ["Formed", "find_communities", "formed"]

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class _Found:
    """What the steps found; ``chance`` has a row for each of the communities, in their order."""

    context: LinkContext
    groups: Groups
    cell: NDArray[np.int64]
    footing: Footing
    robust: dict[int, tuple[str, ...]]
    chance: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Formed:
    """Community of every account (-1: none), shape (accounts,), and how firmly each holds."""

    labels: NDArray[np.int64]
    stability: Stability
    robust: Robustness


def formed(
    context: LinkContext,
    links: pd.DataFrame,
    scored: Scored,
    *,
    threshold: int,
    seed: int = 0,
    say: Say = lambda _: None,
) -> Formed:
    """Form communities, and form them again without this and that.

    Args:
        context: The population.
        links: As ``inference.LINK_COLUMNS``, all of at least ``threshold`` millibits.
        scored: The scores that the links were taken from; nothing after this needs them.
        threshold: Millibits from which a pair is a link.
        seed: Seed of every random step.
        say: Hears which step begins.
    """
    say("forming communities")
    links = weighted(links, context.prior_bits)
    ground = Ground.of(links, context.accounts, scored.unseen)
    labels = form(context, links, seed=seed, ground=ground)
    say("testing how firmly communities hold")
    stability = resample(scored, labels, ground, threshold=threshold, seed=seed)
    return Formed(labels, stability, holds_without(scored, labels, ground, seed=seed))


def find_communities(
    context: LinkContext,
    links: pd.DataFrame,
    *,
    threshold: int,
    seed: int = 0,
    known: Formed | None = None,
    say: Say = lambda _: None,
) -> tuple[Draft, ...]:
    """Find communities among links, with cells, tiers and what chance makes of them.

    Args:
        context: The population.
        links: As ``inference.LINK_COLUMNS``, all of at least ``threshold`` millibits.
        threshold: Millibits from which a pair is a link.
        seed: Seed of every random step.
        known: What ``formed`` found; done again when not given.
        say: Hears which step begins.

    Returns:
        Drafts, sorted by name; every community has at least two members.
    """
    if known is None:
        scored = score_candidates(context, candidate_pairs(context), threshold)
        known = formed(context, links, scored, threshold=threshold, seed=seed, say=say)
        del scored  # as large as all the rest
    say("comparing communities with chance")
    links, labels = weighted(links, context.prior_bits), known.labels
    groups, fell = Groups.of(labels), known.robust.fell
    stand = footing(links, groups, known.stability, placed=placed(links, labels), fell=fell)
    chance = _chance(context, strength(links, labels, threshold), threshold, seed)
    chance = chance.reindex(groups.label).fillna({"strength": 0, "p": 1, "count": 1, "real": 0})
    cell = cells_of(context, labels, seed=seed)
    drafts = _drafts(_Found(context, groups, cell, stand, known.robust.survives, chance))
    return tuple(sorted(drafts, key=lambda draft: draft.community))


def _chance(context: LinkContext, strong: pd.Series, threshold: int, seed: int) -> pd.DataFrame:
    """By label: strength, p, how many as strong a rewired world has, P(not made by chance)."""
    table = pd.DataFrame({"strength": strong, "p": 1.0, "count": 0.0, "real": 0.0})
    if len(table):
        null = null_strengths(context, threshold, len(table), seed=seed)
        rng = np.random.default_rng([seed, 2])
        table["p"] = chance_p(strong.to_numpy(dtype=np.float64), null.strengths, rng)
        table["count"] = table["p"] * null.per_world
        table["real"] = real_share(table["count"].to_numpy())
    return table


def _drafts(found: _Found) -> list[Draft]:
    context, groups = found.context, found.groups
    works = works_of(context, groups)
    real = found.chance["real"].to_numpy(dtype=np.float64)
    traced = traces(context, found.footing, groups, real=real, works=works)
    confidence, tier = np.round(belief(traced), 4), tiers(traced)
    ids = context.obs.accounts["account"].to_numpy(dtype=object)
    place, which = np.unique(found.cell[groups.account], return_inverse=True)
    cell = np.array([community_name("ce_", name) for name in ids[place]], object)[which]
    earliest = ids[_earliest(context, groups, tier)]
    held, chance = found.footing.stability.held, found.chance.to_dict("records")
    drafts = []
    for code, label in enumerate(groups.label.tolist()):
        rows = slice(groups.start[code], groups.start[code + 1])
        work = works.get(code)
        drafts.append(
            Draft(
                community=community_name("cm_", str(earliest[code])),
                accounts=groups.account[rows].astype(np.int32),
                tier=tier[rows],
                confidence=confidence[rows],
                traces=traced[rows],
                share=_share(work, int(groups.size[code])),
                cell=cell[rows],
                frames=_frames(context, work),
                strength=round(chance[code]["strength"], 3),
                held_together=round(held.get(label, 0.0), 4),
                robust_to=found.robust.get(label, ()),
                chance_p=chance[code]["p"],
            )
        )
    return drafts


def _earliest(context: LinkContext, groups: Groups, tier: NDArray[np.str_]) -> NDArray[np.int64]:
    """The core member of each community that was opened first, or of all where none is core."""
    created = np.nan_to_num(context.population.created[groups.account], nan=np.inf)
    order = np.lexsort((groups.account, created, tier != "core", groups.code))
    return groups.account[order[groups.start[:-1]]]


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
