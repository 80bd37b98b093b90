"""A served app and a browser that reports every request, dialog and error."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from workbench.app import serve
from workbench.demonstration import Demo, run

ROOT = Path(__file__).parents[2]
APP = ROOT / "workbench" / "app"
TIMEOUT = 90_000  # ms: a cold Streamlit on a shared machine needed 28 s
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
]


def wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(240):
        assert process.poll() is None, "the app ended before it answered"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    pytest.fail("the app did not answer within a minute")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def fake_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Address of the app on a small desk (busy, hostile or empty), started once each."""
    running: dict[str, tuple[subprocess.Popen[bytes], str]] = {}

    def address(what: str) -> str:
        if what not in running:
            port = free_port()
            environment = {
                **os.environ,
                "FAKE_DESK": what,
                "WORKBENCH_WORKSPACE": str(tmp_path_factory.mktemp(f"desk_{what}")),
                "WORKBENCH_APP_HOOK": "1",
                "PYTHONPATH": str(ROOT),
            }
            command = [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(Path(__file__).with_name("fake_main.py")),
                "--server.address",
                "127.0.0.1",
                "--server.headless",
                "true",
                "--server.fileWatcherType",
                "none",
                "--server.port",
                str(port),
            ]
            # The folder's .streamlit/config.toml is the app's own: theme and closed settings.
            process = subprocess.Popen(command, cwd=APP, env=environment, stdout=subprocess.DEVNULL)
            running[what] = (process, f"http://127.0.0.1:{port}")
            wait_until_healthy(process, port)
        return running[what][1]

    yield address
    for process, _ in running.values():
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small quickstart world, ingested and analysed, for tests that do not change it.

    An analysed workspace named by WORKBENCH_TEST_QUICKSTART is copied instead, to save minutes.
    """
    folder = tmp_path_factory.mktemp("quickstart") / "workspace"
    if ready := os.environ.get("WORKBENCH_TEST_QUICKSTART"):
        return shutil.copytree(ready, folder)
    run(Demo(world="quickstart", workspace=folder, seed=5, scale=0.15))
    return folder


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Path], serve.Server]]:
    """The real app on a workspace, with what tests ask of the canvas; one server for each."""
    running: dict[Path, serve.Server] = {}

    def on(workspace: Path) -> serve.Server:
        if workspace not in running:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("WORKBENCH_APP_HOOK", "1")
                running[workspace] = serve.start(workspace)
            assert running[workspace].wait_until_ready()
        return running[workspace]

    yield on
    for server in running.values():
        server.stop()


@dataclass
class Visitor:
    """A page that remembers what it asked for, said and threw."""

    page: Any
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss())
        )

    def open(self, address: str) -> None:
        self.page.goto(address, timeout=TIMEOUT)
        self.idle()

    def idle(self, *, times: int = 2) -> None:
        """Wait until the script rests, twice: one gesture may start a second run."""
        rested = (
            "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
            " === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]')"
        )
        for _ in range(times):
            self.page.wait_for_function(rested, timeout=TIMEOUT)
            self.page.wait_for_timeout(350)

    def visit(self, address: str) -> None:
        """Go to another address in the same session, as Back and Forward do."""
        self.page.evaluate(
            "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }",
            address,
        )
        self.idle()

    def canvas_ready(self) -> None:
        self.page.wait_for_function("window.__wb && window.__wb.ready", timeout=TIMEOUT)

    def positions(self) -> dict[str, dict[str, float]]:
        return self.page.evaluate("window.__wb.positions()")

    def where(self, node: str) -> tuple[float, float]:
        at = self.page.evaluate("id => window.__wb.where(id)", node)
        return at["x"], at["y"]

    def after(self, act: Callable[[], Any]) -> None:
        """Do something that changes the scene, and wait until the canvas shows the new revision."""
        before = self.page.evaluate("window.__wb.revision")
        act()
        self.page.wait_for_function(
            "old => window.__wb.revision !== old", arg=before, timeout=TIMEOUT
        )
        self.idle()

    @property
    def foreign(self) -> list[str]:
        """Requests that left this machine."""
        here = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(here)]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        running = player.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def visitor(browser: Any, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A fresh browser session; ``@pytest.mark.parametrize("visitor", ["dark"], indirect=True)``."""
    theme = getattr(request, "param", "light")
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=theme, accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    guest = Visitor(page)
    guest.watch()
    yield guest
    context.close()
