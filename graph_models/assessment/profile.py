"""The pooled behaviour of a community against the population: numbers only, NaN where unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["CommunityProfile", "Numbers", "Profiles"]

Numbers = Any  # one number, or an array of them, one a community


@dataclass(frozen=True, kw_only=True)
class CommunityProfile:
    """What the core and probable members of one community have and do. Shares are 0..1.

    For card, device and ip: ``known`` share of members with any; of those, ``cover`` the share on a
    value that members share and strangers mostly do not, ``top`` the share on the commonest value;
    ``groups`` how many such values there are.
    """

    size: float
    card_known: float
    card_cover: float
    card_top: float
    card_groups: float
    device_known: float
    device_cover: float
    device_top: float
    device_groups: float
    ip_known: float
    ip_cover: float
    ip_top: float
    ip_groups: float
    density: float  # links per pair of members
    bits_instrument: float  # share of the bits of internal links, by family
    bits_device: float
    bits_network: float
    bits_timing: float
    bits_prompts: float
    bits_lifecycle: float
    bits_profile: float
    frame_known: float  # share of members with any prompt cluster
    frame_share: float  # share of the traffic in frames that are the community's own
    frame_cover: float  # share of members who use any of them
    frame_count: float
    frame_days: float  # mean days from first to last use of such a frame
    frame_reach: float  # mean share of members by frame
    frame_depth: float  # exchanges by member and frame
    repeats: float  # share of distinct prompts that another member sent word for word
    repeats_random: float  # the same of a random pool of accounts
    capability_known: float
    capability_kl: float  # bits between the members' mix and everybody else's
    capability_random: float  # what random pools of this size stay below
    capability_top: float
    elicited: float
    elicited_random: float
    elicited_lift: float  # bits above everybody else's rate
    quiet_own: float  # share of active hours in the quietest eight of the day, by account
    quiet_pooled: float
    weekend: float
    day_shape: float  # how pronounced members' days are: 0 flat, 1 like an ordinary account's
    hours_differ: float  # variance between members as a share of everybody's: hours of the day
    hours_rarity: float  # share of random pools that are as alike
    volume_differ: float  # the same of exchanges an active day
    volume_rarity: float
    work_differ: float  # the same of the capability mix
    work_rarity: float
    step: float  # coincidences in ten minutes over what habits explain
    burst: float  # share of exchanges in the densest week
    life_days: float
    window_days: float  # days that the logs cover
    volume_spread: float  # standard deviation of log2 exchanges
    births: float  # bits by which the densest week of births exceeds everybody's
    births_random: float  # what random pools of this size stay below
    closed: float
    respawn: float  # bits: pace of births within 3 days after closures against other times
    moved: float  # share of traffic moved to a model within a day
    moved_others: float  # the same of everybody else
    moved_members: float  # mean of the members' own
    moved_to: str  # that model and the date, in words
    organisation_known: float
    organisation_cover: float  # share of members who name the organisation of another member
    organisation_groups: float  # how many such organisations
    card_by_organisation: float  # of members with a card: share on the main card of their firm
    domain_known: float
    domain_top: float  # share of members at the commonest domain that is no mail provider
    education: float
    country_top: float
    cleared: float
    confirmed: float


@dataclass(frozen=True, eq=False)
class Profiles:
    """The profiles of many communities: each field of ``CommunityProfile`` as one array.

    ``names`` are community ids in order; ``table`` has one row for each.
    """

    names: tuple[str, ...]
    table: pd.DataFrame

    @classmethod
    def one(cls, profile: CommunityProfile) -> Profiles:
        """The table of one profile."""
        return cls(("",), pd.DataFrame([vars(profile)]))

    def __len__(self) -> int:
        return len(self.names)

    def __getattr__(self, name: str) -> Numbers:
        if name.startswith("_") or name not in self.table:
            raise AttributeError(name)
        return self.table[name].to_numpy()

    def part(self, rows: slice) -> Profiles:
        """Some of the communities."""
        return Profiles(self.names[rows], self.table.iloc[rows])
