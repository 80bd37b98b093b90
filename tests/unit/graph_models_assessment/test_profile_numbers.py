"""The numbers of a profile on a hand-made population whose groups are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graph_models.assessment import CommunityProfile, assess, profiles
from graph_models.assessment.tempo import _quiet
from graph_models.families import FAMILIES
from graph_models.inference import LINK_COLUMNS, MEMBER_COLUMNS
from graph_models.observations import Observations
from tests.unit.graph_models_linking.crowd import crowd

GROUPS = ("campaign", "customer", "household", "office")


def members_of(obs: Observations, role: pd.Series) -> pd.DataFrame:
    """A community for every group, all members core."""
    rows = pd.DataFrame({"account": obs.accounts["account"], "community": role})
    rows = rows[role.isin(GROUPS)]
    rows = rows.assign(cell="ce_1", tier="core", member_confidence=1.0, share=1.0)
    return rows.astype(MEMBER_COLUMNS).sort_values(["community", "account"], ignore_index=True)


def links_of(obs: Observations, role: pd.Series) -> pd.DataFrame:
    """Links along each group, held by cards."""
    pairs = [np.flatnonzero(role == group) for group in GROUPS]
    a = np.concatenate([who[:-1] for who in pairs])
    b = np.concatenate([who[1:] for who in pairs])
    table = pd.DataFrame({"a": a, "b": b, "millibits": 9000} | {f.value: 0 for f in FAMILIES})
    return table.assign(instrument=9000).astype(LINK_COLUMNS)


@pytest.fixture(scope="module")
def found() -> dict[str, CommunityProfile]:
    made = crowd(3)
    obs, role = made.observations(), made.truth()
    return profiles(obs, members_of(obs, role), links_of(obs, role))


def test_every_community_is_profiled(found: dict[str, CommunityProfile]) -> None:
    assert tuple(found) == GROUPS
    assert {name: p.size for name, p in found.items()} == {
        "campaign": 60, "customer": 40, "household": 45, "office": 30,
    }  # fmt: skip


def test_one_card_and_several_cards(found: dict[str, CommunityProfile]) -> None:
    assert found["office"].card_top == 1
    assert found["office"].card_groups == 1
    assert found["campaign"].card_groups == 6
    assert found["campaign"].card_top < 0.4


def test_own_and_shared_devices(found: dict[str, CommunityProfile]) -> None:
    assert found["office"].device_cover == 0
    assert found["campaign"].device_cover == 1
    assert found["campaign"].device_groups == 9


def test_frames_are_the_campaign_s_and_popular_ones_nobody_s(
    found: dict[str, CommunityProfile],
) -> None:
    assert found["campaign"].frame_count == 8
    assert found["campaign"].frame_share == pytest.approx(0.9, abs=0.05)
    assert found["campaign"].frame_cover == 1
    assert found["customer"].frame_share == 0


def test_the_bits_of_links_by_family(found: dict[str, CommunityProfile]) -> None:
    assert found["office"].bits_instrument == 1
    assert found["office"].bits_network == 0


def test_what_no_source_has_is_unknown(found: dict[str, CommunityProfile]) -> None:
    assert np.isnan(found["campaign"].organisation_cover)
    assert np.isnan(found["campaign"].capability_kl)
    assert np.isnan(found["campaign"].moved)


def test_the_crowd_s_groups_are_assessed(found: dict[str, CommunityProfile]) -> None:
    said = {name: assess(profile).assessed_as for name, profile in found.items()}
    assert said["campaign"] == "campaign"
    assert said["office"] == "organisation"
    assert "campaign" not in {said["customer"], said["household"]}


def test_profiles_do_not_depend_on_the_order_of_rows() -> None:
    made = crowd(4)
    obs, role = made.observations(), made.truth()
    members, links = members_of(obs, role), links_of(obs, role)
    mixed = profiles(
        obs, members.sample(frac=1, random_state=1), links.sample(frac=1, random_state=2)
    )
    assert repr(profiles(obs, members, links)) == repr(mixed)


def test_possible_members_are_not_profiled_unless_there_are_no_others() -> None:
    made = crowd(5)
    obs, role = made.observations(), made.truth()
    members, links = members_of(obs, role), links_of(obs, role)
    office = members["community"] == "office"
    members.loc[office & (members.index % 2 == 0), "tier"] = "possible"
    assert profiles(obs, members, links)["office"].size == 15
    members.loc[office, "tier"] = "possible"
    assert profiles(obs, members, links)["office"].size == 30


def test_no_members_no_profiles() -> None:
    obs = crowd(6).observations()
    none = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in MEMBER_COLUMNS.items()})
    links = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in LINK_COLUMNS.items()})
    assert profiles(obs, none, links) == {}


def test_the_quiet_eight_hours() -> None:
    flat, day = np.ones(24), np.zeros(24)
    day[8:16] = 1
    around_midnight = np.roll(day, -9)
    assert _quiet(np.array([flat, day, around_midnight])).tolist() == pytest.approx([1 / 3, 0, 0])
