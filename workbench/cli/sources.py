"""``workbench sources``: the mappings, what they make of a file, and what a file cannot feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import AsJson
from workbench.cli.output import emit
from workbench.library import utc_now

__all__ = ["register"]

sources = typer.Typer(
    name="sources",
    help="Mappings, and what they make of a file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(help="A log file.")]
MappingId = Annotated[
    str | None, typer.Option("--mapping", help="A mapping id or TOML; else detected.")
]


@sources.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the mappings that ship.

    Example: workbench sources list
    """
    from ingest import sources as library

    columns = ("mapping", "emits", "version", "summary")
    emit(library.sources_list(), as_json=as_json, title="Mappings", columns=columns)


@sources.command()
def detect(file: File, as_json: AsJson = False) -> None:
    """Rank the mappings that could read a file.

    Example: workbench sources detect payments.csv
    """
    from ingest.detect import detect as detect_file

    emit(detect_file(file), as_json=as_json, title=f"Mappings for {file.name}")


@sources.command()
def check(
    mapping: Annotated[str, typer.Argument(help="A mapping id or the path of a TOML.")],
    as_json: AsJson = False,
) -> None:
    """Check a mapping file; says what is wrong and which words are valid.

    Example: workbench sources check my_gateway.toml
    """
    from ingest import sources as library

    emit(library.sources_check(mapping), as_json=as_json, title="The mapping is sound")


@sources.command()
def preview(
    file: File,
    mapping: MappingId = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what the first rows of a file would become, and which would be rejected.

    Example: workbench sources preview payments.csv --limit 5
    """
    from ingest import sources as library

    found = library.preview(file, mapping=mapping, limit=limit, now=utc_now())
    emit(
        {"mapping": found.mapping, "accepted": found.accepted, "rejected": found.rejected},
        as_json=as_json,
        title=f"Preview of {file.name}",
    )


@sources.command()
def explain(file: File, mapping: MappingId = None, as_json: AsJson = False) -> None:
    """Say what a file lacks, and which signals that switches off.

    Example: workbench sources explain payments.csv
    """
    from ingest import sources as library

    found = library.explain_file(file, mapping=mapping, now=utc_now())
    emit(found, as_json=as_json, title=f"What {file.name} feeds")


def register(app: typer.Typer) -> None:
    """Add this group to the application."""
    app.add_typer(sources)
