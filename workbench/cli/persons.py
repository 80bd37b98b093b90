"""Commands for the people who judge."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.options import DEFAULT_WORKSPACE, AsJson, WorkspaceDir, open_workbench
from workbench.cli.output import emit, people

__all__ = ["register"]

person = typer.Typer(name="person", help="The people who judge: each a name with a signing key.",
                     no_args_is_help=True, rich_markup_mode=None)  # fmt: skip


@person.command("add")
def person_add(
    name: Annotated[str, typer.Argument(help="Letters, digits, - _ and .")],
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Register a person; the key is made on this machine and stays there.

    Example: workbench person add ana
    """
    found = open_workbench(workspace).person_add(name)
    emit(found, as_json=as_json, title="Registered")


@person.command("list")
def person_list(workspace: WorkspaceDir = DEFAULT_WORKSPACE, as_json: AsJson = False) -> None:
    """List the registered people with the fingerprints of their keys.

    Example: workbench person list
    """
    found = open_workbench(workspace).person_list()
    if not found and not as_json:
        people.print("Nobody is registered yet: workbench person add NAME")
        return
    emit(found, as_json=as_json, title="People", columns=("name", "fingerprint", "at"))


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(person)
