"""The ledger of many communities at once: what each finding says for each explanation, in bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter

import numpy as np
from numpy.typing import NDArray

from graph_models.assessment.findings import strengths
from graph_models.assessment.profile import Profiles
from graph_models.assessment.rules import PRIOR, RULES, Rule
from graph_models.assessment.verdicts import GATE, GROUP_CAP
from graph_models.families import Family
from graph_models.inference import ASSESSMENTS

__all__ = ["LEAST_BITS", "LINES", "Ledgers", "Standings", "ledgers"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_BITS = 0.05  # findings that say less are not worth a line
_CAMPAIGN = ASSESSMENTS.index("campaign")
_NO_FAMILY = ("size", "chance", "label")  # of the community itself, whatever logs show
_GROUPS = tuple(dict.fromkeys(rule.group for rule in RULES))
_CHANCE = "chance_p"


@dataclass(frozen=True, eq=False, kw_only=True)
class Standings:
    """How firmly communities stand before their meaning is asked.

    ``chance_p`` and ``robust`` (whether any family may be lost) are (communities,).
    """

    chance_p: Floats
    robust: Bools
    lacking: tuple[str, ...] = ()
    without: frozenset[Family] = frozenset()

    def part(self, rows: slice) -> Standings:
        """Some of the communities."""
        return replace(self, chance_p=self.chance_p[rows], robust=self.robust[rows])


@dataclass(frozen=True, eq=False)
class _Line:
    """One line of every ledger: a rule, the cap of a group, or the gate."""

    name: str
    group: str
    family: Family
    says: str


LINES: tuple[_Line, ...] = (
    *(_Line(rule.name, rule.group, rule.family, rule.says) for rule in RULES),
    *(
        _Line(
            f"cap {group}", group, Family.PROFILE,
            f"Findings about {group} overlap and are not counted in full.",
        )
        for group in _GROUPS
    ),
    _Line("gate", "gate", Family.PROFILE, GATE.reason),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ledgers:
    """All lines of all communities, in the order of ``LINES``.

    ``bits`` (communities, lines, 7) is nought where a line is absent; ``there`` (communities,
    lines) says which are present.
    """

    profiles: Profiles
    standings: Standings
    bits: Floats
    there: Bools

    @property
    def groups(self) -> dict[str, list[int]]:
        """Lines of each group of dependent findings, in order."""
        found: dict[str, list[int]] = {}
        for at, line in enumerate(LINES):
            found.setdefault(line.group, []).append(at)
        return found

    def total(self, without: Sequence[int] = ()) -> Floats:
        """Bits of each explanation with the prior, (communities, 7), some lines left out."""
        total = np.zeros((len(self.bits), len(PRIOR)))
        for at in range(self.bits.shape[1]):
            if at not in without:
                total += self.bits[:, at]
        return np.asarray(np.array(PRIOR) + total)

    def texts(self, line: int, rows: NDArray[np.int64]) -> list[str]:
        """The sentence of one line for some of the communities."""
        says = LINES[line].says
        names = [name for _, name, _, _ in Formatter().parse(says) if name]
        if not names:
            return [says] * len(rows)
        columns = [self._words(name)[rows].tolist() for name in names]
        return [
            says.format_map(dict(zip(names, values, strict=True)))
            for values in zip(*columns, strict=True)
        ]

    def _words(self, name: str) -> NDArray[np.object_]:
        if name == _CHANCE:
            return np.asarray(self.standings.chance_p)
        values = getattr(self.profiles, name)
        if values.dtype.kind != "f":
            return np.asarray(values, dtype=object)
        return np.asarray(np.where(np.isnan(values), 0.0, values))


def ledgers(profiles: Profiles, standings: Standings) -> Ledgers:
    """All lines: findings of the rule table, caps of dependent groups, the gate of a campaign."""
    strong = _strong(profiles, standings)
    weight = np.column_stack([strong[rule.name] for rule in RULES])
    weight = np.where(weight > 0, weight, 0.0)  # an unknown finding says nothing
    shape = (len(profiles), len(LINES), len(ASSESSMENTS))
    found = Ledgers(profiles, standings, np.zeros(shape), np.zeros(shape[:2], np.bool_))
    found.there[:, : len(RULES)] = weight > 0
    for at, rule in enumerate(RULES):
        found.bits[:, at] = weight[:, at, None] * np.array(rule.bits)
    _cap(found)
    _close(found, strong)
    return found


def _strong(profiles: Profiles, standings: Standings) -> dict[str, Floats]:
    chance = np.clip(np.maximum(0.0, standings.chance_p - 0.05) / 0.45, 0.0, 1.0)
    strong: dict[str, Floats] = {**strengths(profiles), "as chance would": chance}
    for rule in RULES:
        if _silent(rule, standings):
            strong[rule.name] = np.full(len(profiles), np.nan)
    return {name: np.asarray(values, dtype=np.float64) for name, values in strong.items()}


def _silent(rule: Rule, standings: Standings) -> bool:
    return rule.family in standings.without and rule.group not in _NO_FAMILY


def _cap(found: Ledgers) -> None:
    """Negative lines that bring groups of dependent findings back to what one group may say."""
    for number, group in enumerate(_GROUPS):
        whole = np.zeros((len(found.bits), len(ASSESSMENTS)))
        for at, rule in enumerate(RULES):
            if rule.group == group:
                whole += found.bits[:, at]
        over = np.clip(whole, -GROUP_CAP, GROUP_CAP) - whole
        # Size is one fact and a home has few members, whatever else is found.
        some = (np.abs(over).max(axis=1) > LEAST_BITS) & (group != "size")
        found.bits[some, len(RULES) + number] = over[some]
        found.there[some, len(RULES) + number] = True


def _close(found: Ledgers, strong: Mapping[str, Floats]) -> None:
    """Keep a campaign from leading unless what is done and who does it both speak for it."""

    def clear(*names: str) -> Bools:
        # Findings of different families are independent: two half-clear ones are clear together.
        doubt = np.ones(len(found.bits))
        for name in names:
            doubt = doubt * (1 - np.where(np.isnan(strong[name]), 0.0, strong[name]))
        return np.asarray(1 - doubt >= GATE.strong)

    means = clear("several shared cards", "several shared devices")
    work = clear("common work queue")
    focus = clear("narrow capability", "elicitation")
    # Lessons are in step and classmates do as much as each other: a hand of its own shows more.
    hand = clear("round the clock", "days alike")
    life = clear("replacements", "moved at once")
    timing, lifecycle = hand | clear("in step"), life | clear("volumes alike")
    open_ = means & (work | (focus & (timing | lifecycle)) | (hand & lifecycle))
    open_ |= work & hand & life
    bits = found.total()
    lead = bits[:, _CAMPAIGN] - np.delete(bits, _CAMPAIGN, axis=1).max(axis=1)
    shut = ~open_ & (lead > 0)
    found.bits[shut, -1, _CAMPAIGN] = -lead[shut]
    found.there[shut, -1] = True
