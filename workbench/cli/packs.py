"""Commands for what leaves the house: export and verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graph_models.errors import CheckFailedError
from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import emit

__all__ = ["register"]


def export(
    community: Annotated[str, typer.Option("--community", help="A community id (cm_…).")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.", metavar="DIR")],
    profile: Annotated[
        str, typer.Option("--profile", help="internal, partner or public.")
    ] = "internal",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a sealed evidence pack (BagIt, SHA-256, Ed25519) about one community.

    Example: workbench export --community cm_1a2b --out packs/cm_1a2b
    """
    pack = open_workbench(workspace, store).export(community=community, out=out, profile=profile)
    emit(pack, as_json=as_json, title="Evidence pack")


def verify(
    pack: Annotated[Path, typer.Argument(help="The folder of a pack.")],
    as_json: AsJson = False,
) -> None:
    """Check a pack: every byte, the signature, and that nothing was added or is missing.

    Example: workbench verify packs/cm_1a2b
    """
    from workbench.export.verify import verify_pack

    report = verify_pack(pack)
    emit(report, as_json=as_json, title="Verified" if report.ok else "Not verified")
    if not report.ok:
        first = report.problems[0]
        raise CheckFailedError(first.what, where=first.file)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (export, verify):
        app.command()(command)
