"""What is left of an accusation once each member's own traffic is looked at.

Links say who belongs together, assessment what a community is. Before members are called to
account, their traffic is divided between the campaign's work and their own life: who does none of
the work is not accused, who does some of it is a mixed account, whose share says how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.background import Background
from graph_models.assessment.belonging import BELONGS_BITS, conduct_bits
from graph_models.communities.cells import cells_of
from graph_models.communities.draft import Draft, community_name
from graph_models.communities.lives import lives_of
from graph_models.communities.rules import MEMBERSHIP, SHARES
from graph_models.communities.shares import Division, Ground, divided
from graph_models.communities.traffic import within_budget
from graph_models.communities.work import frames_of
from graph_models.inference import Assessment
from graph_models.linking import LinkContext

__all__ = ["settled"]

MOST = 1 / 3  # of a community: where more act apart there is no common conduct to judge by


def settled(
    context: LinkContext,
    drafts: tuple[Draft, ...],
    assessed: Mapping[str, Assessment],
    members: pd.DataFrame,
    *,
    seed: int = 0,
    background: Background | None = None,
) -> tuple[tuple[Draft, ...], dict[str, Assessment]]:
    """Divide the traffic of campaigns, and take accusation from members who do none of their work.

    Args:
        context: What linking knows of the population.
        drafts: The communities.
        assessed: Their assessments by name.
        members: As ``inference.MEMBER_COLUMNS``.
        seed: Seed of every random step.
        background: What assessing them has read.

    Returns:
        The drafts and the assessments. Members of campaigns have the share of their traffic that
        is its work; who does none of it is at tier "possible", with confidence lowered by the odds;
        who clearly does some may rise to "probable". A draft that loses the core member it is
        named after is named anew.
    """
    accused = frozenset(name for name, found in assessed.items() if found.assessed_as == "campaign")
    if not accused:
        return drafts, dict(assessed)
    rows = members[members["community"].isin(accused)]
    known = background or Background(context.obs)
    campaigns = [draft for draft in drafts if draft.community in accused]
    parts = _divisions(context, campaigns, known, seed=seed)
    each = conduct_bits(context.obs, rows, without=context.without, background=known)
    bits = {
        str(name): part.droplevel("community") for name, part in each.groupby(level="community")
    }
    found = [
        _settle(
            context,
            _shared(context, draft, parts.get(draft.community), seed=seed),
            bits.get(draft.community),
            parts.get(draft.community),
        )
        if draft.community in accused
        else _with_raised(draft)
        for draft in drafts
    ]
    names = {old.community: new.community for old, new in zip(drafts, found, strict=True)}
    return tuple(found), {names[name]: words for name, words in assessed.items()}


def _divisions(
    context: LinkContext, campaigns: list[Draft], known: Background, *, seed: int
) -> dict[str, Division]:
    """How the traffic of each campaign's members divides; none where that cannot be known."""
    outsiders = np.ones(context.accounts, np.bool_)
    for draft in campaigns:
        outsiders[draft.accounts] = False
    lives = lives_of(context, outsiders, seed=seed)
    if lives is None:
        return {}
    read = np.concatenate(_read(context, campaigns, known)).astype(np.int64)
    known.reading.read(np.concatenate([read, lives.some]))
    ground = Ground.of(context, lives, read, exchanges_of=known.reading.exchanges_of)
    found = {}
    for draft in campaigns:
        accounts = draft.accounts.astype(np.int64)
        frames = draft.frames if len(draft.frames) else frames_of(context, accounts)
        found[draft.community] = divided(context, accounts, frames, lives, ground=ground)
    return found


def _read(
    context: LinkContext, campaigns: list[Draft], known: Background
) -> list[NDArray[np.int32]]:
    """The members of each campaign whose exchanges are divided: who was read, else whom to read."""
    whole = max(1, sum(int(_made(context, draft).sum()) for draft in campaigns))
    chosen = []
    for draft in campaigns:
        some = known.reading.holds(draft.accounts)
        if known.whole or not some.any():
            budget = SHARES.read * _made(context, draft).sum() / max(whole, SHARES.read)
            accounts = draft.accounts.astype(np.int64)
            some = within_budget(context, accounts, draft.share, exchanges=budget)
        chosen.append(draft.accounts[some])
    return chosen


