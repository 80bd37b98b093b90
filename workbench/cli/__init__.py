"""The ``workbench`` command: every sub-command is one call of the library (contract §4)."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

import typer

from graph_models.errors import WorkbenchError
from graph_models.text import inert
from workbench.cli import (
    cases,
    data,
    findings,
    packs,
    persons,
    plays,
    profiles,
    scene_log,
    sources,
    system,
    tables,
)  # fmt: skip
from workbench.cli.output import people

__all__ = ["app", "main"]

app = typer.Typer(
    name="workbench",
    help="Link accounts, find communities, attribute them to an operator, export the evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    system, data, findings, profiles, plays, scene_log, persons, cases, packs, sources,
    tables,
):  # fmt: skip
    group.register(app)


def main() -> None:
    """Run a command; exit 0 done, 1 a check failed, 2 usage, 3 bad data, 4 store unreachable.

    Stopped by Ctrl-C it exits 130, by SIGTERM 143; what it wrote until then is whole.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except WorkbenchError as error:
        people.print(f"workbench: {inert(str(error), limit=2_000)}")
        sys.exit(error.exit_code)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
