"""Plays: named parameterised questions with a budget. The registry is one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from graph_models.errors import UsageError
from graph_models.text import inert
from workbench.plays.answer import Answer
from workbench.plays.born_after_closure import BORN_AFTER_CLOSURE
from workbench.plays.bridges import BRIDGES
from workbench.plays.handover import HANDOVER
from workbench.plays.moved_within import MOVED_WITHIN
from workbench.plays.play import Found, Play, read_values
from workbench.plays.quiet_neighbours import QUIET_NEIGHBOURS
from workbench.plays.rarest_shared import RAREST_SHARED
from workbench.plays.same_hour import SAME_HOUR
from workbench.plays.same_template import SAME_TEMPLATE

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["PLAYS", "play_named", "run_play"]

PLAYS: tuple[Play, ...] = (
    BORN_AFTER_CLOSURE,
    MOVED_WITHIN,
    RAREST_SHARED,
    SAME_HOUR,
    BRIDGES,
    HANDOVER,
    QUIET_NEIGHBOURS,
    SAME_TEMPLATE,
)


def play_named(name: str) -> Play:
    """The play of that name; UsageError lists those there are."""
    for play in PLAYS:
        if play.name == name:
            return play
    raise UsageError(
        f"There is no play {inert(name, 60)!r}.",
        fix=f"The plays are: {', '.join(play.name for play in PLAYS)}.",
    )


def run_play(
    desk: Workbench,
    play: Play,
    given: Mapping[str, object],
    *,
    clock: Callable[[], datetime],
    progress: Callable[[float], None] | None = None,
) -> Answer:
    """Ask a play's question within its budget.

    Raises:
        UsageError: a parameter is unknown, lacks, or names nothing; nothing is published yet.
    """
    # What it asks through is loaded by those who ask; a list of plays needs none of it.
    from workbench.plays.asking import Asking, Stage

    values = read_values(play, given)
    asking = Asking(desk, play.budget, clock)
    if progress is not None:
        asking.telling(progress)
    found = play.ask(asking, values)
    shown = found.rows.head(int(values["limit"])).reset_index(drop=True)
    hidden = sum(found.because.values())
    short = [
        f"Looked at {one.looked:,} of {one.of:,} {one.unit}: {one.ended} were used up."
        for one in asking.unfinished[1:]
    ]
    # What was not looked at leads; else the last stage tells what was.
    stage = [*asking.unfinished, *asking.stages[-1:], Stage("things", 0)][0]
    return Answer(
        play=play.name,
        arguments=values,
        rows=shown,
        hidden=hidden,
        truncated=len(found.rows) - len(shown),
        total=len(found.rows) + hidden,
        because={why: number for why, number in found.because.items() if number},
        told=(*found.told, *short),
        nodes=_nodes(found, shown),
        node_columns=found.nodes,
        looked=stage.looked,
        of=stage.of,
        unit=stage.unit,
        ended=stage.ended,
        seconds=asking.seconds,
        asked=asking.asked,
        read=asking.read,
    )


def _nodes(found: Found, shown: object) -> tuple[str, ...]:
    """What the shown rows name, each once, row by row."""
    names = (str(cell) for row in shown[list(found.nodes)].to_numpy() for cell in row if cell)  # type: ignore[index]
    return tuple(dict.fromkeys(names))
