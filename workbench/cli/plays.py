"""The command ``play``: list the plays, or run one with its own parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import Progress, emit, people
from workbench.plays import PLAYS, play_named
from workbench.plays.play import Answer, Parameter, Play

__all__ = ["register"]

_HELP = ("--help", "-h")


def play(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A play, or: list. Its own parameters follow as --name value.")
    ] = "list",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Ask a named question: list the plays, or run one within its budget.

    Example: workbench play list; workbench play handover --kind device --days 3 --json
    """
    given = list(context.args)
    if name in _HELP or any(word in _HELP for word in given):
        _help(context, None if name in (*_HELP, "list") else play_named(name))
        return
    if name == "list":
        if given:
            raise UsageError(f"play list takes no {inert(given[0], 60)!r}.", fix="Name a play.")
        _list(as_json=as_json)
        return
    asked = play_named(name)
    arguments = dict(_arguments(given))
    desk = open_workbench(workspace, store)
    say = Progress(quiet=as_json)
    answer = desk.play(asked.name, progress=lambda share: say(asked.title, share), **arguments)
    if as_json:
        emit(answer, as_json=True)
    else:
        _print(asked, answer)


def _arguments(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """``--name value`` and ``--name=value``."""
    left = iter(words)
    for word in left:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise UsageError(
                f"{inert(word, 60)!r} is no parameter.", fix="Write --name value after the play."
            )
        if not equals:
            value = next(left, "")
            if not value or value.startswith("--"):
                raise UsageError(f"--{inert(name, 60)} has no value.", fix="Write --name value.")
        yield name.replace("-", "_"), value


def _list(*, as_json: bool) -> None:
    if as_json:
        emit(list(PLAYS), as_json=True)
        return
    rows = [
        {"play": one.name, "question": one.question, "parameters": _named(one)} for one in PLAYS
    ]
    emit(rows, as_json=False, title="Plays", longest=200)
    people.print("Each one's parameters: workbench play NAME --help")


def _named(one: Play) -> str:
    return " ".join(
        f"--{item.name}" if item.required else f"[--{item.name}]" for item in one.parameters
    )


def _help(context: typer.Context, one: Play | None) -> None:
    """The usage, and the parameters of one play or the names of all."""
    out = typer.echo
    out(context.get_help())
    if one is None:
        out("\nPlays:")
        for item in PLAYS:
            out(f"  {item.name:<20} {item.question}")
        return
    out(f"\n{one.name}: {one.question}\n")
    for parameter in one.parameters:
        out(_told(parameter))
    out(f"\nHow it misleads: {one.misleads}\nWhat it reads: {one.reads}")
    out(f"Budget: {one.budget.rows:,} rows, {one.budget.questions:,} questions, "
        f"{one.budget.seconds:g} s. {one.budget.why}")  # fmt: skip


def _told(one: Parameter) -> str:
    default = "required" if one.required else f"default {one.default}" if one.default else ""
    choices = f"[{', '.join(one.choices)}]" if one.choices else ""
    words = (f"  --{one.name:<10} {one.type:<10} {one.doc}", default, choices)
    return " ".join(word for word in words if word)


def _print(asked: Play, answer: Answer) -> None:
    emit(answer.rows, as_json=False, title=asked.question)
    people.print(Text(f"{answer.counted}. {answer.looked_at}"))
    because = ", ".join(f"{number:,} {why}" for why, number in answer.because.items())
    for words in (*([f"Hidden: {because}."] if because else ()), *answer.told):
        people.print(Text(inert(words, 400)))
    people.print(Text(f"How it misleads: {asked.misleads}"))


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    settings = {
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": ["--usage"],  # --help shows the parameters of the play as well
    }
    app.command(context_settings=settings)(play)
