from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from graph_models.communities import Draft, find_communities, formed
from graph_models.communities.formation import form, members_by_label, weighted
from graph_models.communities.graph import Ground
from graph_models.communities.rules import STABILITY
from graph_models.communities.stability import holds_without, resample
from graph_models.families import FAMILIES
from graph_models.linking import (
    SIGNALS,
    LinkContext,
    PairView,
    Scored,
    candidate_pairs,
    link_pairs,
    link_threshold,
    score_candidates,
)
from graph_models.linking import rules as link_rules
from graph_models.linking.scoring import Ledger, fused
from tests.unit.graph_models_linking.crowd import Crowd, crowd


def _scored(context: LinkContext) -> tuple[Scored, int]:
    threshold = link_threshold(context)
    return score_candidates(context, candidate_pairs(context), threshold), threshold


_TIE = ["a", "b", "millibits"]


def _anew(context: LinkContext) -> pd.DataFrame:
    """Links by the long way."""
    threshold = link_threshold(context)
    return link_pairs(context, candidate_pairs(context).view, threshold).links(threshold)


@pytest.fixture(scope="module", params=[(31, 25, 12), (32, 12, 20), (33, 0, 0)])
def context(request: pytest.FixtureRequest) -> LinkContext:
    seed, campaign, customers = request.param
    made = crowd(seed, ordinary=250, campaign=campaign, customers=customers)
    return LinkContext.of(made.observations())


def test_scores_of_candidates_give_the_links_of_a_plain_run(context: LinkContext) -> None:
    scored, threshold = _scored(context)
    assert_frame_equal(scored.links(threshold), _anew(context))


def test_links_without_a_family_are_those_of_logs_that_never_showed_it(
    context: LinkContext,
) -> None:
    scored, _ = _scored(context)
    told = list(scored.without_each())
    assert [family for family, _, _ in told] == list(FAMILIES)
    for family, left, links in told:
        assert_frame_equal(links, _anew(context.leaving_out({family}))[_TIE])
        assert left.without == {family}


