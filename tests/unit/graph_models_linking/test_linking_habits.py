"""Habits read off hourly activity: hours, pace, moves to a new model, elicitation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graph_models.linking.habits import (
    elicitation_types,
    hour_types,
    move_types,
    pace_types,
    releases,
)
from graph_models.observations import Observations
from tests.unit.graph_models_linking.crowd import crowd

MONDAY = pd.Timestamp("2026-05-04", tz="UTC")
RELEASED = pd.Timestamp("2026-05-11", tz="UTC")


def activity(rows: list[tuple[int, float]], **columns: object) -> pd.DataFrame:
    """One row for each (account, hours since Monday)."""
    hours = pd.to_timedelta([hour for _, hour in rows], unit="h")
    given = {"model": "m1", "exchanges": 1, "elicited": 0} | columns
    return pd.DataFrame({"account": [who for who, _ in rows], "hour": MONDAY + hours} | given)


def shifts() -> list[tuple[int, float]]:
    """Accounts 0-9 by day, 10-19 by night, on four weeks of workdays."""
    days = [7 * week + day for week in range(4) for day in range(5)]
    return [
        (who, 24 * day + (hour + (12 if who >= 10 else 0)) % 24)
        for who in range(20)
        for day in days
        for hour in range(9, 13)
    ]


def test_shifts_are_told_apart_by_the_hours_of_the_week() -> None:
    main = hour_types(activity(shifts()), 21).posterior.argmax(axis=1)
    assert len(set(main[:10])) == 1
    assert len(set(main[10:20])) == 1
    assert main[0] != main[10]


def test_repeats_within_an_hour_are_one_event() -> None:
    once, often = shifts(), [row for row in shifts() for _ in range(9)]
    assert np.array_equal(
        hour_types(activity(once), 20).posterior, hour_types(activity(often), 20).posterior
    )


def test_the_order_of_rows_does_not_matter() -> None:
    rows = activity(shifts())
    shuffled = rows.sample(frac=1, random_state=3)
    assert np.array_equal(hour_types(rows, 20).posterior, hour_types(shuffled, 20).posterior)


def test_pace_parts_machines_that_never_rest_from_people() -> None:
    rows = [(who, 24 * day + hour) for who in (0, 1) for day in range(10) for hour in range(24)]
    rows += [(who, 24 * day + 10) for who in range(2, 12) for day in range(10)]
    main = pace_types(activity(rows), 13).posterior.argmax(axis=1)
    assert main[0] == main[1]
    assert set(main[2:12]).isdisjoint({main[0]})


def test_nobody_active_has_one_type() -> None:
    none = activity([])
    assert pace_types(none, 3).posterior.shape == (3, 1)


def test_moves_count_only_the_days_after_the_release() -> None:
    rows = [(who, 24 * 7 + hour) for who in range(8) for hour in range(40)]
    late = [(who, 24 * 12 + hour) for who in range(4, 8) for hour in range(40)]
    table = activity(rows + late)
    table["model"] = np.where(table["account"] < 4, "m2", "m1")
    table.loc[len(rows) :, "model"] = "m2"  # the others moved, too, but days later
    day = RELEASED.timestamp() / 86_400
    found = move_types(table, 8, model="m2", released=day, days=2.0).posterior.argmax(axis=1)
    assert len(set(found[:4])) == 1
    assert len(set(found[4:])) == 1
    assert found[0] > found[4]


def test_elicitation_parts_who_asks_for_reasoning_from_who_seldom_does() -> None:
    table = activity([(who, hour) for who in range(6) for hour in range(50)])
    table["elicited"] = (table["account"] < 3).astype(int)
    main = elicitation_types(table, 6).posterior.argmax(axis=1)
    assert (main[:3] > main[3:].max()).all()


@pytest.fixture
def obs() -> Observations:
    return crowd(1, ordinary=30, campaign=0, customers=0).observations()


def test_a_model_in_use_from_the_beginning_is_no_release(obs: Observations) -> None:
    assert releases(obs) == {}


def test_a_model_first_seen_later_is_a_release_on_that_day(obs: Observations) -> None:
    late = obs.activity["hour"] >= obs.activity["hour"].min() + pd.Timedelta(days=10)
    obs.activity.loc[late, "model"] = "m2"
    first = obs.activity.loc[late, "hour"].min()
    assert list(releases(obs)) == ["m2"]
    assert releases(obs)["m2"] == pytest.approx(first.timestamp() / 86_400)
