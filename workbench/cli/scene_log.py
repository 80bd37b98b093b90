"""``workbench scene``: what a scene holds, how it came about, and two people in one."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import emit, people
from workbench.cli.scenes import As, Scene, scene_app, told
from workbench.scenes.filters import visible

__all__ = ["register"]


def list_(
    case: Annotated[str, typer.Option("--case", help="Only scenes of this case.")] = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List the scenes, the one that was worked on last first.

    Example: workbench scene list
    """
    found = open_workbench(workspace, store).scenes(case=case)
    emit(found, as_json=as_json, title="Scenes")


def show(
    scene: Scene,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show what is drawn: nodes, edges, counts, filters; shown + hidden + truncated = total.

    Example: workbench scene show s-0a1b2c --json
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    if not as_json:
        emit(told(work), as_json=False, title=f"Scene {scene}")
        return
    drawn = work.history().scene()
    nodes, edges = visible(drawn)
    emit({**told(work), "nodes": nodes, "edges": edges, "folds": drawn.folds}, as_json=True)


def preview(
    scene: Scene,
    node: Annotated[str, typer.Argument(help="A node of the scene, kind:value.")],
    limit: Annotated[int, typer.Option("--limit", min=1)] = 25,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Count what expanding a node would bring, kind by kind, with warnings; nothing is drawn.

    Example: workbench scene preview s-0a1b2c ip:192.0.2.7
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    emit(work.preview(node, limit=limit), as_json=as_json, title=f"Neighbours of {node}")


def log(
    scene: Scene,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List all steps on all branches: what each did, after which, who and when.

    Example: workbench scene log s-0a1b2c --as kim
    """
    history = open_workbench(workspace, store).scene(scene, by=by).history()
    path = {entry.number for entry in history.path()}
    rows = [
        {
            "number": entry.number,
            "parent": entry.parent,
            "here": "now" if entry.number == history.head else "path" * (entry.number in path),
            "label": entry.label,
            "by": entry.by,
            "at": entry.at,
            "repeats": entry.origin,
        }
        for entry in history.entries
    ]
    emit(rows, as_json=as_json, title=f"Steps of {scene}, times in UTC")


def replay(
    scene: Scene,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Fold the whole log again and compare each step with what was drawn then; 1 on a difference.

    Example: workbench scene replay s-0a1b2c
    """
    found = open_workbench(workspace, store).scene(scene).replay()
    emit(
        {"scene": scene, "ok": not found.differing, **vars(found)}, as_json=as_json, title="Replay"
    )
    if found.differing:
        raise typer.Exit(1)


def merge(
    scene: Scene,
    theirs: Annotated[str, typer.Argument(help="Whose steps are repeated after yours.")],
    dry: Annotated[bool, typer.Option("--compare", help="Only show what would be merged.")] = False,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Repeat another's steps after one's own, or go on from them; nobody's branch is changed.

    Example: workbench scene merge s-0a1b2c lee --as kim --compare
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    both = work.compare(theirs)
    report = {
        "common": both.common,
        "mine": [entry.label for entry in both.mine],
        "theirs": [entry.label for entry in both.theirs],
        "conflicts": both.conflicts,
    }
    said = "Nothing was changed." if dry else work.merge(theirs)
    emit({"said": said, **report, "step": work.history().head}, as_json=as_json, title="Merge")


def views(
    scene: Scene,
    save: Annotated[str, typer.Option("--save", help="Give the step you see this name.")] = "",
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List saved views, or save the step you see under a name; open one with scene go --view.

    Example: workbench scene views s-0a1b2c --save "the rack" --as kim
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    if save:
        people.print(work.save_view(save))
    emit(work.log.views.list(), as_json=as_json, title="Saved views")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    commands = (("list", list_), ("show", show), ("preview", preview), ("log", log),
                ("replay", replay), ("merge", merge), ("views", views))  # fmt: skip
    for name, command in commands:
        scene_app.command(name)(command)
    app.add_typer(scene_app)
