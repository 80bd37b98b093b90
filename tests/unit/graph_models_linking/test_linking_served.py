"""Two accounts read from a published graph are explained as the whole population explains them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph_models.analysis import analyse
from graph_models.families import Family
from graph_models.inference import Inference
from graph_models.linking import LinkContext
from graph_models.linking.explain import Entry, PairExplanation, explain_pair
from graph_models.linking.learned import learned_of
from graph_models.linking.served import served_context
from graph_models.observations import COLUMNS, Observations
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import GraphView, Published
from tests.unit.graph_models_linking.crowd import crowd

WITHOUT = frozenset({Family.NETWORK})


def observed() -> Observations:
    """A crowd with what it lacks by itself: closed accounts, profiles, clearances, shared lines."""
    obs = crowd(4, ordinary=240, campaign=30, customers=20).observations()
    people, some = obs.accounts.copy(), np.arange(len(obs.accounts))
    closed = people["created_at"] + np.timedelta64(40 * 86_400, "s").astype("timedelta64[us]")
    people["closed_at"] = closed.where(some % 3 == 0)
    people["close_reason"] = np.where(some % 3 == 0, "terms", None)
    people["organisation"] = np.where(some % 29 == 0, "Nordwind", None)
    people["country"] = np.where(some % 2 == 0, "DE", "FR")
    labels = pd.DataFrame(
        {"account": [0, 5, 5], "label": ["cleared", "cleared", "closed"], "source": "desk",
         "ts": np.datetime64("2026-05-02", "us")}
    )  # fmt: skip
    identifiers = obs.identifiers.copy()
    address = (identifiers["kind"] == "ip").to_numpy()
    identifiers["asn"] = np.where(address, "AS" + identifiers["value"].str[:3], None)
    claimed = obs.sightings.assign(claimed=np.float32(0.25) * (obs.sightings.index % 3))
    return replace(
        obs,
        accounts=people.astype(COLUMNS["accounts"]),
        labels=labels.astype(COLUMNS["labels"]),
        identifiers=identifiers.astype(COLUMNS["identifiers"]),
        sightings=claimed.astype(COLUMNS["sightings"]),
    )


@pytest.fixture(scope="module")
def run() -> tuple[Observations, Inference]:
    obs = observed()
    return obs, analyse(obs, seed=1)


@pytest.fixture(scope="module")
def view(run: tuple[Observations, Inference], tmp_path_factory: pytest.TempPathFactory) -> Any:
    return published(*run, tmp_path_factory.mktemp("served"))


def published(obs: Observations, inference: Inference, folder: Path) -> GraphView:
    store = EmbeddedStore(folder)
    with store.writer() as writer:
        writer.publish(Published(obs, inference))
    return store.view()


def pairs(obs: Observations, inference: Inference) -> list[tuple[str, str]]:
    """Random pairs, pairs that share something, and links; either order of the names."""
    rng = np.random.default_rng(2)
    found = [tuple(rng.choice(len(obs.accounts), 2, replace=False)) for _ in range(60)]
    users = obs.sightings.groupby("identifier")["account"].agg(list)
    for users_of in users[users.str.len() > 1].sample(60, random_state=1):
        found.append(tuple(rng.choice(users_of, 2, replace=False)))
    links = inference.links.sample(min(60, len(inference.links)), random_state=1)
    found += [*zip(links["b"], links["a"], strict=True), (5, 0), (0, 5)]
    ids = obs.accounts["account"]
    return [(str(ids.iloc[a]), str(ids.iloc[b])) for a, b in found]


def told(entry: Entry) -> tuple[Any, ...]:
    return (entry.signal, entry.family, entry.bits, entry.identifier, entry.why, entry.misleads)


def same(one: PairExplanation, other: PairExplanation) -> None:
    names = ("a", "b", "bits", "prior_bits", "probability", "chance_p", "candidate", "linked")
    assert [getattr(one, n) for n in names] == [getattr(other, n) for n in names]
    for left, right in ((one.signals, other.signals), (one.against, other.against)):
        assert list(map(told, left)) == list(map(told, right))
        for mine, yours in zip(left, right, strict=True):
            # A value's number in its layer is another where the layer holds two accounts.
            numbers = [{k: v for k, v in e.inputs.items() if k != "value"} for e in (mine, yours)]
            assert numbers[0] == pytest.approx(numbers[1], rel=1e-9, nan_ok=True)


def test_a_pair_is_explained_alike(run: tuple[Observations, Inference], view: GraphView) -> None:
    obs, inference = run
    whole = LinkContext.of(obs)
    seen: set[str] = set()
    for a, b in pairs(obs, inference):
        facts = view.pair(a, b)
        assert facts is not None
        context = served_context(facts)
        found = explain_pair(context.obs, a, b, context=context)
        same(found, explain_pair(obs, a, b, context=whole))
        seen |= {entry.signal for entry in (*found.signals, *found.against)}
    # The pairs must bring out what could differ: derived layers, caps, hubs, habits, labels.
    assert {"shared ip", "shared ip_prefix", "same hours", "close births", "cleared"} <= seen
    assert any(name.startswith("overlap") for name in seen)
    assert any(name.startswith("context") for name in seen)


def test_a_link_has_the_bits_that_the_analysis_gave_it(
    run: tuple[Observations, Inference], view: GraphView
) -> None:
    obs, inference = run
    ids = obs.accounts["account"]
    for row in inference.links.head(100).itertuples():
        facts = view.pair(str(ids.iloc[row.a]), str(ids.iloc[row.b]))
        assert facts is not None
        context = served_context(facts)
        a, b = (str(ids.iloc[at]) for at in (row.a, row.b))
        found = explain_pair(context.obs, a, b, context=context)
        assert round(1000 * found.bits) == row.millibits
        assert found.linked


def test_a_family_left_out_of_the_run_is_left_out(
    run: tuple[Observations, Inference], tmp_path: Path
) -> None:
    obs, inference = run
    without = LinkContext.of(obs).leaving_out(WITHOUT)
    other = published(obs, replace(inference, learned=learned_of(without)), tmp_path)
    for a, b in pairs(obs, inference)[::7]:
        facts = other.pair(a, b)
        assert facts is not None
        context = served_context(facts)
        found = explain_pair(context.obs, a, b, context=context)
        same(found, explain_pair(obs, a, b, context=without))
        assert not any(entry.family == "network" for entry in found.signals)


def test_a_graph_that_learned_nothing_says_so(
    run: tuple[Observations, Inference], tmp_path: Path
) -> None:
    obs, inference = run
    bare = published(obs, replace(inference, learned=None), tmp_path)
    assert bare.pair(*obs.accounts["account"].iloc[:2]) is None
