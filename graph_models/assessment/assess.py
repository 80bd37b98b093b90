"""Competing explanations of a community: a ledger of findings in bits, and the probabilities.

Naive Bayes over groups of findings that are capped together (methods §2.7), with one asymmetric
rule: a campaign may only lead when independent kinds of behaviour speak for it, because a false
accusation is the worst error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph_models.assessment.belonging import BELONGS_BITS
from graph_models.assessment.findings import strengths
from graph_models.assessment.profile import CommunityProfile, profiles
from graph_models.assessment.rules import MODEL, PRIOR, RULES
from graph_models.assessment.verdicts import CONFIDENCE, GATE, GROUP_CAP, INNOCENT
from graph_models.communities.draft import Draft
from graph_models.families import Family
from graph_models.inference import ASSESSMENTS, Assessment, Reason
from graph_models.linking.context import LinkContext
from graph_models.observations import Observations

__all__ = ["Entry", "Standing", "assess", "assess_communities", "ledger", "parameters"]

_CAMPAIGN = ASSESSMENTS.index("campaign")
_LEAST_BITS = 0.05  # findings that say less are not worth a line
_LEAD = 0.8
_NO_FAMILY = ("size", "chance", "label")  # of the community itself, whatever logs show


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
) -> dict[str, Assessment]:
    """Assess every draft community.

    Args:
        obs: The population.
        context: What linking knows of it (which inputs were lacking).
        drafts: The communities; each gets an assessment.
        members: As ``inference.MEMBER_COLUMNS``.
        links: As ``inference.LINK_COLUMNS``.

    Returns:
        Community id to assessment.
    """
    known = profiles(obs, members, links, rhythm=context.population.rhythm)
    lacking = tuple(name for name in context.lacking if name in CONFIDENCE.inputs)
    return {
        draft.community: assess(
            known[draft.community],
            Standing(
                chance_p=draft.chance_p,
                robust_to=draft.robust_to,
                lacking=lacking,
                without=context.without,
            ),
        )
        for draft in drafts
    }


def assess(profile: CommunityProfile, standing: Standing | None = None) -> Assessment:
    """Weigh the explanations of one community against each other.

    Args:
        profile: What its members have and do.
        standing: What community finding says of its firmness; firm when not given.

    Returns:
        Probabilities, confidence, reasons for and against the leading explanation (bits against
        the mean of the others) and a sentence for every innocent explanation.
    """
    firmness = standing or Standing()
    entries = ledger(profile, firmness)
    bits = _total(entries)
    probabilities = _softmax(bits)
    lead = int(np.argmax(probabilities))
    return Assessment(
        probabilities=dict(zip(ASSESSMENTS, probabilities.tolist(), strict=True)),
        confidence=_confidence(profile, entries, lead, firmness),
        reasons=_reasons(entries, lead),
        innocent_explanations=_innocent(entries, probabilities),
    )


def ledger(profile: CommunityProfile, standing: Standing | None = None) -> tuple[Entry, ...]:
    """All lines: findings of the rule table, caps of dependent groups, the gate of a campaign."""
    firmness = standing or Standing()
    chance = min(1.0, max(0.0, firmness.chance_p - 0.05) / 0.45)
    strong = {**strengths(profile), "as chance would": chance}
    silent = [r.name for r in RULES if r.family in firmness.without and r.group not in _NO_FAMILY]
    strong.update(dict.fromkeys(silent, math.nan))
    known = asdict(profile) | {"chance_p": firmness.chance_p}
    words = {name: 0.0 if value != value else value for name, value in known.items()}  # NaN
    entries = [
        Entry(
            rule.name,
            rule.group,
            rule.family,
            rule.says.format_map(words),
            weight * np.array(rule.bits),
        )
        for rule in RULES
        if (weight := strong[rule.name]) > 0  # False for NaN: an unknown finding says nothing
    ]
    entries += _caps(entries)
    return (*entries, *_gate(entries, strong))


def _caps(entries: Sequence[Entry]) -> list[Entry]:
    """Negative lines that bring groups of dependent findings back to what one group may say."""
    caps = []
    for group in dict.fromkeys(entry.group for entry in entries):
        whole = np.sum([entry.bits for entry in entries if entry.group == group], axis=0)
        over = np.clip(whole, -GROUP_CAP, GROUP_CAP) - whole
        # Size is one fact and a home has few members, whatever else is found.
        if group != "size" and np.abs(over).max() > _LEAST_BITS:
            text = f"Findings about {group} overlap and are not counted in full."
            caps.append(Entry(f"cap {group}", group, Family.PROFILE, text, over))
    return caps


def _gate(entries: Sequence[Entry], strong: Mapping[str, float]) -> list[Entry]:
    """Keep a campaign from leading unless what is done and who does it both speak for it."""

    def clear(*names: str) -> bool:
        # Findings of different families are independent: two half-clear ones are clear together.
        return 1 - math.prod(1 - _known(strong[name]) for name in names) >= GATE.strong

    means = clear("several shared cards", "several shared devices")
    work = clear("common work queue")
    focus = clear("narrow capability", "elicitation")
    # Lessons are in step and classmates do as much as each other: a hand of its own shows more.
    hand = clear("round the clock", "days alike")
    life = clear("replacements", "moved at once")
    timing, lifecycle = hand or clear("in step"), life or clear("volumes alike")
    if means and (work or (focus and (timing or lifecycle)) or (hand and lifecycle)):
        return []
    if work and hand and life:
        return []
    bits = _total(entries)
    lead = bits[_CAMPAIGN] - np.delete(bits, _CAMPAIGN).max()
    if lead <= 0:
        return []
    down = np.zeros(len(ASSESSMENTS))
    down[_CAMPAIGN] = -lead
    return [Entry("gate", "gate", Family.PROFILE, GATE.reason, down)]


def _known(strength: float) -> float:
    return 0.0 if math.isnan(strength) else strength


def _total(entries: Sequence[Entry]) -> NDArray[np.float64]:
    total = np.array(PRIOR) + np.sum(
        [np.zeros(len(PRIOR)), *(entry.bits for entry in entries)], axis=0
    )
    return np.asarray(total, dtype=np.float64)


def _softmax(bits: NDArray[np.float64]) -> NDArray[np.float64]:
    odds = np.exp2(bits - bits.max())
    probabilities: NDArray[np.float64] = odds / odds.sum()
    return probabilities


def _says(bits: NDArray[np.float64], lead: int) -> float:
    """Bits of one line for the lead against the mean of the other explanations; these add up."""
    return float(bits[lead] - np.delete(bits, lead).mean())


def _reasons(entries: Sequence[Entry], lead: int) -> tuple[Reason, ...]:
    rows = [(round(_says(entry.bits, lead), 3), entry) for entry in entries]
    rows.sort(key=lambda row: (-abs(row[0]), row[1].name))
    return tuple(
        Reason(entry.text, bits, entry.family.value)
        for bits, entry in rows
        if abs(bits) >= _LEAST_BITS
    )


def _confidence(
    profile: CommunityProfile, entries: Sequence[Entry], lead: int, standing: Standing
) -> str:
    """Quantity and independence of the evidence, apart from how probable the verdict is."""
    groups: dict[str, float] = {}
    for entry in entries:
        groups[entry.group] = groups.get(entry.group, 0.0) + _says(entry.bits, lead)
    speaking = sum(bits >= CONFIDENCE.speaking_bits for bits in groups.values())
    accused = lead == _CAMPAIGN
    unsure = (
        standing.chance_p > CONFIDENCE.campaign_chance or profile.size < CONFIDENCE.campaign_size
    )
    if speaking < CONFIDENCE.moderate_groups or (accused and unsure):
        return "low"
    firm = _holds(entries, lead) and bool(standing.robust_to) and not standing.lacking
    large = profile.size >= CONFIDENCE.high_size
    return "high" if firm and large and speaking >= CONFIDENCE.high_groups else "moderate"


def _holds(entries: Sequence[Entry], lead: int) -> bool:
    """Whether the lead keeps its place when any one group of findings is left out."""
    for group in {entry.group for entry in entries}:
        rest = _softmax(_total([entry for entry in entries if entry.group != group]))
        if rest[lead] < _LEAD:
            return False
    return True


def _innocent(entries: Sequence[Entry], probabilities: NDArray[np.float64]) -> tuple[str, ...]:
    """A sentence for every explanation but a campaign, most probable first."""
    order = sorted(range(len(ASSESSMENTS)), key=lambda i: (-probabilities[i], i))
    return tuple(_sentence(entries, i, float(probabilities[i])) for i in order if i != _CAMPAIGN)


def _sentence(entries: Sequence[Entry], which: int, probability: float) -> str:
    ranked = sorted(entries, key=lambda entry: (_says(entry.bits, which), entry.name))
    text = f"{INNOCENT[ASSESSMENTS[which]]} ({probability:.2f})."
    if ranked and ranked[-1].bits[which] > 0 and _says(ranked[-1].bits, which) >= 1:
        text += f" For it: {ranked[-1].text}"
    if ranked and _says(ranked[0].bits, which) <= -1:
        text += f" Against it: {ranked[0].text}"
    return text
