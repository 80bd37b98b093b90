"""Why two accounts are not linked: how far apart, what was compared, what would have to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.profiles.compared import Compared

__all__ = ["Need", "Stand", "WhyNot", "why_not"]

MOST_NEEDS = 4  # kinds of evidence named as enough: the reader wants examples, not a catalogue


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where one account stands: its community, or none."""

    account: str
    community: str = ""
    tier: str = ""
    assessed_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A kind of evidence, and the most that one new piece of it would add."""

    kind: str
    bits: float
    enough: bool


@dataclass(frozen=True, kw_only=True)
class WhyNot:
    """The answer for a pair without a link; ``reasons`` is that in sentences, weightiest first."""

    short_by: float
    threshold: float
    candidate: bool
    reasons: tuple[str, ...]
    needs: tuple[Need, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            **asdict(self),
            "reasons": list(self.reasons),
            "needs": [asdict(need) for need in self.needs],
        }


def why_not(
    told: Mapping[str, Any],
    compared: Sequence[Compared],
    hubs: Sequence[Mapping[str, Any]],
    stands: tuple[Stand, Stand],
) -> WhyNot | None:
    """Why a pair has no link; None where it has one.

    Args:
        told: bits, prior_bits, candidate, linked of the pair.
        compared: What was compared, by kind.
        hubs: Values in common that link nobody: named and accounts.
        stands: Where the two stand.
    """
    if told["linked"]:
        return None
    threshold = -float(told["prior_bits"])
    short = max(0.0, round(threshold - float(told["bits"]), 3))
    reasons = [
        _distance(told, threshold, short),
        *_shares(compared, hubs),
        *_absent(compared),
        _places(stands),
    ]
    return WhyNot(
        short_by=short,
        threshold=round(threshold, 3),
        candidate=bool(told["candidate"]),
        reasons=tuple(reason for reason in reasons if reason),
        needs=_needs(compared, short),
    )


def _distance(told: Mapping[str, Any], threshold: float, short: float) -> str:
    bits = float(told["bits"])
    if short:
        words = f"A link needs {threshold:.1f} bits; this pair has {bits:.1f}, {short:.1f} too few."
    else:
        words = f"The evidence comes to {bits:.1f} bits, enough for a link ({threshold:.1f})."
    if told["candidate"]:
        return words
    return words + (
        " They were no candidates: they share too little by identifiers, and soft signals "
        "(hours, pace, births, profile) never link by themselves."
    )


def _shares(compared: Sequence[Compared], hubs: Sequence[Mapping[str, Any]]) -> list[str]:
    shared = [one for one in compared if one.state == "shared"]
    if shared:
        named = ", ".join(f"{one.kind.replace('_', ' ')} ({one.shared})" for one in shared)
        return [f"What they share is not rare enough: {named}."]
    if hubs:
        named = "; ".join(f"{hub['named']}: {hub['accounts']:,} accounts" for hub in hubs[:5])
        more = f" and {len(hubs) - 5} more" if len(hubs) > 5 else ""
        return [f"They share only what links nobody: {named}{more}."]
    if any(one.state == "apart" for one in compared):
        return ["They share no identifier at all: each used values that the other never did."]
    return ["Hardly any identifier was seen of the two, so there was little to compare."]


def _absent(compared: Sequence[Compared]) -> list[str]:
    words = []
    apart = [one for one in compared if one.state == "apart"]
    if apart:
        kinds = ", ".join(
            f"{one.kind.replace('_', ' ')} ({one.a} and {one.b} values)" for one in apart
        )
        words.append(f"Looked for, not found: {kinds}.")
    blind = [one.kind.replace("_", " ") for one in compared if one.state in ("one", "none")]
    if blind:
        words.append(f"Could not be compared, as one of the two shows none: {', '.join(blind)}.")
    silent = [one.kind.replace("_", " ") for one in compared if one.state == "no log"]
    if silent:
        words.append(f"No log shows: {', '.join(silent)}. Unknown is not absent.")
    gaps = sorted({gap for one in compared for gap in one.gaps})
    if gaps:
        words.append(f"Days without rows: {'; '.join(gaps[:6])}.")
    return words


def _places(stands: tuple[Stand, Stand]) -> str:
    a, b = stands
    if a.community and a.community == b.community:
        return (
            f"Both are in {a.community}, through accounts that link to either: "
            "a community needs no link between every two members."
        )
    if a.community and b.community:
        return (
            f"They are in different communities ({a.community} and {b.community}): more evidence "
            "binds each to its own than the two to each other."
        )
    if a.community or b.community:
        inside, outside = (a, b) if a.community else (b, a)
        return f"{inside.account} is in {inside.community}; {outside.account} is in no community."
    return "Neither is in a community."


def _needs(compared: Sequence[Compared], short: float) -> tuple[Need, ...]:
    worth = [one for one in compared if one.state != "no log" and one.exclusive_bits > 0]
    worth.sort(key=lambda one: (-one.exclusive_bits, one.kind))
    return tuple(
        Need(kind=one.kind, bits=one.exclusive_bits, enough=one.exclusive_bits >= short)
        for one in worth[:MOST_NEEDS]
    )
