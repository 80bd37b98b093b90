"""The whole run: observations in, inference out; one snapshot and seed give one answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime

import numpy as np
import pandas as pd

from graph_models.assessment import Background, assess_communities, settled
from graph_models.assessment import parameters as assessment_parameters
from graph_models.codes import digest_text
from graph_models.communities import Draft, extents_of, find_communities, formed
from graph_models.communities import rules as community_rules
from graph_models.curves import curves_version
from graph_models.families import Family
from graph_models.inference import (
    MEMBER_COLUMNS,
    TIERS,
    Assessment,
    Community,
    Inference,
    Reason,
    TierSizes,
)
from graph_models.linking import (
    MODEL,
    SIGNALS,
    LinkContext,
    candidate_pairs,
    link_threshold,
    score_candidates,
)
from graph_models.linking import rules as link_rules
from graph_models.linking.learned import learned_of
from graph_models.observations import Observations

__all__ = ["analyse", "members_table", "parameters"]


def parameters() -> Mapping[str, object]:
    """Every number that a run depends on, for its hash and for the record."""
    return {
        "model": MODEL,
        "curves": curves_version(),
        "prior": asdict(link_rules.PRIOR),
        "candidates": asdict(link_rules.CANDIDATES),
        "families": {name.value: asdict(rule) for name, rule in link_rules.FAMILY_RULES.items()},
        "derived": {name: asdict(row[2]) for name, row in link_rules.DERIVED_POLICIES.items()},
        "timing": asdict(link_rules.TIMING),
        "partition": asdict(community_rules.PARTITION),
        "behaviour": asdict(community_rules.BEHAVIOUR),
        "stability": asdict(community_rules.STABILITY),
        "membership": {
            **vars(community_rules.MEMBERSHIP),
            "weights": dict(community_rules.MEMBERSHIP.weights),
        },
        "cells": asdict(community_rules.CELLS),
        "shares": asdict(community_rules.SHARES),
        "chance": asdict(community_rules.CHANCE),
        "assessment": assessment_parameters(),
    }


def analyse(
    obs: Observations,
    *,
    seed: int = 0,
    without: frozenset[Family] = frozenset(),
    progress: Callable[..., None] | None = None,
) -> Inference:
    """Score links, find communities, assess them.

    Args:
        obs: One snapshot.
        seed: Seed of every random step.
        without: Families to leave out, as if no log had ever shown them.
        progress: Called with the name of each step as it begins.

    Returns:
        The inference; ``run`` is a hash of snapshot, parameters and seed.
    """
    say = progress or (lambda *_: None)
    say("counting who used what")
    context = LinkContext.of(obs).leaving_out(without)
    say("scoring links")
    found = candidate_pairs(context)
    threshold = link_threshold(context)
    scored = score_candidates(context, found, threshold)
    links = scored.links(threshold)
    known = formed(context, links, scored, threshold=threshold, seed=seed, say=say)
    pairs, words = len(found.view), found.words
    del scored, found  # at a million accounts there is no room for them beside a rewired world
    drafts = find_communities(context, links, threshold=threshold, seed=seed, known=known, say=say)
    say("assessing communities")
    left = tuple(f"family {family.value!r}: left out" for family in sorted(without))
    drafts, assessed, members = _judged(context, drafts, links, seed=seed)
    extents = zip(*extents_of(obs, drafts), strict=True)
    communities = [
        _community(draft, assessed[draft.community], extent)
        for draft, extent in zip(drafts, extents, strict=True)
    ]
    return Inference(
        run=digest_text(obs.snapshot, json.dumps(parameters(), sort_keys=True), str(seed), *left),
        snapshot=obs.snapshot,
        seed=seed,
        candidate_pairs=pairs,
        links=links,
        communities=tuple(sorted(communities, key=_triage)),
        members=members,
        lacking=(*obs.lacking, *left, *_silent(context), *words),
        learned=learned_of(context),
    )


def members_table(context: LinkContext, drafts: tuple[Draft, ...]) -> pd.DataFrame:
    """All members as ``inference.MEMBER_COLUMNS``, sorted by (community, account)."""
    if not drafts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in MEMBER_COLUMNS.items()})
    ids = context.obs.accounts["account"].to_numpy(dtype=object)
    sizes = [len(draft.accounts) for draft in drafts]
    table = pd.DataFrame(
        {
            "account": ids[np.concatenate([draft.accounts for draft in drafts])],
            "community": np.repeat([draft.community for draft in drafts], sizes),
            "cell": np.concatenate([draft.cell for draft in drafts]),
            "tier": np.concatenate([draft.tier for draft in drafts]),
            "member_confidence": np.concatenate([draft.confidence for draft in drafts]),
            "share": np.concatenate([draft.share for draft in drafts]),
        }
    )
    return table.astype(MEMBER_COLUMNS).sort_values(["community", "account"], ignore_index=True)


def _judged(
    context: LinkContext, drafts: tuple[Draft, ...], links: pd.DataFrame, *, seed: int
) -> tuple[tuple[Draft, ...], dict[str, Assessment], pd.DataFrame]:
    """The drafts as they are settled, their assessments by name, and all members."""
    background, members = Background(context.obs), members_table(context, drafts)
    assessed = assess_communities(
        context.obs, context, drafts, members, links, background=background
    )
    settled_ = settled(context, drafts, assessed, members, seed=seed, background=background)
    if settled_[0] is not drafts:
        members = members_table(context, settled_[0])
    return *settled_, members


def _community(
    draft: Draft, assessment: Assessment, extent: tuple[int, datetime | None, datetime | None]
) -> Community:
    tiers = draft.tier.tolist()
    sizes = (tiers.count(tier) for tier in TIERS)
    exchanges, first, last = extent
    return Community(
        community=draft.community,
        size=TierSizes(*sizes),
        exchanges=exchanges,
        first_seen=first,
        last_seen=last,
        assessment=replace(assessment, reasons=(*assessment.reasons, *_frailty(draft))),
        held_together=draft.held_together,
        robust_to=draft.robust_to,
        chance_p=draft.chance_p,
        cells=draft.cells,
    )


def _frailty(draft: Draft) -> tuple[Reason, ...]:
    """A sentence without bits for a community that the loss of one family breaks up."""
    rests_on = draft.rests_on
    if not rests_on:
        return ()
    names = " or ".join(rests_on)
    text = f"It is fragile: without {names} fewer than half of its members still stand together."
    return (Reason(text, 0.0, rests_on[0]),)


def _triage(community: Community) -> tuple[float, int, str]:
    """Most probable campaigns first, then the larger ones, then by name."""
    guilt = community.assessment.probabilities["campaign"]
    return (-round(guilt, 3), -community.size.accused, community.community)


def _silent(context: LinkContext) -> tuple[str, ...]:
    quiet = [
        f"signal {signal.name!r}: of so many accounts it was read only for pairs that are links "
        "without it"
        for signal in SIGNALS
        if signal.heavy and context.accounts > link_rules.CANDIDATES.plain
    ]
    lacking = (
        f"signal {signal.name!r}: no {', '.join(sorted(lacks))}"
        for signal in SIGNALS
        if (lacks := set(signal.needs) & set(context.obs.lacking))
    )
    return (*lacking, *quiet)
