"""Commands that ask the graph, from analyse to grade."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Seed,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import Progress, emit, people
from workbench.finding import MATCHES

__all__ = ["register"]

Node = Annotated[str, typer.Argument(help="kind:value, e.g. account:acct_1 or ip:192.0.2.7.")]


def analyse(
    seed: Seed = 0,
    from_: Annotated[
        datetime | None, typer.Option("--from", help="Only what was seen since.")
    ] = None,
    to: Annotated[datetime | None, typer.Option("--to", help="Only what was seen before.")] = None,
    without: Annotated[
        str,
        typer.Option(
            "--without",
            help="Families to leave out, as if never seen: instrument, device, network, timing, "
            "prompts, lifecycle, profile.",
            metavar="FAMILY[,FAMILY]",
        ),
    ] = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Link accounts, find communities, assess them, and publish the graph.

    Example: workbench analyse --from 2026-05-01 --json
    """
    desk = open_workbench(workspace, store)
    report = desk.analyse(
        seed=seed,
        from_=from_,
        to=to,
        without=without.split(","),
        progress=Progress(quiet=as_json),
    )
    emit(report, as_json=as_json, title="Analysis")


def communities(
    min_size: Annotated[int, typer.Option("--min-size", help="Core and probable members.")] = 2,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List communities with their competing explanations, in the order of triage.

    Example: workbench communities --min-size 5
    """
    found = open_workbench(workspace, store).communities(min_size=min_size)
    rows = [community.as_json() for community in found]
    columns = ("community", "size", "assessed_as", "confidence", "robust_to", "chance_p")
    if not as_json:
        rows = [{name: row[name] for name in columns} for row in rows]
    emit(rows, as_json=as_json, title="Communities", columns=columns)


def members(
    community: Annotated[str | None, typer.Option("--community", help="Only this one.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write CSV here.", metavar="F.csv")
    ] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List the members of communities with tier, cell, confidence and share.

    Example: workbench members --community cm_1a2b --out members.csv
    """
    table = open_workbench(workspace, store).members(community)
    if out is not None:
        table.to_csv(out, index=False, lineterminator="\n")
    emit(table, as_json=as_json, title="Members")


def lineage(
    community: Annotated[
        str | None,
        typer.Option("--community", help="Only the line of this community (cm_…) or line (ln_…)."),
    ] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Tell what became of communities from run to run, each event with its reason.

    Example: workbench lineage --community cm_1a2b
    """
    told = open_workbench(workspace, store).lineage(community)
    if told.empty and not as_json:
        people.print("No community was found in any run yet. Load logs, then: workbench analyse")
        return
    if not as_json:
        told = told.assign(at=told["at"].str.slice(0, 16).str.replace("T", " "))
    columns = ("at", "event", "line", "community", "reason")
    emit(told, as_json=as_json, title="Lineage, in UTC", columns=columns, longest=400)


def show(
    node: Node,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show one entity: its neighbours by kind, and its links, users or reasons.

    An identifier that one account alone used is looked for in the rows.

    Example: workbench show payment_method:stripe/fp_9
    """
    desk = open_workbench(workspace, store)
    told = desk.profile(node).as_json()
    if node.startswith("community:"):  # the entity of the graph, and its card beside it
        told = {**vars(desk.show(node)), **told}
    emit(told, as_json=as_json, title=node)


def search(
    text: Annotated[str, typer.Argument(help="A value, its beginning, or kind:beginning.")],
    limit: Annotated[int, typer.Option("--limit", min=1)] = 25,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Find entities by value or prefix, what one account alone used included.

    Example: workbench search ip:240.1.
    """
    found = open_workbench(workspace, store).find(text, limit=limit)
    if as_json:
        emit(found.hits, as_json=True)
        return
    rows = [
        {"node": str(hit.node), "found": MATCHES[hit.match], "counts": hit.entity.counts}
        | {"whose": hit.draw if hit.private else "", "note": hit.note}
        for hit in found.hits
    ]
    emit(rows, as_json=False, title="Found", columns=("node", "found", "counts", "whose", "note"))
    people.print(f"{found.shown:,} shown + {found.truncated:,} more = {found.total:,}.")
    for words in found.unread:
        people.print(words)


def expand(
    node: Node,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only neighbours of this kind.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0)] = 25,
    after: Annotated[
        str | None, typer.Option("--after", help="The cursor of the page before.")
    ] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show the neighbours of a node; shown + hidden + truncated = total.

    Example: workbench expand account:acct_1 --kind payment_method --limit 10
    """
    desk = open_workbench(workspace, store)
    page = desk.expand(node, kind=kind, limit=limit, after=after)
    emit(page.as_json(), as_json=as_json, title=f"Neighbours of {node}")


def explain(
    a: Annotated[str, typer.Argument(help="An account.")],
    b: Annotated[str, typer.Argument(help="Another account.")],
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Explain why two accounts are, or are not, linked – down to file and row.

    Example: workbench explain acct_1 acct_2
    """
    emit(open_workbench(workspace, store).explain(a, b), as_json=as_json, title=f"{a} and {b}")


def attribute(
    community: Annotated[str, typer.Argument(help="A community id (cm_…).")],
    indicators: Annotated[
        Path | None, typer.Option("--indicators", help="Canonical indicator file.", metavar="F")
    ] = None,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Weigh the competing operators of a community, each layer apart.

    Example: workbench attribute cm_1a2b --indicators known_infrastructure.csv
    """
    report = open_workbench(workspace, store).attribute(community, indicators=indicators)
    emit(report, as_json=as_json, title=f"Attribution of {community}")


def grade(
    truth: Annotated[Path, typer.Option("--truth", help="DIR.truth of a synthetic world.")],
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Grade the findings against the hidden truth of a synthetic world.

    Example: workbench grade --truth /tmp/qs.truth
    """
    emit(open_workbench(workspace, store).grade(truth), as_json=as_json, title="Grade")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (
        analyse, communities, members, lineage, show, search, expand, explain, attribute, grade,
    ):  # fmt: skip
        app.command()(command)
