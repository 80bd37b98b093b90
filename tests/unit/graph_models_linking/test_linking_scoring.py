from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from graph_models.errors import UsageError
from graph_models.families import FAMILIES
from graph_models.linking import (
    SIGNALS,
    LinkContext,
    PairView,
    calibrated,
    candidate_pairs,
    explain_pair,
    link_pairs,
    probability,
    score_pairs,
)
from graph_models.linking.layers import layers_of
from graph_models.linking.rules import FAMILY_RULES
from graph_models.linking.shared import shared_bits
from tests.unit.graph_models_linking.crowd import Crowd, crowd


@pytest.fixture(scope="module")
def made() -> Crowd:
    return crowd(3, ordinary=300, campaign=30, customers=20)


@pytest.fixture(scope="module")
def context(made: Crowd) -> LinkContext:
    return LinkContext.of(made.observations())


def _random_view(context: LinkContext, pairs: int, seed: int = 0) -> PairView:
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.integers(context.accounts, size=(pairs, 2)), axis=1)
    ends = ends[ends[:, 0] < ends[:, 1]].astype(np.int32)
    return PairView(context, ends[:, 0].copy(), ends[:, 1].copy())


def test_entries_sum_exactly_to_the_total_of_every_pair(context: LinkContext) -> None:
    some = candidate_pairs(context).view
    view = PairView(context, some.a[::7], some.b[::7])
    ledger = score_pairs(context, view)
    summed = ledger.entries.groupby(["a", "b"])["millibits"].sum()
    assert len(view) > 100
    for a, b, total in zip(view.a, view.b, ledger.millibits, strict=True):
        assert summed.get((a, b), 0) == total


def test_family_columns_sum_to_the_link_and_respect_their_caps(context: LinkContext) -> None:
    threshold = -round(1000 * context.prior_bits)
    links = link_pairs(context, candidate_pairs(context).view, threshold).links(threshold)
    assert len(links) > 100
    assert (links[[f.value for f in FAMILIES]].sum(axis=1) == links["millibits"]).all()
    for family in FAMILIES:
        assert links[family.value].max() <= FAMILY_RULES[family].cap_bits * 1000
    assert (links["millibits"] >= threshold).all()


def test_dropping_hopeless_pairs_before_heavy_signals_changes_no_link(context: LinkContext) -> None:
    threshold = -round(1000 * context.prior_bits)
    view = candidate_pairs(context).view
    quick = link_pairs(context, view, threshold).links(threshold)
    pd.testing.assert_frame_equal(quick, score_pairs(context, view).links(threshold))


