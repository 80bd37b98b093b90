"""Worker processes: worlds are made, then measured; what is done is never done again."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.measure import measure
from benchmarks.quality.plan import Task
from benchmarks.quality.prepare import prepare

__all__ = ["Places", "run_all"]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where worlds are kept, and where the figures of this run go."""

    cache: Path
    results: Path
    reuse: bool


def run_all(
    tasks: Sequence[Task], places: Places, *, workers: int, say: Callable[[str], None]
) -> list[str]:
    """Make and measure all worlds; one that fails stops no other.

    Returns:
        What failed, a line each.
    """
    places.results.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    for what, job in (("ready", _prepare), ("measured", _measure)):
        for number, (task, error) in enumerate(_spread(job, tasks, places, workers), start=1):
            say(f"{what} {number}/{len(tasks)}: {task.slug}" + (" FAILED" if error else ""))
            if error:
                failed.append(f"{task.slug}: {error}")
        done_badly = {line.split(":")[0] for line in failed}
        tasks = [task for task in tasks if task.slug not in done_badly]
    return failed


def _spread(
    job: Callable[[Task, Places], None], tasks: Sequence[Task], places: Places, workers: int
) -> Iterator[tuple[Task, str]]:
    """Each task in a process of its own, so that one world's memory is not the next one's."""
    with ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        running: dict[Future[None], Task] = {pool.submit(job, task, places): task for task in tasks}
        for future in as_completed(running):
            error = future.exception()
            if error is not None:
                traceback.print_exception(error, file=sys.stderr)
            yield running[future], "" if error is None else f"{type(error).__name__}: {error}"


def _prepare(task: Task, places: Places) -> None:
    prepare(task, places.cache, reuse=places.reuse)


def _measure(task: Task, places: Places) -> None:
    measure(task, prepare(task, places.cache, reuse=places.reuse), places.results)
