"""How long questions to a published graph of a million accounts take: ``make bench``.

The graph is drawn (``served_world``), published by the ordinary writer in a process of its own, and
asked seeded questions of every kind. CPU is given beside wall, because machines are shared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.served_world import served_world
from graph_models.linking import LinkContext
from graph_models.linking.explain import explain_pair
from graph_models.linking.learned import learned_of
from graph_models.linking.served import served_context
from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import GraphView, Published
from graph_models.stores.triage import Asked

if TYPE_CHECKING:
    from workbench import Workbench

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
    graph = _with_learned(served_world(scale, seed=seed))
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
        cpu_seconds=round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        wall_seconds=round(time.perf_counter() - wall, 1),
        more_peak_mb=round(after.ru_maxrss / 1024) - held,
        megabytes=round(sum(path.stat().st_size for path in files) / 1e6),
    )


def _with_learned(graph: Published) -> Published:
    """The graph with what explaining a pair needs; no exchanges were drawn, so no habits are."""
    assert graph.inference is not None
    learned = learned_of(LinkContext.of(graph.observations))
    return replace(graph, inference=replace(graph.inference, learned=learned))


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


def _questions(view: GraphView, rng: np.random.Generator, calls: int) -> dict[str, Iterator[Call]]:
    accounts = int(view.about()["nodes"]["account"])
    names = [f"acct_{number:08d}" for number in rng.integers(0, accounts, calls).tolist()]
    nodes = [_account(name) for name in names]
    identifiers = [node for name in names[:100] for node in _neighbours(view, name)]
    hub = _used_by_most(view, names[0])
    users = [entity.node for entity in view.expand(hub, limit=calls).nodes]
    listed = view.triage(Asked())
    found = [one.community for one in listed.shown]
    starts = rng.integers(0, listed.total, calls).tolist()
    largest = NodeRef("community", max(listed.shown, key=lambda one: one.size.accused).community)
    chosen = rng.integers(0, len(identifiers), calls).tolist()
    return {
        "expand, one in ten the hub": _expanding(view, nodes, hub),
        "expand an identifier": (_expand(view, identifiers[number]) for number in chosen),
        "expand the hub, any page": (_expand(view, hub, after=user) for user in users),
        "expand the largest community": (_expand(view, largest) for _ in names),
        "show": (partial(view.entity, node) for node in nodes),
        "search": (partial(view.search, text) for text in _texts(names, identifiers)),
        "explain, without source rows": (_explain(view, name) for name in names),
        "links": (partial(view.links, name) for name in names),
        "members of a community": (partial(view.members, found[n % 50]) for n in range(calls)),
        "first page of triage": (partial(view.triage, Asked()) for _ in names),
        "any page of triage": (partial(view.triage, Asked(start=at)) for at in starts),
        "triage by account": (partial(view.triage, Asked(text=name[:11])) for name in names),
    }


def ask_workspace(folder: Path, calls: int, seed: int) -> list[Served]:
    """What reads source rows too, on an analysed workspace; the first question is apart."""
    from workbench import Workbench

    opened = measure("open the workspace", iter([lambda: Workbench.open(folder).about()]))
    desk, rng = Workbench.open(folder), np.random.default_rng(seed)
    names = desk.members()["account"].to_numpy(object)
    chosen = [str(name) for name in rng.choice(names, calls)]
    sharing = [_sharing(desk.store.view(), name) for name in chosen]
    linked = [(name, _partner(desk, name, rng)) for name in chosen]
    strangers = zip(chosen, map(str, rng.permutation(names)[:calls]), strict=False)
    asked = {
        "explain, the first one": sharing[:1],
        "explain, they share a value": sharing,
        "explain, they are linked": linked,
        "explain, at random": [pair for pair in strangers if pair[0] != pair[1]],
    }
    told = [measure(name, (partial(desk.explain, *pair) for pair in asked[name])) for name in asked]
    return [
        opened,
        *told,
        measure("exchanges by day", (partial(desk.activity, [name]) for name in chosen)),
    ]


def _partner(desk: Workbench, name: str, rng: np.random.Generator) -> str:
    """Somebody that the account is linked with."""
    return str(rng.choice(desk.links(name)["account"].to_numpy(object)))


def _sharing(view: GraphView, name: str) -> tuple[str, str]:
    """The first two accounts that used the rarest identifier of an account."""
    rare = _neighbours(view, name)[0]
    users = [entity.node.value for entity in view.expand(rare, limit=2).nodes]
    return users[0], users[1]


def _account(name: str) -> NodeRef:
    return NodeRef("account", name)


def _expand(view: GraphView, node: NodeRef, *, after: NodeRef | None = None) -> Call:
    return lambda: view.expand(node, after=None if after is None else str(after))


def _explain(view: GraphView, name: str) -> Call:
    """The account and who shares its rarest identifier, as far as one does."""
    pair = _sharing(view, name)

    def ask() -> object:
        facts = view.pair(*pair)
        assert facts is not None
        context = served_context(facts)
        return explain_pair(context.obs, *pair, context=context)

    return ask


def _expanding(view: GraphView, nodes: list[NodeRef], hub: NodeRef) -> Iterator[Call]:
    for number, node in enumerate(nodes):
        yield _expand(view, node if number % HUB_EVERY else hub)


def _used_by_most(view: GraphView, account: str) -> NodeRef:
    """The identifier with the most accounts that an account used: the drawn hub."""
    found = view.expand(_account(account), limit=500).nodes
    return max(found, key=lambda entity: entity.counts.get("account", 0)).node


def _neighbours(view: GraphView, account: str) -> list[NodeRef]:
    found = view.expand(_account(account), limit=500).nodes
    return [entity.node for entity in found if entity.node.kind not in ("account", "community")]


def _texts(names: list[str], identifiers: list[NodeRef]) -> list[str]:
    """Whole ids, beginnings of many, other cases, and what is not there."""
    texts = []
    for number, name in enumerate(names):
        value = identifiers[number % len(identifiers)]
        texts.append(
            (name, name[:9], name.upper(), str(value), value.value, value.value[:4], "nobody")[
                number % 7
            ]
        )
    return texts


def main() -> None:
    """Draw, publish, ask, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1: a million accounts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=CALLS, help="of each kind")
    parser.add_argument("--folder", type=Path, help="keep the graph here, or take it from here")
    parser.add_argument("--workspace", type=Path, help="ask an analysed workspace instead")
    parser.add_argument("--keep", action="store_true", help=f"write {RESULTS.name}")
    chosen = parser.parse_args()
    if chosen.workspace:
        _print(None, ask_workspace(chosen.workspace, chosen.calls, chosen.seed))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        cost = None if EmbeddedStore(folder).published() else _published(folder, chosen)
        asked = ask_all(folder, chosen.calls, chosen.seed)
    told = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}",
        "scale": chosen.scale,
        "seed": chosen.seed,
        "publishing": asdict(cost) if cost else None,
        "calls": [asdict(one) for one in asked],
        "resident_mb": _resident_mb(),
    }
    _print(cost, asked)
    if chosen.keep:
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _published(folder: Path, chosen: argparse.Namespace) -> Publishing:
    """Publish in a process of its own, so that the asking one holds nothing but its answers."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(publish, (folder, chosen.scale, chosen.seed))


def _print(cost: Publishing | None, asked: list[Served]) -> None:
    if cost:
        print("  ".join(f"{name} {value:,}" for name, value in asdict(cost).items()))
    print(f"{'call':<32}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}{'most':>9}{'CPU p95':>9}")
    for one in asked:
        print(
            f"{one.call:<32}{one.calls:>7}{one.p50:>9.2f}{one.p95:>9.2f}{one.most:>9.1f}"
            f"{one.cpu_p95:>9.2f}"
        )
    print(f"resident after all calls: {_resident_mb()} MB")


if __name__ == "__main__":
    main()
