"""Large populations: blocks, budgets and caps change nothing but what they say they change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from graph_models import observations
from graph_models.families import FAMILIES, Family
from graph_models.linking import (
    LinkContext,
    PairView,
    candidate_pairs,
    explain_positions,
    link_pairs,
    link_threshold,
    score_candidates,
    score_pairs,
    told,
)
from graph_models.linking.candidates import enough, met_bits, walked_degree
from graph_models.linking.closest import closest
from graph_models.linking.habits import counted_for, habits_of
from graph_models.linking.rhythm import Rhythm
from graph_models.linking.rules import CANDIDATES
from graph_models.linking.shared import shared_identifier
from tests.unit.graph_models_linking.crowd import crowd

Rules = Callable[..., None]
_MODULES = ("candidates", "closest", "context", "explain", "scoring")


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Rules:
    """Sets some of the numbers that decide which pairs are scored."""

    def change(**numbers: float) -> None:
        changed = dataclasses.replace(CANDIDATES, **numbers)  # type: ignore[arg-type]
        for module in _MODULES:
            monkeypatch.setattr(f"graph_models.linking.{module}.CANDIDATES", changed)

    return change


def _context(seed: int = 41) -> LinkContext:
    return LinkContext.of(crowd(seed, ordinary=200, campaign=25, customers=15).observations())


def _pairs(view: PairView) -> set[tuple[int, int]]:
    return set(zip(view.a.tolist(), view.b.tolist(), strict=True))


def _all_pairs(context: LinkContext) -> PairView:
    a, b = np.triu_indices(context.accounts, 1)
    return PairView(context, a.astype(np.int32), b.astype(np.int32))


@pytest.mark.parametrize("numbers", [{}, {"plain": 50}, {"pair_budget": 900, "most_pairs": 900}])
def test_candidates_are_those_of_a_walk_over_all_pairs(
    rules: Rules, numbers: dict[str, int]
) -> None:
    rules(**numbers)
    context = _context()
    every = _all_pairs(context)
    shared = [shared_identifier(every, layer) for layer in context.layers]
    plain = every.take(enough(every, *met_bits(every, shared)))
    found = candidate_pairs(context)
    assert 200 < len(found.view) < len(every)
    assert _pairs(found.view) == _pairs(plain)
    spent = bool(found.values_skipped)
    assert spent == ("pair_budget" in numbers)
    assert spent == bool(found.words)


def test_a_value_over_the_budget_speaks_for_pairs_that_others_bring_together(rules: Rules) -> None:
    rules(pair_budget=900, most_pairs=900)
    context = _context()
    layer = context.layer("prompt_cluster")
    assert layer is not None
    common = layer.bridging & (layer.degree > walked_degree(context))
    assert common.any()
    ledger = score_pairs(context, candidate_pairs(context).view)
    said = [part.inputs["value"] for part in ledger.parts if part.signal == "shared prompt_cluster"]
    assert np.isin(np.flatnonzero(common), said[0].astype(np.int64)).any()


def test_scoring_in_blocks_is_scoring_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    context = _context()
    threshold = link_threshold(context)
    found = candidate_pairs(context)
    once = score_candidates(context, found, threshold)
    for module in ("scoring", "scored"):
        monkeypatch.setattr(f"graph_models.linking.{module}.BLOCK", 97)
    assert len(found.view) > 3 * 97
    blocks = score_candidates(context, found, threshold)
    assert len(once.links(threshold)) > 100
    pd.testing.assert_frame_equal(blocks.links(threshold), once.links(threshold))
    for family in FAMILIES:
        pd.testing.assert_frame_equal(blocks.without(family)[1], once.without(family)[1])
    rng = [np.random.default_rng(5) for _ in range(2)]
    thinned = [next(one.thinned(threshold, 0.2, r)) for one, r in zip((once, blocks), rng)]  # noqa: B905
    pd.testing.assert_frame_equal(*thinned)


def test_bounds_drop_no_link_of_a_large_population(rules: Rules) -> None:
    rules(plain=50)
    context = _context()
    threshold = link_threshold(context)
    view = candidate_pairs(context).view
    light = score_pairs(context, view, heavy=False)
    full = score_pairs(context, view)
    sure = light.millibits >= threshold
    expected = full.take(sure).links(threshold)
    assert 100 < len(expected) < len(view)
    scored = score_candidates(context, candidate_pairs(context), threshold)
    pd.testing.assert_frame_equal(scored.links(threshold), expected)
    pd.testing.assert_frame_equal(link_pairs(context, view, threshold).links(threshold), expected)


@pytest.mark.parametrize("family", [Family.NETWORK, Family.PROMPTS, Family.LIFECYCLE])
def test_links_of_a_large_population_without_a_family_are_those_of_logs_without_it(
    rules: Rules, family: Family
) -> None:
    rules(plain=50)
    context = _context()
    threshold = link_threshold(context)
    left, links = score_candidates(context, candidate_pairs(context), threshold).without(family)
    anew = candidate_pairs(left)
    again = link_pairs(left, anew.view, threshold).links(threshold)
    both = links.merge(again, on=["a", "b"], how="inner")
    # What is a link only by its minutes is read or not read with the family; nothing else differs.
    assert len(both) >= 0.99 * max(len(links), len(again))
    assert (both["millibits_x"] == both["millibits_y"]).all()


def test_a_link_of_a_large_population_is_explained_by_its_own_bits(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(plain=50)
    monkeypatch.setattr(observations, "SAMPLE", 120)
    context = _context()
    threshold = link_threshold(context)
    found = candidate_pairs(context)
    links = score_candidates(context, found, threshold).links(threshold)
    anew = _context()  # as a desk explains it later, without the run
    for row in links.iloc[:: len(links) // 12].itertuples():
        told = explain_positions(anew, int(row.a), int(row.b))
        assert round(1000 * told.bits) == row.millibits
        assert told.linked
    kept = set(zip(links["a"], links["b"], strict=True))
    for a, b in sorted(_pairs(found.view) - kept)[::400]:
        assert not explain_positions(anew, a, b).linked


def test_everybody_keeps_the_closest_partners_and_the_rest_is_counted(rules: Rules) -> None:
    accounts = 60
    a, b = (end.astype(np.int32) for end in np.triu_indices(accounts, 1))
    bits = np.random.default_rng(3).integers(1, 4, len(a)).astype(np.float32)
    rules(plain=10, partners=7)
    keep, cut = closest(a, b, bits, accounts)
    for account in range(accounts):
        own = (a == account) | (b == account)
        assert keep[own].sum() + cut[account] == accounts - 1
        assert keep[own].sum() >= 7
        best = np.sort(bits[own])[::-1][:7]
        assert (np.sort(bits[own & keep])[::-1][:7] == best).all()
    assert keep.sum() <= 7 * accounts
    # Ties by hash: no account becomes the hub of all.
    assert np.bincount(np.r_[a[keep], b[keep]]).max() < 30
    order = np.random.default_rng(4).permutation(len(a))
    again, _ = closest(a[order], b[order], bits[order], accounts)
    assert np.array_equal(again, keep[order])


def test_nothing_is_cut_where_nobody_has_too_many_partners(rules: Rules) -> None:
    rules(plain=50, partners=10_000)
    free = candidate_pairs(_context())
    rules(plain=50, partners=8)
    capped = candidate_pairs(_context())
    assert not free.cut.any()
    assert free.words == ()
    assert _pairs(capped.view) < _pairs(free.view)
    assert len(capped.view) + int(capped.cut.sum()) // 2 == len(free.view)
    assert "closer ones" in capped.words[0]
    # Who has few partners, as honest accounts do, loses none.
    degree = np.bincount(np.r_[free.view.a, free.view.b], minlength=len(free.cut))
    assert not capped.cut[degree <= 8].any()


def test_partners_through_values_over_the_budget_are_unseen_and_not_none(rules: Rules) -> None:
    context = _context()
    rules(plain=50, pair_budget=900, most_pairs=900)
    found, limit = candidate_pairs(context), walked_degree(context)
    expected = np.zeros(context.accounts, np.int64)
    for layer in context.layers:
        over = layer.bridging & (layer.degree > limit)
        for account, value in zip(layer.account.tolist(), layer.value.tolist(), strict=True):
            if over[value]:
                expected[account] = max(expected[account], layer.degree[value] - 1)
    expected -= np.bincount(np.r_[found.view.a, found.view.b], minlength=context.accounts)
    assert (expected > 0).any()
    np.testing.assert_array_equal(found.unseen, np.maximum(expected, found.cut))
    rules(plain=50_000, pair_budget=900, most_pairs=900)
    assert not candidate_pairs(context).unseen.any()


def test_habits_are_learned_from_the_sample_and_told_of_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observations, "SAMPLE", 120)
    monkeypatch.setattr(told, "_AT_ONCE", 50)
    people = _context().population
    counted = counted_for(people.obs)
    tally, some = people.obs.tally(counted), people.obs.sample
    assert len(some) == 120 < len(tally)
    for name, habit in habits_of(counted).items():
        learned = habit.learn(habit.events(tally.take(some)))
        types = people.types(name)
        np.testing.assert_allclose(types.posterior, learned.of(habit.events(tally)), rtol=1e-5)
        np.testing.assert_array_equal(types.share, learned.share)
    assert np.ptp(people.hours.posterior, axis=0).max() > 0


def test_a_population_read_in_part_is_told_apart_like_one_read_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = _context()
    threshold = link_threshold(whole)
    before = link_pairs(whole, candidate_pairs(whole).view, threshold).links(threshold)
    monkeypatch.setattr(observations, "SAMPLE", whole.accounts - 1)
    part = _context()
    after = link_pairs(part, candidate_pairs(part).view, threshold).links(threshold)
    both = before.merge(after, on=["a", "b"])
    assert len(both) >= 0.98 * len(before)
    assert (both["millibits_x"] - both["millibits_y"]).abs().median() < 50


def test_minutes_heard_one_after_the_other_are_those_heard_at_once() -> None:
    rng = np.random.default_rng(6)
    account = np.sort(rng.integers(0, 9, 300))
    day = rng.uniform(0, 20, 300) + 3.0 * (account % 2)  # the odd ones begin days later
    once = Rhythm.of(account, day, 9)
    odd = account % 2 == 1
    first, second = (Rhythm.of(account[part], day[part], 9) for part in (odd, ~odd))
    joined = first.joined(second)
    np.testing.assert_array_equal(joined.start, once.start)
    np.testing.assert_array_equal(joined.bucket, once.bucket)
    assert first.origin != second.origin
    nothing = Rhythm.of(account[:0], day[:0], 9)
    np.testing.assert_array_equal(nothing.joined(once).bucket, once.bucket)
