"""Local time and weekends."""

from __future__ import annotations

import pandas as pd
import pytest

from graph_models.errors import UsageError
from ingest.enrichment.calendars import local_hours, weekend_of, zones_of


def test_the_local_week_is_not_that_of_utc() -> None:
    times = pd.Series(pd.to_datetime(["2026-05-01T20:00", "2026-05-04T03:00"]))  # Friday, Monday
    there = local_hours(times, "Asia/Shanghai")
    assert there["hour_of_week"].tolist() == [5 * 24 + 4, 11]
    assert there["weekend"].tolist() == [True, False]
    assert local_hours(times, "UTC")["weekend"].tolist() == [False, False]


def test_summer_time_counts() -> None:
    times = pd.Series(pd.to_datetime(["2026-01-05T12:00", "2026-07-06T12:00"]))
    assert local_hours(times, "Europe/Berlin")["hour_of_week"].tolist() == [13, 14]


def test_weekends_differ_by_country() -> None:
    friday = pd.Series(pd.to_datetime(["2026-05-01T12:00"]))
    assert local_hours(friday, "Africa/Cairo", country="EG")["weekend"].tolist() == [True]
    assert local_hours(friday, "Asia/Dubai", country="AE")["weekend"].tolist() == [False]
    assert weekend_of(None) == {5, 6}


def test_zones_of_countries() -> None:
    assert zones_of("cn") == ("Asia/Shanghai", "Asia/Urumqi")
    assert len(zones_of("US")) > 5
    assert zones_of("XX") == ()


@pytest.mark.parametrize("zone", ["Moon/Tycho", "../etc/passwd", "", "Asia/\x1b"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        local_hours(pd.Series(pd.to_datetime(["2026-05-01"])), zone)
