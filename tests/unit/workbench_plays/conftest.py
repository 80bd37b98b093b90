"""One little world for all tests of plays and searches; none of them writes."""

from __future__ import annotations

import pytest

from tests.unit.workbench_plays import little_world
from workbench import Workbench


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return little_world.make(tmp_path_factory.mktemp("little"))
