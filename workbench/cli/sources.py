"""``workbench sources``: the mappings, what they make of a file, and what a file cannot feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import AsJson
from workbench.cli.output import emit, people
from workbench.library import utc_now

if TYPE_CHECKING:
    from ingest.mapping.model import Mapping

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
Site = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="WORKBENCH_WORKSPACE",
        help="A workspace whose own mappings (its folder mappings/) take part.",
        metavar="DIR",
    ),
]


def _site(workspace: Path | None) -> tuple[Mapping, ...]:
    from ingest.mappings import site_mappings

    return site_mappings(workspace / "mappings") if workspace is not None else ()


@sources.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the mappings that ship.

    Example: workbench sources list
    """
    from ingest.mapping import sources as library

    columns = ("mapping", "kinds", "system", "version", "summary")
    emit(library.sources_list(), as_json=as_json, title="Mappings", columns=columns)


@sources.command()
def detect(file: File, workspace: Site = None, as_json: AsJson = False) -> None:
    """Rank the mappings that could read a file, with what a dry run of each gives.

    Example: workbench sources detect payments.csv
    """
    from ingest.mapping import sources as library

    found = library.detect_file(file, now=utc_now(), site=_site(workspace))
    columns = ("mapping", "emits", "score", "accepted", "problems", "filled", "first", "last")
    emit(found, as_json=as_json, title=f"Mappings for {file.name}", columns=columns)
    if not as_json:
        for item in found:
            emit({"examples": item.examples, "next": item.next}, as_json=False, title=item.mapping)
        if not found:
            people.print(f"Draft one with: workbench sources draft {file.name} --out F.toml")


@sources.command()
def check(
    mapping: Annotated[str, typer.Argument(help="A mapping id or the path of a TOML.")],
    sample: Annotated[
        Path | None, typer.Argument(help="A log file to try it on.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a mapping file; says what is wrong and which words are valid.

    Example: workbench sources check my_gateway.toml logs.jsonl
    """
    from ingest.mapping import sources as library

    found = library.sources_check(mapping, sample=sample, now=utc_now())
    emit(found, as_json=as_json, title="The mapping is sound")


@sources.command()
def preview(
    file: File,
    mapping: MappingId = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    workspace: Site = None,
    as_json: AsJson = False,
) -> None:
    """Show what the first rows of a file would become, and which would be rejected.

    Example: workbench sources preview payments.csv --limit 5
    """
    from ingest.mapping import sources as library

    site = _site(workspace)
    found = library.preview(file, mapping=mapping, limit=limit, now=utc_now(), site=site)
    emit(
        {
            "mapping": found.mapping,
            "accepted": found.accepted,
            "rejected": found.rejected,
            "also": found.also,
            "elsewhere": found.elsewhere,
        },
        as_json=as_json,
        title=f"Preview of {file.name}",
    )


@sources.command()
def explain(
    file: File, mapping: MappingId = None, workspace: Site = None, as_json: AsJson = False
) -> None:
    """Say what a file lacks, and which signals that switches off.

    Example: workbench sources explain payments.csv
    """
    from ingest.mapping import sources as library

    found = library.explain_file(file, mapping=mapping, now=utc_now(), site=_site(workspace))
    emit(found, as_json=as_json, title=f"What {file.name} feeds")


@sources.command()
def draft(
    file: File,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the TOML; else it is printed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draft a mapping for a file of unknown shape, saying how sure each guess is.

    Example: workbench sources draft gateway.jsonl --out gateway.toml
    """
    from graph_models.errors import UsageError
    from ingest.mapping.drafts import draft as draft_of

    made = draft_of(file)
    if out is not None:
        try:
            with out.open("x", encoding="utf-8") as target:
                target.write(made.toml)
        except FileExistsError as error:
            raise UsageError(
                "There is such a file already.", where=str(out), fix="Name another with --out."
            ) from error
    if out is None and not as_json:
        typer.echo(made.toml, nl=False)
        return
    emit(made, as_json=as_json, title=f"A draft of {made.mapping}")
    if not as_json:
        people.print(f"Read it, then: workbench sources check {out} {file.name}")


def register(app: typer.Typer) -> None:
    """Add this group to the application."""
    app.add_typer(sources)
