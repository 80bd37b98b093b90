"""How long questions to a published graph of a million accounts take: ``make bench``.

The graph is drawn (``served_world``), published by the ordinary writer in a process of its own, and
asked seeded questions of every kind. CPU is given beside wall, because machines are shared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.served_world import served_world
from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import GraphView

RESULTS = Path(__file__).parent / "results" / "serve.json"
CALLS = 1_000
HUB_EVERY = 10  # one call in so many goes to the hub of a million accounts

Call = Callable[[], object]


@dataclass(frozen=True)
class Publishing:
    """What publishing cost beyond the observations that it was given."""

    accounts: int
    identifiers: int
    sightings: int
    links: int
    communities: int
    cpu_seconds: float
    wall_seconds: float
    more_peak_mb: int
    megabytes: int


@dataclass(frozen=True)
class Served:
    """Milliseconds of one kind of call: wall, and CPU of the asking process."""

    call: str
    calls: int
    p50: float
    p95: float
    most: float
    cpu_p95: float


def publish(folder: Path, scale: float, seed: int) -> Publishing:
    """Draw the graph and publish it."""
    graph = served_world(scale, seed=seed)
    before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    held = _resident_mb()
    with EmbeddedStore(folder).writer() as writer:
        writer.publish(graph)
    after = resource.getrusage(resource.RUSAGE_SELF)
    obs, inference = graph.observations, graph.inference
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Publishing(
        accounts=len(obs.accounts),
        identifiers=len(obs.identifiers),
        sightings=len(obs.sightings),
        links=len(inference.links) if inference else 0,
        communities=len(inference.communities) if inference else 0,
        cpu_seconds=round(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1
        ),
        wall_seconds=round(time.perf_counter() - wall, 1),
        more_peak_mb=round(after.ru_maxrss / 1024) - held,
        megabytes=round(sum(path.stat().st_size for path in files) / 1e6),
    )


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def measure(name: str, questions: Iterator[Call]) -> Served:
    """Ask and time each question."""
    wall, cpu = [], []
    for ask in questions:
        started, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - used))
    middle, high = np.percentile(wall, [50, 95])
    return Served(
        name,
        len(wall),
        round(float(middle), 2),
        round(float(high), 2),
        round(max(wall), 2),
        round(float(np.percentile(cpu, 95)), 2),
    )


def ask_all(folder: Path, calls: int, seed: int) -> list[Served]:
    """All kinds of calls on the graph in a folder, the opening of it first."""
    opened = measure("open the graph", iter([lambda: EmbeddedStore(folder).view().about()]))
    view = EmbeddedStore(folder).view()
    asked = _questions(view, np.random.default_rng(seed), calls)
    return [opened, *(measure(name, questions) for name, questions in asked.items())]


def _questions(
    view: GraphView, rng: np.random.Generator, calls: int
) -> dict[str, Iterator[Call]]:
    accounts = int(view.about()["nodes"]["account"])
    names = [f"acct_{n:08d}" for n in rng.integers(0, accounts, calls)]
    hub = _hub(view, names[0])
    near = [_neighbour(view, name) for name in names[:200]]
    page = view.triage(limit=50)
    return {
        "expand, one in ten a hub": _expanding(view, rng, [*map(_account, names)], hub),
        "expand an identifier": (_expand(view, near[n % len(near)]) for n in range(calls)),
        "expand a hub, any page": (_expand(view, hub, after=_account(name)) for name in names),
        "expand the largest community": (_expand(view, _first(page)) for _ in names),
        "show": (_show(view, _account(name)) for name in names),
        "search": (_search(view, text) for text in _texts(names, near)),
        "links": (_links(view, name) for name in names),
        "members of a community": (_members(view, page, n) for n in range(calls)),
        "first triage page": (_triage(view, 0) for _ in names),
        "any triage page": (_triage(view, int(n)) for n in rng.integers(0, 2000, calls)),
    }


def _account(name: str) -> NodeRef:
    return NodeRef("account", name)
