"""From the numbers of profiles to findings: how clearly each rule of the table applies, 0..1.

Everything works on one profile and on the columns of many at once alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graph_models.assessment.profile import CommunityProfile, Numbers, Profiles
from graph_models.assessment.verdicts import CONFIDENCE, GATE

__all__ = ["may_lead", "strengths"]

_UNCHECKED = 0.75  # of a queue: without a look at its texts it cannot be told from copies


def strengths(profile: CommunityProfile | Profiles) -> Mapping[str, Numbers]:
    """How clearly each finding holds, by the name of its rule; NaN where its input is lacking."""
    return {
        **_size(profile),
        **_infrastructure(profile),
        **_work(profile),
        **_focus(profile),
        **_rhythm(profile),
        **_lifecycle(profile),
        **_profile(profile),
    }


def may_lead(profile: CommunityProfile | Profiles) -> Numbers:
    """Whether a campaign could lead, whatever hours and texts said: True where they must be read.

    ``verdicts.GATE`` lets a campaign lead only where cards or devices are rotated or a common work
    is done, and ``verdicts.CONFIDENCE`` calls nothing smaller a campaign.
    """
    held, work = _infrastructure(profile), _work(profile)
    doubt = (1 - _known(held["several shared cards"])) * (
        1 - _known(held["several shared devices"])
    )
    means = 1 - doubt >= GATE.strong
    return (profile.size >= CONFIDENCE.campaign_size) & (
        means | (_known(work["common work queue"]) >= GATE.strong)
    )


def _up(value: Numbers, low: float, high: float) -> Numbers:
    """0 below ``low``, 1 above ``high``, straight between; NaN stays NaN."""
    return np.clip((value - low) / (high - low), 0.0, 1.0)


def _down(value: Numbers, low: float, high: float) -> Numbers:
    return 1.0 - _up(value, low, high)


def _size(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    return {"few members": _down(p.size, 3, 9), "more than a home": _up(p.size, 5, 9)}


def _infrastructure(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    cards, devices = _up(p.card_known, 0.15, 0.5), _up(p.device_known, 0.15, 0.5)
    # Two firms with a card each are two payers in the open, not one who hides.
    named = p.card_by_organisation
    payer = np.where(named > p.card_top, named, p.card_top)
    hidden = p.card_groups - np.fmax(0.0, p.organisation_groups - 1)
    rotated = _up(hidden, 1, 3.5) * _up(p.card_cover, 0.2, 0.6) * _down(payer, 0.5, 0.8)
    return {
        "several shared cards": cards * rotated,
        "one card for all": cards * _up(payer, 0.5, 0.85),
        "own cards": cards * _down(p.card_cover, 0.05, 0.3),
        "several shared devices": devices
        * _up(p.device_groups, 1, 3.5)
        * _up(p.device_cover, 0.2, 0.6)
        * _down(p.device_top, 0.5, 0.8),
        "own devices": devices * _down(p.device_cover, 0.05, 0.3),
        "one connection": _up(p.ip_top, 0.7, 0.95) * _up(p.ip_cover, 0.7, 0.95),
        "network alone": _up(p.bits_network, 0.75, 0.92),
    }


def _work(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    fresh = np.where(np.isnan(p.repeats), _UNCHECKED, _down(p.repeats, 0.25, 0.6))
    common = _up(p.frame_share, 0.12, 0.4) * _up(p.frame_cover, 0.45, 0.75)
    long, short = (_known(f(p.frame_days, 5, 12)) for f in (_up, _down))
    return {
        "common work queue": common * long * fresh,
        "same texts again": _up(p.repeats, 0.3, 0.7),
        "frames of a few days": common * short,
        "no common work": _up(p.frame_known, 0.2, 0.5) * _down(p.frame_share, 0.02, 0.12),
    }


def _known(value: Numbers) -> Numbers:
    """A factor that only matters where frames exist: their absence is its own finding."""
    return np.where(np.isnan(value), 0.0, value)


def _focus(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    known = _up(p.capability_known, 0.2, 0.5)
    # Above what random pools of this size reach: small ones stray far by chance.
    beyond = p.capability_kl - _known(p.capability_random)
    asked = _up(p.elicited_lift, 1, 3) * _up(p.elicited - _known(p.elicited_random), 0.0, 0.06)
    return {
        "narrow capability": known * _up(beyond, 0.15, 0.75),
        "ordinary capability mix": known * _down(beyond, -0.05, 0.15),
        "work alike": known * _alike(p.work_differ, p.work_rarity),
        "elicitation": asked,
    }


def _alike(differ: Numbers, rarity: Numbers) -> Numbers:
    """Members differ by little of what strangers differ by, and random pools hardly ever so."""
    return _down(differ, 0.15, 0.5) * _down(rarity, 0.01, 0.1)


def _rhythm(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    flat = _up(p.quiet_own, 0.09, 0.2)
    return {
        # Against what an ordinary account's day is like, where enough members show theirs.
        "round the clock": np.where(np.isnan(p.day_shape), flat, _down(p.day_shape, 0.15, 0.5)),
        "somebody sleeps": _down(p.quiet_own, 0.03, 0.09),
        "days alike": _alike(p.hours_differ, p.hours_rarity),
        "days of their own": _up(p.hours_differ, 0.5, 0.85),
        "in step": _up(p.step, 1.5, 2.5),
        "independent times": _down(p.step, 1.15, 1.5),
        # In a window of days everything is a burst.
        "burst": _up(p.burst, 0.6, 0.9) * _up(p.window_days, 14, 28),
    }


def _lifecycle(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    own = p.moved_members
    ahead = np.where(own < p.moved, own, p.moved) - p.moved_others
    return {
        "replacements": _up(p.respawn, 1, 2.5),
        "many closures": _up(p.closed, 0.1, 0.3),
        # Few members always have a dense week: only what random pools do not reach counts.
        "births together": _up(p.births - _known(p.births_random), 0.2, 1.5),
        "moved at once": _up(ahead, 0.1, 0.35),
        "volumes alike": _alike(p.volume_differ, p.volume_rarity),
        "volumes of their own": _up(p.volume_differ, 0.4, 0.8),
    }


def _profile(p: CommunityProfile | Profiles) -> dict[str, Numbers]:
    return {
        "one organisation": _up(p.organisation_cover, 0.35, 0.7)
        * _down(p.organisation_groups, 3, 8),
        "no organisation": _down(p.organisation_cover, 0.1, 0.35),
        "one own domain": _up(p.domain_top, 0.35, 0.7),
        "no own domain": _up(p.domain_known, 0.2, 0.5) * _down(p.domain_top, 0.1, 0.35),
        "education": _up(p.education, 0.4, 0.8),
        "cleared": _up(p.cleared, 0.0, 0.3),
    }
