"""The commands of the server runner: start, status, stop, wipe, secrets, load."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from graph_models.errors import WorkbenchError
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.neo4j import runtime
from graph_models.stores.neo4j.address import DEFAULT_NAME
from graph_models.stores.neo4j.server import DEFAULT_PORT, Server

__all__ = ["run"]

ACTIONS = ("start", "status", "stop", "wipe", "secrets", "load")


def run(arguments: list[str] | None = None) -> int:
    """Do it: one line on stdout and 0, else words on stderr and the error's exit code."""
    told = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_act(Server.usual(told.version), told) + "\n")
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="neo4j server",
        description="A Neo4j on this machine. load: the workspace's graph, in bulk, while stopped.",
    )
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--version", default=runtime.DEFAULT_VERSION)
    workspace = os.environ.get("WORKBENCH_WORKSPACE", ".workbench")
    load = parser.add_argument_group("load")
    load.add_argument("--workspace", type=Path, default=Path(workspace), help=workspace)
    load.add_argument("--name", default=DEFAULT_NAME, help="the store within the server")
    load.add_argument("--replace", action="store_true", help="what the server holds may go")
    return parser


def _act(server: Server, told: argparse.Namespace) -> str:
    if told.action == "start":
        return server.start(told.port)
    if told.action == "status":
        return f"{server.url} (Neo4j {server.version}, process {server.running()['pid']})"
    if told.action == "secrets":
        return str(server.secrets)
    if told.action == "load":
        return _load(server, told)
    if told.action == "wipe":
        server.wipe()
        return f"removed {server.home}"
    return "stopped" if server.stop() else "it did not run"


def _load(server: Server, told: argparse.Namespace) -> str:
    from graph_models.stores.neo4j.bulk import bulk_load

    files, digest = EmbeddedStore(told.workspace).compiled()
    loaded = bulk_load(
        server, files, digest, store=told.name, replacing=told.replace,
        say=lambda step: sys.stderr.write(f"{step}\n"),
    )  # fmt: skip
    return f"loaded {loaded.nodes} nodes and {loaded.relations} relations as {loaded.store}"
