from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from graph_models.communities import Draft, find_communities
from graph_models.communities.chance import chance_p
from graph_models.communities.formation import form, weighted
from graph_models.communities.graph import partition
from graph_models.linking import LinkContext, candidate_pairs, link_pairs
from tests.unit.graph_models_linking.crowd import Crowd, crowd


def _links(context: LinkContext) -> tuple[pd.DataFrame, int]:
    threshold = -round(1000 * context.prior_bits)
    return link_pairs(context, candidate_pairs(context).view, threshold).links(threshold), threshold


def _drafts(context: LinkContext, seed: int = 0) -> tuple[Draft, ...]:
    links, threshold = _links(context)
    return find_communities(context, links, threshold=threshold, seed=seed)


@pytest.fixture(scope="module")
def made() -> Crowd:
    return crowd(5, ordinary=500, campaign=40, customers=30)


@pytest.fixture(scope="module")
def context(made: Crowd) -> LinkContext:
    return LinkContext.of(made.observations())


@pytest.fixture(scope="module")
def drafts(context: LinkContext) -> tuple[Draft, ...]:
    return _drafts(context)


def _of_campaign(made: Crowd, drafts: tuple[Draft, ...]) -> Draft:
    role = made.truth()
    return max(drafts, key=lambda draft: (role[draft.accounts] == "campaign").sum())


def test_a_campaign_is_found_whole_and_without_the_customers_of_its_reseller(
    made: Crowd, drafts: tuple[Draft, ...]
) -> None:
    role = made.truth()
    found = _of_campaign(made, drafts)
    assert set(role[found.accused]) == {"campaign"}
    assert len(found.accused) >= 0.95 * (role == "campaign").sum()
    assert len(found.frames) == 8
    assert found.chance_p < 0.001
    assert found.held_together >= 0.9


def test_mixed_accounts_belong_in_part() -> None:
    made = crowd(6, ordinary=400, campaign=30, customers=20)
    frames = [f"pc_queue{i}" for i in range(8)]
    mixed = []
    for _ in range(6):
        one = made.account("mixed")
        made.use(one, "payment_method", "psp/shared0")
        made.use(one, "ip", "10.9.0.0")
        made.works(one, 40, frames, 0.4)
        mixed.append(one)
    context = LinkContext.of(made.observations())
    found = _of_campaign(made, _drafts(context))
    share = dict(zip(found.accounts.tolist(), found.share.tolist(), strict=True))
    shares = [share[int(made.position[one])] for one in mixed if int(made.position[one]) in share]
    assert len(shares) >= 5
    assert 0.2 < np.mean(shares) < 0.6
    role = made.truth()
    pure = [share[i] for i in found.accounts.tolist() if role[i] == "campaign"]
    assert np.mean(pure) > 0.95


def test_a_framed_customer_is_not_accused_but_a_lent_account_is() -> None:
    made = crowd(6, ordinary=400, campaign=30, customers=20)
    frames = [f"pc_queue{i}" for i in range(8)]
    lent: list[int] = []
    framed: list[int] = []
    for work, found in ((30, lent), (4, framed)):
        for cell in range(3):
            one = made.account("mixed" if found is lent else "benign")
            made.use(one, "device", f"dv_cell{cell}_0")
            made.use(one, "ip", f"10.9.0.{cell}")
            made.works(one, work, frames, 1.0)
            made.works(one, 60 - work, [], 0)
            found.append(one)
    context = LinkContext.of(made.observations())
    draft = _of_campaign(made, _drafts(context))
    accused = set(draft.accused.tolist())
    assert {int(made.position[one]) for one in lent} <= accused
    assert not {int(made.position[one]) for one in framed} & accused


def test_a_household_is_a_community_that_is_no_chance(
    made: Crowd, drafts: tuple[Draft, ...]
) -> None:
    role = made.truth()
    homes = [draft for draft in drafts if (role[draft.accounts] == "household").all()]
    assert len(homes) >= 10
    assert np.median([draft.chance_p for draft in homes]) < 0.1


def test_every_account_is_in_one_community_at_most(drafts: tuple[Draft, ...]) -> None:
    members = np.concatenate([draft.accounts for draft in drafts])
    assert len(np.unique(members)) == len(members)
    assert len({draft.community for draft in drafts}) == len(drafts)
    for draft in drafts:
        assert len(draft.accounts) >= 2
        assert set(draft.tier) <= {"core", "probable", "possible"}
        assert ((draft.confidence >= 0) & (draft.confidence <= 1)).all()
        assert 0 < draft.chance_p <= 1


