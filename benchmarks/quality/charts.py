"""Small line charts as SVG, readable on light and dark ground; no library draws them smaller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Chart", "Curve", "drawn"]

WIDTH, HEIGHT = 250, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 14, 30, 28
_COLUMNS = 3
_STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.axis { stroke: #8c959f; stroke-width: 1; fill: none; }
.goal { stroke: #8c959f; stroke-width: 1; stroke-dasharray: 4 3; fill: none; }
.line { stroke: #0969da; stroke-width: 1.8; fill: none; }
.dot { fill: #0969da; }
.faint { fill: #57606a; }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3; } .faint { fill: #9198a1; }
 .axis, .goal { stroke: #6e7681; } .line { stroke: #58a6ff; } .dot { fill: #58a6ff; }
}
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """Points in data units; ``style`` is a class of the style sheet."""

    points: Points
    style: str = "line"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One small chart: curves over given ranges, marks on the x axis, a word in a corner.

    ``levels`` are marks on the y axis; without any its two ends are told as they are.
    """

    title: str
    curves: Sequence[Curve]
    x: tuple[float, float]
    y: tuple[float, float]
    marks: Sequence[tuple[float, str]] = ()
    levels: Sequence[tuple[float, str]] = ()
    note: str = ""
    note_high: bool = False

    def __post_init__(self) -> None:
        if not (self.x[0] < self.x[1] and self.y[0] < self.y[1]):
            raise ValueError(f"The chart {self.title!r} has an empty range.")


def drawn(charts: Sequence[Chart], what: str) -> str:
    """All charts in rows of three as one SVG; ``what`` is its spoken description."""
    columns = min(_COLUMNS, max(len(charts), 1))
    rows = max(-(-len(charts) // columns), 1)
    size = (columns * WIDTH, rows * HEIGHT)
    said = f'role="img" aria-label="{escape(what)}"'
    box = f'viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} {said}>',
        f"<title>{escape(what)}</title><style>{_STYLE}</style>",
    ]
    for index, chart in enumerate(charts):
        at = (index % columns * WIDTH, index // columns * HEIGHT)
        parts.append(f'<g transform="translate({at[0]} {at[1]})">{_chart(chart)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _chart(chart: Chart) -> str:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    parts = [
        f'<text class="title" x="{_LEFT}" y="16">{escape(chart.title)}</text>',
        f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>',
    ]
    for value, word in chart.levels or [(end, f"{end:g}") for end in chart.y]:
        _, y = _place(chart, chart.x[0], value)
        parts.append(
            f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{escape(word)}</text>'
        )
    for value, word in chart.marks:
        x, _ = _place(chart, value, chart.y[0])
        parts.append(
            f'<text class="faint" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
            f"{escape(word)}</text>"
        )
    parts += [_curve(chart, curve) for curve in chart.curves]
    if chart.note:
        at = _TOP + 10 if chart.note_high else bottom - 8
        parts.append(
            f'<text class="faint" x="{right}" y="{at}" text-anchor="end">'
            f"{escape(chart.note)}</text>"
        )
    return "".join(parts)


def _curve(chart: Chart, curve: Curve) -> str:
    places = [_place(chart, x, y) for x, y in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    line = f'<polyline class="{curve.style}" points="{path}"/>'
    if curve.style == "goal":
        return line
    return line + "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places
    )


def _place(chart: Chart, x: float, y: float) -> tuple[float, float]:
    """Data units to pixels, kept inside the frame."""
    across = min(max((x - chart.x[0]) / (chart.x[1] - chart.x[0]), 0.0), 1.0)
    up = min(max((y - chart.y[0]) / (chart.y[1] - chart.y[0]), 0.0), 1.0)
    return (
        _LEFT + across * (WIDTH - _LEFT - _RIGHT),
        HEIGHT - _BOTTOM - up * (HEIGHT - _TOP - _BOTTOM),
    )
