"""The rarity behind a bit: how common a shared value is, and how its bits follow from that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from graph_models.kind import LinkPolicy
from graph_models.kinds import KINDS, policy_of
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.shared import CLAIMED_DISCOUNT

__all__ = ["SHARED", "Rarity", "Term", "bits_of_exclusive", "policy_named", "rarity_of"]

SHARED = "shared "
_NEEDED = ("accounts", "values_of_busier", "edges", "reuse", "claimed", "gap_days")
_KNOWN = {kind.name for kind in KINDS}


@dataclass(frozen=True, kw_only=True)
class Term:
    """One part of an entry's bits, in words."""

    words: str
    bits: float


@dataclass(frozen=True, kw_only=True)
class Rarity:
    """How common a shared value is; ``terms`` sum to the bits of its entry.

    ``accounts`` used it, of ``of``. ``innocent`` is how often an account as busy as the busier of
    the two meets it anyway, ``fellows`` how often accounts of one controller share such a value.
    ``uncapped`` is what the value would say without its kind's cap.
    """

    accounts: int
    of: int
    innocent: float
    fellows: float
    uncapped: float
    cap: float
    terms: tuple[Term, ...]

    @property
    def bits(self) -> float:
        """What the terms come to."""
        return sum(round(1000 * term.bits) for term in self.terms) / 1000

    @property
    def capped(self) -> bool:
        """Whether the cap takes anything off."""
        return self.uncapped > self.cap

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "terms": [asdict(term) for term in self.terms]}


def policy_named(kind: str) -> LinkPolicy:
    """What sharing a value of a kind is worth; coarser views of a kind have one of their own."""
    return DERIVED_POLICIES[kind][2] if kind in DERIVED_POLICIES else policy_of(kind)


def rarity_of(
    signal: str, inputs: Mapping[str, float], bits: float, *, accounts: int
) -> Rarity | None:
    """The rarity behind an entry; None where no single value stands behind it.

    Args:
        signal: As ``explain`` names it.
        inputs: The numbers that the entry follows from.
        bits: What the entry says.
        accounts: How many accounts there are.
    """
    kind = signal.removeprefix(SHARED)
    known = kind in _KNOWN or kind in DERIVED_POLICIES
    if not (signal.startswith(SHARED) and known and all(name in inputs for name in _NEEDED)):
        return None
    policy = policy_named(kind)
    innocent = inputs["accounts"] * inputs["values_of_busier"] / inputs["edges"]
    gap = math.log2(1 + inputs["gap_days"])
    rare, fellows = -math.log2(innocent), math.log2(inputs["reuse"])
    uncapped = rare + fellows - gap
    fair = min(max(uncapped, 0.0), policy.cap_bits)
    claimed = -fair * CLAIMED_DISCOUNT * inputs["claimed"]
    parts = [
        ("how rarely strangers share it", rare),
        (f"one controller shares such a value in {inputs['reuse']:.0%} of cases", fellows),
        (f"{inputs['gap_days']:.1f} days lie between the two uses", -gap),
        (f"its kind says at most {policy.cap_bits:g} bits", fair - uncapped),
        ("the caller wrote it himself", claimed),
    ]
    return Rarity(
        accounts=round(inputs["accounts"]),
        of=accounts,
        innocent=min(innocent, 1.0),
        fellows=inputs["reuse"],
        uncapped=round(uncapped * (1 - CLAIMED_DISCOUNT * inputs["claimed"]), 3),
        cap=policy.cap_bits,
        terms=_settled(parts, bits),
    )


def _settled(parts: list[tuple[str, float]], bits: float) -> tuple[Term, ...]:
    """Terms in millibits; what rounding leaves over goes to the first, so that they add up."""
    kept = [(words, round(1000 * said)) for words, said in parts if round(1000 * said)]
    if not kept:
        kept = [(parts[0][0], 0)]
    over = round(1000 * bits) - sum(said for _, said in kept)
    kept[0] = (kept[0][0], kept[0][1] + over)
    return tuple(Term(words=words, bits=said / 1000) for words, said in kept)


def bits_of_exclusive(kind: str, *, edges: int, values_of_busier: int) -> float:
    """What a value of a kind would say if two accounts used it, and nobody else ever.

    Args:
        kind: Name of the kind.
        edges: How many uses of the kind were recorded.
        values_of_busier: Values that the busier of the two has.
    """
    policy = policy_named(kind)
    chance = 2 * max(values_of_busier, 1) / max(edges, 1)
    return round(min(max(math.log2(policy.reuse / chance), 0.0), policy.cap_bits), 3)
