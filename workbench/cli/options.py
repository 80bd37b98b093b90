"""The options that every command shares, and how a session is opened from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graph_models.stores import DEFAULT_STORE
from workbench.library import Workbench

__all__ = [
    "DEFAULT_STORE",
    "DEFAULT_WORKSPACE",
    "AsJson",
    "Seed",
    "Store",
    "WorkspaceDir",
    "open_workbench",
]

WorkspaceDir = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        envvar="WORKBENCH_WORKSPACE",
        help="The workspace folder.",
        metavar="DIR",
    ),
]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="WORKBENCH_STORE",
        help="Where the published graph lives: embedded: (in the workspace), or neo4j://host:port; "
        "its password comes from WORKBENCH_NEO4J_PASSWORD or a secrets file.",
        metavar="URL",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON value on stdout, and nothing else there.")
]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same result.")]

DEFAULT_WORKSPACE = Path(".workbench")


def open_workbench(
    workspace: Path, store: str = DEFAULT_STORE, *, create: bool = False
) -> Workbench:
    """Open the workspace; only commands that load data may create one."""
    return Workbench.open(workspace, store=store, create=create)
