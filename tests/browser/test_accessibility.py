"""WCAG 2.2 A and AA by axe-core on every page in both themes, and a walk without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.addresses import addresses
from workbench import Workbench
from workbench.app import serve

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Known(NamedTuple):
    """What Streamlit draws and gives no say in; named so that its going is noticed."""

    rule: str
    html: str
    reason: str


STREAMLIT = (
    Known(
        "color-contrast",
        '<kbd aria-label="Shortcut',
        "the hint of a shortcut inside a filled button is the text at 60 %; Keys lists every one",
    ),
)


@pytest.fixture
def desk(quickstart: Path) -> Workbench:
    return Workbench.open(quickstart)


@pytest.fixture
def app(quickstart: Path, served: Callable[[Path], serve.Server]) -> serve.Server:
    return served(quickstart)


def found_on(visitor: Any) -> list[tuple[str, str, str]]:
    """Rule, element and what is wrong with it, for everything that axe finds."""
    told = Axe().run(visitor.page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        (violation["id"], node["html"], node["failureSummary"])
        for violation in told.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("visitor", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_of_ours(visitor: Any, app: serve.Server, desk: Workbench) -> None:
    met: set[Known] = set()
    ours = []
    for address in addresses(desk).values():
        visitor.open(app.url + address)
        for rule, html, words in found_on(visitor):
            known = [k for k in STREAMLIT if k.rule == rule and html.startswith(k.html)]
            met.update(known)
            if not known:
                ours.append((address, rule, html[:200], words))
    assert ours == []
    assert met == set(STREAMLIT), "an exception no longer occurs: take it out of the list"
    assert visitor.foreign == []


def focused(page: Any) -> str:
    """The words of what has the focus, also inside the canvas's shadow root."""
    return str(
        page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at && at.shadowRoot && at.shadowRoot.activeElement)
                at = at.shadowRoot.activeElement;
              if (!at || at === document.body) return "";
              const words = at.getAttribute("aria-label") || at.innerText || at.tagName;
              return words.slice(0, 120).split("\\n")[0];  // a region that scrolls holds a page
            }"""
        )
    )


def tab_to(page: Any, words: str, *, most: int = 80) -> None:
    """Press Tab until something with these words has the focus."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if words in passed[-1]:
            return
    pytest.fail(f"Tab never came to {words!r}; it passed {passed}")


def test_from_triage_to_a_pair_without_a_mouse(visitor: Any, app: serve.Server) -> None:
    page = visitor.page
    visitor.open(f"{app.url}/triage")
    tab_to(page, "Close all tours")
    page.keyboard.press("Enter")
    page.get_by_text("Tour 1 of").wait_for(state="hidden")
    tab_to(page, "Open in Explore")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore?**")
    visitor.idle()
    visitor.canvas_ready()
    tab_to(page, "nodes")
    before = visitor.positions()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".wb-pop").wait_for()
    page.keyboard.press("Escape")
    assert visitor.positions() == before
