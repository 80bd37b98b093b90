"""What every test may ask for: a clock, a Chromium, and no network."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

REQUIRED = set(os.environ.get("WORKBENCH_REQUIRE", "").split(",")) - {""}


@pytest.fixture(autouse=True)
def _private_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and settings of a test never touch the user's own."""
    home: Path = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    for name in ("WORKBENCH_WORKSPACE", "WORKBENCH_KEY", "WORKBENCH_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


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
