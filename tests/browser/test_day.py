"""An investigator's day: nothing is lost by a refresh, a killed server or a second investigator."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import TIMEOUT, Visitor
from workbench import Workbench
from workbench.app import serve, tour
from workbench.demonstration import Demo, run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WHY = "One card and one device, step for step over six weeks."
NOTE = "Look at the second wave of sign-ups."


@dataclass
class Desk:
    """A workspace that two people may change, and its app, which can be killed."""

    workspace: Path
    server: serve.Server

    @property
    def library(self) -> Workbench:
        return Workbench.open(self.workspace)

    def kill_and_start_again(self) -> None:
        port = self.server.port
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        self.server = started(self.workspace, port)


def started(workspace: Path, port: int = 0) -> serve.Server:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_APP_HOOK", "1")
        server = serve.start(workspace, port=port)
    assert server.wait_until_ready()
    return server


def desk_on(workspace: Path) -> Iterator[Desk]:
    library = Workbench.open(workspace)
    for name in ("ana", "ben"):
        library.person_add(name)
        for page in tour.STOPS:
            library.keep_habit(f"tour_{page}", tour.SEEN, by=name)
    desk = Desk(workspace, started(workspace))
    yield desk
    desk.server.stop()


@pytest.fixture
def small(quickstart: Path, tmp_path: Path) -> Iterator[Desk]:
    yield from desk_on(shutil.copytree(quickstart, tmp_path / "day"))


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Desk]:
    """Hydra at 0.05; an analysed workspace named by WORKBENCH_TEST_HYDRA is copied instead."""
    folder = tmp_path / "day"
    if ready := os.environ.get("WORKBENCH_TEST_HYDRA"):
        shutil.copytree(ready, folder)
    else:
        run(Demo(world="hydra", workspace=folder, seed=5, scale=0.05))
    yield from desk_on(folder)


@pytest.fixture
def newcomer(browser: Any) -> Iterator[Callable[[], Visitor]]:
    """Another browser, which shares nothing with the first."""
    contexts = []

    def come() -> Visitor:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(TIMEOUT)
        guest = Visitor(page)
        guest.watch()
        return guest

    yield come
    for context in contexts:
        context.close()


def asked(visitor: Visitor, name: str) -> str:
    return parse_qs(urlsplit(visitor.page.url).query).get(name, [""])[0]


def accounts(visitor: Visitor) -> list[str]:
    """Drawn accounts whose middle no other node covers, so that a click finds them."""
    at = visitor.positions()
    return [
        name
        for name, here in sorted(at.items())
        if name.startswith("account:")
        and all(
            abs(here["x"] - there["x"]) + abs(here["y"] - there["y"]) > 14
            for other, there in at.items()
            if other != name
        )
    ]


def expand(visitor: Visitor, node: str) -> None:
    """Double-click a node and draw all that its popover offers."""
    before = visitor.positions()
    visitor.page.mouse.dblclick(*visitor.where(node))
    visitor.page.locator(".wb-pop").wait_for()
    boxes = visitor.page.locator(".wb-pop input[type=checkbox]:not([disabled])")
    for place in range(boxes.count()):
        boxes.nth(place).check()
    visitor.after(visitor.page.locator(".wb-pop .wb-main").click)
    after = visitor.positions()
    # In a full scene what is alike is folded; what is still drawn stands where it stood.
    stayed = before.keys() & after.keys()
    assert len(stayed) > len(before) / 2
    assert {name: after[name] for name in stayed} == {name: before[name] for name in stayed}


def select(visitor: Visitor, *nodes: str) -> None:
    visitor.page.mouse.click(*visitor.where(nodes[0]))
    visitor.page.keyboard.down("Control")
    for node in nodes[1:]:
        visitor.page.mouse.move(5, 5)
        visitor.page.mouse.click(*visitor.where(node))
    visitor.page.keyboard.up("Control")
    visitor.page.get_by_text(f"{len(nodes)} of ").first.wait_for()
    visitor.idle()


def explore(visitor: Visitor) -> None:
    """The morning: from the list to a scene that was expanded, filtered, folded and pathed."""
    page = visitor.page
    page.get_by_role("button", name="Open in Explore").click()
    page.wait_for_url("**/explore?**")
    visitor.idle()
    visitor.canvas_ready()
    expand(visitor, accounts(visitor)[0])
    item = page.locator(".wb-item", has_text="Devices")
    visitor.after(item.click)
    select(visitor, *accounts(visitor)[1:3])
    page.locator(".wb-canvas").focus()
    visitor.after(lambda: page.keyboard.press("g"))


def judge(visitor: Visitor) -> None:
    """A pair is explained and judged; the first judgement opens a case."""
    page = visitor.page
    select(visitor, *accounts(visitor)[:2])
    page.get_by_role("button", name="Explain pair").click()
    page.wait_for_url("**/explain?**")
    page.get_by_text("How the evidence adds up").wait_for()
    visitor.idle()
    page.get_by_text("Same controller", exact=True).first.click()
    page.get_by_label("Why, in your words").fill(WHY)
    page.keyboard.press("Control+Enter")
    page.get_by_text(WHY).first.wait_for()
    visitor.idle()


def note(visitor: Visitor, node: str) -> None:
    page = visitor.page
    page.mouse.click(*visitor.where(node))
    visitor.idle()
    page.get_by_role("tab", name="Notes").click()
    page.get_by_label("Note", exact=True).fill(NOTE)
    page.keyboard.press("Control+Enter")
    page.get_by_text(NOTE).last.wait_for()
    visitor.idle()


def state(desk: Desk, scene: str, by: str) -> tuple[Any, ...]:
    """What must be the same afterwards, read past the app: scene, head, filters, words."""
    library = desk.library
    work = library.scene(scene, by=by)
    replayed = work.replay()
    assert replayed.differing == ()
    drawn = work.history().scene()
    words = [(n.person, n.subject, n.text) for n in library.notes()]
    return (
        work.history().head,
        replayed.digest,
        sorted(drawn.nodes),
        drawn.filters,
        words,
        [(entry.kind, entry.subject) for entry in library.casebook.ledger.entries()],
    )


def held(desk: Desk, scene: str, by: str) -> set[str]:
    return set(desk.library.scene(scene, by=by).history().scene().held)


def a_day(visitor: Visitor, desk: Desk, newcomer: Callable[[], Visitor]) -> None:
    visitor.open(f"{desk.server.url}/triage?as=ana")
    explore(visitor)
    canvas, drawn = visitor.page.url, visitor.positions()
    judge(visitor)
    case = asked(visitor, "case")
    assert case.startswith("case_")
    visitor.open(f"{canvas}&case={case}")
    visitor.canvas_ready()
    assert visitor.positions() == drawn
    note(visitor, accounts(visitor)[0])

    scene = asked(visitor, "scene")
    before = state(desk, scene, "ana")
    visitor.page.reload()
    visitor.idle()
    visitor.canvas_ready()
    assert visitor.positions() == drawn
    desk.kill_and_start_again()
    visitor.open(visitor.page.url)
    visitor.canvas_ready()
    assert visitor.positions() == drawn
    visitor.page.get_by_text("Working as ana").wait_for()
    assert state(desk, scene, "ana") == before

    second = newcomer()
    second.open(visitor.page.url.replace("as=ana", "as=ben"))
    second.canvas_ready()
    expand(second, accounts(second)[-1])
    assert state(desk, scene, "ana") == before
    theirs = held(desk, scene, "ben")
    visitor.open(visitor.page.url)
    visitor.canvas_ready()
    assert visitor.positions() == drawn
    visitor.after(visitor.page.locator(".wb-item", has_text="Cards").click)
    visitor.page.get_by_role("tab", name="People").click()
    visitor.after(visitor.page.get_by_role("button", name="Merge after my steps").click)
    assert theirs <= held(desk, scene, "ana")
    assert state(desk, scene, "ana")[4:] == before[4:]
    for guest in (visitor, second):
        assert (guest.errors, guest.foreign) == ([], [])


def test_a_day_on_quickstart(
    visitor: Visitor, small: Desk, newcomer: Callable[[], Visitor]
) -> None:
    a_day(visitor, small, newcomer)


@pytest.mark.slow
def test_a_day_on_hydra(visitor: Visitor, large: Desk, newcomer: Callable[[], Visitor]) -> None:
    a_day(visitor, large, newcomer)
