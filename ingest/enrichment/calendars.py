"""Local time and weekends from the IANA time zone database alone, with no network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from graph_models.errors import UsageError
from graph_models.text import inert

__all__ = ["local_hours", "weekend_of", "zones_of"]

# Days on which offices are closed, Monday = 0 (Unicode CLDR 47, supplemental weekData). Elsewhere
# they are Saturday and Sunday.
_USUAL = frozenset({5, 6})
_WEEKENDS: dict[str, frozenset[int]] = {
    **dict.fromkeys(
        ("BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE"),
        frozenset({4, 5}),
    ),
    "AF": frozenset({3, 4}),
    "IR": frozenset({4}),
    "IN": frozenset({6}),
    "UG": frozenset({6}),
}


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    text = files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            countries, _, zone = line.split("\t")[:3]
            for country in countries.split(","):
                found[country] = (*found.get(country, ()), zone)
    return found


def zones_of(country: str) -> tuple[str, ...]:
    """The time zones of a country (ISO 3166-1 alpha-2); several where it spans more than one."""
    return _zones().get(country.upper(), ())


def weekend_of(country: str | None) -> frozenset[int]:
    """The days of the week without office hours, Monday = 0; the usual ones where unknown."""
    return _WEEKENDS.get((country or "").upper(), _USUAL)


def local_hours(times: pd.Series, zone: str, *, country: str | None = None) -> pd.DataFrame:
    """Where in the local week each moment lies.

    Args:
        times: UTC moments without zone.
        zone: IANA name, such as ``Asia/Shanghai``.
        country: Whose weekend counts.

    Returns:
        hour_of_week (0..167, Monday midnight = 0) and weekend, aligned with ``times``.

    Raises:
        UsageError: there is no such zone.
    """
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"{inert(repr(zone))} is no time zone.", fix="Use an IANA name such as Asia/Shanghai."
        ) from None
    local = times.dt.tz_localize("UTC").dt.tz_convert(there).dt
    day = local.day_of_week
    closed = day.isin(weekend_of(country))
    return pd.DataFrame({"hour_of_week": 24 * day + local.hour, "weekend": closed})
