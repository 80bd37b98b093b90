"""Competing explanations of a community: a ledger of findings in bits, and the probabilities.

Naive Bayes over groups of findings that are capped together (methods §2.7), with one asymmetric
rule: a campaign may only lead when independent kinds of behaviour speak for it, because a false
accusation is the worst error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.background import Background
from graph_models.assessment.belonging import BELONGS_BITS
from graph_models.assessment.ledger import LINES, Ledgers, Standings, ledgers
from graph_models.assessment.profile import CommunityProfile, Profiles
from graph_models.assessment.profiling import profiles_of
from graph_models.assessment.rules import MODEL, PRIOR, RULES
from graph_models.assessment.verdicts import CONFIDENCE, GATE, GROUP_CAP
from graph_models.assessment.words import leaning, reasons, sentences
from graph_models.communities.draft import Draft
from graph_models.families import Family
from graph_models.inference import ASSESSMENTS, Assessment
from graph_models.linking.context import LinkContext
from graph_models.observations import Observations

__all__ = ["Entry", "Standing", "assess", "assess_communities", "assess_many", "ledger",
           "parameters"]  # fmt: skip

_CAMPAIGN = ASSESSMENTS.index("campaign")
_LEAD = 0.8
_AT_ONCE = 10_000  # communities whose ledgers are held at a time: 30 MB

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the ledger: what a finding says for each of ASSESSMENTS, in bits."""

    name: str
    group: str
    family: Family
    text: str
    bits: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How firmly a community stands before its meaning is asked."""

    chance_p: float = 0.0
    robust_to: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    without: frozenset[Family] = frozenset()

    @property
    def alone(self) -> Standings:
        """The standings of this one community."""
        return Standings(
            chance_p=np.array([self.chance_p]),
            robust=np.array([bool(self.robust_to)]),
            lacking=self.lacking,
            without=self.without,
        )


def parameters() -> Mapping[str, object]:
    """Every number that an assessment depends on, for the hash of a run."""
    return {
        "model": MODEL,
        "prior": PRIOR,
        "rules": {rule.name: rule.bits for rule in RULES},
        "group_cap": GROUP_CAP,
        "gate": asdict(GATE),
        "belongs_bits": BELONGS_BITS,
        "confidence": asdict(CONFIDENCE),
    }


def assess_communities(
    obs: Observations,
    context: LinkContext,
    drafts: Sequence[Draft],
    members: pd.DataFrame,
    links: pd.DataFrame,
    *,
    background: Background | None = None,
) -> dict[str, Assessment]:
    """Assess every draft community.

    Args:
        obs: The population.
        context: What linking knows of it (which inputs were lacking).
        drafts: The communities; each gets an assessment.
        members: As ``inference.MEMBER_COLUMNS``.
        links: As ``inference.LINK_COLUMNS``.
        background: Keeps what is read for it, for later steps.

    Returns:
        Community id to assessment.
    """
    rhythm = context.population.rhythm
    known = profiles_of(obs, members, links, rhythm=rhythm, background=background)
    by_name = {draft.community: draft for draft in drafts}
    firm = [by_name[name] for name in known.names]
    standings = Standings(
        chance_p=np.array([draft.chance_p for draft in firm], dtype=np.float64),
        robust=np.array([bool(draft.robust_to) for draft in firm], dtype=np.bool_),
        lacking=tuple(name for name in context.lacking if name in CONFIDENCE.inputs),
        without=context.without,
    )
    found = dict(zip(known.names, assess_many(known, standings), strict=True))
    return {draft.community: found[draft.community] for draft in drafts}


def assess(profile: CommunityProfile, standing: Standing | None = None) -> Assessment:
    """Weigh the explanations of one community against each other.

    Args:
        profile: What its members have and do.
        standing: What community finding says of its firmness; firm when not given.

    Returns:
        Probabilities, confidence, reasons for and against the leading explanation (bits against
        the mean of the others) and a sentence for every innocent explanation.
    """
    return assess_many(Profiles.one(profile), (standing or Standing()).alone)[0]


def ledger(profile: CommunityProfile, standing: Standing | None = None) -> tuple[Entry, ...]:
    """All lines of one community, in the order of the rule table."""
    found = ledgers(Profiles.one(profile), (standing or Standing()).alone)
    row = np.zeros(1, np.int64)
    return tuple(
        Entry(line.name, line.group, line.family, found.texts(at, row)[0], found.bits[0, at])
        for at, line in enumerate(LINES)
        if found.there[0, at]
    )


def assess_many(profiles: Profiles, standings: Standings) -> list[Assessment]:
    """Weigh the explanations of many communities, each by itself.

    Args:
        profiles: What their members have and do.
        standings: How firmly they stand, in the order of the profiles.

    Returns:
        One assessment a community, in their order; see ``assess``.
    """
    found: list[Assessment] = []
    for low in range(0, len(profiles), _AT_ONCE):
        rows = slice(low, low + _AT_ONCE)
        found += _assessed(ledgers(profiles.part(rows), standings.part(rows)))
    return found


def _assessed(book: Ledgers) -> list[Assessment]:
    probabilities = _softmax(book.total())
    lead = probabilities.argmax(axis=1)
    says = leaning(book, lead)
    told = zip(
        probabilities.tolist(),
        _confidence(book, lead, says),
        reasons(book, says),
        sentences(book, probabilities),
        strict=True,
    )
    return [
        Assessment(dict(zip(ASSESSMENTS, odds, strict=True)), confidence, why, innocent)
        for odds, confidence, why, innocent in told
    ]


def _softmax(bits: Floats) -> Floats:
    odds = np.exp2(bits - bits.max(axis=1, keepdims=True))
    probabilities: Floats = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


def _confidence(book: Ledgers, lead: NDArray[np.int64], says: Floats) -> list[str]:
    """Quantity and independence of the evidence, apart from how probable the verdict is."""
    speaking = np.zeros(len(lead), np.int64)
    for lines in book.groups.values():
        whole = np.zeros(len(lead))
        for at in lines:
            whole += says[:, at]
        speaking += whole >= CONFIDENCE.speaking_bits
    size, chance = book.profiles.size, book.standings.chance_p
    unsure = (chance > CONFIDENCE.campaign_chance) | (size < CONFIDENCE.campaign_size)
    low = (speaking < CONFIDENCE.moderate_groups) | ((lead == _CAMPAIGN) & unsure)
    firm = _holds(book, lead) & book.standings.robust & (not book.standings.lacking)
    high = firm & (size >= CONFIDENCE.high_size) & (speaking >= CONFIDENCE.high_groups)
    told: list[str] = np.select([low, high], ["low", "high"], default="moderate").tolist()
    return told


def _holds(book: Ledgers, lead: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the lead keeps its place when any one group of findings is left out."""
    holds = np.ones(len(lead), np.bool_)
    for lines in book.groups.values():
        rest = _softmax(book.total(without=lines))[np.arange(len(lead)), lead]
        holds &= (rest >= _LEAD) | ~book.there[:, lines].any(axis=1)
    return holds
