"""How the bits of one pair add up, as rows of a waterfall. Pure: no drawing, no store."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_models.families import FAMILIES
from graph_models.text import inert
from workbench import wording

__all__ = [
    "Bar", "Step", "Verdict", "bars", "context", "entries", "label", "name_of", "steps", "unsummed",
    "verdict",
]  # fmt: skip

_ORDER = {family.value: place for place, family in enumerate(FAMILIES)}
_SURE = 1e-9
# Of one signal so many have a bar of their own; the rest is one bar, and opens on request.
ALONE = 3


@dataclass(frozen=True)
class Step:
    """One bar from ``start`` to ``end``, in log2 odds; ``entry`` is its place in ``bars``.

    ``rarity`` says in a few words how many accounts used the value.
    """

    name: str
    family: str
    bits: float
    start: float
    end: float
    kind: str
    entry: int = -1
    rarity: str = ""


@dataclass(frozen=True)
class Bar:
    """One or several entries of one signal; ``places`` are theirs in ``entries``."""

    name: str
    family: str
    bits: float
    places: tuple[int, ...]
    rarity: str


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
    """Signals in family order, strongest first, then everything against; context is apart."""
    listed = [dict(entry) for entry in _all(told) if not _is_context(entry)]
    favour = [entry for entry in listed if entry["bits"] > 0]
    against = [entry for entry in listed if entry["bits"] <= 0]
    favour.sort(key=lambda e: (_ORDER.get(e.get("family", ""), 99), -e["bits"], str(e["signal"])))
    against.sort(key=lambda e: (e["bits"], str(e["signal"])))
    return favour + against


def context(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What both used and too many others did: it links nobody. The rarest first."""
    found = [dict(entry) for entry in _all(told) if _is_context(entry)]
    return sorted(found, key=lambda e: (e.get("accounts") or 0, name_of(e)))


def _is_context(entry: Mapping[str, Any]) -> bool:
    return str(entry["signal"]).startswith("context ") and not entry["bits"]


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


def bars(told: Mapping[str, Any]) -> list[Bar]:
    """The entries that move the sum, those of one signal beyond the strongest few as one bar."""
    listed = entries(told)
    seen: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for place, entry in enumerate(listed):
        seen[str(entry["signal"]), entry["bits"] > 0].append(place)
    found = []
    for (signal, _), places in seen.items():
        alone = places if len(places) <= ALONE + 1 else places[:ALONE]
        found += [_bar(listed, (place,), name_of(listed[place])) for place in alone]
        if rest := tuple(places[len(alone) :]):
            words = signal.removeprefix("shared ").replace("_", " ")
            found.append(_bar(listed, rest, f"{len(rest)} more: {inert(words, 40)}"))
    return found


def _bar(listed: Sequence[Mapping[str, Any]], places: tuple[int, ...], name: str) -> Bar:
    summed = sum(round(1000 * listed[place]["bits"]) for place in places) / 1000
    rarity = label(listed[places[0]]) if len(places) == 1 else ""
    return Bar(name, str(listed[places[0]].get("family", "")), summed, places, rarity)


def label(entry: Mapping[str, Any]) -> str:
    """How many accounts used the value, of how many: "8 of 13 600"."""
    rarity = entry.get("rarity")
    if rarity:
        return f"{wording.number(rarity['accounts'])} of {wording.number(rarity['of'])}"
    return wording.plural(entry["accounts"], "account") if entry.get("accounts") else ""


def steps(told: Mapping[str, Any]) -> list[Step]:
    """Prior, every bar, and the end; each bar starts where the last one ended."""
    judged = verdict(told)
    rows = [Step("Before any evidence", "", judged.prior, judged.prior, judged.prior, "prior")]
    level = judged.prior
    for place, bar in enumerate(bars(told)):
        kind = "for" if bar.bits > 0 else "against"
        end = level + bar.bits
        rows.append(Step(bar.name, bar.family, bar.bits, level, end, kind, place, bar.rarity))
        level = end
    return [*rows, Step("With all evidence", "", level, 0.0, level, "end")]


def name_of(entry: Mapping[str, Any]) -> str:
    """A short inert name: the signal, and the value or its tail."""
    shared = entry.get("shared") or {}
    identifier = str(entry.get("identifier") or "")
    kind, _, value = identifier.partition(":")
    value = str(shared.get("value") or value or kind)
    tail = f" {value if len(value) <= 18 else '…' + value[-12:]}" if value else ""
    signal = str(entry["signal"]).replace("_", " ")
    return inert(signal[:1].upper() + signal[1:] + tail, 60)


def unsummed(told: Mapping[str, Any]) -> float:
    """How far the entries' sum is from the stated bits; zero, or the page says so."""
    return float(told["bits"]) - sum(float(entry["bits"]) for entry in _all(told))


def _all(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [*told["signals"], *told["against"]]
