"""The measured part of docs/quality.md, written from the kept results so that it cannot drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.measured import with_part

__all__ = ["BEGIN", "measured", "number", "with_measured", "word"]

BEGIN = "<!-- measured: written by `make quality`; do not edit -->"
_COLUMNS = {
    "account_precision": "accused: precision",
    "account_recall": "recall",
    "pair_precision": "pair: precision",
    "pair_recall": "recall",
    "b3_f1": "B³ F",
    "weighted_precision": "WP",
    "cells_ari": "cells ARI",
    "traffic_f1": "traffic F1",
    "undecided": "undecided",
    "innocents_accused": "innocents",
    "resold_accused": "resold",
    "largest_accounts": "largest",
}
_KINDS = {
    "pair": "links: one controller",
    "member": "member confidence",
    "campaign": "P(campaign) of a community",
}


def with_measured(page: str, kept: Mapping[str, Any]) -> str:
    """The page with its measured part written anew; ValueError when it has no such part."""
    return with_part(page, BEGIN, measured(kept))


def measured(kept: Mapping[str, Any]) -> str:
    """Acceptance list, groups, calibration: the figures of ``quality.json`` as Markdown."""
    return "\n\n".join([_about(kept), _acceptance(kept), _groups(kept), _calibration(kept)])


def _about(kept: Mapping[str, Any]) -> str:
    about = kept["about"]
    return (
        f"Split `{about['split']}`, {about['date']}, version {about['version']}: "
        f"{kept['tally']['runs']} runs on {about['worlds']} worlds, "
        f"{about['cpu_seconds'] / 60:.0f} CPU-minutes."
    )


def _acceptance(kept: Mapping[str, Any]) -> str:
    head = "| asked | bound | measured, worst | reached | worst at |\n|---|---|---|---|---|"
    rows = [
        f"| {line['what']} | {line['asked']} | {number(line['measured'])} "
        f"| {word(line)} | {line['where']} |"
        for line in kept["acceptance"]
    ]
    return "\n".join([head, *rows])


def _groups(kept: Mapping[str, Any]) -> str:
    """One row a group: worst and, behind a slash, median."""
    head = "| worlds | runs | " + " | ".join(_COLUMNS.values()) + " |"
    rows = [head, "|---" * (len(_COLUMNS) + 2) + "|"]
    for name, group in kept["tally"]["groups"].items():
        cells = [_pair(group["figures"].get(measure)) for measure in _COLUMNS]
        rows.append(f"| {name} | {group['runs']} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _calibration(kept: Mapping[str, Any]) -> str:
    head = (
        "| probability | items | worlds | error | without any one world | Brier | base rate’s "
        "| above 0.95 that came true |\n|---|---|---|---|---|---|---|---|"
    )
    rows = [head]
    for kind, what in _KINDS.items():
        found = kept["tally"]["calibration"][kind]
        spread = " – ".join(map(number, found["spread"])) if found["spread"] else "–"
        above, true = found["above"]
        sure = f"{true / above:.4f} of {above:,}" if above else "–"
        figures = (found["error"], found["brier"], found["base_brier"])
        error, brier, base = map(number, figures)
        rows.append(
            f"| {what} | {found['items']:,} | {found['worlds']} | {error} | {spread} | {brier} "
            f"| {base} | {sure} |"
        )
    return "\n".join(rows)


def _pair(spread: Mapping[str, Any] | None) -> str:
    if spread is None:
        return "–"
    return f"{number(spread['worst'])} / {number(spread['median'])}"


def number(value: float | None) -> str:
    """A figure as tables show it."""
    if value is None:
        return "–"
    if value != 0 and abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:,.0f}" if abs(value) >= 2 or value == int(value) else f"{value:.3f}"


def word(line: Mapping[str, Any]) -> str:
    """Whether an acceptance line is reached."""
    return {True: "yes", False: "**no**", None: "not measured"}[line["reached"]]
