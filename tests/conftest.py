"""What every test may ask for: a clock, a Chromium, and no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph_models.stores.neo4j import runtime
from graph_models.stores.neo4j.server import Server

REQUIRED = set(os.environ.get("WORKBENCH_REQUIRE", "").split(",")) - {""}


@pytest.fixture(autouse=True, scope="session")
def _private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys and settings of a test never touch the user's own; set before any other fixture."""
    home: Path = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home))
        for name in ("WORKBENCH_WORKSPACE", "WORKBENCH_KEY", "WORKBENCH_KEY_FILE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def now() -> datetime:
    """The clock that tests pass in."""
    return datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a real Chromium; skips with the way to get one, fails where it is required."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "no chromium on this machine: apt-get install chromium"
        (pytest.fail if "chromium" in REQUIRED else pytest.skip)(reason)
    assert path is not None
    return path


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server of this session's own; skips with the way to get one, fails where required."""
    version = os.environ.get("WORKBENCH_NEO4J_VERSION", runtime.DEFAULT_VERSION)
    reason = runtime.lacking(runtime.release(version))
    if reason is not None:
        (pytest.fail if "neo4j" in REQUIRED else pytest.skip)(reason)
    server = Server(tmp_path_factory.mktemp("neo4j"), version)
    server.start(0)
    yield server
    server.kill()  # nothing of it is kept, so nothing need be closed in order
    server.wipe()
