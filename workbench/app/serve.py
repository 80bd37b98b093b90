"""Start the app on this machine only: Streamlit on 127.0.0.1 with a closed configuration."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from importlib import resources
from pathlib import Path
from types import FrameType

from graph_models.errors import UsageError

__all__ = ["Server", "command", "serve", "start"]

HOST = "127.0.0.1"
# On the command line, so that no configuration file of the user's can open what is closed here.
OPTIONS: dict[str, str] = {
    "server.address": HOST,
    "server.headless": "true",  # else Streamlit's first run waits for an e-mail address
    "server.fileWatcherType": "none",
    "server.enableStaticServing": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",  # true refuses foreign origins; false would accept any
    "server.maxUploadSize": "1024",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": HOST,
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
}
STDERR = 2  # stdout belongs to the caller's JSON


class Server:
    """A running app: its process and its address."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.port}"

    def wait_until_ready(self, *, seconds: float = 60.0) -> bool:
        """True as soon as it answers; False when it ended or took too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):  # noqa: S310
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        return False

    def stop(self) -> None:
        """End the process; nothing is lost, because every step was written before it was drawn."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def serve(
    workspace: Path | str,
    *,
    port: int = 8501,
    store: str = "embedded:",
    person: str = "",
    open_browser: bool = True,
) -> None:
    """Run the app until it is stopped (Ctrl+C or SIGTERM); ``port=0`` takes a free one.

    ``person`` is who works at this desk; the page lets someone else take over.
    """
    server = start(workspace, port=port, store=store, person=person)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if open_browser and server.wait_until_ready():
            webbrowser.open(server.url)
        server.process.wait()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        server.stop()


def start(
    workspace: Path | str, *, port: int = 0, store: str = "embedded:", person: str = ""
) -> Server:
    """Start the app in its own process and return at once.

    Raises:
        UsageError: the port is taken.
    """
    chosen = _free_port(port)
    environment = {
        **os.environ,
        "WORKBENCH_WORKSPACE": str(Path(workspace).absolute()),
        "WORKBENCH_STORE": store,
        **({"WORKBENCH_PERSON": person} if person else {}),
    }
    process = subprocess.Popen(command(chosen), env=environment, stdout=STDERR)  # noqa: S603
    return Server(process, chosen)


def command(port: int) -> list[str]:
    """The command line of the server."""
    main = resources.files("workbench.app").joinpath("main.py")
    flags = [f"--{name}={value}" for name, value in OPTIONS.items()]
    return [sys.executable, "-m", "streamlit", "run", str(main), *flags, f"--server.port={port}"]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"Port {port} is taken.", fix="Name another one with --port, or 0 for a free one."
            ) from error
        return int(probe.getsockname()[1])
