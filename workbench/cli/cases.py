"""Commands for what people decide: cases, judgements, notes, and the people themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_models.errors import CheckFailedError, UsageError
from workbench.casebook.rules import VERDICTS, WORDS
from workbench.casebook.subjects import checked, link
from workbench.cli.options import (
    DEFAULT_STORE,
    DEFAULT_WORKSPACE,
    AsJson,
    Store,
    WorkspaceDir,
    open_workbench,
)
from workbench.cli.output import emit, people

__all__ = ["register"]

case = typer.Typer(name="case", help="Cases: what people decided, why, and on what evidence.",
                   no_args_is_help=True, rich_markup_mode=None)  # fmt: skip

By = Annotated[
    str,
    typer.Option(
        "--as",
        envvar="WORKBENCH_PERSON",
        help="Who says so: a registered person.",
        metavar="NAME",
    ),
]
Because = Annotated[str, typer.Option("--because", help="Why, in your words. Required.")]
CaseId = Annotated[str, typer.Argument(help="A case (case_…), or the beginning of its id.")]
_LOG = ("number", "at", "person", "kind", "subject", "words")


@case.command("open")
def case_open(
    title: Annotated[str, typer.Argument(help="What the case is called.")],
    focus: Annotated[
        str, typer.Option("--focus", help="What it is about, such as community:cm_1a2b.")
    ] = "",
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Open a case, pinned to the run that is published now.

    Example: workbench case open "Amber kiln" --focus community:cm_1a2b --as ana
    """
    found = open_workbench(workspace, store).case_open(title, focus=focus, by=by)
    emit(found, as_json=as_json, title="Case opened")


@case.command("list")
def case_list(workspace: WorkspaceDir = DEFAULT_WORKSPACE, as_json: AsJson = False) -> None:
    """List the cases, the newest first.

    Example: workbench case list
    """
    found = open_workbench(workspace).case_list()
    if not found and not as_json:
        people.print("There is no case yet: workbench case open TITLE --as NAME")
        return
    columns = ("case", "title", "state", "focus", "person", "at")
    emit(found, as_json=as_json, title="Cases", columns=columns)


