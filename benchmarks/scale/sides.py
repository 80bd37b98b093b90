"""Side by side: several engines answer one question from the same rows, in turns.

Every engine is a process of its own, which writes what it cost to find the answer once its modules
and rows were in memory; what the whole process cost is what the operating system counted. Rounds
run there and back again, and ratios are of the same round, so that a machine that slows down slows
both. An engine that is not installed, or does not come to an end, is left out with a word.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.scale.stages import Stage, measured

__all__ = ["LIMIT", "OURS", "Engine", "Question", "answer", "compared", "spent"]

OURS = "ours"
LIMIT = 180  # CPU seconds of one process; a peer that needs more says so in the table
ENOUGH = 60  # CPU seconds of a round; a second one would tell little that the first did not
START = "its process starts with fewer modules; the work itself costs it more."
WORK, COST = "work.json", "work_cpu_seconds"

Find = Callable[[Sequence[str], Path], Mapping[str, float]]
"""From files to a folder; says what finding the answer cost (``spent``), as ``{COST: …}``."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One that answers.

    Attributes:
        find: Reads files and writes the answer into a folder.
        needs: The module that must be there; it is loaded before the work begins.
        why: Why the work costs less than ours, should it do so.
    """

    find: Find
    needs: str
    why: str = ""

    @property
    def here(self) -> bool:
        """Whether it is installed."""
        return find_spec(self.needs.partition(".")[0]) is not None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of all engines.

    Attributes:
        name: As the page calls it.
        module: Where ``answer`` is called with the engines when it is run.
        engines: By name, ours among them.
        judged: What answers are worth, from the files and each engine's folder.
    """

    name: str
    module: str
    engines: Mapping[str, Engine]
    judged: Callable[[Sequence[str], Mapping[str, Path]], Mapping[str, Mapping[str, float]]] = (
        field(default=lambda _files, _folders: {})
    )

    def __post_init__(self) -> None:
        if OURS not in self.engines:
            raise ValueError(f"{self.name}: nobody to compare with.")


def compared(
    question: Question, files: Sequence[str], scratch: Path, *, repeats: int = 3
) -> dict[str, Any]:
    """Ask all engines that are installed; what each cost, and how that compares with ours.

    Returns:
        ``question`` and ``engines``: of each the middle of its rounds, the middle of its ratios to
        ours (``times_ours``: whole processes; ``times_ours_work``: the work alone), what the answer
        is worth, or ``left_out``.
    """
    here = [name for name, engine in question.engines.items() if engine.here]
    folders = {name: scratch / question.module / name for name in here}
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in here}
    for turn in range(repeats):
        for name in here if turn % 2 == 0 else reversed(here):
            folders[name].mkdir(parents=True, exist_ok=True)
            found = _run(question, name, files, folders[name])
            if found is not None:
                rounds[name].append(found)
        here = [name for name in here if len(rounds[name]) > turn]
        if OURS not in here or sum(rounds[name][-1]["cpu_seconds"] for name in here) > ENOUGH:
            break
    done = {name: folders[name] for name in here}
    worth = question.judged(files, done) if OURS in done else {}
    return {
        "question": question.name,
        "engines": list(_rows(question, rounds, worth, done)),
    }


def _rows(
    question: Question,
    rounds: Mapping[str, Sequence[Mapping[str, Any]]],
    worth: Mapping[str, Mapping[str, float]],
    done: Mapping[str, Path],
) -> Iterator[dict[str, Any]]:
    for name, engine in question.engines.items():
        if name not in done:
            reason = (
                f"did not finish within {LIMIT} CPU seconds" if engine.here else "not installed"
            )
            yield {"name": name, "left_out": reason}
            continue
        row: dict[str, Any] = {
            key: statistics.median(found[key] for found in rounds[name])
            for key in ("cpu_seconds", "wall_seconds", "peak_mb", COST)
        }
        for told, key in (("times_ours", "cpu_seconds"), ("times_ours_work", COST)):
            pairs = zip(rounds[name], rounds[OURS], strict=False)
            ratios = [their[key] / max(our[key], 0.01) for their, our in pairs]
            row[told] = round(statistics.median(ratios), 2)
        yield {"name": name, **row, "worth": dict(worth.get(name, {})), "why": _why(engine, row)}


def _why(engine: Engine, row: Mapping[str, Any]) -> str:
    if row["times_ours"] >= 1 and row["times_ours_work"] >= 1:
        return ""
    return engine.why if row["times_ours_work"] < 1 else START


def _run(
    question: Question, name: str, files: Sequence[str], folder: Path
) -> dict[str, Any] | None:
    command = [sys.executable, "-m", question.module, "--engine", name, "--out", str(folder)]
    try:
        stage: Stage = measured(f"{question.name}: {name}", [*command, "--files", *files])
    except SystemExit:
        return None
    return stage.as_json() | json.loads((folder / WORK).read_bytes())


def answer(engines: Mapping[str, Engine]) -> None:
    """One engine, as a process of its own: the ``main`` of a question's module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=engines, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--files", nargs="+", required=True)
    chosen = parser.parse_args()
    if chosen.engine != OURS:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    engine = engines[chosen.engine]
    importlib.import_module(engine.needs)
    told = engine.find(chosen.files, chosen.out)
    (chosen.out / WORK).write_text(json.dumps(dict(told)), encoding="utf-8")


def spent() -> float:
    """CPU seconds of this process and of its children that ended."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in own)
