"""Many communities are assessed as each would be alone; hours are read where they matter."""

from __future__ import annotations

from dataclasses import asdict, fields

import numpy as np
import pandas as pd
import pytest

import graph_models.observations as observed
from graph_models.assessment import CommunityProfile, assess, profiles
from graph_models.assessment.assess import Standing, assess_many
from graph_models.assessment.belonging import conduct_bits
from graph_models.assessment.ledger import Standings
from graph_models.assessment.pool import Pool
from graph_models.assessment.profile import Profiles
from graph_models.assessment.profiling import profiles_of
from graph_models.assessment.tempo import BURST_DAYS, bursts
from graph_models.families import Family
from graph_models.observations import Observations
from tests.unit.graph_models_assessment.archetypes import CAMPAIGN, INNOCENT
from tests.unit.graph_models_assessment.test_profile_numbers import GROUPS, links_of, members_of
from tests.unit.graph_models_linking.crowd import crowd

NUMBERS = [field.name for field in fields(CommunityProfile) if field.name != "moved_to"]
SMALL = 60  # accounts of the sample, where the population is to be taken for a large one


def some_profiles(count: int, seed: int) -> list[CommunityProfile]:
    """Archetypes whose numbers are changed a little, made unknown, or swapped between them."""
    rng = np.random.default_rng(seed)
    known = [CAMPAIGN, *INNOCENT.values()]
    made = []
    for _ in range(count):
        numbers = asdict(known[rng.integers(len(known))])
        other = asdict(known[rng.integers(len(known))])
        for name in NUMBERS:
            kind = rng.random()
            numbers[name] = other[name] if kind < 0.2 else numbers[name] * rng.uniform(0.7, 1.3)
            if 0.2 < kind < 0.35 and name != "size":
                numbers[name] = np.nan
        made.append(CommunityProfile(**numbers))
    return made


@pytest.mark.parametrize("without", [frozenset(), frozenset({Family.TIMING, Family.DEVICE})])
def test_many_are_assessed_as_each_alone(without: frozenset[Family]) -> None:
    made = [CAMPAIGN, *INNOCENT.values(), *some_profiles(60, 3)]
    rng = np.random.default_rng(1)
    chance, robust = rng.random(len(made)) ** 3, rng.random(len(made)) < 0.7
    table = Profiles(tuple(map(str, range(len(made)))), pd.DataFrame([asdict(p) for p in made]))
    found = assess_many(table, Standings(chance_p=chance, robust=robust, without=without))
    for profile, p, firm, mine in zip(made, chance.tolist(), robust.tolist(), found, strict=True):
        standing = Standing(chance_p=p, robust_to=("ip",) if firm else (), without=without)
        assert assess(profile, standing) == mine
    assert {one.confidence for one in found} == {"low", "moderate", "high"}
    if not without:
        assert 0 < sum(one.assessed_as == "campaign" for one in found) < len(found)


def test_the_densest_week_is_that_of_the_calendar() -> None:
    made = crowd(4, ordinary=40, campaign=12, customers=6)
    obs = made.observations()
    pool = Pool.of(obs, members_of(obs, made.truth()))
    found = bursts(pool)
    for code in range(len(pool.names)):
        rows = pool.activity[pool.activity["community"] == code]
        days = rows.groupby(rows["hour"].dt.floor("D"))["exchanges"].sum().asfreq("D", fill_value=0)
        week = days.rolling(BURST_DAYS, min_periods=1).sum().max()
        assert found.loc[code, "burst"] == pytest.approx(week / days.sum())
        assert found.loc[code, "life_days"] == len(days)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> tuple[Observations, pd.Series]:
    """A population of which a sample speaks for the whole."""
    made = crowd(3, ordinary=120)
    monkeypatch.setattr(observed, "SAMPLE", SMALL)
    return made.observations(), made.truth()


def test_hours_are_read_of_what_a_campaign_could_lead_and_of_no_home(
    large: tuple[Observations, pd.Series],
) -> None:
    obs, role = large
    assert len(obs.sample) == SMALL
    members, links = members_of(obs, role), links_of(obs, role)
    found = profiles_of(obs, members, links).table.set_index(pd.Index(GROUPS))
    assert found["quiet_own"].notna()["campaign"]
    assert np.isnan(found["quiet_own"]["office"])


def test_a_sample_tells_of_members_what_the_whole_tells(
    large: tuple[Observations, pd.Series], monkeypatch: pytest.MonkeyPatch
) -> None:
    obs, role = large
    members, links = members_of(obs, role), links_of(obs, role)
    sampled, some = profiles(obs, members, links), conduct_bits(obs, members)
    monkeypatch.setattr(observed, "SAMPLE", 10**6)
    fresh = crowd(3, ordinary=120).observations()
    whole, every = profiles(fresh, members, links), conduct_bits(fresh, members)
    for name in ("quiet_own", "quiet_pooled", "weekend", "burst", "life_days", "card_groups"):
        told = getattr(sampled["campaign"], name)
        assert told == pytest.approx(getattr(whole["campaign"], name)), name
    assert assess(sampled["office"]).probabilities["campaign"] < 0.05
    both = pd.concat([some, every], axis=1).loc["campaign"]
    assert not np.isnan(both.to_numpy()).any()
    assert np.corrcoef(both.to_numpy().T)[0, 1] > 0.5
