"""Every table of the comparison, by group and name; made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.peers.known import FEBRL_PACKAGE, febrl, karate, lfr, planted
from benchmarks.peers.table import ATTRIBUTES, Table
from benchmarks.peers.worlds import world_table
from benchmarks.quality.plan import SPLITS
from benchmarks.shapes import SHAPES, make

__all__ = ["SEEDS", "WORLD_SCALE", "Source", "sources"]

SEEDS = {"tuning": (1, 2, 3), "report": (101, 102, 103)}
WORLD_SCALE = 0.02  # the largest share of a preset that the comparison takes
MIXING = (0.1, 0.3, 0.5)
OUTSIDE = (0.01, 0.03)


@dataclass(frozen=True)
class Source:
    """A table to be: ``make`` gives it; ``needs`` is a module that carries the data."""

    group: str
    name: str
    seed: int
    make: Callable[[], Table]
    needs: str = ""

    def meant(self, words: Sequence[str]) -> bool:
        """Whether one of the words (patterns allowed) names the table or its group."""
        return any(fnmatch(name, word) for word in words for name in (self.group, self.name))


def sources(split: str, cache: Path, seeds: Sequence[int] = ()) -> list[Source]:
    """All tables of a split: shapes, records, graphs, worlds.

    Args:
        split: ``tuning`` or ``report``.
        cache: Folder that keeps ingested worlds.
        seeds: Instead of the split's own; fixed data sets are taken once in any case.
    """
    each = seeds or SEEDS[split]
    found = [Source("shapes", name, seed, partial(_shape, name, seed))
             for name in SHAPES for seed in each]  # fmt: skip
    found += [Source("records", name, 0, partial(febrl, name), FEBRL_PACKAGE)
              for name in ("febrl1", "febrl2", "febrl3", "febrl4")]  # fmt: skip
    found.append(Source("graphs", "karate", 0, karate))
    for seed in each:
        found += [Source("graphs", f"lfr-{mixing}", seed, partial(lfr, seed, mixing=mixing))
                  for mixing in MIXING]  # fmt: skip
        found += [
            Source(
                "graphs", f"planted-{out}", seed, partial(planted, seed, inside=0.5, outside=out)
            )
            for out in OUTSIDE
        ]
    return found + _worlds(split, cache, seeds)


def _worlds(split: str, cache: Path, seeds: Sequence[int]) -> list[Source]:
    """The presets of the split at their small scale, each on the one seed that the split has."""
    trials = [trial for trial in SPLITS[split] if trial.scale <= WORLD_SCALE and not trial.absent]
    return [
        Source("worlds", f"{trial.world}-x{trial.scale:g}", trial.seed,
               partial(world_table, trial, cache))
        for trial in trials
        if not seeds or trial.seed in seeds
    ]  # fmt: skip


def _shape(name: str, seed: int) -> Table:
    shape = make(name, seed)
    attributes = shape.attributes if len(shape.attributes) else pd.DataFrame(columns=ATTRIBUTES)
    told = set(attributes["account"])
    told |= set(shape.events["account"]) if shape.events is not None else set()
    truth = shape.truth[shape.truth.index.isin(told)]
    return Table(name=name, seed=seed, attributes=attributes, truth=truth, events=shape.events)
