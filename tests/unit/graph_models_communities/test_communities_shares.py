"""What part of a member's traffic is the operator's work: by frames, by hours, by both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from graph_models.communities.kernels import shared_out
from graph_models.communities.lives import lives_of
from graph_models.communities.rules import SHARES
from graph_models.communities.shares import Division, Ground, divided
from graph_models.communities.traffic import Traffic, spread, within_budget
from graph_models.families import Family
from graph_models.linking import LinkContext
from tests.unit.graph_models_linking.crowd import Crowd

PURE, MIXED, STRANGERS = 12, 6, 3
PART = 0.5  # of mixed accounts' traffic
FRAMES = [f"pc_queue{i}" for i in range(6)]


@dataclass(frozen=True)
class Scene:
    context: LinkContext
    accounts: NDArray[np.int64]
    role: NDArray[np.object_]
    frames: NDArray[np.int32]

    def divided(self, frames: NDArray[np.int32], without: tuple[Family, ...] = ()) -> Division:
        context = self.context.leaving_out(without)
        outsiders = np.ones(context.accounts, bool)
        outsiders[self.accounts] = False
        lives = lives_of(context, outsiders)
        assert lives is not None
        return divided(context, self.accounts, frames, lives)


def at_hours(made: Crowd, account: int, count: int, hours: tuple[int, int], framed: float) -> None:
    """Exchanges at some hours of any day; a share of them in the frames of the queue."""
    rng = made.rng
    day = rng.integers(0, 45, count) + rng.uniform(*hours, count) / 24
    frame = np.where(rng.random(count) < framed, rng.choice(FRAMES, count), "")
    made.exchanges.append(pd.DataFrame({"account": account, "day": day, "frame": frame}))


@pytest.fixture(scope="module")
def scene() -> Scene:
    made = Crowd(3)
    for number in range(150):
        begin = (8, 13, 17)[number % 3]
        at_hours(made, made.account("benign"), 60, (begin, begin + 6), 0.0)
    for _ in range(PURE):
        at_hours(made, made.account("pure"), 150, (0, 7), 0.4)
    for _ in range(MIXED):
        one = made.account("mixed")
        at_hours(made, one, round(200 * PART), (0, 7), 0.4)
        at_hours(made, one, round(200 * (1 - PART)), (11, 18), 0.0)
    for _ in range(STRANGERS):
        at_hours(made, made.account("stranger"), 120, (9, 16), 0.02)
    at_hours(made, made.account("idle"), 4, (9, 16), 0.0)
    made.account("silent")
    context = LinkContext.of(made.observations())
    role = made.truth().to_numpy(dtype=object)
    accounts = np.flatnonzero(role != "benign").astype(np.int64)
    layer = context.layer("prompt_cluster")
    assert layer is not None
    return Scene(context, accounts, role[accounts], np.sort(layer.position))


def test_traffic_divides_where_frames_show_only_a_part_of_the_work(scene: Scene) -> None:
    found = scene.divided(scene.frames)
    assert found.part[scene.role == "pure"].min() > SHARES.full
    assert np.abs(found.part[scene.role == "mixed"] - PART).max() < 0.1
    assert found.part[scene.role == "stranger"].max() < 0.1


@pytest.mark.parametrize("without", [(), (Family.PROMPTS,)])
def test_hours_divide_traffic_where_no_frame_is_known(
    scene: Scene, without: tuple[Family, ...]
) -> None:
    found = scene.divided(np.zeros(0, np.int32), without)
    assert found.part[scene.role == "pure"].min() > SHARES.full
    assert np.abs(found.part[scene.role == "mixed"] - PART).max() < 0.15
    assert found.part[scene.role == "stranger"].max() < 0.15


def test_doing_the_work_is_evidence_and_doing_none_is_not(scene: Scene) -> None:
    found = scene.divided(scene.frames)
    assert found.bits[np.isin(scene.role, ["pure", "mixed"])].min() > SHARES.raised
    assert found.bits[scene.role == "stranger"].max() < SHARES.shared


def test_too_few_exchanges_tell_nothing(scene: Scene) -> None:
    found = scene.divided(scene.frames)
    assert np.isnan(found.bits[np.isin(scene.role, ["idle", "silent"])]).all()
    assert np.isnan(found.part[scene.role == "silent"]).all()


def test_without_any_family_that_tells_lives_apart_nothing_is_divided(scene: Scene) -> None:
    context = scene.context.leaving_out([Family.TIMING, Family.LIFECYCLE, Family.PROMPTS])
    assert lives_of(context, np.ones(context.accounts, bool)) is None


def test_a_handful_of_outsiders_shows_no_ways_of_life(scene: Scene) -> None:
    outsiders = np.zeros(scene.context.accounts, bool)
    outsiders[: SHARES.per_way - 1] = True
    assert lives_of(scene.context, outsiders) is None


def test_tokens_are_equal_exchanges_counted(scene: Scene) -> None:
    lives = lives_of(scene.context, ~np.isin(np.arange(scene.context.accounts), scene.accounts))
    assert lives is not None
    every = np.arange(scene.context.accounts)
    traffic = Traffic.read(scene.context.obs, every, lives.codes)
    some = scene.accounts[::2]
    found = traffic.tokens(some, scene.frames[:3])
    rows = scene.context.obs.exchanges_of(some.astype(np.int32))
    in_frame = np.isin(rows["cluster"], scene.frames[:3])
    state = np.where(in_frame, 2, (rows["cluster"] >= 0).astype(int))
    plain = rows.assign(state=state, hour=rows["ts"].dt.hour).groupby(["account", "state", "hour"])
    mine = pd.DataFrame(
        {"account": some[found.member], "state": found.state, "hour": found.at[0], "n": found.count}
    )
    pd.testing.assert_series_equal(
        mine.groupby(["account", "state", "hour"])["n"].sum(), plain.size().astype(float),
        check_names=False, check_index_type=False,
    )  # fmt: skip


def test_over_budget_those_are_read_who_share_least_and_some_of_all_others(scene: Scene) -> None:
    share = np.linspace(1, 0, len(scene.accounts))
    made = scene.context.population.exchanges[scene.accounts]
    every = within_budget(scene.context, scene.accounts, share, exchanges=made.sum())
    assert every.all()
    half = within_budget(scene.context, scene.accounts, share, exchanges=made.sum() / 2)
    assert made[half].sum() < 0.75 * made.sum()
    assert half[-3:].all()
    assert half[:10].any()
    read, even = spread(made, np.lexsort((share,)), exchanges=made.sum() / 2)
    assert (read == half).all()
    assert even[~read].sum() == 0
    assert 0 < even.sum() < read.sum()


def test_members_of_whom_nothing_was_read_are_not_divided(scene: Scene) -> None:
    lives = lives_of(scene.context, ~np.isin(np.arange(scene.context.accounts), scene.accounts))
    assert lives is not None
    read = scene.role != "mixed"
    ground = Ground.of(scene.context, lives, scene.accounts[read])
    found = divided(scene.context, scene.accounts, scene.frames, lives, ground=ground)
    assert np.isnan(found.part[~read]).all()
    assert np.isnan(found.bits[~read]).all()
    assert found.part[scene.role == "pure"].min() > SHARES.full
    assert found.part[scene.role == "stranger"].max() < 0.1


def test_the_work_learned_from_some_members_divides_as_that_of_all(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scene.divided(scene.frames)
    few = replace(SHARES, learned_exchanges=900)
    monkeypatch.setattr("graph_models.communities.shares.SHARES", few)
    found = scene.divided(scene.frames)
    known = ~np.isnan(whole.part)
    assert (known == ~np.isnan(found.part)).all()
    assert np.abs(found.part - whole.part)[known].max() < 0.15
    assert (found.part != whole.part)[known].any()
    assert found.part[scene.role == "stranger"].max() < 0.1
    assert found.bits[scene.role == "stranger"].max() < SHARES.shared


def test_the_compiled_mixture_is_the_plain_one() -> None:
    rng = np.random.default_rng(0)
    member = np.sort(rng.integers(0, 5, 60))
    count, like = rng.integers(1, 9, 60).astype(float), rng.random((60, 4)) + 1e-3
    start, prior = rng.dirichlet(np.ones(4), 5), np.array([0.5, 0.1, 0.2, 0.4])
    part = start.copy()
    for _ in range(7):
        mine = part[member] * like
        mine /= mine.sum(axis=1, keepdims=True)
        sums = np.zeros_like(part)
        np.add.at(sums, member, mine * count[:, None])
        part = (sums + prior) / (sums + prior).sum(axis=1, keepdims=True)
    found, last = shared_out(member, count, like, start, prior=prior, rounds=7)
    np.testing.assert_allclose(found, part)
    np.testing.assert_allclose(last, mine[:, -1])
