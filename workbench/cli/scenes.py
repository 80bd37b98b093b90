"""``workbench scene``: everything that the canvas does, as commands on the same scenes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_models.errors import UsageError
from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import emit
from workbench.scenes.filters import chips
from workbench.scenes.gesture import MOST_PER_KIND, SORTS, Gesture
from workbench.scenes.model import Filters
from workbench.scenes.sums import sums

if TYPE_CHECKING:  # layout and statistics, which only commands on scenes need
    from workbench.scenes.investigation import Investigation

__all__ = ["ACTIONS", "As", "Scene", "scene_app", "told"]

scene_app = typer.Typer(
    name="scene",
    help="Scenes: what is drawn around a community or node, step by step, with undo and branches.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Scene = Annotated[str, typer.Argument(help="A scene (s-…): see workbench scene list.")]
As = Annotated[
    str, typer.Option("--as", envvar="WORKBENCH_PERSON", help="Who you are.", metavar="NAME")
]

_SETS = ("kinds", "families")
# What each action does to the names that follow it.
ACTIONS = (
    "expand", "collapse", "remove", "add", "pin", "unpin", "path", "fold", "unfold",
    "filter", "unfilter", "open-cell", "close-cell",
)  # fmt: skip


def told(work: Investigation) -> dict[str, Any]:
    """Where a scene stands, in a few lines."""
    history = work.history()
    scene = history.scene()
    return {
        "scene": work.log.scene,
        "focus": scene.focus,
        "step": history.head,
        "steps": len(history.entries),
        "nodes": len(scene.nodes),
        "edges": len(scene.edges),
        "sums": sums(scene),
        "filters": chips(scene),
        "diverged": work.diverged(),
    }


def open_(
    focus: Annotated[str, typer.Argument(help="community:cm_… or kind:value.")],
    case: Annotated[str, typer.Option("--case", help="The case that it belongs to.")] = "",
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Open the scene of a community or node; it is drawn if it never was.

    Example: workbench scene open community:cm_1a2b --as kim
    """
    work = open_workbench(workspace, store).open_scene(focus, by=by, case=case)
    emit(told(work), as_json=as_json, title=f"Scene {work.log.scene}")


def do(
    scene: Scene,
    action: Annotated[str, typer.Argument(help=f"One of {', '.join(ACTIONS)}.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Nodes (kind:value), a cell, a bundle or a chip.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="expand: ask for it; filter: switch it off.")
    ] = None,
    sort: Annotated[str, typer.Option("--sort", help=f"expand: {', '.join(SORTS)}.")] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=MOST_PER_KIND, help="expand: of each kind.")
    ] = 0,
    family: Annotated[
        list[str] | None, typer.Option("--family", help="filter: without this family.")
    ] = None,
    since: Annotated[str, typer.Option("--since", help="filter: a day.", metavar="DAY")] = "",
    until: Annotated[str, typer.Option("--until", help="filter: a day.", metavar="DAY")] = "",
    bits: Annotated[float, typer.Option("--bits", help="filter: hide what says less.")] = 0.0,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Carry out one action as one step; several nodes are one step, and one undo.

    Example: workbench scene do s-0a1b2c expand account:acct_1 --kind ip --sort rarest --limit 10
    """
    if action not in ACTIONS:
        raise UsageError(f"{action!r} is no action.", fix=f"Use one of {', '.join(ACTIONS)}.")
    if sort and sort not in SORTS:
        raise UsageError(f"{sort!r} is no order.", fix=f"Use one of {', '.join(SORTS)}.")
    work = open_workbench(workspace, store).scene(scene, by=by)
    named = {"kinds": kind, "families": family, "since": since, "until": until, "bits": bits}
    filters = _filters(work.history().scene().filters, named) if action == "filter" else None
    gesture = _gesture(action, names or [])
    asked = {"kinds": tuple(kind or ()), "sort": sort, "limit": limit, "filters": filters}
    said = work.do(Gesture(**{**gesture, **asked}))
    emit({"said": said, **told(work)}, as_json=as_json, title=f"Scene {scene}")


def _gesture(action: str, names: list[str]) -> dict[str, Any]:
    """One name is what it is done to; of several all are; a path leads from one to the other."""
    act = action.replace("-", "_")
    if act == "path" and len(names) == 2:
        return {"do": act, "node": names[0], "to": names[1]}
    if len(names) == 1:
        return {"do": act, "node": names[0]}
    return {"do": act, "names": tuple(names)}


def _filters(now: Filters, named: Mapping[str, Any]) -> Filters:
    """The filters that are set, with those that were named added."""
    sets = {name: getattr(now, name) | frozenset(named[name] or ()) for name in _SETS}
    rest = {name: named[name] or getattr(now, name) for name in ("since", "until", "bits")}
    try:
        return Filters(**sets, **rest)
    except ValueError as error:
        raise UsageError(str(error), fix="See: workbench scene do --help") from None


def go(
    scene: Scene,
    number: Annotated[int | None, typer.Argument(help="A step's number.", min=1)] = None,
    view: Annotated[str, typer.Option("--view", help="A saved view instead.")] = "",
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Go to any step, on any branch, or to a saved view; nothing is lost by it.

    Example: workbench scene go s-0a1b2c 4
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    if (number is None) == (not view):
        raise UsageError("Name a step, or a view.", fix="See: workbench scene log, scene views")
    said = work.open_view(view) if view else work.go(number)
    emit({"said": said, **told(work)}, as_json=as_json, title=f"Scene {scene}")


def undo(
    scene: Scene,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Back to the step before.

    Example: workbench scene undo s-0a1b2c --as kim
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    emit({"said": work.undo(), **told(work)}, as_json=as_json, title=f"Scene {scene}")


def redo(
    scene: Scene,
    by: As = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """On to the newest step after this one.

    Example: workbench scene redo s-0a1b2c --as kim
    """
    work = open_workbench(workspace, store).scene(scene, by=by)
    emit({"said": work.redo(), **told(work)}, as_json=as_json, title=f"Scene {scene}")


for name, command in (("open", open_), ("do", do), ("undo", undo), ("redo", redo), ("go", go)):
    scene_app.command(name)(command)
