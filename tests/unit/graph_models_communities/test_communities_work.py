from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graph_models.communities import Draft, find_communities, support
from graph_models.communities.work import work_of
from graph_models.linking import LinkContext, candidate_pairs, link_pairs, link_threshold
from tests.unit.graph_models_linking.crowd import Crowd, crowd


@pytest.fixture(scope="module")
def leaky() -> tuple[Crowd, list[int], list[int]]:
    """A campaign, strangers who copied two of its frames, and strangers who used a popular one."""
    made = crowd(21, ordinary=400, campaign=30, customers=15)
    copied, popular = [], []
    for _ in range(4):
        one = made.account("copied")
        made.use(one, "device", f"dv_own{one}")
        made.works(one, 40, ["pc_queue0", "pc_queue1", "pc_queue2"], 0.3)
        copied.append(one)
    for _ in range(4):
        one = made.account("popular")
        made.works(one, 40, ["pc_popular1"], 0.3)
        popular.append(one)
    made.context = LinkContext.of(made.observations())  # type: ignore[attr-defined]
    return made, copied, popular


def _draft_of_campaign(made: Crowd, context: LinkContext) -> Draft:
    threshold = link_threshold(context)
    links = link_pairs(context, candidate_pairs(context).view, threshold).links(threshold)
    drafts = find_communities(context, links, threshold=threshold)
    role = made.truth()
    return max(drafts, key=lambda draft: (role[draft.accounts] == "campaign").sum())


def test_strangers_who_copied_a_few_frames_are_possible_at_most(
    leaky: tuple[Crowd, list[int], list[int]],
) -> None:
    made, copied, _ = leaky
    found = _draft_of_campaign(made, made.context)  # type: ignore[attr-defined]
    accused = set(found.accused.tolist())
    assert not accused & {int(made.position[one]) for one in copied}
    role = made.truth()
    assert (role[sorted(accused)] == "campaign").all()
    assert len(accused) >= 28


def test_the_work_of_a_campaign_is_its_queue_and_not_what_everybody_asks(
    leaky: tuple[Crowd, list[int], list[int]],
) -> None:
    made, _, popular = leaky
    context: LinkContext = made.context  # type: ignore[attr-defined]
    role = made.truth().to_numpy()
    who = np.sort([*np.flatnonzero(role == "campaign"), *made.position[popular]]).astype(np.int64)
    work = work_of(context, who)
    assert work is not None
    layer = context.layer("prompt_cluster")
    assert layer is not None
    assert {str(layer.text[frame]) for frame in work.frames} == {f"pc_queue{i}" for i in range(8)}
    assert work.found
    assert not work.worker[np.isin(who, made.position[popular])].any()
    assert work.worker[role[who] == "campaign"].all()


def test_ordinary_accounts_have_no_common_work(
    leaky: tuple[Crowd, list[int], list[int]],
) -> None:
    made, _, _ = leaky
    context: LinkContext = made.context  # type: ignore[attr-defined]
    benign = np.flatnonzero(made.truth().to_numpy() == "benign")[:40].astype(np.int64)
    work = work_of(context, benign)
    assert work is not None
    assert not work.found


def test_without_prompts_there_is_no_work_to_tell_apart() -> None:
    made = Crowd(1)
    for _ in range(6):
        made.use(made.account("office"), "payment_method", "psp/one")
    made.works(0, 3, [], 0)
    context = LinkContext.of(made.observations())
    assert work_of(context, np.arange(6)) is None


def test_a_pendant_has_little_support() -> None:
    edges = [(a, b) for a in range(6) for b in range(a)] + [(6, 0)]
    links = pd.DataFrame([(b, a) for a, b in edges], columns=["a", "b"]).assign(millibits=8000)
    share = support(links, np.arange(7, dtype=np.int32))
    assert (share[:6] > 0.9).all()
    assert share[6] < 0.25
