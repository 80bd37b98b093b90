"""The tables that a run prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.quality.acceptance import Line
from benchmarks.quality.page import number, word

__all__ = ["acceptance_table", "group_table"]

_SHORT = {
    "account_precision": "P",
    "account_recall": "R",
    "pair_precision": "pairP",
    "pair_recall": "pairR",
    "b3_f1": "B3F",
    "weighted_precision": "WP",
    "grouped_precision": "groupP",
    "grouped_recall": "groupR",
    "undecided": "undec",
    "cells_ari": "ARI",
    "traffic_f1": "trafF1",
    "innocents_accused": "innoc",
    "resold_accused": "resold",
    "campaign_p": "p",
    "largest_accounts": "largest",
    "operator_top1": "top1",
    "cpu_seconds": "CPU s",
    "peak_mb": "MB",
}


def group_table(tallied: Mapping[str, Any]) -> str:
    """Two lines a group: the worst run of each measure, and the median."""
    head = f"{'':<22}{'runs':>5}" + "".join(f"{name:>8}" for name in _SHORT.values())
    lines = [head]
    for name, group in tallied["groups"].items():
        for which in ("worst", "median"):
            cells = [_cell(group["figures"].get(measure), which) for measure in _SHORT]
            start = f"{name:<22}{group['runs']:>5}" if which == "worst" else " " * 27
            lines.append(start + "".join(f"{cell:>8}" for cell in cells))
        if group["accused_by_kind"]:
            lines.append(f"{'':<27} accused innocents: {dict(group['accused_by_kind'])}")
    return "\n".join(lines)


def acceptance_table(lines: Sequence[Line]) -> str:
    """Asked, measured at worst, reached, and where."""
    rows = [
        f"{line.what:<52}{line.asked:>28}{number(line.measured):>11}  "
        f"{word(line.as_json()):<13}{line.where}"
        for line in lines
    ]
    return "\n".join([f"{'':<52}{'asked':>28}{'worst':>11}  reached", *rows])


def _cell(spread: Mapping[str, Any] | None, which: str) -> str:
    return "-" if spread is None else number(spread[which])
