"""Commands about one thing: card."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import emit, plain

__all__ = ["register"]

_TOO_LONG = ("cells", "unknown")  # for a terminal


def card(
    community: Annotated[str, typer.Argument(help="A community id (cm_…).")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what the published graph knows; read no rows.")
    ] = False,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Tell why a community stands together, how far that carries, and what it does.

    Example: workbench card cm_1a2b
    """
    desk = open_workbench(workspace, store)
    found = desk.card(community)
    told: dict[str, Any] = found.as_json()
    if not quick:
        told["work"] = plain(desk.work(found.community.community))
    if not as_json:
        told = {name: value for name, value in told.items() if name not in _TOO_LONG}
        work = told.pop("work", {})
        told |= {name: work[name] for name in ("releases", "models", "capabilities") if work}
    emit(told, as_json=as_json, title=f"Card of {community}")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(card)
