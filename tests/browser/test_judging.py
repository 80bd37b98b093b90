"""Two people judge one pair in two browsers, with a key pressed while they still type."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import TIMEOUT, Visitor
from workbench import Workbench
from workbench.app import serve

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REASON = "Why, in your words (required)"
BAD = '<img src=x onerror="window.__pwn=1"> [x](https://evil.test)'


@pytest.fixture
def world(quickstart: Path, tmp_path: Path) -> Path:
    return shutil.copytree(quickstart, tmp_path / "workspace")


def test_two_people_judge_at_the_same_moment(
    browser: Any, world: Path, served: Callable[[Path], serve.Server]
) -> None:
    desk = Workbench.open(world)
    a, b = desk.members(desk.communities()[0].community)["account"].head(2)
    for name in ("ana", "bo"):
        desk.person_add(name)
    case = desk.case_open("Amber kiln", by="ana").case
    address = served(world).url
    contexts = [browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2)]
    guests = [Visitor(context.new_page()) for context in contexts]
    for guest, name, answer in zip(guests, ("ana", "bo"), ("Same controller", "Not"), strict=True):
        guest.watch()
        guest.page.set_default_timeout(TIMEOUT)
        guest.open(f"{address}/explain?a={a}&b={b}&case={case}&as={name}")
        guest.page.get_by_label(REASON).wait_for()
        form = guest.page.get_by_test_id("stForm").filter(has=guest.page.get_by_label(REASON))
        form.get_by_text(answer, exact=True).click()
        guest.page.get_by_label(REASON).fill(f"{name} says {BAD}")
    for guest in guests:
        guest.page.keyboard.press("Control+J")
    for guest in guests:
        guest.page.get_by_text("Filed. The entry is signed").wait_for()
        guest.idle()
        assert guest.page.get_by_label(REASON).input_value() == ""
    found = desk.review(f"link:{a}|{b}")
    assert {word.person: word.verdict for word in found.standing} == {"ana": "yes", "bo": "no"}
    assert desk.case_check().ok
    guest = guests[0]
    guest.open(f"{address}/case?case={case}&as=ana")
    guest.page.get_by_text("disputed").first.wait_for()
    assert guest.page.get_by_text(f"bo says {BAD}").count() > 0
    guest.page.get_by_role("tab", name="Notes").click()
    guest.page.get_by_label("Note", exact=True).fill("who pays?")
    guest.page.keyboard.press("Control+M")
    guest.page.get_by_text("who pays?").first.wait_for()
    guest.idle()
    assert [note.text for note in desk.notes(case=case)] == ["who pays?"]
    # What was written is there at once, and the tab that one writes in stays open.
    assert guest.page.get_by_label("Note", exact=True).is_visible()
    for one in guests:
        assert not one.page.evaluate("window.__pwn")
        assert (one.foreign, one.dialogs, one.errors) == ([], [], [])
    for context in contexts:
        context.close()
