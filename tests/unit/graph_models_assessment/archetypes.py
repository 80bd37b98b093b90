"""Profiles of well-known groups, as numbers: what every rule of the table is tried on."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from graph_models.assessment import CommunityProfile

NAN = float("nan")
UNKNOWN: dict[str, Any] = {
    field.name: "" if field.type == "str" else NAN for field in fields(CommunityProfile)
}


def unknown(**known: Any) -> CommunityProfile:
    """Nothing is known but what is given."""
    return CommunityProfile(**(UNKNOWN | known))


STRANGERS = unknown(
    size=40, card_known=0.7, card_cover=0.0, card_top=0.04, card_groups=0,
    device_known=0.9, device_cover=0.02, device_top=0.05, device_groups=0,
    ip_known=1, ip_cover=0.9, ip_top=0.6, ip_groups=3, density=0.3,
    bits_instrument=0.0, bits_device=0.02, bits_network=0.95, bits_timing=0.02, bits_prompts=0.0,
    bits_lifecycle=0.01, bits_profile=0.0,
    frame_known=0.8, frame_share=0.01, frame_cover=0.1, frame_count=1, frame_days=5, repeats=0.02,
    repeats_random=0.02,
    capability_known=1, capability_kl=0.05, capability_random=0.15, capability_top=0.3,
    elicited=0.01, elicited_random=0.03, elicited_lift=0.0,
    quiet_own=0.02, quiet_pooled=0.05, weekend=0.15, day_shape=1.0, hours_differ=1.0,
    hours_rarity=0.5, volume_differ=0.9, volume_rarity=0.4, work_differ=0.8, work_rarity=0.3,
    step=1.05, burst=0.25, life_days=45, window_days=45,
    volume_spread=1.6, births=0.5, births_random=1.5, closed=0.03, respawn=NAN, moved=0.1,
    moved_others=0.15,
    moved_members=0.1, moved_to="northlight-3 (released 2026-01-27)",
    organisation_known=0.1, organisation_cover=0.0, organisation_groups=0,
    card_by_organisation=0.0, domain_known=0.9, domain_top=0.03,
    education=0.1, country_top=0.5, cleared=0, confirmed=0,
)  # fmt: skip
CAMPAIGN = replace(
    STRANGERS, size=60, card_cover=0.9, card_top=0.15, card_groups=9, device_cover=0.9,
    device_top=0.15, device_groups=12, bits_instrument=0.3, bits_device=0.2, bits_network=0.1,
    bits_timing=0.1, bits_prompts=0.3, frame_share=0.8, frame_cover=1, frame_count=18,
    frame_days=30, repeats=0.02, capability_kl=1.5, capability_top=0.6, elicited=0.3,
    elicited_lift=3.5, quiet_own=0.22, day_shape=0.02, hours_differ=0.02, hours_rarity=0.005,
    volume_differ=0.03, volume_rarity=0.005, work_differ=0.05, work_rarity=0.005, step=4.0,
    volume_spread=0.6, births=3, closed=0.2, respawn=2.5, moved=0.6, moved_members=0.6,
)  # fmt: skip
RESELLER = replace(
    STRANGERS, size=60, card_cover=0.95, card_top=0.12, card_groups=10, device_cover=0.95,
    device_top=0.15, device_groups=8, bits_instrument=0.5, bits_device=0.3, bits_network=0.15,
)  # fmt: skip
OFFICE = replace(
    STRANGERS, size=40, card_cover=1, card_top=1, card_groups=1, bits_instrument=0.5,
    bits_network=0.3, bits_profile=0.2, organisation_known=1, organisation_cover=1,
    organisation_groups=1, card_by_organisation=1, domain_top=1, births=2.5,
)  # fmt: skip
AGENCY = replace(
    OFFICE, size=20, frame_share=0.55, frame_cover=1, frame_count=8, frame_days=40,
    capability_kl=1.2, bits_prompts=0.2, work_differ=0.05, work_rarity=0.005,
)  # fmt: skip
AUTOMATION = replace(
    OFFICE, size=30, device_cover=1, device_top=0.5, device_groups=2, frame_share=0.9,
    frame_cover=1, frame_count=9, frame_days=43, repeats=0.5, capability_kl=1.5, quiet_own=0.22,
    day_shape=0.0, hours_differ=0.0, hours_rarity=0.005, volume_differ=0.3, volume_rarity=0.02,
    work_differ=0.0, work_rarity=0.005, volume_spread=0.6,
)  # fmt: skip
HOUSEHOLD = replace(
    STRANGERS, size=3, card_cover=1, card_top=1, card_groups=1, device_cover=0.67,
    device_top=0.67, device_groups=1, bits_instrument=0.5, bits_network=0.4, density=1,
)  # fmt: skip
CLASS = replace(
    STRANGERS, size=60, card_known=0.1, card_cover=0, frame_share=0.6, frame_cover=1,
    frame_count=6, frame_days=12, repeats=0.7, capability_kl=0.8, burst=0.55, births=3,
    hours_differ=0.5, hours_rarity=0.02, volume_differ=0.3, volume_rarity=0.05, work_differ=0.4,
    work_rarity=0.1, step=1.8, education=1, domain_top=1, bits_network=0.5, bits_prompts=0.4,
)  # fmt: skip
HACKATHON = replace(
    CLASS, size=80, frame_days=3, burst=0.9, education=0, domain_top=0.02, repeats=0.7,
    step=2.5, volume_differ=0.15, volume_rarity=0.01,
)  # fmt: skip
BENCHMARK = replace(
    AUTOMATION, size=20, repeats=0.95, elicited=0.4, elicited_lift=4, step=3.0,
    volume_differ=0.05, volume_rarity=0.005, frame_days=30,
)  # fmt: skip
TRANSLATORS = replace(
    STRANGERS, size=30, frame_share=0.7, frame_cover=0.95, frame_count=7, frame_days=40,
    repeats=0.05, capability_kl=1.4, work_differ=0.05, work_rarity=0.005, bits_prompts=0.9,
    bits_network=0.05,
)  # fmt: skip
BROKER = replace(
    RESELLER, quiet_own=0.15, day_shape=0.3, hours_differ=0.45, hours_rarity=0.02,
    volume_differ=0.2, volume_rarity=0.02, closed=0.2, respawn=2.0,
)  # fmt: skip
TUTORIAL = replace(
    STRANGERS, size=50, frame_share=0.4, frame_cover=1, frame_count=7, frame_days=30, repeats=0.6,
    capability_kl=0.8, bits_network=0.1, bits_prompts=0.8,
)  # fmt: skip

INNOCENT: dict[str, CommunityProfile] = {
    "strangers behind a NAT": STRANGERS,
    "reseller's customers": RESELLER,
    "office": OFFICE,
    "agency": AGENCY,
    "automation": AUTOMATION,
    "household": HOUSEHOLD,
    "class": CLASS,
    "hackathon": HACKATHON,
    "tutorial": TUTORIAL,
    "benchmark runners": BENCHMARK,
    "translators": TRANSLATORS,
    "reseller with programs among its customers": BROKER,
}
