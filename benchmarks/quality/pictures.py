"""The trend over all kept runs, and the reliability curves of the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.quality.charts import Chart, Curve, drawn

__all__ = ["reliability_picture", "trend_picture"]

# headline figure: title, range, what is asked
_TREND: dict[str, tuple[str, tuple[float, float], float]] = {
    "hard_precision": ("hard: precision of accused", (0.9, 1.0), 0.99),
    "hard_recall": ("hard: recall of accused", (0.5, 1.0), 0.90),
    "hard_pair_recall": ("hard: pair recall", (0.5, 1.0), 0.85),
    "one_recall": ("one family absent: recall", (0.0, 1.0), 0.80),
    "presets_cells": ("presets: cells, adjusted Rand", (0.0, 1.0), 0.90),
    "traffic": ("mixed accounts: traffic F1", (0.0, 1.0), 0.90),
    "error_pair": ("calibration error: pairs", (0.0, 0.3), 0.03),
    "error_member": ("calibration error: members", (0.0, 0.3), 0.03),
    "error_campaign": ("calibration error: campaigns", (0.0, 0.3), 0.03),
}
_KINDS = {"pair": "links: one controller", "member": "member confidence", "campaign": "P(campaign)"}


def trend_picture(history: Sequence[Mapping[str, Any]]) -> str:
    """Worst figure of each kept run on the last one's split, left to right; dashed: asked."""
    alike = [run for run in history if run["split"] == history[-1]["split"]]
    return drawn(
        [_trend(alike, key) for key in _TREND],
        "Worst measured figures of each kept quality run against what is asked (dashed)",
    )


def _trend(history: Sequence[Mapping[str, Any]], key: str) -> Chart:
    title, span, goal = _TREND[key]
    values = [(float(i), run["headline"].get(key)) for i, run in enumerate(history)]
    points = [(x, value) for x, value in values if value is not None]
    end = float(max(len(history) - 1, 1))
    last = f"{points[-1][1]:.3f}" if points else "not measured"
    ends = {0.0: 0, float(len(history) - 1): -1} if history else {}
    return Chart(
        title=title,
        curves=[Curve([(0.0, goal), (end, goal)], "goal"), Curve(points)],
        x=(0.0, end),
        y=span,
        marks=[(x, str(history[at]["date"])[5:]) for x, at in ends.items()],
        note=last,
        note_high=goal < sum(span) / 2,
    )


def reliability_picture(calibration: Mapping[str, Any]) -> str:
    """What was said (across) against what came true (up); dashed: perfect calibration."""
    return drawn(
        [_reliability(_KINDS[kind], calibration[kind]) for kind in _KINDS if kind in calibration],
        "Reliability: stated probability against the share that came true, in bins of at least "
        "200 items; the dashed line is perfect",
    )


def _reliability(title: str, found: Mapping[str, Any]) -> Chart:
    points = [(one["said"], one["true"]) for one in found["bins"]]
    error = found["error"]
    note = f"error {error:.3f}, " if error is not None else "too few: "
    return Chart(
        title=title,
        curves=[Curve([(0.0, 0.0), (1.0, 1.0)], "goal"), Curve(points)],
        x=(0.0, 1.0),
        y=(0.0, 1.0),
        marks=[(0.0, "0"), (0.5, "said"), (1.0, "1")],
        note=f"{note}{found['items']:,} items",
    )