@case.command("show")
def case_show(
    name: CaseId,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show a case: its judgements and whether they still stand, its notes and kept views.

    Example: workbench case show case_4f1a
    """
    shown = open_workbench(workspace, store).case_show(name)
    if as_json:
        emit(shown, as_json=True)
        return
    told = shown["case"]
    emit({"case": told.case, "title": told.title, "state": told.state, "focus": told.focus,
          "opened by": told.person, "at": told.at, "run": told.pin.get("run", ""),
          "loads no longer counted": ", ".join(shown["stale"])},
         as_json=False, title="Case")  # fmt: skip
    judged = [
        {
            "subject": found.subject,
            "state": WORDS[found.state],
            "says": ", ".join(f"{word.person}: {word.verdict}" for word in found.standing),
            "because": "; ".join(word.because for word in found.standing),
        }
        for found in shown["judgements"]
    ]
    emit(judged, as_json=False, title="Judgements", columns=("subject", "state", "says", "because"))
    columns = ("number", "at", "person", "subject", "text")
    emit(shown["notes"], as_json=False, title="Notes", columns=columns)


@case.command("judge")
def case_judge(
    name: CaseId,
    what: Annotated[
        list[str],
        typer.Argument(help="ACCOUNT ACCOUNT ANSWER, or community:cm_… ANSWER; yes, no, unsure."),
    ],
    because: Because = "",
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Say whether two accounts have one controller, or whether a community holds.

    What is seen now (run, bits, evidence, the loads behind it) is kept with the answer.

    Example: workbench case judge case_4f1a acct_1 acct_2 no --because "one household" --as ana
    """
    *named, verdict = what
    if len(named) not in (1, 2) or verdict not in VERDICTS:
        raise UsageError(
            "That does not name what is judged, and the answer.",
            fix="workbench case judge CASE ACCOUNT ACCOUNT yes|no|unsure --because WHY --as NAME",
        )
    subject = link(*named) if len(named) == 2 else checked(named[0])
    desk = open_workbench(workspace, store)
    entry = desk.judge_subject(name, subject, verdict, because=because, by=by)
    found = desk.review(subject)
    emit(
        {"number": entry.number, "hash": entry.hash, **found.as_json()},
        as_json=as_json,
        title="Judgement filed",
    )


@case.command("note")
def case_note(
    name: CaseId,
    subject: Annotated[
        str, typer.Argument(help="account:…, ip:…, community:cm_…, link:a|b, scene:s-…, case:…")
    ],
    text: Annotated[str, typer.Argument(help="The note, as plain text.")],
    citing: Annotated[
        bool, typer.Option("--citing", help="Keep what evidence it rests on now.")
    ] = False,
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a note on anything.

    Example: workbench case note case_4f1a ip:192.0.2.7 "the library's exit" --as ana
    """
    desk = open_workbench(workspace, store)
    entry = desk.note(name, subject, text, by=by, citing=citing)
    emit(entry, as_json=as_json, title="Noted")


@case.command("retract")
def case_retract(
    number: Annotated[int, typer.Argument(help="The entry, as `workbench case log` numbers it.")],
    because: Because = "",
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Take back an entry of one's own; it stays in the log and no longer counts.

    Example: workbench case retract 12 --because "wrong pair" --as ana
    """
    entry = open_workbench(workspace).retract(number, because=because, by=by)
    emit(entry, as_json=as_json, title="Taken back")


@case.command("log")
def case_log(
    name: Annotated[str, typer.Argument(help="A case; without it, everything.")] = "",
    person: Annotated[str, typer.Option("--person", help="Only by this person.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only such entries: judgement, note…")] = "",
    subject: Annotated[str, typer.Option("--on", help="Only on this subject.")] = "",
    scenes: Annotated[
        bool, typer.Option("--scenes", help="Also what was done on canvases (not signed).")
    ] = False,
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Tell who did what, when, on what; oldest first.

    Example: workbench case log case_4f1a --person ana
    """
    desk = open_workbench(workspace)
    told = desk.case_log(name, person=person, kind=kind, subject=subject, scenes=scenes)
    emit(told, as_json=as_json, title="Log, in UTC", columns=_LOG, longest=200)


@case.command("close")
def case_close(
    name: CaseId,
    because: Because = "",
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Close a case; its log stays and nothing more can be filed in it.

    Example: workbench case close case_4f1a --because "handed over" --as ana
    """
    entry = open_workbench(workspace).case_close(name, because=because, by=by)
    emit(entry, as_json=as_json, title="Closed")


@case.command("reopen")
def case_reopen(
    name: CaseId,
    because: Because = "",
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Open a closed case again.

    Example: workbench case reopen case_4f1a --because "new evidence" --as ana
    """
    entry = open_workbench(workspace).case_reopen(name, because=because, by=by)
    emit(entry, as_json=as_json, title="Opened again")


@case.command("rename")
def case_rename(
    name: CaseId,
    title: Annotated[str, typer.Argument(help="The new title; the old one stays in the log.")],
    by: By = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Give a case another title.

    Example: workbench case rename case_4f1a "Amber kiln II" --as ana
    """
    entry = open_workbench(workspace).case_rename(name, title, by=by)
    emit(entry, as_json=as_json, title="Renamed")


@case.command("replay")
def case_replay(
    name: CaseId, workspace: WorkspaceDir = DEFAULT_WORKSPACE, as_json: AsJson = False
) -> None:
    """Work a case out anew from its log, and compare; exit 1 when it comes to something else.

    Example: workbench case replay case_4f1a
    """
    found = open_workbench(workspace).case_replay(name)
    emit(found, as_json=as_json, title="Replayed")
    if not found.same:
        raise CheckFailedError("The log comes to something else than was said.", fix=_CHECK)


@case.command("check")
def case_check(
    head: Annotated[
        str,
        typer.Option("--head", help="A head that an earlier check told: it must be there still."),
    ] = "",
    workspace: WorkspaceDir = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Check the chain and the signatures of the whole casebook; exit 1 names the first bad entry.

    Example: workbench case check --head 4f1a09c3
    """
    found = open_workbench(workspace).case_check(head=head)
    emit(found, as_json=as_json, title="Casebook")
    if not found.ok:
        raise CheckFailedError(
            f"Entry {found.bad_entry} {found.what}.", fix="Restore the casebook from a backup."
        )


_CHECK = "See what was altered: workbench case check"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(case)
