"""A published graph says each thing once: a second row would be counted twice in one store only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from graph_models.stores.compilation import compile_graph
from graph_models.stores.protocol import Published
from tests.contract.graphs import published, random_published


@pytest.fixture
def graph() -> Published:
    return random_published(3, accounts=12)


def test_a_sound_graph_compiles(graph: Published) -> None:
    assert compile_graph(graph).tables["members"].num_rows


def test_a_member_is_named_once_in_a_community(graph: Published) -> None:
    assert graph.inference is not None
    members = graph.inference.members
    twice = replace(graph.inference, members=pd.concat([members, members.head(1)]))
    with pytest.raises(ValueError, match="one row per community and account"):
        compile_graph(replace(graph, inference=twice))


def test_sightings_may_come_in_any_order(graph: Published) -> None:
    obs = graph.observations
    mixed = replace(obs, sightings=obs.sightings.sample(frac=1.0, random_state=1))
    one, other = compile_graph(graph), compile_graph(replace(graph, observations=mixed))
    assert one.documents == other.documents
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name], err_msg=name)


@pytest.mark.parametrize(("accounts", "hub"), [(5_900, True), (6_300, False)])
def test_what_is_a_hub_follows_the_size_of_the_population(accounts: int, hub: bool) -> None:
    """A frame of 410 accounts is context among 5,900, and a work queue among 6,300."""
    names = [f"acct_{at:05d}" for at in range(accounts)]
    uses = [(name, "prompt_cluster", "pc_queue") for name in names[:410]]
    uses += [(name, "ip", "240.0.0.1") for name in names]
    arrays = compile_graph(published(uses, snapshot="sn")).arrays
    assert arrays["identifier_hub"].tolist() == [True, hub]


def test_a_sighting_is_named_once(graph: Published) -> None:
    sightings = graph.observations.sightings
    twice = replace(graph.observations, sightings=pd.concat([sightings, sightings.head(1)]))
    with pytest.raises(ValueError, match="one row per account and identifier"):
        compile_graph(replace(graph, observations=twice))
