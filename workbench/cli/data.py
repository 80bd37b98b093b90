"""Commands that bring data in and take it out again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from graph_models.text import inert
from ingest.store.memory import SETTING
from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import Progress, emit, people

__all__ = ["register"]


_PACKAGE_COLUMNS = (
    "load_id", "file", "mapping", "rows", "loaded", "duplicate", "quarantined", "state",
)  # fmt: skip


def synth(
    world: Annotated[str, typer.Argument(help="NAME, NAME:LEVEL or the path of a TOML.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for what a provider would see.")],
    seed: Annotated[int | None, typer.Option("--seed", help="Instead of the world's own.")] = None,
    scale: Annotated[float, typer.Option("--scale", min=0.001, help="1 = as written.")] = 1.0,
    as_: Annotated[str, typer.Option("--as", help="canonical or vendor.")] = "canonical",
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="parquet, csv or jsonl, text also .gz or .zst; vendors write jsonl.",
        ),
    ] = None,
    fields: Annotated[
        str, typer.Option("--fields", help="all, or common: what vendors can carry as well.")
    ] = "all",
    prompts: Annotated[
        str,
        typer.Option(
            "--prompts",
            help="text; clusters: what our clusterer makes of it; auto: text up to 10 M exchanges.",
        ),
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Write a synthetic world; its truth goes to OUT.truth, never inside OUT.

    As vendor: exchanges as LiteLLM spend logs, payments as Stripe objects, logins, sign-ups and
    requests as Cloudflare events; the report names what such records cannot carry.

    Example: workbench synth quickstart --out /tmp/qs --seed 7 --as vendor
    """
    from fixtures import synthesise

    report = synthesise(
        world,
        out,
        seed=seed,
        scale=scale,
        as_=as_,
        format=format_,
        fields=fields,
        prompts=prompts,
        progress=Progress(quiet=as_json),
    )
    emit(report, as_json=as_json, title=f"Synthetic world {world}")


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="A mapping id or TOML; else detected per file.")
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option("--memory", help="What it may take, such as 3GiB; else WORKBENCH_MEMORY."),
    ] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Load log files; rows = loaded + duplicate + quarantined, in all and per file.

    Example: workbench ingest logs/ --workspace case1
    """
    if memory is not None:
        os.environ[SETTING] = memory
    desk = open_workbench(workspace, store, create=True)
    report = desk.ingest(paths, mapping=mapping, progress=Progress(quiet=as_json))
    found = report.as_json()
    if not as_json:  # what a package left out is a matter of `sources explain`
        found["packages"] = [
            {name: item[name] for name in _PACKAGE_COLUMNS} for item in found["packages"]
        ]
    emit(found, as_json=as_json, title="Ingest")
    if not as_json:
        for package in report.packages:
            for warning in package.warnings:
                people.print(inert(f"{package.file}: {warning}", limit=600))
    report.raise_for_refused()


def withdraw(
    load_id: Annotated[str, typer.Argument(help="As `workbench ingest` or `snapshots` shows it.")],
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Take one load out again; findings on the old snapshot are named as stale.

    Example: workbench withdraw 3f9c01aa
    """
    emit(open_workbench(workspace, store).withdraw(load_id), as_json=as_json, title="Withdrawn")


def snapshots(workspace: WorkspaceDir = DEFAULT_WORKSPACE, as_json: AsJson = False) -> None:
    """List the snapshots of the workspace, newest first.

    Example: workbench snapshots --json
    """
    emit(open_workbench(workspace).snapshots(), as_json=as_json, title="Snapshots")


def quarantine(
    load_id: Annotated[str | None, typer.Argument(help="Only this load.")] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Show the rejected rows with file, row, column, reason and fix.

    Example: workbench quarantine 3f9c01aa
    """
    emit(open_workbench(workspace).quarantine(load_id), as_json=as_json, title="Quarantine")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (synth, ingest, withdraw, snapshots, quarantine):
        app.command()(command)
