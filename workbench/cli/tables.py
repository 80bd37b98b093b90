"""Commands for anybody's tables: link and templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import AsJson
from workbench.cli.output import emit, people

__all__ = ["register"]


def link(
    attributes: Annotated[
        Path,
        typer.Option("--attributes", help="account, type, value[, first_seen, last_seen, weight]"),
    ],
    out: Annotated[Path, typer.Option("--out", help="account, community, member_confidence")],
    events: Annotated[
        Path | None, typer.Option("--events", help="account, time, object_type, object, text")
    ] = None,
    shared: Annotated[
        Path | None, typer.Option("--shared", help="type, value of known shared services")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Link the accounts of foreign tables with the same model; no parameter needs tuning.

    Example: workbench link --attributes attrs.csv --out communities.csv
    """
    from workbench import foreign

    report = foreign.link_files(attributes, events=events, shared=shared, out=out)
    for note in report.notes:
        people.print(note)
    emit(report, as_json=as_json, title="Linked")


def templates(
    texts: Annotated[Path, typer.Option("--texts", help="JSONL with id and text.")],
    out: Annotated[Path, typer.Option("--out", help="id, template")],
    as_json: AsJson = False,
) -> None:
    """Cluster any texts by the frame that they were filled into.

    Example: workbench templates --texts prompts.jsonl --out templates.csv
    """
    from workbench import foreign

    emit(foreign.template_files(texts, out=out), as_json=as_json, title="Templates")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(link)
    app.command()(templates)
