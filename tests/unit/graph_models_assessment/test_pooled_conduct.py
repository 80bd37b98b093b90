"""Pooled conduct on hand-made activity: a crowd that works from one list, and people beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from graph_models.assessment.chance import POOLS, draws, null_by_size
from graph_models.assessment.halves import features
from graph_models.assessment.moves import moves
from graph_models.assessment.pool import Pool
from graph_models.assessment.step import in_step
from graph_models.assessment.topics import topics
from graph_models.inference import MEMBER_COLUMNS
from graph_models.linking.rhythm import Rhythm
from graph_models.observations import COLUMNS, Observations, empty_table, rows_of

START = np.datetime64("2026-03-02", "us")  # a Monday
DAYS, PEOPLE, CREW = 12, 60, 12
HOUR = np.timedelta64(3600, "s")
TASKS = ("code", "prose", "translation", "analysis")


def observations(activity: pd.DataFrame) -> Observations:
    ids = [f"acc_{number:03d}" for number in range(PEOPLE + CREW)]
    accounts = empty_table("accounts").reindex(range(len(ids)))
    accounts["account"] = ids
    made = activity.groupby("account")["exchanges"].sum()
    accounts["exchanges"] = made.reindex(range(len(ids)), fill_value=0).to_numpy()
    return Observations(
        snapshot="test",
        accounts=accounts,
        identifiers=empty_table("identifiers"),
        sightings=empty_table("sightings"),
        activity_of=rows_of(activity),
    )


def lives(
    rng: np.random.Generator, *, crew: Callable[[int, int], dict[str, object]]
) -> pd.DataFrame:
    """People with hours and tasks of their own, and a crew whose rows ``crew`` changes."""
    rows = []
    for account in range(PEOPLE + CREW):
        hours = (rng.integers(0, 24) + np.arange(6)) % 24
        task = rng.choice(TASKS)
        for day in range(DAYS):
            for hour in hours:
                row = {
                    "account": account,
                    "hour": START + (24 * day + int(hour)) * HOUR,
                    "model": "old",
                    "capability": task if rng.random() < 0.7 else rng.choice(TASKS),
                    "exchanges": int(rng.integers(1, 9)),
                    "elicited": 0,
                }
                if account >= PEOPLE:
                    row |= crew(day, int(hour))
                rows.append(row)
    table = pd.DataFrame(rows).assign(input_tokens=0, output_tokens=0)
    table = table.groupby(["account", "hour", "model", "capability"], as_index=False).sum()
    return table[list(COLUMNS["activity"])].astype(COLUMNS["activity"])


def pool(activity: pd.DataFrame) -> Pool:
    """Two communities: the crew, and as many people who have nothing in common."""
    obs = observations(activity)
    ids = obs.accounts["account"]
    who = pd.concat([ids[PEOPLE:], ids[:CREW]])
    members = pd.DataFrame({
        "account": who.to_numpy(), "community": ["crew"] * CREW + ["people"] * CREW,
        "cell": "c", "tier": "core", "member_confidence": 1.0, "share": 1.0,
    })  # fmt: skip
    return Pool.of(obs, members.astype(MEMBER_COLUMNS))


@pytest.fixture(scope="module", params=[1, 2])
def worked(request: pytest.FixtureRequest) -> Pool:
    def crew(day: int, hour: int) -> dict[str, object]:
        return {"capability": "code", "elicited": 1, "model": "new" if day >= 6 else "old"}

    return pool(lives(np.random.default_rng(request.param), crew=crew))


def test_work_from_one_list_is_further_off_than_random_pools(worked: Pool) -> None:
    crew, people = topics(worked).itertuples(index=False)
    assert crew.capability_top == 1
    assert crew.capability_kl > crew.capability_random
    assert crew.elicited > crew.elicited_random
    assert crew.elicited_lift > 3
    assert people.capability_kl < 2 * people.capability_random
    assert people.elicited == 0


def test_a_move_to_a_model_is_told_with_its_first_day(worked: Pool) -> None:
    crew, people = moves(worked).itertuples(index=False)
    assert crew.moved == pytest.approx(1.0)
    assert crew.moved_others == pytest.approx(0.0)
    assert crew.moved_to == "new (first seen in these logs 2026-03-08)"
    assert people.moved == pytest.approx(0.0)


def test_nobody_moved_where_all_models_were_always_there() -> None:
    still = pool(lives(np.random.default_rng(3), crew=lambda day, hour: {}))
    assert moves(still)["moved"].isna().all()
    assert moves(still)["moved_to"].eq("").all()


def test_features_stand_still_between_even_and_odd_days(worked: Pool) -> None:
    found = features(worked.obs)
    assert set(found) == {"hours", "volume", "work"}
    for halves in found.values():
        assert len(halves) == PEOPLE + CREW
        assert (halves.row_of(PEOPLE + CREW) == np.arange(PEOPLE + CREW)).all()
    hours = found["hours"]
    np.testing.assert_allclose(hours.even, hours.odd)
    np.testing.assert_allclose(hours.whole.sum(axis=1), 1.0)


def test_too_little_activity_has_no_feature() -> None:
    few = lives(np.random.default_rng(1), crew=lambda day, hour: {})
    assert features(observations(few[few["hour"] < START + 24 * HOUR])) == {}
    assert features(observations(few.iloc[:0])) == {}


def test_members_in_step_are_told_from_members_of_the_same_hours() -> None:
    rng = np.random.default_rng(4)
    together = rng.choice(DAYS * 144, 150, replace=False)
    times = [np.sort(rng.choice(DAYS * 144, 150, replace=False)) for _ in range(PEOPLE)]
    times += [np.sort(together + rng.integers(0, 2, 150)) for _ in range(CREW)]
    account = np.repeat(np.arange(PEOPLE + CREW), 150)
    rhythm = Rhythm.of(account, np.concatenate(times) / 144, PEOPLE + CREW)
    groups = pool(lives(rng, crew=lambda day, hour: {}))
    crew, people = in_step(groups, rhythm)["step"]
    assert crew > 3
    assert 0.5 < people < 1.5
    assert in_step(groups, None)["step"].isna().all()


def test_pools_are_the_same_in_every_run_and_compared_with_no_larger_size() -> None:
    code, row = draws(5, 40)
    np.testing.assert_array_equal(row, draws(5, 40)[1])
    assert np.bincount(code).tolist() == [5] * POOLS
    asked: list[int] = []

    def null(size: int) -> np.ndarray:
        asked.append(size)
        return np.arange(POOLS, dtype=float)[::-1]

    sizes = np.array([2, 3, 10, 1000])
    groups = {tuple(at): values for at, values in null_by_size(sizes, 100, null)}
    assert set(groups) == {(1,), (2,), (3,)}  # two members are too few to compare
    assert asked == sorted(asked)
    assert all(size <= 100 for size in asked)
    assert all((np.diff(values) >= 0).all() for values in groups.values())
