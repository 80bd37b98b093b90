from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.workbench_casebook.desks import PaperDesk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaperDesk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    desk = PaperDesk(tmp_path)
    desk.person_add("ana")
    return desk


@pytest.fixture
def case(desk: PaperDesk) -> str:
    return desk.case_open("Amber kiln", focus="account:acct_a", by="ana").case
