"""When a verdict may be given and how sure it is; the words of the innocent explanations."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["CONFIDENCE", "GATE", "GROUP_CAP", "INNOCENT", "ConfidenceRule", "GateRule"]

GROUP_CAP = 6.0
"""The most that one group of findings may say for or against an explanation, in bits."""


@dataclass(frozen=True, kw_only=True)
class GateRule:
    """What a campaign needs before it may lead: what is done and who does it, independently."""

    strong: float
    reason: str


GATE = GateRule(
    strong=0.5,
    reason="Not enough independent behaviour for a campaign: shared cards or devices need common "
    "work, or hours and a lifecycle that one hand would leave; without shared means all three are "
    "needed.",
)


@dataclass(frozen=True, kw_only=True)
class ConfidenceRule:
    """How much, and how independent, the evidence is."""

    speaking_bits: float
    high_groups: int
    moderate_groups: int
    high_size: int
    campaign_size: int
    campaign_chance: float
    inputs: tuple[str, ...]
    reason: str


CONFIDENCE = ConfidenceRule(
    speaking_bits=0.75,
    high_groups=4,
    moderate_groups=2,
    high_size=10,
    campaign_size=5,
    campaign_chance=0.05,
    inputs=(
        "account.created_at",
        "exchange.device_fingerprint",
        "exchange.ip",
        "exchange.prompt",
        "payment.payment_fingerprint",
    ),
    reason="Two independent groups of findings are the least for a moderate confidence, four and a "
    "verdict that no group carries alone, with none of the inputs lacking, for a high one.",
)

INNOCENT: MappingProxyType[str, str] = MappingProxyType({
    "reseller": "A reseller whose customers are ordinary: shared cards and gateways, work of "
    "everybody's own",
    "organisation": "One organisation with many accounts, such as an office, an agency or an "
    "automated service",
    "household": "One household that shares a card, a connection or a machine",
    "shared_network": "Strangers behind one network, such as a campus, a carrier NAT or a VPN exit",
    "event": "An event, such as a class, a hackathon, a tutorial or a benchmark",
    "unexplained": "Coincidence, or a cause that is not among these explanations",
})  # fmt: skip
