"""A published graph says each thing once: a second row would be counted twice in one store only."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from graph_models.stores.compilation import compile_graph
from graph_models.stores.protocol import Published
from tests.contract.graphs import random_published


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


def test_a_sighting_is_named_once(graph: Published) -> None:
    sightings = graph.observations.sightings
    twice = replace(graph.observations, sightings=pd.concat([sightings, sightings.head(1)]))
    with pytest.raises(ValueError, match="one row per account and identifier"):
        compile_graph(replace(graph, observations=twice))
