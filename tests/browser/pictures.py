"""Pictures of every page in both themes for the docs: ``make pictures``.

The world is practice data with a fixed seed, so a picture changes when a page does. What each page
took to open is printed, because nobody should wait for more than four seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.addresses import addresses
from tests.browser.conftest import FLAGS, ROOT, TIMEOUT, Visitor
from workbench import Workbench
from workbench.app import serve, tour
from workbench.demonstration import Demo, run

OUT = ROOT / "docs" / "pictures"
PERSON = "ana"
NOT_SHOWN = {"explore_choose", "explain_choose"}  # a choice of what to open tells a reader nothing
SETTLED = 2_500  # ms for charts and canvas to come to rest


@contextmanager
def served(workspace: Path) -> Iterator[serve.Server]:
    """The app on that workspace, with somebody working at it who has seen the tours."""
    desk = Workbench.open(workspace)
    if PERSON not in {person.name for person in desk.person_list()}:
        desk.person_add(PERSON)
    for page in tour.STOPS:
        desk.keep_habit(f"tour_{page}", tour.SEEN, by=PERSON)
    server = serve.start(workspace, person=PERSON)
    try:
        if not server.wait_until_ready():
            raise SystemExit("The app did not answer within a minute.")
        yield server
    finally:
        server.stop()


def photograph(browser: Browser, url: str, pages: Mapping[str, str], theme: str) -> None:
    """One picture a page; the second opening is timed, as everyone but the first of a day has."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
    visitor = Visitor(context.new_page())
    visitor.page.set_default_timeout(TIMEOUT)
    for name, address in pages.items():
        visitor.open(url + address)
        started = time.monotonic()
        visitor.page.goto(url + address, timeout=TIMEOUT)
        visitor.page.locator("h1").first.wait_for()
        visitor.idle(times=1)
        took = time.monotonic() - started
        visitor.page.wait_for_timeout(SETTLED)
        if name not in NOT_SHOWN:
            suffix = "" if theme == "light" else f"_{theme}"
            visitor.page.screenshot(path=OUT / f"{name}{suffix}.png")
        sys.stderr.write(f"{name} {theme}: open in {took:.1f} s\n")
    context.close()


def main(arguments: list[str] | None = None) -> None:
    """Take all pictures."""
    asked: Any = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--workspace", type=Path, help="analysed already; else one is made")
    asked.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    told = asked.parse_args(arguments)
    with TemporaryDirectory() as folder:
        workspace = told.workspace or Path(folder) / "workspace"
        if told.workspace is None:
            run(Demo(world="quickstart", workspace=workspace, seed=5, scale=1.0))
        with served(workspace) as server, sync_playwright() as player:
            browser = player.chromium.launch(executable_path=told.chromium, args=FLAGS)
            for theme in ("light", "dark"):
                photograph(browser, server.url, addresses(Workbench.open(workspace)), theme)
            browser.close()


if __name__ == "__main__":
    main()