def _made(context: LinkContext, draft: Draft) -> NDArray[np.int64]:
    return context.population.exchanges[draft.accounts]


def _settle(
    context: LinkContext, draft: Draft, bits: pd.Series | None, found: Division | None
) -> Draft:
    """One draft with its tiers by who does its work."""
    ids = context.obs.accounts["account"].to_numpy(dtype=object)
    each = np.full(len(draft.accounts), np.nan)
    if bits is not None:
        each = bits.reindex(ids[draft.accounts]).to_numpy(dtype=np.float64)
    apart, more = each < BELONGS_BITS, np.minimum(np.nan_to_num(each), 0.0)
    if found is not None:
        # Who does the work is known better from all traffic than from habits compared one by one.
        known = ~np.isnan(found.bits)
        apart = np.where(known, found.bits < SHARES.shared, apart)
        more = np.where(known, _evidence(found.bits), more)
    accused = draft.tier != "possible"
    if (apart & accused).sum() > MOST * accused.sum():
        return draft
    odds = draft.confidence * np.exp2(np.where(apart | (more > 0), more, 0.0))
    belief = np.round(odds / (odds + 1 - draft.confidence), 4)
    tier = np.where(apart, "possible", draft.tier)
    return _renamed(context, draft, np.where(apart, tier, _raised(tier, belief)), belief)


def _raised(tier: NDArray[np.str_], belief: NDArray[np.float64]) -> NDArray[np.str_]:
    """The tiers, with members who are possible and believed to belong at "probable"."""
    raised = (tier == "possible") & (belief >= MEMBERSHIP.probable)
    return np.where(raised, "probable", tier) if raised.any() else tier


def _with_raised(draft: Draft) -> Draft:
    tier = _raised(draft.tier, draft.confidence)
    return draft if tier is draft.tier else replace(draft, tier=tier)


def _shared(context: LinkContext, draft: Draft, found: Division | None, *, seed: int) -> Draft:
    """One draft with the share of each member's traffic, and lent accounts in a cell of their own.

    Nearly all is all: what the least tenth of a worker's traffic is nobody can tell.
    """
    if found is None:
        return draft
    share = np.where(found.part >= SHARES.full, 1.0, np.round(found.part, 4))
    draft = replace(draft, share=np.where(np.isnan(found.part), draft.share, share))
    mixed = (found.part < SHARES.lent) & (found.bits >= SHARES.shared)
    if not mixed.any():
        return draft
    labels = np.full(context.accounts, -1, np.int64)
    labels[draft.accounts] = draft.accounts.min()
    lent = np.zeros(context.accounts, np.bool_)
    lent[draft.accounts[mixed]] = True
    cell = cells_of(context, labels, seed=seed, lent=lent)[draft.accounts]
    ids = context.obs.accounts["account"].to_numpy(dtype=object)
    return replace(draft, cell=np.array([community_name("ce_", ids[i]) for i in cell], object))


def _evidence(bits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits for, or against, belonging that taking part in the work gives."""
    less = np.minimum(bits - SHARES.shared, 0.0)
    return np.asarray(
        np.where(less < 0, less, np.clip(bits - SHARES.raised, 0, SHARES.most_raised))
    )


def _renamed(
    context: LinkContext, draft: Draft, tier: NDArray[np.str_], confidence: NDArray[np.float64]
) -> Draft:
    """The draft with other tiers, named by its earliest core member."""
    core = draft.accounts[tier == "core"] if (tier == "core").any() else draft.accounts
    created = np.nan_to_num(context.population.created[core], nan=np.inf)
    first = core[np.lexsort((core, created))[0]]
    name = str(context.obs.accounts["account"].iloc[int(first)])
    return replace(draft, tier=tier, confidence=confidence, community=community_name("cm_", name))
