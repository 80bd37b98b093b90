"""Competing explanations on well-known groups, also with whole families of data missing."""

from __future__ import annotations

import math
from dataclasses import asdict, fields, replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_models.assessment import CommunityProfile, assess
from graph_models.assessment.assess import Standing, ledger
from graph_models.assessment.findings import strengths
from graph_models.assessment.rules import PRIOR, RULES
from graph_models.inference import ASSESSMENTS
from tests.unit.graph_models_assessment.archetypes import (
    CAMPAIGN,
    INNOCENT,
    NAN,
    RESELLER,
    unknown,
)

FAMILY_FIELDS = {
    "instrument": ("card_",),
    "device": ("device_",),
    "network": ("ip_",),
    "timing": ("quiet_", "burst", "weekend", "day_", "hours_", "step"),
    "prompts": ("frame_", "repeats", "capability_", "elicited", "work_", "text_"),
    "lifecycle": ("births", "closed", "respawn", "moved", "volume_"),
    "profile": ("organisation_", "domain_", "education", "country_"),
}


def without(profile: CommunityProfile, *families: str) -> CommunityProfile:
    """The profile as it is when no source feeds these families."""
    starts = tuple(start for family in families for start in FAMILY_FIELDS[family])
    named = [f.name for f in fields(profile) if f.name.startswith(starts) and f.type != "str"]
    lost = dict.fromkeys(named, NAN)
    zero = {n: 0.0 for n in lost if n.endswith("_known")}
    return replace(profile, **(lost | zero))


def test_a_campaign_is_assessed_as_one() -> None:
    assessment = assess(CAMPAIGN)
    assert assessment.assessed_as == "campaign"
    assert assessment.confidence in ("moderate", "high")


@pytest.mark.parametrize("name", INNOCENT)
def test_an_innocent_group_is_never_a_campaign(name: str) -> None:
    assessment = assess(INNOCENT[name])
    assert assessment.probabilities["campaign"] < 0.2
    assert assessment.assessed_as != "campaign"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("strangers behind a NAT", "shared_network"),
        ("reseller's customers", "reseller"),
        ("office", "organisation"),
        ("agency", "organisation"),
        ("automation", "organisation"),
        ("household", "household"),
        ("class", "event"),
        ("hackathon", "event"),
    ],
)
def test_an_innocent_group_gets_its_own_name(name: str, expected: str) -> None:
    probabilities = assess(INNOCENT[name]).probabilities
    assert max(probabilities, key=lambda key: probabilities[key]) == expected


@pytest.mark.parametrize("lost", FAMILY_FIELDS)
@pytest.mark.parametrize("name", INNOCENT)
def test_no_innocent_group_becomes_a_campaign_when_a_family_is_lost(name: str, lost: str) -> None:
    assert assess(without(INNOCENT[name], lost)).assessed_as != "campaign"


@pytest.mark.parametrize("lost", list(FAMILY_FIELDS))
def test_a_campaign_survives_the_loss_of_a_family(lost: str) -> None:
    assert assess(without(CAMPAIGN, lost)).assessed_as == "campaign"


@pytest.mark.parametrize("lost", list(combinations(FAMILY_FIELDS, 2)), ids="+".join)
def test_no_innocent_group_becomes_a_campaign_when_two_families_are_lost(
    lost: tuple[str, str],
) -> None:
    said = {name: assess(without(profile, *lost)).assessed_as for name, profile in INNOCENT.items()}
    assert "campaign" not in said.values()


def test_two_half_clear_families_of_infrastructure_are_clear_together() -> None:
    stealthy = replace(
        CAMPAIGN, card_cover=0.36, device_cover=0.36, day_shape=1, hours_differ=0.8,
        hours_rarity=0.3, step=1.2, respawn=NAN, moved=0.1, moved_members=0.1, volume_differ=0.8,
    )  # fmt: skip
    assert assess(stealthy).assessed_as == "campaign"
    assert assess(replace(stealthy, card_cover=0.05)).assessed_as != "campaign"


@given(st.lists(st.one_of(st.just(NAN), st.floats(-5, 300)), min_size=60, max_size=60))
def test_any_numbers_make_an_assessment(values: list[float]) -> None:
    names = [field.name for field in fields(CommunityProfile) if field.type != "str"]
    numbers = dict.fromkeys(names, NAN) | dict(zip(names, values, strict=False))
    assessment = assess(unknown(**numbers))
    assert sum(assessment.probabilities.values()) == pytest.approx(1)
    assert not any("nan" in reason.text for reason in assessment.reasons)


