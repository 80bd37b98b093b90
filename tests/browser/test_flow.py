"""The main job in a real browser on a real world: triage, open, expand, explain, seal, verify."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures import synthesise
from workbench import Workbench
from workbench.app import serve

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def hooked() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_APP_HOOK", "1")
        yield


@pytest.fixture
def world(quickstart: Path) -> Path:
    return quickstart


@pytest.fixture
def app(world: Path, served: Callable[[Path], serve.Server]) -> serve.Server:
    return served(world)


def campaign(world: Path) -> str:
    found = Workbench.open(world).communities()
    return next(c.community for c in found if c.assessment.assessed_as == "campaign")


def test_triage_open_expand_explain(visitor: Any, app: serve.Server, world: Path) -> None:
    page = visitor.page
    visitor.open(f"{app.url}/triage")
    page.get_by_text("Why these accounts are together").wait_for()
    page.get_by_role("button", name="Open in Explore").click()
    page.wait_for_url("**/explore?**")
    visitor.idle()
    visitor.canvas_ready()
    before = visitor.positions()
    account = sorted(name for name in before if name.startswith("account:"))[0]
    page.mouse.dblclick(*visitor.where(account))
    page.locator(".wb-pop").wait_for()
    boxes = page.locator(".wb-pop input:not([disabled])")
    for place in range(boxes.count()):
        boxes.nth(place).check()
    visitor.after(page.locator(".wb-pop .wb-main").click)
    after = visitor.positions()
    assert len(after) > len(before)
    assert {name: after[name] for name in before} == before
    visitor.open(page.url)  # a refresh, or the link in another window
    visitor.canvas_ready()
    assert visitor.positions() == after
    pair = sorted(name for name in before if name.startswith("account:"))[:2]
    page.mouse.click(*visitor.where(pair[0]))
    page.mouse.move(5, 5)
    page.keyboard.down("Control")
    page.mouse.click(*visitor.where(pair[1]))
    page.keyboard.up("Control")
    page.get_by_role("button", name="Explain pair").click()
    page.wait_for_url("**/explain?**")
    page.get_by_text("How the evidence adds up").wait_for()
    visitor.idle()
    assert page.get_by_text("The entries do not sum").count() == 0
    assert page.get_by_text("The entries sum to").count() == 1
    assert visitor.foreign == []
    assert visitor.errors == []


def test_the_pack_downloads_verifies_and_one_flipped_byte_is_named(
    visitor: Any, app: serve.Server, world: Path, tmp_path: Path
) -> None:
    visitor.open(f"{app.url}/triage")
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="Download evidence pack").click()
    waiting.value.save_as(tmp_path / "pack.zip")
    zipfile.ZipFile(io.BytesIO((tmp_path / "pack.zip").read_bytes())).extractall(tmp_path / "out")
    pack = next((tmp_path / "out").iterdir())
    assert pack.name == f"evidence-{campaign(world)}"
    desk = Workbench.open(world)
    assert desk.verify(pack).ok
    victim = pack / "data" / "report.html"
    whole = victim.read_bytes()
    victim.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    report = desk.verify(pack)
    assert not report.ok
    assert "data/report.html" in {problem.file for problem in report.problems}


def test_from_nothing_to_communities_without_a_command_line(
    visitor: Any, hooked: None, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    synthesise("quickstart", logs, seed=3, scale=0.05)
    server = serve.start(tmp_path / "fresh")
    try:
        assert server.wait_until_ready()
        page = visitor.page
        visitor.open(f"{server.url}/triage")
        page.get_by_role("button", name="Load files").click()
        page.wait_for_url("**/data")
        page.get_by_label("Files or folders on this machine").fill(str(logs))
        page.keyboard.press("Control+Enter")
        visitor.idle()
        page.get_by_role("button", name="Load paths").click()
        page.get_by_text("every row accounted for").wait_for()
        page.get_by_role("button", name="Analyse").click()
        # The first analysis of a checkout compiles its kernels: minutes on a busy machine.
        page.get_by_text("found in").wait_for(timeout=300_000)
        visitor.open(f"{server.url}/triage")
        page.get_by_text("Why these accounts are together").wait_for()
        assert visitor.foreign == []
        assert visitor.errors == []
    finally:
        server.stop()
        shutil.rmtree(tmp_path / "fresh", ignore_errors=True)
