"""How things look: colours by theme, bars and glyphs.

Everything here is pure. Text that comes from a log never passes through this module.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from graph_models.inference import ASSESSMENTS

__all__ = [
    "DARK",
    "LIGHT",
    "ROW",
    "Theme",
    "assessment_bar",
    "glyph_picture",
    "table_height",
    "theme_named",
]


ROW = 30
BORDERS = 2


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One theme's colours; ``assessment`` follows ASSESSMENTS, darkest suspicion first."""

    name: str
    text: str
    muted: str
    border: str
    background: str
    second: str
    favour: str
    against: str
    bar: str
    assessment: Mapping[str, str]


def _scale(*colours: str) -> Mapping[str, str]:
    return dict(zip(ASSESSMENTS, colours, strict=True))


LIGHT = Theme(
    name="light",
    text="#101823",
    muted="#5A6675",
    border="#DDE1E6",
    background="#FFFFFF",
    second="#F6F7F8",
    favour="#0B63A5",
    against="#A8500B",
    bar="#A9B2BC",
    assessment=_scale("#3B3A8F", "#8E8CCB", "#66717E", "#98A2AD", "#BAC2CA", "#D9DEE3", "#FFFFFF"),
)
DARK = Theme(
    name="dark",
    text="#E6EAEE",
    muted="#A3AEBA",
    border="#323A44",
    background="#14181D",
    second="#1C2229",
    favour="#6CB6F0",
    against="#F0A35E",
    bar="#566270",
    assessment=_scale("#A9A7F5", "#6C6AB8", "#8A949F", "#6A747F", "#4C555F", "#38404A", "#14181D"),
)


def theme_named(name: str | None) -> Theme:
    """The theme of that name; light when nothing is known yet."""
    return DARK if name == "dark" else LIGHT


def assessment_bar(chances: Mapping[str, float], theme: Theme, *, width: int = 100) -> str:
    """Seven probabilities as a stacked bar: an SVG data URI into which only numbers go."""
    parts, x = [], 0.0
    for name in ASSESSMENTS:
        wide = max(0.0, min(1.0, float(chances[name]))) * width
        if wide < 0.4:
            continue
        fill = "url(#h)" if name == "unexplained" else theme.assessment[name]
        parts.append(
            f'<rect x="{x:.1f}" y="8" width="{max(wide - 0.8, 0.4):.1f}" height="9" fill="{fill}"/>'
        )
        x += wide
    hatch = (
        '<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="1.4" height="4" fill="{theme.muted}"/>'
        "</pattern></defs>"
    )
    return _data_uri(width, 26, hatch + "".join(parts))


def table_height(rows: int, *, most: int = 8, row: int = ROW) -> int:
    """The height that shows so many whole rows under their header, and no slice of the next."""
    return (min(rows, most) + 1) * row + BORDERS


_SHAPES: Mapping[str, str] = {
    "dot": '<circle cx="8" cy="8" r="5.4"/>',
    "square": '<rect x="3" y="8" width="10" height="10"/>',
    "triangle": '<path d="M8 2.4 14 13H2Z"/>',
    "triangleDown": '<path d="M8 13.6 14 3H2Z"/>',
    "diamond": '<path d="M8 1.6 14.4 8 8 14.4 1.6 8Z"/>',
    "hexagon": '<path d="M4.8 2.4h6.4L14.4 8l-3.2 5.6H4.8L1.6 8Z"/>',
    "star": '<path d="m8 1 2 4.8 5.2.4-4 3.4 1.3 5L8 11.9l-4.5 2.7 1.3-5-4-3.4L6 5.8Z"/>',
    "pentagon": '<path d="M8 1.8 14.4 6.5 12 14H4L1.6 6.5Z"/>',
}


def glyph_picture(shape: str, colour: str) -> str:
    """A kind's glyph as an SVG data URI; shape and colour come from the registry of kinds."""
    body = _SHAPES.get(shape, _SHAPES["pentagon"])
    return _data_uri(30, 26, f'<g fill="{colour}" transform="translate(7 5)">{body}</g>')


def _data_uri(width: int, height: int, body: str) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
