"""The numbers of linking, all in one place, each with its reason. Change a number: change MODEL."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from graph_models.families import Family
from graph_models.kind import LinkPolicy

__all__ = [
    "CANDIDATES", "DERIVED_POLICIES", "FAMILY_RULES", "FELLOWS", "FOREIGN_RULE", "MODEL", "PRIOR",
    "TIMING", "CandidateRule", "FamilyRule", "FellowRule", "PriorRule", "TimingRule",
]  # fmt: skip

MODEL = "links-2"


@dataclass(frozen=True, kw_only=True)
class PriorRule:
    """How many accounts of the same controller a random account is expected to have."""

    partners: float
    smallest_share: float
    reason: str


PRIOR = PriorRule(
    partners=32.0,
    smallest_share=50.0,
    reason="Reported campaigns hold thousands of accounts among millions and hundreds among tens "
    "of thousands: a random account has tens of partners at most, one in fifty in a small table.",
)


@dataclass(frozen=True, kw_only=True)
class FellowRule:
    """From which pairs it is learned how alike accounts of one controller are."""

    kinds: tuple[str, ...]
    most_accounts: int
    prior_kept: float
    prior_accounts: float
    prior_pairs: float
    most_pairs: int
    most_reuse: float
    reason: str


FELLOWS = FellowRule(
    kinds=("payment_method", "device"),
    most_accounts=8,
    prior_kept=0.3,
    prior_accounts=30.0,
    prior_pairs=20.0,
    most_pairs=20_000,
    most_reuse=0.9,
    reason="A card or a machine on few accounts mostly has one owner, whatever he is up to; where "
    "too few such pairs are of a type to say, a third keep to it, as members of households do. In "
    "a population read in part 20,000 pairs tell a rate of one in a hundred to a fourteenth.",
)


@dataclass(frozen=True, kw_only=True)
class CandidateRule:
    """Which pairs are scored at all.

    Up to ``plain`` accounts a pair needs ``floor_bits`` of shared identifiers and every account may
    have any number of partners; beyond, see ``floors`` and ``most_partners``.
    """

    floor_bits: float
    pair_budget: int
    pairs_per_account: int
    most_pairs: int
    plain: int
    partners: int
    reason: str

    def floors(self, accounts: int) -> tuple[float, float]:
        """Bits of shared identifiers that a pair needs in a population of that many accounts.

        The first by data sheet, before anything is learned; the second as they are scored, which
        is asked of large populations only.
        """
        if accounts <= self.plain:
            return self.floor_bits, 0.0
        return 0.0, self.floor_bits + math.log2(accounts / self.plain)

    def budget(self, accounts: int) -> int:
        """How many pairs may be met, counted once for every value that they share."""
        return max(self.pair_budget, min(self.pairs_per_account * accounts, self.most_pairs))

    def most_partners(self, accounts: int) -> int:
        """How many partners of an account are scored in any case."""
        return self.partners if accounts > self.plain else accounts


CANDIDATES = CandidateRule(
    floor_bits=3.0,
    pair_budget=8_000_000,
    pairs_per_account=2_000,
    most_pairs=40_000_000,
    plain=50_000,
    partners=256,
    reason="Soft signals alone never link: a pair needs three bits of shared identifiers first, "
    "and one more for each doubling beyond 50,000 accounts, as strangers double and soft signals "
    "tell no more. Values are walked from rare to common until the budget of pairs is spent. Of a "
    "block of a thousand accounts that all share something, the 256 closest of each place him.",
)


@dataclass(frozen=True, kw_only=True)
class FamilyRule:
    """How signals of one family add up: the strongest in full, of the rest a part, up to a cap."""

    rest: float
    cap_bits: float
    reason: str


FAMILY_RULES: MappingProxyType[Family, FamilyRule] = MappingProxyType({
    Family.INSTRUMENT: FamilyRule(
        rest=0.5, cap_bits=16.0,
        reason="A second shared card is a second purchase, yet a wallet is often shared whole.",
    ),
    Family.DEVICE: FamilyRule(
        rest=0.3, cap_bits=14.0,
        reason="Fingerprint, TLS and user agent describe one machine and move together.",
    ),
    Family.NETWORK: FamilyRule(
        rest=0.3, cap_bits=11.0,
        reason="Address, prefix and ASN are one place seen three times, and proxies are shared.",
    ),
    Family.TIMING: FamilyRule(
        rest=0.5, cap_bits=8.0,
        reason="Schedulers and working hours synchronise strangers, so timing alone never links.",
    ),
    Family.PROMPTS: FamilyRule(
        rest=0.35, cap_bits=10.0,
        reason="Frames of one work queue come together; the second says less than the first.",
    ),
    Family.LIFECYCLE: FamilyRule(
        rest=0.5, cap_bits=4.0,
        reason="Promotions, courses and ban waves make strangers begin and end together.",
    ),
    Family.PROFILE: FamilyRule(
        rest=0.5, cap_bits=6.0,
        reason="Profile fields are typed in by the account itself.",
    ),
})  # fmt: skip

# Foreign types are reported under profile, yet they may be all that a table has.
FOREIGN_RULE = FamilyRule(
    rest=1.0, cap_bits=60.0,
    reason="Values of one type are weighed together against a null that keeps all degrees, and "
    "types that repeat each other are told apart by the table itself.",
)  # fmt: skip

# Coarser views of a kind: name → (kind, column of the identifiers table, policy).
DERIVED_POLICIES: MappingProxyType[str, tuple[str, str, LinkPolicy]] = MappingProxyType({
    "ip_prefix": ("ip", "prefix", LinkPolicy(
        reuse=0.5, hub_degree=48, cap_bits=4.0,
        reason="Proxies are bought by the block, and so are offices and home lines.",
    )),
    "ip_asn": ("ip", "asn", LinkPolicy(
        reuse=0.6, hub_degree=24, cap_bits=1.0,
        reason="A network with few accounts is a small sign; most are carriers and clouds.",
    )),
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TimingRule:
    """What the timing family reads."""

    bucket_minutes: int
    min_exchanges: int
    exchange_budget: int
    move_days: float
    reason: str


TIMING = TimingRule(
    bucket_minutes=10,
    min_exchanges=8,
    exchange_budget=6_000_000,
    move_days=2.0,
    reason="Ten minutes is finer than working hours and coarser than clock skew and retries; a "
    "campaign of the public reports moved half its traffic to a new model within a day, and two "
    "days show a whole one of it for every hour of release.",
)