def test_a_budget_that_was_spent_is_spent_anew_without_a_family(
    context: LinkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = dataclasses.replace(link_rules.CANDIDATES, pair_budget=600, pairs_per_account=1)
    monkeypatch.setattr("graph_models.linking.candidates.CANDIDATES", tight)
    scored, _ = _scored(context)
    assert not scored.whole
    for family, _, links in scored.without_each():
        assert_frame_equal(links, _anew(context.leaving_out({family}))[_TIE])


def test_robust_to_equals_a_brute_force_recompute(context: LinkContext) -> None:
    scored, threshold = _scored(context)
    whole = weighted(scored.links(threshold), context.prior_bits)
    labels = form(context, whole, seed=3)
    told = holds_without(scored, labels, seed=3).survives
    communities = members_by_label(labels)
    assert set(told) == set(communities)
    for family in FAMILIES:
        left = context.leaving_out({family})
        again = form(left, weighted(_anew(left), left.prior_bits), seed=3)
        for label, members in communities.items():
            _, sizes = np.unique(again[members][again[members] >= 0], return_counts=True)
            together = max(sizes.tolist(), default=0)
            survives = together >= STABILITY.same * len(members)
            assert (family.value in told[label]) == survives, (family, members)


def test_a_signal_that_reads_other_families_says_so(context: LinkContext) -> None:
    found = candidate_pairs(context).view
    asked = [signal for signal in SIGNALS if signal.available(context)]
    assert len(asked) >= 5
    for signal in asked:
        plain = signal.score(found)
        for family in set(FAMILIES) - {signal.family}:
            less = context.leaving_out({family})
            again = signal.score(PairView(less, found.a, found.b))
            same = np.array_equal(plain.pair, again.pair) and np.array_equal(
                plain.millibits, again.millibits
            )
            assert same or (signal.reads_layers and not signal.heavy), (signal.name, family)


# --- false rings ---------------------------------------------------------------------------------


def _ring(made: Crowd, kind: str, value: str, *, size: int = 5) -> list[int]:
    """Strangers who share one value and nothing else."""
    ring = []
    for _ in range(size):
        one = made.account("ring")
        for own in sorted({"payment_method", "device", "ip"} - {kind}):
            made.use(one, own, f"alone.{one}.{own}.1")
        made.use(one, kind, value)
        made.works(one, 20, [], 0)
        ring.append(one)
    return ring


def _queue_ring(made: Crowd, *, size: int = 8) -> list[int]:
    """Strangers who copied the same prompts."""
    frames = [f"pc_copied{i}" for i in range(4)]
    ring = []
    for _ in range(size):
        one = made.account("ring")
        made.use(one, "payment_method", f"psp/alone{one}")
        made.works(one, 30, frames, 0.8)
        ring.append(one)
    return ring


def _drafts(made: Crowd) -> tuple[Draft, ...]:
    context = LinkContext.of(made.observations())
    scored, threshold = _scored(context)
    links = scored.links(threshold)
    known = formed(context, links, scored, threshold=threshold)
    return find_communities(context, links, threshold=threshold, known=known)


def _holding(made: Crowd, drafts: tuple[Draft, ...], who: list[int]) -> Draft:
    places = set(made.position[who].tolist())
    return max(drafts, key=lambda draft: len(places & set(draft.accounts.tolist())))


@pytest.mark.parametrize(
    ("family", "kind", "value"),
    [
        ("instrument", "payment_method", "psp/ring"),
        ("network", "ip", "14.0.0.1"),
        ("device", "device", "dv_ring"),
    ],
)
def test_a_ring_that_one_family_holds_together_rests_on_it(
    family: str, kind: str, value: str
) -> None:
    made = crowd(8, ordinary=300, campaign=20, customers=0)
    ring = _ring(made, kind, value)
    drafts = _drafts(made)
    found = _holding(made, drafts, ring)
    assert len(found.accounts) >= 4
    assert family in found.rests_on
    assert found.fragile
    real = _holding(made, drafts, np.flatnonzero(np.array(made.role) == "campaign").tolist())
    assert not real.fragile


def test_a_ring_of_copied_prompts_rests_on_them() -> None:
    made = crowd(9, ordinary=300, campaign=20, customers=0)
    ring = _queue_ring(made)
    found = _holding(made, _drafts(made), ring)
    assert len(set(made.position[ring]) & set(found.accounts.tolist())) >= 6
    assert found.rests_on == ("prompts",)


def test_a_household_with_a_card_and_a_line_rests_on_neither() -> None:
    made = crowd(10, ordinary=300, campaign=0, customers=0)
    home = [made.account("home") for _ in range(4)]
    for one in home:
        made.use(one, "payment_method", "psp/ours")
        made.use(one, "ip", "14.0.0.9")
        made.use(one, "device", "dv_tablet")
        made.works(one, 20, [], 0)
    found = _holding(made, _drafts(made), home)
    assert {int(made.position[one]) for one in home} <= set(found.accounts.tolist())
    assert not found.fragile


# --- resampling ----------------------------------------------------------------------------------


def test_an_identifier_is_lost_for_all_its_users_at_once() -> None:
    made = crowd(12, ordinary=200, campaign=0, customers=0)
    ring = _ring(made, "payment_method", "psp/ring")
    context = LinkContext.of(made.observations())
    scored, threshold = _scored(context)
    places = made.position[ring]
    thinned = scored.thinned(threshold, 0.5, np.random.default_rng(0))
    counts = set()
    for _ in range(8):
        links = next(thinned)
        inside = links["a"].isin(places) & links["b"].isin(places)
        counts.add(int(inside.sum()))
    assert len(counts) == 2  # all of its links or none
    assert 0 in counts


def test_links_of_a_thinned_log_are_the_sums_of_what_is_left(context: LinkContext) -> None:
    scored, threshold = _scored(context)
    firm = scored.ledger.take(scored.ledger.millibits >= threshold)
    thinned = scored.thinned(threshold, 0.2, np.random.default_rng(4))
    rng = np.random.default_rng(4)
    for _ in range(3):
        lost = {
            f"shared {layer.kind}": rng.random(len(layer.position)) < 0.2
            for layer in context.layers
        }
        parts = [
            part.take(~lost[part.signal][part.inputs["value"].astype(np.int64)])
            if part.signal in lost
            else part
            for part in firm.parts
        ]
        plain = Ledger(firm.view, tuple(parts), fused(parts, len(firm.view))).links(threshold)
        assert 0 < len(plain) < len(firm.view)
        assert_frame_equal(next(thinned), plain[_TIE])


def test_a_part_of_many_links_tells_what_all_of_them_tell(
    context: LinkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored, threshold = _scored(context)
    links = weighted(scored.links(threshold), context.prior_bits)
    ground = Ground.of(links, context.accounts, scored.unseen)
    labels = form(context, links, seed=0, ground=ground)
    whole = resample(scored, labels, ground, threshold=threshold, seed=5)
    survives = holds_without(scored, labels, ground, seed=5).survives
    few = dataclasses.replace(STABILITY, plain=20, partners=8)
    monkeypatch.setattr("graph_models.communities.stability.STABILITY", few)
    part = resample(scored, labels, ground, threshold=threshold, seed=5)
    again = holds_without(scored, labels, ground, seed=5).survives
    same = [again[label] == survives[label] for label in survives]
    assert np.mean(same) >= 0.95
    assert np.mean([abs(part.held[at] - whole.held[at]) for at in whole.held]) < 0.05


def test_resampling_is_a_function_of_its_seed(context: LinkContext) -> None:
    scored, threshold = _scored(context)
    labels = form(context, weighted(scored.links(threshold), context.prior_bits), seed=0)
    one = resample(scored, labels, threshold=threshold, seed=5)
    same = resample(scored, labels, threshold=threshold, seed=5)
    other = resample(scored, labels, threshold=threshold, seed=6)
    assert (one.member == same.member).all()
    assert one.held == same.held
    assert (one.member != other.member).any()
    assert ((one.member >= 0) & (one.member <= 1)).all()
    assert (one.member[labels < 0] == 0).all()
