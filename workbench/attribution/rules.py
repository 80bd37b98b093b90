"""The numbers of attribution, in one place, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "COSTLY_KINDS", "CREDIBILITY", "EVIDENCE", "GUARD", "METHODS", "PRIOR", "RELIABILITY",
    "EvidenceRule", "GuardRule", "PriorRule",
]  # fmt: skip

RELIABILITY: MappingProxyType[str, float] = MappingProxyType(
    {"A": 0.95, "B": 0.85, "C": 0.65, "D": 0.4, "E": 0.15, "F": 0.4}
)
"""Trust in a source by Admiralty letter; F means unknown and counts like D, not as a lie."""

CREDIBILITY: MappingProxyType[str, float] = MappingProxyType(
    {"1": 0.95, "2": 0.85, "3": 0.65, "4": 0.4, "5": 0.15, "6": 0.5}
)
"""Trust in a statement by Admiralty number; 6 means cannot be judged."""

METHODS: MappingProxyType[str, str] = MappingProxyType({
    "payment_method": "shared payment method (processor's fingerprint)",
    "ip": "traffic from a known address",
    "ip_prefix": "traffic from a known network",
    "asn": "traffic from a known autonomous system",
    "device": "shared device fingerprint (collector)",
    "api_key": "use of a known key",
    "email_domain": "mailbox at a known domain (as typed in)",
})  # fmt: skip
"""How a match is known, by kind of indicator."""

COSTLY_KINDS: frozenset[str] = frozenset({"payment_method", "ip", "ip_prefix", "api_key"})
"""To use these one must hold the card, sit behind the address or own the key. Fingerprints, user
agents, domains and prompts can be imitated by anybody who has read a report about the operator."""


@dataclass(frozen=True, kw_only=True)
class PriorRule:
    """Before evidence: how the probability is spread in one layer."""

    named: float
    unknown: float
    reseller_only: float
    benign: float
    reason: str


PRIOR = PriorRule(
    named=0.1,
    unknown=0.5,
    reseller_only=0.2,
    benign=0.2,
    reason="Named operators share a tenth between them, however many are named: knowing a name "
    "is no evidence for it, and most operators are not on anybody's list.",
)


@dataclass(frozen=True, kw_only=True)
class EvidenceRule:
    """What a match, an absence and the assessment say."""

    hit: float
    cap_bits: float
    rest: float
    full_coverage: float
    least_support: float
    absent: float
    floor: float
    speaking: float
    reason: str


EVIDENCE = EvidenceRule(
    hit=0.6,
    cap_bits=7.0,
    rest=0.2,
    full_coverage=0.2,
    least_support=0.25,
    absent=0.7,
    floor=0.02,
    speaking=2.0,
    reason="Known infrastructure shows up in six of ten of an operator's campaigns. Matches of one "
    "family (address, prefix, ASN) are one fact seen several times: the strongest counts, a fifth "
    "of the rest, at most seven bits. A match on one member of hundreds may be planted or stray.",
)


@dataclass(frozen=True, kw_only=True)
class GuardRule:
    """The most that a named operator may reach, by independent costly families for it."""

    ceilings: tuple[float, ...]
    beneficiary_without_work: float
    reason: str


GUARD = GuardRule(
    ceilings=(0.495, 0.799, 0.949),
    beneficiary_without_work=0.449,
    reason="False flags are made of what is cheap: without a costly item even chance at most and "
    "behind unknown, one for likely, two independent ones for very likely; what is taken away goes "
    "to unknown.",
)
