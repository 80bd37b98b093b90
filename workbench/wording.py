"""How figures read: numbers, ranges, probability words, dates (ICD 203; the screens' conventions).

Everything here is pure. Text that comes from a log never passes through this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from graph_models.inference import ASSESSMENTS

__all__ = [
    "ASSESSMENT_WORDS",
    "bits",
    "day",
    "figure",
    "in_words",
    "is_zone",
    "local",
    "moment",
    "number",
    "p_value",
    "percent",
    "plural",
    "probability",
    "short",
    "span",
]

THIN = "\u202f"  # narrow no-break space: groups digits without letting a line break split them
MINUS = "\u2212"
UTC_ZONE = "UTC"
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")

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


def is_zone(name: str) -> bool:
    """Whether that is a time zone's name ("UTC", "Europe/Berlin") that this machine knows."""
    return bool(_ZONE.fullmatch(name)) and name in available_timezones()


def local(when: datetime, zone: str = UTC_ZONE) -> datetime:
    """A time as the clocks of a zone show it; a time without a mark is UTC, as all our data is."""
    marked = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return marked.astimezone(ZoneInfo(zone))


def day(when: datetime | None, zone: str = UTC_ZONE) -> str:
    """A date in a zone as "5 Jun 2026"; "–" when it is not known."""
    if when is None or _missing(when):
        return "–"
    here = local(when, zone)
    return f"{here.day} {here:%b %Y}"


def moment(when: datetime | None, zone: str = UTC_ZONE) -> str:
    """A date and a time of day in a zone, 24 h, with the zone's name: "5 Jun 2026 14:03 UTC"."""
    if when is None or _missing(when):
        return "–"
    return f"{day(when, zone)} {local(when, zone):%H:%M} {zone}"


def _missing(when: datetime) -> bool:
    return when != when  # a missing time of pandas is not itself


def short(identifier: str, keep: int = 12) -> str:
    """An id shortened at the front, so that its telling end stays."""
    return identifier if len(identifier) <= keep + 1 else "…" + identifier[-keep:]