def test_explaining_a_pair_gives_the_bits_of_its_link(made: Crowd, context: LinkContext) -> None:
    threshold = -round(1000 * context.prior_bits)
    links = link_pairs(context, candidate_pairs(context).view, threshold).links(threshold)
    ids = context.obs.accounts["account"]
    for row in links.iloc[:: max(1, len(links) // 40)].itertuples():
        told = explain_pair(context.obs, ids.iloc[row.a], ids.iloc[row.b], context=context)
        assert round(1000 * told.bits) == row.millibits
        assert told.linked
        assert sum(round(1000 * e.bits) for e in (*told.signals, *told.against)) == row.millibits


def test_stated_probabilities_are_those_of_the_curve_and_keep_the_order(
    made: Crowd, context: LinkContext
) -> None:
    view = candidate_pairs(context).view
    total = score_pairs(context, view).millibits
    chance = calibrated(total, context.prior_bits)
    order = np.argsort(total, kind="stable")
    assert (np.diff(chance[order])[np.diff(total[order]) > 0] > 0).all()
    ids = context.obs.accounts["account"]
    for at in range(0, len(view), len(view) // 10):
        told = explain_pair(
            context.obs, ids.iloc[view.a[at]], ids.iloc[view.b[at]], context=context
        )
        assert told.probability == pytest.approx(chance[at], abs=1e-6)


def test_shared_bits_can_be_recomputed_from_the_inputs_of_the_entry(context: LinkContext) -> None:
    entries = score_pairs(context, candidate_pairs(context).view).entries
    shared = entries[entries["signal"].str.startswith("shared ")]
    for row in shared.iloc[:: max(1, len(shared) // 200)].itertuples():
        layer = context.layer(row.signal.removeprefix("shared "))
        assert layer is not None
        given = {name: np.array([value]) for name, value in row.inputs.items()}
        bits = shared_bits(
            layer, given["accounts"], given["values_of_busier"], given["claimed"],
            given["gap_days"], reuse=given["reuse"],
        )  # fmt: skip
        assert round(1000 * float(bits[0])) == row.millibits


def test_strangers_have_no_shared_signal_and_a_low_probability(
    made: Crowd, context: LinkContext
) -> None:
    view = _random_view(context, 400)
    chance = probability(score_pairs(context, view).millibits, context.prior_bits)
    assert np.median(chance) < 0.05
    role = made.truth()
    benign = np.flatnonzero(role == "benign")
    ids = context.obs.accounts["account"]
    told = explain_pair(context.obs, ids.iloc[benign[0]], ids.iloc[benign[1]], context=context)
    assert told.chance_p > 0.01
    assert not told.linked


def test_members_of_a_campaign_score_above_customers_who_share_its_proxies(
    made: Crowd, context: LinkContext
) -> None:
    role = made.truth().to_numpy()
    view = candidate_pairs(context).view
    bits = score_pairs(context, view).millibits
    both = (role[view.a] == "campaign") & (role[view.b] == "campaign")
    customers = (role[view.a] == "customer") & (role[view.b] == "customer")
    assert np.median(bits[both]) > np.median(bits[customers])


def test_order_of_the_two_accounts_does_not_matter(context: LinkContext) -> None:
    ids = context.obs.accounts["account"]
    one = explain_pair(context.obs, ids.iloc[3], ids.iloc[9], context=context)
    other = explain_pair(context.obs, ids.iloc[9], ids.iloc[3], context=context)
    assert one == dataclasses.replace(other, a=one.a, b=one.b)


def test_unknown_and_repeated_accounts_are_refused_with_a_way_out(context: LinkContext) -> None:
    ids = context.obs.accounts["account"]
    with pytest.raises(UsageError, match="workbench search"):
        explain_pair(context.obs, ids.iloc[0], "nobody")
    with pytest.raises(UsageError, match="twice"):
        explain_pair(context.obs, ids.iloc[0], ids.iloc[0])


def test_a_hub_is_context_and_never_a_bridge() -> None:
    made = Crowd(1)
    for _ in range(80):
        made.use(made.account("benign"), "ip", "9.9.9.9")
    made.works(0, 5, [], 0)
    context = LinkContext.of(made.observations())
    assert len(candidate_pairs(context).view) == 0
    ids = context.obs.accounts["account"]
    told = explain_pair(context.obs, ids.iloc[0], ids.iloc[1], context=context)
    assert not any(entry.signal == "shared ip" for entry in told.signals)
    hubs = [entry for entry in told.against if entry.signal == "context ip"]
    assert hubs
    assert hubs[0].bits == 0
    assert "80 accounts" in hubs[0].why


def test_a_value_marked_unlinkable_or_as_a_service_never_bridges() -> None:
    made = Crowd(2)
    for card in ("test", "fine", "service"):
        for _ in range(3):
            made.use(made.account("benign"), "payment_method", card)
    made.works(0, 5, [], 0)
    obs = made.observations()
    rows = obs.identifiers.copy()
    rows.loc[rows["value"] == "test", "linkable"] = False
    rows.loc[rows["value"] == "service", "label"] = "voucher scheme"
    (layer,) = layers_of(dataclasses.replace(obs, identifiers=rows))
    bridging = dict(zip(layer.text, layer.bridging, strict=True))
    assert bridging == {"fine": True, "service": False, "test": False}


def test_claimed_values_and_values_used_at_different_times_say_less(context: LinkContext) -> None:
    layer = context.layer("ip")
    assert layer is not None
    one = np.ones(1)
    plain = shared_bits(layer, 2 * one, one, 0 * one, 0 * one)
    assert shared_bits(layer, 2 * one, one, one, 0 * one)[0] == pytest.approx(plain[0] / 2)
    assert shared_bits(layer, 2 * one, one, 0 * one, 7 * one)[0] < plain[0]


def test_rarer_values_and_quieter_accounts_say_more(context: LinkContext) -> None:
    layer = context.layer("prompt_cluster")
    assert layer is not None
    degree, spread = np.array([2.0, 4, 8, 16]), np.array([1.0, 2, 4, 8])
    zero = np.zeros(4)
    by_degree = shared_bits(layer, degree, np.full(4, 4.0), zero, zero)
    by_spread = shared_bits(layer, np.full(4, 40.0), spread, zero, zero)
    assert (np.diff(by_degree) <= 0).all()
    assert (np.diff(by_spread) <= 0).all()
    assert by_spread[0] > by_spread[-1]


def test_signals_without_their_inputs_are_silent(made: Crowd, context: LinkContext) -> None:
    blind = dataclasses.replace(
        context.obs, lacking=("account.created_at", "exchange.prompt", "exchange.ts")
    )
    entries = score_pairs(LinkContext.of(blind), candidate_pairs(context).view).entries
    assert not {"close births", "no common frame", "synchrony"} & set(entries["signal"])


def test_every_signal_is_documented_and_named_once() -> None:
    assert len({signal.name for signal in SIGNALS}) == len(SIGNALS)
    for signal in SIGNALS:
        assert signal.why.endswith(".")
        assert signal.reason.endswith(".")
        assert signal.misleads.endswith(".")
        assert signal.most_bits <= FAMILY_RULES[signal.family].cap_bits


def test_candidates_over_the_budget_are_counted_not_lost(
    context: LinkContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph_models.linking import candidates as module

    full = candidate_pairs(context)
    assert full.words == ()
    tight = dataclasses.replace(module.CANDIDATES, pair_budget=3000, pairs_per_account=0)
    monkeypatch.setattr(module, "CANDIDATES", tight)
    cut = candidate_pairs(context)
    assert 0 < len(cut.view) < len(full.view)
    assert cut.pairs_skipped > 0
    assert f"{cut.pairs_skipped:,} pairs" in cut.words[0]


def test_linking_an_empty_world_is_no_error() -> None:
    made = Crowd(0)
    made.account("benign")
    made.account("benign")
    made.use(0, "ip", "1.1.1.1")
    made.works(0, 3, [], 0)
    context = LinkContext.of(made.observations())
    assert len(candidate_pairs(context).view) == 0