def test_without_prompts_a_campaign_is_told_from_a_reseller_by_its_one_hand() -> None:
    blind = without(CAMPAIGN, "prompts")
    assert assess(blind).assessed_as == "campaign"
    assert assess(without(RESELLER, "prompts")).assessed_as == "reseller"
    crowd = replace(blind, day_shape=0.8, hours_differ=0.9, hours_rarity=0.4, step=1.1)
    assert assess(crowd).assessed_as != "campaign"


def test_the_move_to_a_model_is_named_with_date_and_shares() -> None:
    texts = [reason.text for reason in assess(CAMPAIGN).reasons]
    assert (
        "Within 24 hours of northlight-3 (released 2026-01-27) 60% of the community's traffic "
        "moved to it, 15% of everybody else's."
    ) in texts
    others = [reason.text for reason in assess(RESELLER).reasons]
    assert not any("moved" in text for text in others)


def test_prompts_alone_never_accuse() -> None:
    lost = ("instrument", "device", "network", "timing", "lifecycle", "profile")
    assessment = assess(without(CAMPAIGN, *lost))
    assert assessment.assessed_as != "campaign"
    assert assessment.probabilities["campaign"] <= 0.5


@pytest.mark.parametrize("size", [2, 3])
def test_two_or_three_accounts_are_no_campaign(size: int) -> None:
    assert assess(replace(CAMPAIGN, size=size)).assessed_as != "campaign"


def test_what_chance_makes_is_no_campaign() -> None:
    assert assess(CAMPAIGN, Standing(chance_p=0.6)).assessed_as != "campaign"
    assert assess(CAMPAIGN, Standing(chance_p=1e-5)).assessed_as == "campaign"


def test_cleared_members_cap_guilt_and_stand_against_it() -> None:
    assessment = assess(replace(CAMPAIGN, cleared=0.5))
    assert assessment.probabilities["campaign"] < assess(CAMPAIGN).probabilities["campaign"]
    assert any("cleared" in reason.text and reason.bits < 0 for reason in assessment.reasons)


def test_confirmed_labels_say_nothing() -> None:
    assert assess(replace(CAMPAIGN, confirmed=1)) == assess(CAMPAIGN)


def test_knowing_nothing_decides_nothing() -> None:
    assessment = assess(unknown(size=8))
    assert assessment.assessed_as == "undecided"
    assert assessment.confidence == "low"


def test_the_bits_of_the_ledger_make_the_odds() -> None:
    entries, assessment = ledger(CAMPAIGN), assess(CAMPAIGN)
    totals = [PRIOR[i] + sum(float(entry.bits[i]) for entry in entries) for i in range(7)]
    p = assessment.probabilities
    odds = math.log2(p["campaign"] / p["reseller"])
    assert odds == pytest.approx(totals[0] - totals[1])


def test_reasons_add_up_to_the_lead_over_the_mean_of_the_others() -> None:
    entries = ledger(CAMPAIGN)
    lead = ASSESSMENTS.index("campaign")
    whole = sum(
        float(entry.bits[lead]) - sum(b for i, b in enumerate(entry.bits) if i != lead) / 6
        for entry in entries
    )
    # Lines under a twentieth of a bit are not shown.
    assert sum(r.bits for r in assess(CAMPAIGN).reasons) == pytest.approx(whole, abs=0.3)


@pytest.mark.parametrize("name", [*INNOCENT, "campaign"])
def test_every_innocent_explanation_is_considered(name: str) -> None:
    profile = CAMPAIGN if name == "campaign" else INNOCENT[name]
    sentences = assess(profile).innocent_explanations
    assert len(sentences) == len(ASSESSMENTS) - 1
    assert all(text.rstrip().endswith(".") for text in sentences)
    assert not any("nan" in text for text in sentences)


def test_every_rule_has_a_finding_and_every_finding_a_rule() -> None:
    assert {*strengths(CAMPAIGN), "as chance would"} == {rule.name for rule in RULES}


def test_strengths_are_shares_or_unknown() -> None:
    for profile in (CAMPAIGN, *INNOCENT.values(), unknown(size=5)):
        assert all(math.isnan(v) or 0 <= v <= 1 for v in strengths(profile).values())


def test_sentences_name_only_fields_of_the_profile() -> None:
    words = asdict(CAMPAIGN) | {"chance_p": 0.0, "respawn": 0.0}
    for rule in RULES:
        assert rule.says.format_map(words).endswith(".")
        assert rule.because.endswith(".")
