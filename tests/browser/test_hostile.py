"""Hostile text in every field that a log can fill: it stays text, nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.browser.desks import HOSTILE
from tests.browser.hostile_world import TEXTS, hostile_workspace
from tests.unit.workbench_export.records import record
from workbench import Workbench
from workbench.app import serve
from workbench.export.picture import write_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def assert_inert(visitor: Any) -> None:
    page = visitor.page
    assert page.evaluate("window.__pwn") is None
    assert visitor.dialogs == []
    assert visitor.foreign == []
    assert visitor.errors == []
    assert page.locator("img[src*='evil'], iframe[src*='evil'], a[href*='evil']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


# What is drawn outside the page's column, unless something around it scrolls or cuts it off.
WIDER = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const edge = main.getBoundingClientRect().right + 1;
  const kept = (at) => {
    for (let up = at.parentElement; up && up !== main; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  const out = [...main.querySelectorAll('*')]
    .filter((at) => at.getBoundingClientRect().right > edge && !kept(at))
    .map((at) => at.outerHTML.slice(0, 120));
  return main.scrollWidth > main.clientWidth + 1 ? ['the page scrolls sideways', ...out] : out;
}"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_workspace(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def app(workspace: Path, served: Callable[[Path], serve.Server]) -> serve.Server:
    return served(workspace)


def about(desk: Workbench, place: int, text: str) -> str:
    """The address of one page about the group whose every field holds this text."""
    other = f"acct_{place:02}_0"
    said = quote(text, safe="", errors="surrogatepass")
    found = desk.members()
    home = found.loc[found["account"] == other, "community"]
    pages = [
        f"/explain?a={said}&b={other}",
        f"/explore?community={home.iloc[0] if len(home) else said}",
        f"/explore?node=device:{said}",
        f"/explain?a={other}&b=acct_{place:02}_1&as={said}",
    ]
    return pages[place % len(pages)]


def test_sixty_hostile_texts_in_every_field_stay_text(
    visitor: Any, app: serve.Server, workspace: Path
) -> None:
    """Real logs through ingest and analysis; the session stays, so that state piles up too."""
    desk = Workbench.open(workspace)
    visitor.open(f"{app.url}/triage")
    visitor.page.get_by_role("button", name="Close all tours").click()
    for address in ("/triage", "/data", "/explore", "/explain"):
        visitor.visit(address)
        assert visitor.page.evaluate(WIDER) == [], address
        assert_inert(visitor)
    assert len(set(TEXTS)) == 60
    for place, text in enumerate(TEXTS):
        address = about(desk, place, text)
        visitor.visit(address)
        assert visitor.page.evaluate(WIDER) == [], address
        assert visitor.page.get_by_text("This page failed").count() == 0, address
        assert_inert(visitor)


@pytest.mark.parametrize(
    "address",
    [
        "/triage",
        "/explore?community=cm_hostile",
        "/explore",
        "/data",
        f"/explain?a={quote(HOSTILE[0])}&b={quote(HOSTILE[3])}",
        f"/explain?a={quote(HOSTILE[1])}&b={quote('no such account')}",
        f"/explore?node={quote('device:' + HOSTILE[2])}",
        f"/explore?community={quote(HOSTILE[3])}",
        f"/explore?node={quote(HOSTILE[3])}&scene={quote('../../../etc/passwd')}",
    ],
)
def test_every_page_shows_hostile_text_as_text(
    visitor: Any, fake_app: Callable[[str], str], address: str
) -> None:
    visitor.open(fake_app("hostile") + address)
    visitor.page.mouse.wheel(0, 1500)
    visitor.idle()
    assert_inert(visitor)
    assert visitor.page.get_by_text("Traceback").count() == 0


def test_hostile_nodes_are_hovered_expanded_and_searched_without_effect(
    visitor: Any, fake_app: Callable[[str], str]
) -> None:
    visitor.open(fake_app("hostile") + "/explore?community=cm_hostile&scene=s-000000aa")
    visitor.canvas_ready()
    names = sorted(visitor.positions())
    assert len(names) > 20
    for name in names[:12]:
        visitor.page.mouse.move(*visitor.where(name))
        visitor.page.wait_for_timeout(250)
    tooltip = visitor.page.locator(".vis-tooltip").first
    assert tooltip.locator("*:not(br)").count() == 0
    marked = next(name for name in names if "<" in name)
    visitor.page.mouse.dblclick(*visitor.where(marked))
    visitor.page.locator(".wb-pop").wait_for()
    assert visitor.page.locator(".wb-pop img, .wb-pop script").count() == 0
    assert_inert(visitor)


def test_the_packs_picture_runs_only_its_own_script_and_asks_for_nothing(
    visitor: Any, tmp_path: Path
) -> None:
    for place, text in enumerate(HOSTILE):
        folder = tmp_path / str(place)
        folder.mkdir()
        write_picture(record(value=text), folder)
    visitor.page.goto((tmp_path / "2" / "picture.html").as_uri())
    visitor.page.wait_for_selector("canvas")
    visitor.page.mouse.move(700, 400)
    assert visitor.page.evaluate("window.__pwn") is None
    for place in range(len(HOSTILE)):
        visitor.requests.clear()
        visitor.page.goto((tmp_path / str(place) / "picture.html").as_uri())
        visitor.page.wait_for_selector("#legend span")
        outside = [url for url in visitor.requests if not url.startswith(("file:", "data:"))]
        assert outside == []
        assert visitor.page.evaluate("window.__pwn") is None
    assert visitor.dialogs == []
    assert visitor.errors == []
