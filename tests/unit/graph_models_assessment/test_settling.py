"""Who is still accused once his own traffic is looked at, and of how much of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models.analysis import members_table
from graph_models.assessment import settled
from graph_models.communities import Draft
from graph_models.communities.membership import TRACES
from graph_models.inference import ASSESSMENTS, Assessment
from graph_models.linking import LinkContext
from tests.unit.graph_models_linking.crowd import Crowd

FRAMES = [f"pc_queue{i}" for i in range(6)]
Scene = tuple[LinkContext, Draft, NDArray[np.object_]]


def at_hours(made: Crowd, account: int, count: int, begin: int, framed: float) -> None:
    rng = made.rng
    day = rng.integers(0, 45, count) + rng.uniform(begin, begin + 7, count) / 24
    frame = np.where(rng.random(count) < framed, rng.choice(FRAMES, count), "")
    made.exchanges.append(pd.DataFrame({"account": account, "day": day, "frame": frame}))


@pytest.fixture(scope="module")
def scene() -> Scene:
    made = Crowd(5)
    for number in range(150):
        at_hours(made, made.account("benign"), 60, (8, 13, 17)[number % 3], 0.0)
    for member in range(14):
        one = made.account("pure")
        made.use(one, "device", f"dv_{member // 7}_{member % 2}", 20)
        at_hours(made, one, 150, 0, 0.4)
    for _ in range(5):
        one = made.account("mixed")
        at_hours(made, one, 100, 0, 0.4)
        at_hours(made, one, 100, 12, 0.0)
    at_hours(made, made.account("framed"), 120, 12, 0.0)
    at_hours(made, made.account("doubtful"), 150, 0, 0.4)
    context = LinkContext.of(made.observations())
    role = made.truth().to_numpy(dtype=object)
    accounts = np.flatnonzero(role != "benign").astype(np.int32)
    layer = context.layer("prompt_cluster")
    assert layer is not None
    doubt = role[accounts] == "doubtful"
    size = len(accounts)
    draft = Draft(
        community="cm_one",
        accounts=accounts,
        tier=np.where(doubt, "possible", "core"),
        confidence=np.where(doubt, 0.4, 0.95),
        traces=np.zeros((size, len(TRACES))),
        share=np.ones(size),
        cell=np.array(["ce_one"] * size, object),
        frames=np.sort(layer.position),
        strength=1.0,
        held_together=1.0,
        robust_to=(),
        chance_p=0.0,
    )
    return context, draft, role[accounts]


def called(name: str, probability: float = 1.0) -> Assessment:
    rest = (1 - probability) / (len(ASSESSMENTS) - 1)
    return Assessment(
        probabilities={one: probability if one == name else rest for one in ASSESSMENTS},
        confidence="high",
        reasons=(),
        innocent_explanations=(),
    )


def settle(scene: Scene, words: Assessment) -> Draft:
    context, draft, _ = scene
    found, assessed = settled(
        context, (draft,), {"cm_one": words}, members_table(context, (draft,))
    )
    assert set(assessed) == {found[0].community}
    return found[0]


def test_mixed_accounts_stay_accused_of_a_part_of_their_traffic(scene: Scene) -> None:
    found, role = settle(scene, called("campaign")), scene[2]
    assert (found.tier[role == "mixed"] == "core").all()
    assert np.abs(found.share[role == "mixed"] - 0.5).max() < 0.12
    assert (found.share[role == "pure"] == 1).all()


def test_who_does_none_of_the_work_is_not_accused(scene: Scene) -> None:
    found, role = settle(scene, called("campaign")), scene[2]
    assert found.tier[role == "framed"].tolist() == ["possible"]
    assert found.confidence[role == "framed"][0] < 0.95
    assert found.share[role == "framed"][0] < 0.15


def test_who_does_all_of_the_work_may_rise_but_not_to_the_core(scene: Scene) -> None:
    found, role = settle(scene, called("campaign")), scene[2]
    assert found.tier[role == "doubtful"].tolist() == ["probable"]
    assert 0.6 <= found.confidence[role == "doubtful"][0] < 0.95


def test_lent_accounts_are_a_cell_of_their_own(scene: Scene) -> None:
    found, role = settle(scene, called("campaign")), scene[2]
    assert len(set(found.cell[role == "mixed"])) == 1
    assert not set(found.cell[role == "mixed"]) & set(found.cell[role == "pure"])


@pytest.mark.parametrize("words", [called("organisation"), called("campaign", 0.5)])
def test_a_community_that_is_not_called_a_campaign_is_left_as_it_is(
    scene: Scene, words: Assessment
) -> None:
    found = settle(scene, words)
    assert (found.share == 1).all()
    assert (found.tier == scene[1].tier).all()
    assert found.community == "cm_one"
