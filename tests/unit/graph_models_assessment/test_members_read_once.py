"""Members are read once, and only as many as the budget allows; what is counted is what is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import graph_models.assessment.chosen as chosen
import graph_models.observations as observed
from graph_models.assessment.background import Background
from graph_models.assessment.chosen import to_read
from graph_models.assessment.conduct import own_frames
from graph_models.assessment.pool import Pool
from graph_models.assessment.profiling import profiles_of
from graph_models.assessment.reading import Reading, hourly, with_codes
from graph_models.assessment.runs import distinct, firsts, together
from graph_models.observations import COLUMNS, Observations, empty_table, rows_of
from tests.unit.graph_models_assessment.test_profile_numbers import links_of, members_of
from tests.unit.graph_models_linking.crowd import crowd

PEOPLE = 30
FEW = 8  # of each community are read in these tests
_KEYS = ["account", "hour", "model", "capability"]


def exchanges(seed: int = 0) -> pd.DataFrame:
    """Exchanges of which some lack a model, some a capability."""
    rng = np.random.default_rng(seed)
    rows = 2_000
    start = np.datetime64("2026-03-02", "us")
    made = pd.DataFrame(
        {
            "account": rng.integers(0, PEOPLE, rows),
            "ts": start + rng.integers(0, 5 * 86_400, rows).astype("timedelta64[s]"),
            "cluster": rng.integers(-1, 4, rows),
            "prompt": rng.integers(0, 50, rows),
            "model": rng.choice(["m1", "m2", None], rows),
            "capability": rng.choice(["code", "prose", None], rows),
            "elicited": rng.random(rows) < 0.3,
        }
    ).astype(COLUMNS["exchanges"])
    return made.sort_values(["account", "ts"], ignore_index=True)


def plain_hours(rows: pd.DataFrame) -> pd.DataFrame:
    """Activity by a plain group-by."""
    each = rows.assign(hour=rows["ts"].dt.floor("h")).groupby(_KEYS, dropna=False)["elicited"]
    found = each.agg(exchanges="size", elicited="sum").reset_index()
    return found.sort_values(_KEYS, ignore_index=True)


def observations(
    rows: pd.DataFrame, asked: list[list[int]], *, made: NDArray[np.int64] | None = None
) -> Observations:
    """Whose ``exchanges_of`` notes who was asked for."""
    accounts = empty_table("accounts").reindex(range(PEOPLE))
    accounts["account"] = [f"acc_{number:03d}" for number in range(PEOPLE)]
    accounts["exchanges"] = np.bincount(rows["account"], minlength=PEOPLE) if made is None else made
    read = rows_of(rows)

    def exchanges_of(who: NDArray[np.int32]) -> pd.DataFrame:
        asked.append(who.tolist())
        return read(who)

    return Observations(
        snapshot="test",
        accounts=accounts,
        identifiers=empty_table("identifiers"),
        sightings=empty_table("sightings"),
        exchanges_of=exchanges_of,
        activity_of=rows_of(plain_hours(rows).assign(exchanges=7)),
    )


def same(found: pd.DataFrame, plain: pd.DataFrame) -> None:
    columns = [*_KEYS, "exchanges", "elicited"]
    left, right = (
        table[columns].astype({"model": "str", "capability": "str", "account": "int64"})
        for table in (found, plain)
    )
    left = left.sort_values(_KEYS, ignore_index=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_hours_counted_from_exchanges_are_those_of_a_plain_group_by() -> None:
    rows = exchanges()
    same(hourly(with_codes(rows)), plain_hours(rows))
    assert not len(hourly(with_codes(rows.iloc[:0])))


def test_every_account_is_asked_for_once_and_told_as_it_was() -> None:
    rows, asked = exchanges(), []  # type: ignore[var-annotated]
    reading = Reading(observations(rows, asked))
    reading.read(np.array([7, 3, 9]))
    few = reading.exchanges_of(np.array([3, 5], np.int32))
    again = reading.exchanges_of(np.array([9, 5, 3, 7], np.int32))
    assert asked == [[3, 7, 9], [5]]
    assert reading.holds(np.array([3, 4, 5])).tolist() == [True, False, True]
    for found, who in ((few, [3, 5]), (again, [3, 5, 7, 9])):
        plain = rows[rows["account"].isin(who)].reset_index(drop=True)
        told = found.reset_index(drop=True).astype({"model": "str", "capability": "str"})
        pd.testing.assert_frame_equal(told, plain, check_dtype=False)


def test_hours_are_asked_for_where_exchanges_are_not_all_at_hand() -> None:
    rows = exchanges()
    who = np.array([2, 4, 11], np.int32)
    plain = plain_hours(rows[rows["account"].isin(who)])
    reading = Reading(observations(rows, []))
    same(reading.hours_of(who), plain)
    same(reading.hours_of(who[:1]), plain[plain["account"] == 2])
    more = np.bincount(rows["account"], minlength=PEOPLE) + 1
    lacking = Reading(observations(rows, [], made=more))
    same(lacking.hours_of(who), plain.assign(exchanges=7))


@pytest.mark.parametrize("order", [np.sort, lambda key: key])
def test_runs_are_those_of_a_plain_count(
    order: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> None:
    key = order(np.append([-8, -9], np.random.default_rng(2).integers(-9, 40, 300)))
    plain, at, counts = np.unique(key, return_inverse=True, return_counts=True)
    assert distinct(key).tolist() == plain.tolist()
    assert together(key).tolist() == counts[at].tolist()
    assert sorted(key[firsts(key)]) == plain.tolist()
    for function in (distinct, firsts, together):
        assert not len(function(key[:0]))  # type: ignore[operator]


def test_what_members_used_is_what_a_plain_join_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    made = crowd(2, ordinary=60)
    obs = made.observations()
    pool = Pool.of(obs, members_of(obs, made.truth()))
    plain = pool.table.merge(obs.sightings, on="account")
    plain["kind"] = obs.identifiers["kind"].to_numpy()[plain["identifier"]]
    plain["inside"] = plain.groupby(["community", "identifier"])["account"].transform("size")
    columns = ["community", "account", "identifier", "inside"]
    for kind in (*obs.identifiers["kind"].unique(), "nothing"):
        found = pool.uses(kind).sort_values(columns, ignore_index=True)[columns]
        rows = plain[plain["kind"] == kind].sort_values(columns, ignore_index=True)[columns]
        pd.testing.assert_frame_equal(found, rows, check_dtype=False)
        met = rows[obs.identifiers["accounts"].to_numpy()[rows["identifier"]] > 1]
        monkeypatch.setattr("graph_models.assessment.pool._AT_ONCE", 7)
        parts = pd.concat([empty_table("sightings")[[]], *pool.uses_by_part(kind)])
        told = parts.reindex(columns=columns).sort_values(columns, ignore_index=True)
        assert told.to_numpy(np.int64).tolist() == met.to_numpy(np.int64).tolist()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> tuple[Observations, pd.DataFrame, pd.DataFrame]:
    """A population of which a sample speaks; the large community is a campaign."""
    made = crowd(3, ordinary=120, campaign=60)
    monkeypatch.setattr(observed, "SAMPLE", 60)
    obs = made.observations()
    return obs, members_of(obs, made.truth()), links_of(obs, made.truth())


def budget(monkeypatch: pytest.MonkeyPatch, exchanges: float) -> None:
    monkeypatch.setattr(chosen, "LEAST", FEW)
    monkeypatch.setattr(chosen, "SHARES", replace(chosen.SHARES, read=int(exchanges)))


def test_all_are_read_within_the_budget_and_small_communities_whole_beyond_it(
    large: tuple[Observations, pd.DataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    obs, members, _ = large
    rng = np.random.default_rng(5)
    members = members.assign(share=rng.random(len(members)), member_confidence=0.9)
    pool = Pool.of(obs, members)
    every = np.unique(pool.table["account"])
    budget(monkeypatch, 1e9)
    for found in to_read(pool, members):
        assert found.tolist() == every.tolist()
    made = obs.accounts["exchanges"].to_numpy()
    budget(monkeypatch, 0.5 * made[every].sum())
    read, even = to_read(pool, members)
    assert set(even) <= set(read) < set(every)
    ids = obs.accounts["account"].to_numpy()
    rows = members.assign(read=members["account"].isin(ids[read]))
    each = rows.groupby("community")["read"].agg(["sum", "size"])
    assert (each["sum"] >= each["size"].clip(upper=FEW)).all()
    volume = pd.Series(pool.made, index=pool.names)
    least, most = volume.idxmin(), volume.idxmax()
    assert each.loc[least, "sum"] == each.loc[least, "size"]
    assert each.loc[most, "sum"] < each.loc[most, "size"]
    assert rows[rows["community"] == most].sort_values("share")["read"].iloc[:3].all()
    shuffled = members.sample(frac=1.0, random_state=1)
    assert to_read(pool, shuffled)[0].tolist() == read.tolist()


def test_a_part_of_a_large_community_tells_what_all_of_it_tells(
    large: tuple[Observations, pd.DataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    obs, members, links = large
    whole = profiles_of(obs, members, links)
    budget(monkeypatch, 0.4 * obs.accounts["exchanges"].sum())
    background = Background(obs)
    part = profiles_of(obs, members, links, background=background)
    at = whole.names.index("campaign")
    assert not background.reading.holds(Pool.of(obs, members).table["account"].to_numpy()).all()
    for name in ("size", "card_groups", "frame_share"):
        assert getattr(part, name)[at] == getattr(whole, name)[at]
    for name in ("quiet_own", "burst"):
        assert getattr(part, name)[at] == pytest.approx(getattr(whole, name)[at], rel=0.2)
    office = whole.names.index("office")
    assert np.isnan(part.quiet_own[office])


def test_frames_of_some_communities_are_those_among_all(
    large: tuple[Observations, pd.DataFrame, pd.DataFrame],
) -> None:
    obs, members, _ = large
    pool = Pool.of(obs, members)
    code = pool.names.index("campaign")
    every, alone = own_frames(pool), own_frames(pool.part(np.array([code])))
    assert len(alone)
    mine = every[every["community"] == code]
    assert alone["identifier"].tolist() == mine["identifier"].tolist()
