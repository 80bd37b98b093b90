"""What is measured: the worlds of a split, and on which of them families are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixtures.splits import REPORT, TUNING, Trial
from graph_models.families import FAMILIES

__all__ = [
    "BASE",
    "FAMILIES_APART",
    "PAIRS_APART",
    "SPLITS",
    "Task",
    "group_of",
    "planned",
    "quick",
]

SPLITS: dict[str, tuple[Trial, ...]] = {"tuning": TUNING, "report": REPORT}
BASE = "quickstart:hard"
ABLATED_SEEDS = 3
FAMILIES_APART: tuple[tuple[str, ...], ...] = tuple((family.value,) for family in FAMILIES)
# What an operator can clean up together, and the two that carry most bits.
PAIRS_APART: tuple[tuple[str, ...], ...] = (
    ("instrument", "device"),
    ("instrument", "network"),
    ("device", "prompts"),
    ("timing", "lifecycle"),
)
_NULL_WORLDS = ("all-benign", "rewired")  # on every seed of the base world, and as large
_OF_ITS_OWN = (*_NULL_WORLDS, "sampled", "waves")


@dataclass(frozen=True)
class Task:
    """One world, and the sets of families left out of it (the empty set is the shipped run)."""

    trial: Trial
    without: tuple[tuple[str, ...], ...] = ((),)

    @property
    def slug(self) -> str:
        """A file name for the world."""
        trial = self.trial
        absent = "".join(f"-no-{family}" for family in trial.absent)
        return f"{trial.world.replace(':', '-')}{absent}-s{trial.seed}-x{trial.scale:g}"

    def key(self, without: Sequence[str]) -> str:
        """A file name for one run on it."""
        return "--".join([self.slug, "+".join(without)] if without else [self.slug])


def group_of(trial: Trial, without: Sequence[str] = ()) -> str:
    """The row of the table that a run belongs to."""
    if without:
        return f"without {without[0]}" if len(without) == 1 else "without two"
    if trial.absent:
        return f"no {trial.absent[0]}" if len(trial.absent) == 1 else "two absent"
    name, _, level = trial.world.partition(":")
    if name == "quickstart":
        return level or "realistic"
    return name if name in _OF_ITS_OWN else "presets"


def planned(split: str) -> tuple[Task, ...]:
    """All tasks of a split; the first seeds of the base world also with families left out."""
    trials = SPLITS[split]
    base = [trial for trial in trials if trial.world == BASE and not trial.absent]
    null = [replace(trial, world=world) for world in _NULL_WORLDS for trial in base]
    apart = ((), *FAMILIES_APART, *PAIRS_APART)
    tasks = {trial: Task(trial) for trial in [*trials, *null]}
    tasks |= {trial: Task(trial, apart) for trial in base[:ABLATED_SEEDS]}
    return tuple(tasks.values())


def quick(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The first world of each group without its ablations: minutes, not an hour."""
    first: dict[str, Task] = {}
    for task in tasks:
        first.setdefault(group_of(task.trial), Task(task.trial))
    return tuple(first.values())
