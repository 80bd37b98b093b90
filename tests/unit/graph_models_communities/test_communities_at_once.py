"""What is asked of all communities at once is what is asked of each in turn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from graph_models.communities.cells import cells_of, could_be_run
from graph_models.communities.chance import made_by_chance
from graph_models.communities.formation import form, weighted
from graph_models.communities.graph import partition
from graph_models.communities.groups import Groups, entries
from graph_models.communities.potts import Graph, quality
from graph_models.communities.rules import PARTITION
from graph_models.communities.stability import _bulk
from graph_models.communities.views import touching, views_of
from graph_models.communities.work import may_work, work_of, works_of
from graph_models.families import Family
from graph_models.linking import LinkContext, candidate_pairs, link_pairs
from tests.unit.graph_models_linking.crowd import crowd


@pytest.fixture(scope="module")
def context() -> LinkContext:
    return LinkContext.of(crowd(9, ordinary=300, campaign=30, customers=20).observations())


@pytest.fixture(scope="module", params=range(3))
def labels(request: pytest.FixtureRequest, context: LinkContext) -> np.ndarray:
    """Communities as they are found, and random ones of every size."""
    if request.param == 0:
        threshold = -round(1000 * context.prior_bits)
        view = candidate_pairs(context).view
        links = link_pairs(context, view, threshold).links(threshold)
        return form(context, weighted(links, context.prior_bits), seed=0)
    rng = np.random.default_rng(request.param)
    return rng.integers(-1, context.accounts // 4, context.accounts)


def test_groups_are_the_members_of_each_label(labels: np.ndarray) -> None:
    groups = Groups.of(labels)
    values = np.random.default_rng(0).normal(size=len(groups.account))
    middle = groups.median(values)
    parts = np.split(values, groups.start[1:-1])
    for label, who, found, some in zip(groups.label, groups.parts(), middle, parts, strict=True):
        assert who.tolist() == np.flatnonzero(labels == label).tolist()
        assert found == np.median(some)
    few = groups.only(groups.size >= 3)
    assert few.label.tolist() == groups.label[groups.size >= 3].tolist()
    assert few.account.tolist() == groups.account[(groups.size >= 3)[groups.code]].tolist()


def test_nobody_is_in_no_group() -> None:
    groups = Groups.of(np.full(5, -1))
    assert len(groups) == 0
    assert groups.parts() == []
    assert groups.median(np.zeros(0)).tolist() == []


def test_entries_are_those_of_the_rows_asked_for() -> None:
    member, entry = entries(np.array([0, 2, 2, 5]), np.array([2, 0, 1]))
    assert member.tolist() == [0, 0, 0, 1, 1]
    assert entry.tolist() == [2, 3, 4, 0, 1]


@pytest.mark.parametrize("without", [(), (Family.TIMING,), (Family.DEVICE, Family.PROMPTS)])
def test_who_touches_a_fellow_is_who_is_in_a_view(
    context: LinkContext, labels: np.ndarray, without: tuple[Family, ...]
) -> None:
    groups, lesser = Groups.of(labels), context.leaving_out(without)
    found = np.split(touching(lesser, groups), groups.start[1:-1])
    for who, touched in zip(groups.parts(), found, strict=True):
        plain = np.zeros(len(who), bool)
        for view in views_of(lesser, who):
            plain |= np.asarray(view.uses.sum(axis=1)).ravel() > 0
        assert touched.tolist() == plain.tolist()


def test_work_is_found_where_it_is_looked_for_in_turn(
    context: LinkContext, labels: np.ndarray
) -> None:
    groups = Groups.of(labels)
    every = [work_of(context, who) if len(who) >= 5 else None for who in groups.parts()]
    having = {code for code, work in enumerate(every) if work is not None and work.found}
    found = works_of(context, groups)
    assert set(found) == having <= set(np.flatnonzero(may_work(context, groups)).tolist())
    assert all((found[code].share == every[code].share).all() for code in having)  # type: ignore[union-attr]


def test_a_campaign_could_be_run_by_one_hand_and_an_office_could_not() -> None:
    made = crowd(9, ordinary=300, campaign=30, customers=20)
    context = LinkContext.of(made.observations())
    role = made.truth().to_numpy().astype(str)
    labels = np.select([role == "campaign", role == "office"], [0, 1], -1)
    assert could_be_run(context, Groups.of(labels)).tolist() == [True, False]
    cell = cells_of(context, labels, seed=0)
    assert len(np.unique(cell[role == "office"])) == 1 < len(np.unique(cell[role == "campaign"]))


def test_the_bulk_of_every_community_is_its_largest_part(labels: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    again = np.where(rng.random(len(labels)) < 0.3, rng.integers(-1, 9, len(labels)), labels)
    groups = Groups.of(labels)
    stood, share = _bulk(groups, again)
    for who, part in zip(groups.parts(), share, strict=True):
        new = again[who]
        counts = pd.Series(new[new >= 0]).value_counts().sort_index()
        best = counts.idxmax() if len(counts) else -2
        assert part == (counts.max() / len(who) if len(counts) else 0)
        assert (stood[who] == (new == best)).all()


def _partitions(nodes: int) -> list[list[int]]:
    grown = [[0]]
    for _ in range(nodes - 1):
        grown = [[*one, new] for one in grown for new in range(max(one) + 2)]
    return grown


@pytest.mark.parametrize("seed", range(30))
def test_a_component_that_is_left_whole_is_best_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(4, 8))
    tree = [(int(rng.integers(0, node)), node) for node in range(1, nodes)]
    links = pd.DataFrame(tree, columns=["a", "b"]).assign(millibits=9000)
    links["weight"] = rng.uniform(0.3, 1.0, len(links))
    graph = Graph.of(
        links["a"].to_numpy(), links["b"].to_numpy(), links["weight"].to_numpy(),
        np.column_stack([np.ones(nodes), np.zeros(nodes)]),
    )  # fmt: skip
    told = [quality(graph, np.array(one), PARTITION.density) for one in _partitions(nodes)]
    mine = partition(links, nodes, seed=seed)
    least = PARTITION.density * (nodes // 2) * ((nodes + 1) // 2)
    if links["weight"].min() > least:
        assert np.argmax(told) == 0  # all in one
        assert (mine == 0).all()
    assert quality(graph, np.where(mine < 0, nodes + np.arange(nodes), mine), PARTITION.density) > 0


def test_a_sample_of_chance_is_the_whole_looked_at_in_part(context: LinkContext) -> None:
    threshold = -round(1000 * context.prior_bits)
    null = context.rewired(np.random.default_rng(4))
    whole = made_by_chance(null, threshold, np.arange(null.accounts, dtype=np.int32), seed=1)
    some = np.random.default_rng(5).choice(null.accounts, null.accounts // 3, replace=False)
    part = made_by_chance(null, threshold, np.sort(some).astype(np.int32), seed=1)
    assert 5 < len(part) < len(whole)
    pd.testing.assert_series_equal(part, whole[whole.index.isin(some)])
    assert ks_2samp(part, whole).pvalue > 0.01
