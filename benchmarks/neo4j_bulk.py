"""A graph of millions of rows into Neo4j by the admin import tool, and then asked.

``python -m benchmarks.neo4j_bulk``. Load: CPU of Python and of every Java that it starts, from the
compiled graph to a stopped, indexed server. Then ``expand`` over Bolt: 1,000 nodes (hubs among
them), each answer compared as JSON with that of the embedded store of the same graph.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from graph_models.nodes import NodeRef
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.graph_files import GraphFiles
from graph_models.stores.mapped_graph import MappedGraph, Spot
from graph_models.stores.neo4j.address import Credentials
from graph_models.stores.neo4j.bulk import bulk_load
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore
from graph_models.stores.protocol import GraphView

RESULTS = Path(__file__).parent / "results" / "neo4j_bulk.json"
HUBS_ASKED = 40


def cpu() -> float:
    """CPU seconds of this process and of the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def made(folder: Path, accounts: int, seed: int) -> Path:
    """The folder of a compiled graph, made in a process of its own (its memory is not ours)."""
    code = (
        "import sys; from pathlib import Path; from benchmarks.made_graph import graph_of\n"
        "from graph_models.stores.embedded import EmbeddedStore\n"
        "with EmbeddedStore(Path(sys.argv[1])).writer() as writer:\n"
        "    writer.publish(graph_of(int(sys.argv[2]), int(sys.argv[3])))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder), str(accounts), str(seed)], check=True)
    return folder / "graphs" / (folder / "graphs" / "current").read_text().strip()


def sample(graph: MappedGraph, number: int, seed: int) -> list[NodeRef]:
    """Nodes to ask: the largest hubs, then accounts, identifiers and communities at random."""
    rng = np.random.default_rng(seed)
    degree = np.diff(graph.used_by.starts)
    hubs = np.argsort(degree)[-HUBS_ASKED:]
    kinds = graph.arrays["identifier_kind"]
    rest = number - len(hubs)
    identifiers = np.concatenate([hubs, rng.integers(0, len(degree), rest // 4)])
    communities = rng.integers(0, len(graph.by_id), rest // 10)
    accounts = rng.integers(0, len(graph.tables["accounts"]), number - len(identifiers)
                            - len(communities))  # fmt: skip
    spots = [Spot(int(kinds[place]) + 1, int(place)) for place in identifiers]
    spots += [Spot(0, int(place)) for place in accounts]
    spots += [Spot(graph.community_kind, int(place)) for place in communities]
    return [graph.node(spots[place]) for place in rng.permutation(len(spots))]


def asked(view: GraphView, nodes: list[NodeRef]) -> tuple[list[str], list[float]]:
    """The answers as JSON, and the milliseconds of each."""
    answers, times = [], []
    for node in nodes:
        started = time.perf_counter()
        found = view.expand(node)
        times.append(1000 * (time.perf_counter() - started))
        answers.append(json.dumps(found.as_json(), default=_plain, sort_keys=True))
    return answers, times


def _plain(value: Any) -> Any:
    if isinstance(value, NodeRef):
        return str(value)
    return asdict(value) if hasattr(value, "__dataclass_fields__") else str(value)


def centiles(times: list[float]) -> dict[str, float]:
    """The 50th, 95th and 99th hundredth of the milliseconds."""
    return {f"p{part}": round(float(np.percentile(times, part)), 2) for part in (50, 95, 99)}


@contextmanager
def running(server: Server) -> Iterator[GraphView]:
    """The view of the started server's graph."""
    url = server.start(0)
    store = Neo4jStore(url, Credentials.from_file(server.secrets))
    try:
        yield store.view()
    finally:
        store.close()
        server.stop()


def load(folder: Path, home: Path) -> dict[str, Any]:
    """One bulk load: CPU and peaks of this process and of every Java that it starts."""
    before, wall = cpu(), time.perf_counter()
    loaded = bulk_load(Server(home), GraphFiles.open(folder), folder.name, say=_say)
    used, rows = cpu() - before, loaded.nodes + loaded.relations
    own, java = (
        round(resource.getrusage(who).ru_maxrss / 1024)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "nodes": loaded.nodes,
        "relations": loaded.relations,
        "csv_mb": round(loaded.csv_bytes / 1e6),
        "load_cpu_s": round(used, 1),
        "load_wall_s": round(time.perf_counter() - wall, 1),
        "load_seconds": loaded.seconds,
        "rows_per_cpu_s": round(rows / used),
        "peak_mb_python": own,
        "peak_mb_java": java,
    }


def _say(step: str) -> None:
    print(step, file=sys.stderr)


def measure(scratch: Path, accounts: int, asks: int, seed: int) -> dict[str, Any]:
    """Load, ask, compare."""
    folder = made(scratch / "graph", accounts, seed)
    server = Server(scratch / "neo4j")
    code = (
        "import json, sys; from pathlib import Path; from benchmarks.neo4j_bulk import load\n"
        "print(json.dumps(load(Path(sys.argv[1]), Path(sys.argv[2]))))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(server.home)],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    kept: dict[str, Any] = {"accounts": accounts, **json.loads(told)}
    embedded = EmbeddedStore(scratch / "graph").view()
    nodes = sample(MappedGraph(GraphFiles.open(folder)), asks, seed)
    with running(server) as view:
        gc.collect()
        first, cold = asked(view, nodes)
        second, warm = asked(view, nodes)
        expected, inside = asked(embedded, nodes)
    kept["asked"] = len(nodes)
    kept["equal"] = sum(a == b == c for a, b, c in zip(first, second, expected, strict=True))
    kept |= {"first_pass_ms": centiles(cold), "warm_ms": centiles(warm),
             "embedded_ms": centiles(inside)}  # fmt: skip
    return kept


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--asks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--scratch", help="a folder on a disk with 5 GB free")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
        kept = measure(Path(scratch), chosen.accounts, chosen.asks, chosen.seed)
    for name, value in kept.items():
        print(f"{name:<18}{value}")
    about = {"python": platform.python_version(), "cpus": os.cpu_count(),
             "load": round(os.getloadavg()[0], 1), "seed": chosen.seed}  # fmt: skip
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"about": about, **kept}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
