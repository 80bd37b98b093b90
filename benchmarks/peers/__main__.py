"""``make peers``: others' methods and ours on the same tables with known answers.

Example: python -m benchmarks.peers --only shapes karate --peers Louvain --seeds 1

Peers that are not installed are named and left out; CONTRIBUTING.md says how to install them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import networkx as nx

from benchmarks.peers.coordination import COORDINATION
from benchmarks.peers.cosine import COSINE
from benchmarks.peers.known import karate
from benchmarks.peers.louvain import LOUVAIN
from benchmarks.peers.measure import compared
from benchmarks.peers.ours import OURS
from benchmarks.peers.page import printed, with_measured
from benchmarks.peers.peer import Peer
from benchmarks.peers.shared_values import SHARED_VALUES
from benchmarks.peers.splink_em import SPLINK
from benchmarks.peers.tables import SEEDS, Source, sources
from benchmarks.peers.verdict import losses
from benchmarks.quality.prepare import sources_digest

__all__ = ["PEERS", "figures", "main"]

PEERS: tuple[Peer, ...] = (SPLINK, COORDINATION, COSINE, LOUVAIN, SHARED_VALUES)
CACHE = Path(".workbench/bench")
ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/peers.json"
PAGE = ROOT / "docs/peers.md"
_SOURCES = ("graph_models", "ingest", "workbench", "benchmarks/peers")


def main(words: Sequence[str] | None = None) -> int:
    """Compare, print and keep; 1 when a peer is ahead anywhere."""
    asked = _arguments(words)
    if asked.redraw:
        _keep(json.loads(RESULTS.read_text(encoding="utf-8")))
        return 0
    found = [each for each in sources(asked.split, asked.cache, asked.seeds or ())
             if not asked.only or each.meant(asked.only)]  # fmt: skip
    peers = [peer for peer in PEERS if not asked.peers or peer.name in asked.peers]
    if not found:
        print(f"No table is named {' or '.join(asked.only)}.", file=sys.stderr)
        return 2
    kept = figures(found, peers, about=_about(asked))
    print(printed(kept))
    asked.cache.mkdir(parents=True, exist_ok=True)
    (asked.cache / "peers.json").write_text(_json(kept), encoding="utf-8")
    if asked.date:
        _keep(_with_kept(kept))
    return int(bool(kept["losses"]))


def figures(
    found: Sequence[Source], peers: Sequence[Peer], *, about: dict[str, Any]
) -> dict[str, Any]:
    """What ``peers.json`` holds: a row a table, seed and method, losses, skips, configurations."""
    skipped = [_skip(peer.name, peer.missing()) for peer in peers if peer.missing()]
    there = [peer for peer in peers if not peer.missing()]
    for each in skipped:
        _say(f"{each['name']}: {each['why']}")
    rows: list[dict[str, Any]] = []
    compared(karate(), OURS, there)  # compiles and imports on nobody's clock
    for source in found:
        if source.needs and find_spec(source.needs) is None:
            skipped.append(_skip(source.name, (source.needs,)))
            _say(f"{source.name}: {skipped[-1]['why']}")
            continue
        _say(f"{source.name} seed {source.seed}")
        rows += [outcome.as_json() for outcome in compared(_made(source), OURS, there)]
    return {
        "about": about,
        "peers": [{"name": peer.name, "reason": peer.reason,
                   "settings": [dict(setting) for setting in peer.settings]} for peer in peers],
        "rows": rows,
        "losses": losses(rows),
        "skipped": skipped,
    }  # fmt: skip


def _made(source: Source) -> Any:
    try:
        return source.make()
    except nx.ExceededMaxIterations as error:
        raise SystemExit(f"{source.name} seed {source.seed}: {error} Try another seed.") from error


def _skip(name: str, modules: Sequence[str]) -> dict[str, str]:
    return {"name": name, "why": f"not installed ({', '.join(modules)})"}


def _about(asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "date": asked.date,
        "split": asked.split,
        "seeds": list(asked.seeds or SEEDS[asked.split]),
        "version": f"{version('workbench')}-{sources_digest(*_SOURCES)}",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }


def _with_kept(new: dict[str, Any]) -> dict[str, Any]:
    """The new rows among those already kept of the same sources and split, so that runs add up."""
    if not RESULTS.is_file():
        return new
    old = json.loads(RESULTS.read_text(encoding="utf-8"))
    if any(old["about"][name] != new["about"][name] for name in ("version", "split")):
        return new
    rows = {(row["table"], row["seed"], row["method"]): row for row in [*old["rows"], *new["rows"]]}
    peers = {peer["name"]: peer for peer in [*old["peers"], *new["peers"]]}
    order = sorted(rows, key=lambda key: key[:2])
    # Tables that a package ships have no seed of their own: theirs is 0.
    seeds = sorted({seed for _, seed, _ in rows if seed})
    return {**new, "about": {**new["about"], "seeds": seeds}, "peers": list(peers.values()),
            "rows": [rows[key] for key in order]}  # fmt: skip


def _keep(kept: dict[str, Any]) -> None:
    """Results and page, so that both tell the same; losses are judged again for their causes."""
    kept = {**kept, "losses": losses(kept["rows"])}
    RESULTS.write_text(_json(kept), encoding="utf-8")
    PAGE.write_text(with_measured(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")


def _json(kept: dict[str, Any]) -> str:
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--split", choices=sorted(SEEDS), default="tuning")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="WORD",
        default=[],
        help="tables or groups (shapes, records, graphs, worlds); patterns allowed",
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        metavar="NAME",
        default=[],
        choices=[peer.name for peer in PEERS],
        help="only these peers",
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of the split's own")
    parser.add_argument("--cache", type=Path, default=CACHE, help="ingested worlds, last figures")
    parser.add_argument("--date", help="keep the figures in the repository under this date")
    parser.add_argument(
        "--redraw", action="store_true", help="only write the page again from the kept figures"
    )
    return parser.parse_args(words)  # fmt: skip


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
