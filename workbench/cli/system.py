"""Commands about the workbench itself: demo, serve, publish, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
)
from workbench.cli.output import Progress, emit, people

__all__ = ["register"]

Port = Annotated[int, typer.Option("--port", help="Port on 127.0.0.1; 0 takes a free one.")]


def demo(
    world: Annotated[str, typer.Option("--world", help="NAME, NAME:LEVEL or TOML.")] = "quickstart",
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the world.")] = None,
    scale: Annotated[float, typer.Option("--scale", min=0.001)] = 1.0,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the app after.")] = True,
    port: Port = 8501,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE / "demo",
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Make a world, ingest it, analyse, grade, and open the app: the main job in one command.

    Example: workbench demo --no-serve --json --seed 7
    """
    from workbench import demonstration
    from workbench.app.serve import serve as serve_app

    job = demonstration.Demo(world=world, seed=seed, scale=scale, workspace=workspace, store=store)
    emit(demonstration.run(job, progress=Progress(quiet=as_json)), as_json=as_json, title="Demo")
    if serve:
        people.print(f"The app opens on http://127.0.0.1:{port} – stop it with Ctrl+C.")
        serve_app(workspace, port=port, store=store)


def serve(
    port: Port = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open one.")] = True,
    person: Annotated[
        str,
        typer.Option(
            "--as",
            envvar="WORKBENCH_PERSON",
            help="Who works at this desk, a registered person; the page lets another take over.",
            metavar="NAME",
        ),
    ] = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
) -> None:
    """Run the app on this machine only (127.0.0.1).

    Example: workbench serve --workspace case1 --port 8600 --as ana
    """
    from workbench.app.serve import serve as serve_app

    people.print(f"The app runs on http://127.0.0.1:{port} – stop it with Ctrl+C.")
    serve_app(workspace, port=port, store=store, person=person, open_browser=browser)


def publish(
    bulk: Annotated[
        bool,
        typer.Option(
            "--bulk", help="By Neo4j's import tool into the stopped server of make neo4j: millions."
        ),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --bulk: all that the server holds may go.")
    ] = False,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Copy the graph that analyse published in the workspace into a Neo4j, without analysing again.

    Example: workbench publish --bulk
    """
    from workbench import publication

    done = publication.publish(
        workspace, store, bulk=bulk, replacing=replace, say=Progress(quiet=as_json)
    )
    if not done.running:
        people.print("Loaded. Start the server: make neo4j")
    emit(done, as_json=as_json, title="Publication")


def doctor(
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Check versions, the workspace, the store, keys and space; say what is missing.

    Example: workbench doctor --json
    """
    from workbench import health

    report = health.examine(workspace, store)
    emit(report, as_json=as_json, title="Doctor")
    report.raise_for_failed()


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (demo, serve, publish, doctor):
        app.command()(command)
