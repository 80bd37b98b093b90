"""One run of the analysis over the current snapshot, published, with what it cost."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from graph_models.analysis import analyse
from graph_models.communities.lineage import follow
from graph_models.communities.succession import lives, ties
from graph_models.families import Family
from graph_models.inference import Inference
from graph_models.lineage import Lineage, Run
from graph_models.observations import Observations
from graph_models.stores.protocol import Published

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["Analysis", "run_analysis"]


@dataclass(frozen=True)
class Analysis:
    """What ``analyse`` did (contract §4): counts and what it cost.

    ``unresolved_ids``: ids of other systems that no alias explains; they became no account.
    """

    snapshot: str
    run: str
    accounts: int
    sightings: int
    candidate_pairs: int
    links: int
    communities: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    lacking: tuple[str, ...]
    unresolved_ids: int


def run_analysis(
    desk: Workbench,
    *,
    seed: int,
    from_: datetime | None,
    to: datetime | None,
    without: frozenset[Family] = frozenset(),
    progress: Callable[..., None] | None,
) -> Analysis:
    """Link, find communities, assess, publish; see ``Workbench.analyse``."""
    say = progress or (lambda *_: None)
    wall, cpu = time.perf_counter(), _cpu_seconds()
    snapshot = desk.snapshot()
    desk.store.published()  # a store that does not answer is told before the work
    say("reading the snapshot")
    windowed = from_ is not None or to is not None
    if windowed:
        obs = snapshot.observations(from_, to, say=progress)
    else:
        obs = desk.observations(progress=progress)
    inference = analyse(obs, seed=seed, without=without, progress=progress)
    say("indexing rows by account")
    snapshot.index_rows()
    say("publishing the graph")
    at = desk.clock()
    origin = {"analysed_at": at.isoformat(), "world": desk.workspace.world}
    with desk.store.writer() as writer:
        # Read while nobody else can publish: the log goes on from what is replaced.
        lineage = _continued(desk, obs, inference, at)
        writer.publish(Published(obs, inference, origin, lineage))
    return Analysis(
        snapshot=snapshot.digest,
        run=inference.run,
        accounts=len(obs.accounts),
        sightings=len(obs.sightings),
        candidate_pairs=inference.candidate_pairs,
        links=len(inference.links),
        communities=len(inference.communities),
        seconds=round(time.perf_counter() - wall, 2),
        cpu_seconds=round(_cpu_seconds() - cpu, 2),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        lacking=inference.lacking,
        unresolved_ids=snapshot.unresolved_ids(),
    )


def _continued(desk: Workbench, obs: Observations, inference: Inference, at: datetime) -> Lineage:
    """The log of the published graph with what became of its communities in this run."""
    past = desk.store.view().lineage() if desk.store.published() else Lineage()
    run = Run(
        run=inference.run,
        snapshot=inference.snapshot,
        at=at,
        same_data=desk.about().get("snapshot") == inference.snapshot,
    )
    # A window may hide the accounts that an earlier line had, and what they shared.
    known = desk.observations() if len(past.roll) else obs
    return follow(
        past, run, inference.members, lived=lives(known.accounts), ties=partial(ties, known)
    )


def _cpu_seconds() -> float:
    own, children = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
