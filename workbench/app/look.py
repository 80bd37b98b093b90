"""How things look and read: colours by theme, numbers, probability words, dates (look.md §2).

Everything here is pure. Text that comes from a log never passes through this module.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from graph_models.inference import ASSESSMENTS

__all__ = [
    "ASSESSMENT_WORDS",
    "DARK",
    "LIGHT",
    "Theme",
    "assessment_bar",
    "bits",
    "day",
    "figure",
    "glyph_picture",
    "in_words",
    "moment",
    "number",
    "p_value",
    "percent",
    "plural",
    "probability",
    "short",
    "span",
    "theme_named",
]

THIN = "\u202f"  # narrow no-break space: groups digits without letting a line break split them
MINUS = "\u2212"


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
    text="#1B2430",
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


ASSESSMENT_WORDS: Mapping[str, str] = {
    name: name.replace("_", " ") for name in (*ASSESSMENTS, "undecided")
}

# ICD 203: the higher word starts at its limit.
_WORDS: tuple[tuple[float, str], ...] = (
    (0.95, "almost certain"),
    (0.80, "very likely"),
    (0.55, "likely"),
    (0.45, "even chance"),
    (0.20, "unlikely"),
    (0.05, "very unlikely"),
)


def in_words(chance: float) -> str:
    """A probability in the words of ICD 203; 0.80 is already *very likely*."""
    for limit, word in _WORDS:
        at_limit = chance >= limit if limit >= 0.8 else chance > limit
        if at_limit:
            return word
    return "almost no chance"


def probability(chance: float) -> str:
    """Two decimals, open at both ends: <0.01 and >0.99."""
    if chance < 0.01:
        return "<0.01"
    return ">0.99" if chance > 0.99 else f"{chance:.2f}"


def p_value(chance: float | None) -> str:
    """A p value with its relation: "= 0.03", "< 0.001"; "–" when it was not computed."""
    if chance is None:
        return "–"
    return "< 0.001" if chance < 0.001 else f"= {chance:.3f}".rstrip("0").rstrip(".")


def number(value: float | None) -> str:
    """A whole number in groups of three; "–" when it is not known."""
    if value is None:
        return "–"
    text = f"{abs(round(value)):,}".replace(",", THIN)
    return MINUS + text if round(value) < 0 else text


def figure(value: float) -> str:
    """A large count in few characters: 2.6 M, 310 k, 96."""
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.1f}{THIN}M"
    return f"{value / 1_000:.0f}{THIN}k" if abs(value) >= 10_000 else number(value)


def bits(value: float, *, signed: bool = True) -> str:
    """Bits with one decimal and a true minus sign."""
    text = f"{abs(value):.1f}"
    if float(text) == 0:
        return "0.0"
    return (MINUS if value < 0 else "+" if signed else "") + text


def percent(part: int, whole: int) -> str:
    """A share in per cent, one decimal below ten; "–" of nothing."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.0f}{THIN}%" if share >= 10 or share == 0 else f"{share:.1f}{THIN}%"


def span(low: int, high: int) -> str:
    """A range with an en dash; one number when both ends agree."""
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 account", "2 accounts"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def day(when: datetime | None) -> str:
    """A date as "5 Jun 2026"."""
    return "–" if when is None else f"{when.day} {when:%b %Y}"


def moment(when: datetime | None) -> str:
    """A date and a time of day, marked UTC."""
    return "–" if when is None else f"{day(when)} {when:%H:%M} UTC"


def short(identifier: str, keep: int = 12) -> str:
    """An id shortened at the front, so that its telling end stays."""
    return identifier if len(identifier) <= keep + 1 else "…" + identifier[-keep:]


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
