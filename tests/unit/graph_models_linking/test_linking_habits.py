"""Habits read off hourly activity: hours, pace, moves to a new model, elicitation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graph_models.linking.habits import (
    ELICITING,
    HOURS,
    PACE,
    Habit,
    counted_for,
    habits_of,
    main_capability,
    releases,
)
from graph_models.linking.types import Types
from graph_models.observations import Observations
from graph_models.tallies import MOST_WEEKS, Counted, tallied
from tests.unit.graph_models_linking.crowd import crowd

MONDAY = pd.Timestamp("2026-05-04", tz="UTC")
RELEASED = pd.Timestamp("2026-05-11", tz="UTC")
NOTHING = Counted(moves={}, capabilities=())


def activity(rows: list[tuple[int, float]], **columns: object) -> pd.DataFrame:
    """One row for each (account, hours since Monday)."""
    hours = pd.to_timedelta([hour for _, hour in rows], unit="h")
    given = {"model": "m1", "exchanges": 1, "elicited": 0} | columns
    return pd.DataFrame(
        {"account": [who for who, _ in rows], "hour": (MONDAY + hours).tz_localize(None)} | given
    )


def types(habit: Habit, rows: pd.DataFrame, accounts: int, counted: Counted = NOTHING) -> Types:
    """The types of all accounts, learned from themselves."""
    events = habit.events(tallied(rows.assign(capability=None), accounts, counted))
    return habit.learn(events).types(events, habit.name)


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
    main = types(HOURS, activity(shifts()), 21).posterior.argmax(axis=1)
    assert len(set(main[:10])) == 1
    assert len(set(main[10:20])) == 1
    assert main[0] != main[10]


def test_repeats_within_an_hour_are_one_event() -> None:
    once, often = shifts(), [row for row in shifts() for _ in range(9)]
    assert np.array_equal(
        types(HOURS, activity(once), 20).posterior, types(HOURS, activity(often), 20).posterior
    )


def test_the_order_of_rows_does_not_matter() -> None:
    rows = activity(shifts())
    shuffled = rows.sample(frac=1, random_state=3)
    assert np.array_equal(types(HOURS, rows, 20).posterior, types(HOURS, shuffled, 20).posterior)


def test_pace_parts_machines_that_never_rest_from_people() -> None:
    rows = [(who, 24 * day + hour) for who in (0, 1) for day in range(10) for hour in range(24)]
    rows += [(who, 24 * day + 10) for who in range(2, 12) for day in range(10)]
    main = types(PACE, activity(rows), 13).posterior.argmax(axis=1)
    assert main[0] == main[1]
    assert set(main[2:12]).isdisjoint({main[0]})


def test_nobody_active_has_one_type() -> None:
    none = activity([])
    assert types(PACE, none, 3).posterior.shape == (3, 1)


def test_moves_count_only_the_days_after_the_release() -> None:
    rows = [(who, 24 * 7 + hour) for who in range(8) for hour in range(40)]
    late = [(who, 24 * 12 + hour) for who in range(4, 8) for hour in range(40)]
    table = activity(rows + late)
    table["model"] = np.where(table["account"] < 4, "m2", "m1")
    table.loc[len(rows) :, "model"] = "m2"  # the others moved, too, but days later
    hour = int(RELEASED.timestamp()) // 3600
    counted = Counted(moves={"m2": (hour, hour + 48)}, capabilities=())
    move = habits_of(counted)["move to m2"]
    found = types(move, table, 8, counted).posterior.argmax(axis=1)
    assert len(set(found[:4])) == 1
    assert len(set(found[4:])) == 1
    assert found[0] > found[4]


def test_elicitation_parts_who_asks_for_reasoning_from_who_seldom_does() -> None:
    table = activity([(who, hour) for who in range(6) for hour in range(50)])
    table["elicited"] = (table["account"] < 3).astype(int)
    main = types(ELICITING, table, 6).posterior.argmax(axis=1)
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


def test_a_tally_counts_an_hour_a_week_and_a_day_once() -> None:
    rows = [(0, 5), (0, 5), (0, 6), (0, 24 + 5), (0, 24 * 7 + 5)]
    tally = tallied(activity(rows, capability=None), 2, NOTHING)
    assert np.flatnonzero(tally.week[0]).tolist() == [5, 6, 29]
    assert tally.week[0, [5, 6, 29]].tolist() == [2, 1, 1]
    assert tally.days[0, :4].tolist() == [0, 2, 1, 0]
    assert not tally.week[1].any()
    assert tally.exchanges.tolist() == [5, 0]
    long = activity([(0, 24 * 7 * week) for week in range(300)], capability=None)
    assert tallied(long, 1, NOTHING).week[0, 0] == MOST_WEEKS


def test_what_nobody_named_is_no_capability() -> None:
    counted = Counted(moves={}, capabilities=("chess", "law"))
    told = ["law"] * 40 + ["", None] * 20 + ["poetry"] * 5
    table = activity([(0, hour) for hour in range(len(told))], capability=told)
    tally = tallied(table, 2, counted)
    assert tally.capabilities.tolist() == [[0, 40, 5], [0, 0, 0]]
    main, seen = main_capability(tally)
    assert main.tolist() == [1, -1]
    assert seen.tolist() == [True, False]


def test_what_is_counted_follows_from_the_sample(obs: Observations) -> None:
    late = obs.activity["hour"] >= obs.activity["hour"].min() + pd.Timedelta(days=10)
    obs.activity.loc[late, "model"] = "m2"
    first = int(obs.activity.loc[late, "hour"].min().timestamp()) // 3600
    counted = counted_for(obs)
    assert dict(counted.moves) == {"m2": (first, first + 48)}
    assert set(counted.capabilities) == set(obs.activity["capability"].dropna()) - {""}
