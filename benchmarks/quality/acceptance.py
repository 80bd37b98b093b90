"""What was asked, what was measured at worst, and whether it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Line", "acceptance", "headline"]

Tally = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing asked. ``measured`` is None while no run tells it; ``reached`` then too."""

    key: str
    what: str
    asked: str
    measured: float | None
    reached: bool | None
    where: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class _Asked:
    """A measure of a group, with the bound that the worst run must keep."""

    key: str
    what: str
    groups: tuple[str, ...]  # a group, or the beginning of several
    measure: str
    bound: float
    least: bool = True


_HARD, _DRAWN, _PRESETS = ("hard",), ("sampled",), ("presets",)
_PLANTED = (*_HARD, *_DRAWN, *_PRESETS)
_ONE, _TWO = ("no ", "without "), ("two absent", "without two")
_ACCUSING = (
    "hard", "realistic", "plain", "presets", "waves", "no ", "two absent", "all-benign", "sampled",
)  # fmt: skip

_ASKED: tuple[_Asked, ...] = (
    _Asked("hard_pair_precision", "hard: pair precision", _HARD, "pair_precision", 0.97),
    _Asked("hard_pair_recall", "hard: pair recall", _HARD, "pair_recall", 0.85),
    _Asked("hard_b3", "hard: B-cubed F", _HARD, "b3_f1", 0.90),
    _Asked("hard_precision", "hard: precision of accused", _HARD, "account_precision", 0.99),
    _Asked("hard_recall", "hard: recall of accused", _HARD, "account_recall", 0.90),
    _Asked("sampled_pair_precision", "sampled: pair precision", _DRAWN, "pair_precision", 0.97),
    _Asked("sampled_pair_recall", "sampled: pair recall", _DRAWN, "pair_recall", 0.85),
    _Asked("sampled_b3", "sampled: B-cubed F", _DRAWN, "b3_f1", 0.90),
    _Asked("sampled_precision", "sampled: precision of accused", _DRAWN, "account_precision", 0.99),
    _Asked("sampled_recall", "sampled: recall of accused", _DRAWN, "account_recall", 0.90),
    _Asked("one_precision", "one family absent: precision", _ONE, "account_precision", 0.99),
    _Asked("one_recall", "one family absent: recall", _ONE, "account_recall", 0.80),
    _Asked("two_precision", "two families absent: precision", _TWO, "account_precision", 0.99),
    _Asked("look_alikes", "look-alikes accused, any world", _ACCUSING, "look_alikes_accused", 0,
           least=False),
    _Asked("resold", "reseller’s ordinary customers accused, share", _ACCUSING, "resold_accused",
           0.005, least=False),
    _Asked("traffic", "traffic of mixed accounts, F1", _PLANTED, "traffic_f1", 0.9),
    _Asked("presets_found", "presets: campaigns found, share", _PRESETS, "campaigns_found", 1.0),
    _Asked("presets_cells", "presets: cells, adjusted Rand", _PRESETS, "cells_ari", 0.9),
    _Asked("lineage", "waves: accused members that keep their line through three rounds",
           ("waves",), "lineage_kept", 0.9),
    _Asked("pivot", "presets: move to a new model told with day and share", _PRESETS, "pivot_told",
           1.0),
    _Asked("campaign_p", "true campaigns: largest chance p", _PLANTED, "campaign_p",
           0.001, least=False),
    _Asked("benign", "all-benign: accounts accused", ("all-benign",), "innocents_accused", 0,
           least=False),
)  # fmt: skip
ERROR_ASKED = 0.03
UNIFORM_ASKED = (2000, 0.05)  # communities, least p of the test


def acceptance(tallied: Tally) -> tuple[Line, ...]:
    """The acceptance list of the quality work, line by line."""
    lines = [_of_group(asked, tallied["groups"]) for asked in _ASKED]
    lines.append(_uniform(tallied["chance"]))
    for kind, what in (("pair", "pairs"), ("member", "members"), ("campaign", "campaigns")):
        lines += _calibrated(kind, what, tallied["calibration"][kind])
    lines.append(_robust(tallied["robust"]))
    lines.append(_repeated(tallied.get("repeated")))
    return tuple(lines)


def headline(tallied: Tally) -> dict[str, float | None]:
    """The figures that the history keeps of a run."""
    return {line.key: line.measured for line in acceptance(tallied)}


def _of_group(asked: _Asked, groups: Mapping[str, Any]) -> Line:
    """The worst run of all groups that the line is about."""
    spreads = [
        group["figures"][asked.measure]
        for name, group in groups.items()
        if _meant(name, asked.groups) and asked.measure in group["figures"]
    ]
    words = f"{'≥' if asked.least else '≤'} {asked.bound:g}"
    if not spreads:
        return Line(asked.key, asked.what, words, None, None)
    worst = (min if asked.least else max)(spreads, key=lambda spread: spread["worst"])
    value = worst["worst"]
    reached = value >= asked.bound if asked.least else value <= asked.bound
    return Line(asked.key, asked.what, words, value, reached, _place(worst["at"]))


def _meant(name: str, groups: tuple[str, ...]) -> bool:
    """Whether a line is about a group; two families absent are never counted as one."""
    if name in _TWO and groups != _TWO and "two absent" not in groups:
        return False
    return any(name.startswith(each) if each.endswith(" ") else name == each for each in groups)


def _place(at: Mapping[str, Any]) -> str:
    """The run that was worst, as the command line names it."""
    words = [at["world"], f"seed {at['seed']}"]
    if at["absent"]:
        words.append(f"no {', '.join(at['absent'])}")
    if at["without"]:
        words.append(f"without {', '.join(at['without'])}")
    return " ".join(words)


def _uniform(chance: Mapping[str, Any]) -> Line:
    n, least = UNIFORM_ASKED
    what = "rewired: chance p uniform (Kolmogorov–Smirnov p)"
    enough = chance["n"] >= n
    where = f"n = {chance['n']}, worlds {chance['worlds']}"
    if chance["worst_p"] is not None:
        where += f", least p of one world {chance['worst_p']:.2g}"
    reached = chance["p"] >= least if enough else None
    return Line("uniform", what, f"p ≥ {least:g}, n ≥ {n}", chance["p"], reached, where)


def _calibrated(kind: str, what: str, found: Mapping[str, Any]) -> tuple[Line, Line]:
    """Expected calibration error, and the Brier score beside that of the base rate."""
    error, brier, base = found["error"], found["brier"], found["base_brier"]
    where = f"{found['items']} items, {found['worlds']} worlds"
    return (
        Line(f"error_{kind}", f"calibration error of {what}", f"≤ {ERROR_ASKED:g}", error,
             None if error is None else error <= ERROR_ASKED, where),
        Line(f"brier_{kind}", f"Brier of {what}",
             "below the base rate’s" + ("" if base is None else f" ({base:.3f})"), brier,
             None if brier is None else brier < base, where),
    )  # fmt: skip


def _robust(found: Mapping[str, Any]) -> Line:
    share = found["agreed"] / found["checked"] if found["checked"] else None
    where = f"{found['checked']} communities × families, {found['worlds']} worlds"
    reached = None if share is None else found["agreed"] == found["checked"]
    return Line("robust", "`robust_to` as brute force says", "1", share, reached, where)


def _repeated(found: Mapping[str, Any] | None) -> Line:
    runs = found["runs"] if found else 0
    same = float(found["same"]) if found else None
    reached = same == runs if runs >= 20 else None
    return Line("repeated", "repeated runs equal bit for bit", "20 of 20", same, reached)