def test_the_same_seed_gives_the_same_drafts_and_link_order_does_not_matter(
    context: LinkContext, drafts: tuple[Draft, ...]
) -> None:
    links, threshold = _links(context)
    shuffled = links.sample(frac=1, random_state=1, ignore_index=True)
    prior = context.prior_bits
    one = form(context, weighted(links, prior), seed=0)
    other = form(context, weighted(shuffled, prior), seed=0)
    assert (one == other).all()
    again = find_communities(context, links, threshold=threshold, seed=0)
    for old, new in zip(drafts, again, strict=True):
        assert old.community == new.community
        assert old.chance_p == new.chance_p
        assert (old.confidence == new.confidence).all()


def test_partition_does_not_depend_on_how_accounts_are_numbered(context: LinkContext) -> None:
    links = weighted(_links(context)[0], context.prior_bits)
    rng = np.random.default_rng(4)
    renumber = rng.permutation(context.accounts)
    ends = np.sort(renumber[links[["a", "b"]].to_numpy()], axis=1)
    renamed = links.assign(a=ends[:, 0], b=ends[:, 1]).sort_values(["a", "b"], ignore_index=True)
    one = partition(links, context.accounts, seed=0)
    other = partition(renamed, context.accounts, seed=0)[renumber]
    pairs = pd.DataFrame({"one": one, "other": other})
    assert ((one < 0) == (other < 0)).all()
    assert (pairs.groupby("one")["other"].nunique() == 1).all()
    assert (pairs.groupby("other")["one"].nunique() == 1).all()


def test_dense_groups_are_not_chained_through_one_weak_bridge() -> None:
    edges = [(i, j) for group in (range(12), range(12, 24)) for i in group for j in group if i < j]
    edges.append((11, 12))
    links = pd.DataFrame(edges, columns=["a", "b"]).assign(millibits=9000, weight=0.9)
    labels = partition(links, 24, seed=0)
    assert len(set(labels[:12])) == 1
    assert len(set(labels[12:])) == 1
    assert labels[0] != labels[12]


def test_chance_is_uniform_on_a_rewired_world_and_tiny_for_the_campaign(
    context: LinkContext,
) -> None:
    null = context.rewired(np.random.default_rng(11))
    p = [draft.chance_p for draft in _drafts(null, seed=3)]
    assert len(p) > 40
    assert kstest(p, "uniform").pvalue > 0.01


def test_chance_of_ordered_strengths_is_ordered_and_bounded() -> None:
    null = np.sort(np.random.default_rng(0).exponential(5, 500))
    p = chance_p(np.array([1.0, 10.0, 1e3, 1e6]), null, np.random.default_rng(1))
    assert (np.diff(p) < 0).all()
    assert p[-1] < 1e-3
    alone = chance_p(np.array([3.0]), np.zeros(0), np.random.default_rng(1))
    assert 0 < alone[0] < 0.2


def test_a_community_says_which_families_it_survives(
    made: Crowd, drafts: tuple[Draft, ...]
) -> None:
    found = _of_campaign(made, drafts)
    assert "network" in found.robust_to


def test_a_community_held_by_cards_alone_falls_without_them() -> None:
    made = crowd(8, ordinary=300, campaign=0, customers=0)
    four = [made.account("purse") for _ in range(4)]
    for one in four:
        made.use(one, "payment_method", "psp/purse")
        made.works(one, 5, [], 0)
    drafts = _drafts(LinkContext.of(made.observations()))
    who = {int(made.position[one]) for one in four}
    (found,) = (draft for draft in drafts if set(draft.accounts.tolist()) == who)
    assert "instrument" not in found.robust_to
    assert "network" in found.robust_to


def test_no_links_make_no_communities(context: LinkContext) -> None:
    links, threshold = _links(context)
    assert find_communities(context, links.iloc[:0], threshold=threshold) == ()


def test_a_draft_checks_its_own_columns(drafts: tuple[Draft, ...]) -> None:
    with pytest.raises(ValueError, match="differ in length"):
        dataclasses.replace(drafts[0], share=np.ones(99))
