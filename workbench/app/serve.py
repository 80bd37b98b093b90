"""Start the app on this machine only: Streamlit on 127.0.0.1 with a closed configuration."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path

from graph_models.errors import UsageError

__all__ = ["command", "environment", "serve", "start"]

HOST = "127.0.0.1"
OPTIONS: dict[str, str] = {
    "server.address": HOST,
    "server.fileWatcherType": "none",
    "server.enableStaticServing": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",  # true refuses foreign origins; false would accept any
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": HOST,
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
}


def serve(
    workspace: Path | str,
    *,
    port: int = 8501,
    store: str = "embedded:",
    open_browser: bool = True,
) -> None:
    """Run the app in the foreground until it is stopped; ``port=0`` takes a free one."""
    process = start(workspace, port=port, store=store, open_browser=open_browser)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()


def start(
    workspace: Path | str,
    *,
    port: int = 0,
    store: str = "embedded:",
    open_browser: bool = False,
) -> subprocess.Popen[bytes]:
    """Start the app in its own process and return at once; its port stands in ``args[-1]``."""
    chosen = _free_port(port)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and literals
        command(chosen, headless=not open_browser), env=environment(workspace, store)
    )


def command(port: int, *, headless: bool) -> list[str]:
    """The command line of the server; the port is its last word."""
    main = resources.files("workbench.app").joinpath("main.py")
    options = {**OPTIONS, "server.headless": str(headless).lower()}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(main), *flags, "--server.port", str(port)]


def environment(workspace: Path | str, store: str) -> dict[str, str]:
    """What the server process needs to know, on top of the caller's environment."""
    return {
        **os.environ,
        "WORKBENCH_WORKSPACE": str(Path(workspace).absolute()),
        "WORKBENCH_STORE": store,
    }


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
