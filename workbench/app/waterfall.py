"""How the bits of one pair add up, as rows of a waterfall. Pure: no drawing, no store."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_models.families import FAMILIES
from graph_models.text import inert

__all__ = ["Step", "Verdict", "entries", "name_of", "steps", "unsummed", "verdict"]

_ORDER = {family.value: place for place, family in enumerate(FAMILIES)}
_SURE = 1e-9


@dataclass(frozen=True)
class Step:
    """One bar from ``start`` to ``end``, in log2 odds; ``entry`` is its place in the list."""

    name: str
    family: str
    bits: float
    start: float
    end: float
    kind: str
    entry: int = -1


@dataclass(frozen=True)
class Verdict:
    """The strip above the waterfall; ``prior`` is the log2 odds before any evidence."""

    bits: float
    probability: float
    favour: float
    against: float
    prior: float
    chance_p: float | None

    @property
    def end(self) -> float:
        """The log2 odds after all evidence."""
        return self.prior + self.bits


def entries(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Signals in family order, strongest first, then everything against."""
    signals = [dict(signal) for signal in told["signals"]]
    against = [dict(entry) for entry in told["against"]]
    favour = [entry for entry in signals if entry["bits"] >= 0]
    against += [entry for entry in signals if entry["bits"] < 0]
    favour.sort(key=lambda e: (_ORDER.get(e.get("family", ""), 99), -e["bits"], str(e["signal"])))
    against.sort(key=lambda e: (e["bits"], str(e["signal"])))
    return favour + against


def verdict(told: Mapping[str, Any]) -> Verdict:
    """Sum, probability and prior of one explanation (contract §4 ``explain``)."""
    listed = entries(told)
    chance = min(max(float(told["probability"]), _SURE), 1 - _SURE)
    prior = told.get("prior_bits")
    odds = math.log2(chance / (1 - chance))
    return Verdict(
        bits=float(told["bits"]),
        probability=float(told["probability"]),
        favour=sum(entry["bits"] for entry in listed if entry["bits"] > 0),
        against=sum(entry["bits"] for entry in listed if entry["bits"] < 0),
        prior=odds - float(told["bits"]) if prior is None else float(prior),
        chance_p=told.get("chance_p"),
    )


def steps(told: Mapping[str, Any]) -> list[Step]:
    """Prior, every entry, and the end; each bar starts where the last one ended."""
    judged = verdict(told)
    rows = [Step("Before any evidence", "", judged.prior, judged.prior, judged.prior, "prior")]
    level = judged.prior
    for place, entry in enumerate(entries(told)):
        bits = float(entry["bits"])
        kind = "for" if bits >= 0 else "against"
        rows.append(
            Step(
                name_of(entry), str(entry.get("family", "")), bits, level, level + bits, kind, place
            )
        )
        level += bits
    return [*rows, Step("With all evidence", "", level, 0.0, level, "end")]


def name_of(entry: Mapping[str, Any]) -> str:
    """A short inert name: the signal, and the tail of what was shared."""
    identifier = str(entry.get("identifier") or "")
    kind, _, value = identifier.partition(":")
    value = value or kind
    tail = f" {value if len(value) <= 18 else '…' + value[-12:]}" if value else ""
    signal = str(entry["signal"]).replace("_", " ")
    return inert(signal[:1].upper() + signal[1:] + tail, 60)


def unsummed(told: Mapping[str, Any]) -> float:
    """How far the entries' sum is from the stated bits; zero, or the page says so."""
    return float(told["bits"]) - sum(float(entry["bits"]) for entry in _all(told))


def _all(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [*told["signals"], *told["against"]]
