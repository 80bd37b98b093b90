"""The first picture of a community or of one node, as the command that opens a scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from graph_models.errors import UsageError
from graph_models.inference import TIERS
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from workbench.scenes.graph import Gathering
from workbench.scenes.joining import joins
from workbench.scenes.model import CELL, Command, Edge, Node
from workbench.scenes.parts import (
    USED,
    Uses,
    bundle_of,
    is_weak,
    laid_out,
    node_of,
    population,
    shared_by,
    used_by,
    uses_of,
)

__all__ = ["open_community", "open_node"]

ACCOUNTS_AT_FIRST = 160  # the rest is for what joins them
AT_FIRST = 240  # leaves room in a scene of MAX_NODES for the first expansions
BUNDLES_ONLY = 1000  # a community with more members opens as cells (look.md §4)
MOST_BUNDLES = 60
MOST_USERS = 20_000  # a hub above that is context: who of a closed cell used it says nothing
SAMPLE_OF_CELL = 10  # accounts of a closed cell that are asked what they share


@dataclass(frozen=True)
class _Plan:
    """Which members are drawn one by one, and which cells stay closed."""

    drawn: pd.DataFrame
    closed: tuple[tuple[str, int], ...]
    truncated: int


def open_community(graph: Gathering, community: str) -> Command:
    """The first picture of a community: accounts, what at least two of them share, hubs parked."""
    members = graph.members(community)
    if members.empty:
        raise UsageError(f"Community {community} has no members.", fix="Analyse again.")
    plan = _plan(members)
    uses = uses_of(graph, plan.drawn["account"])
    accounts = _drawn_accounts(plan.drawn, uses, community)
    bundles = [bundle_of(cell, count) for cell, count in plan.closed]
    candidates = _with_closed(graph, members, plan, uses) if plan.closed else uses
    chosen, cut = shared_by(candidates, room=AT_FIRST - len(accounts) - len(bundles))
    edges = joins(graph, accounts, chosen.values())
    edges += _bundle_edges(graph, members, plan, chosen)
    return Command(
        do="open",
        node=f"community:{community}",
        names=_weak(chosen.values()),
        nodes=laid_out([*accounts, *bundles, *chosen.values()], edges),
        edges=tuple(edges),
        truncated={"account": plan.truncated} | cut if plan.truncated else cut,
    )


def _weak(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Kinds that say little and join much: laid out, but switched off until asked for."""
    return tuple(sorted({node.kind for node in nodes if is_weak(node.kind)}))


def _drawn_accounts(drawn: pd.DataFrame, uses: Uses, community: str) -> list[Node]:
    rows = zip(drawn["account"], drawn["cell"], drawn["tier"], strict=True)
    return [
        replace(uses.accounts[str(account)], cell=str(cell), tier=str(tier), community=community)
        for account, cell, tier in rows
    ]


def _with_closed(graph: Gathering, members: pd.DataFrame, plan: _Plan, uses: Uses) -> Uses:
    """Add what joins closed cells, seen through some accounts of each: a leaf would say nothing."""
    closed = members[members["cell"].isin([cell for cell, _ in plan.closed])]
    some = closed.sort_values("account").groupby("cell").head(SAMPLE_OF_CELL)
    cell_of = {f"account:{a}": c for a, c in zip(some["account"], some["cell"], strict=True)}
    sampled = used_by(graph, some["account"].tolist())
    merged = {name: [*uses.edges.get(name, []), *more] for name, more in sampled.edges.items()}
    joining = {
        name: edges
        for name, edges in merged.items()
        if len({cell_of.get(edge.a, edge.a) for edge in edges}) >= 2
    }
    return Uses(
        uses.accounts, {**sampled.identifiers, **uses.identifiers}, {**uses.edges, **joining}
    )


def _plan(members: pd.DataFrame) -> _Plan:
    """Close the largest cells until the rest fits; without cells, the surest members stay."""
    rank = members["tier"].map({tier: place for place, tier in enumerate(TIERS)})
    ranked = members.assign(rank=rank).sort_values(
        ["rank", "member_confidence", "account"], ascending=[True, False, True], kind="stable"
    )
    if len(ranked) <= ACCOUNTS_AT_FIRST:
        return _Plan(ranked, (), 0)
    sizes = ranked[ranked["cell"] != ""].groupby("cell").size()
    by_size = sorted(sizes.items(), key=lambda item: (-item[1], str(item[0])))
    closed: list[tuple[str, int]] = []
    left = len(ranked)
    limit = 0 if left > BUNDLES_ONLY and by_size else ACCOUNTS_AT_FIRST
    for cell, count in by_size[:MOST_BUNDLES]:
        if left <= limit:
            break
        closed.append((str(cell), int(count)))
        left -= int(count)
    open_ones = ranked[~ranked["cell"].isin([cell for cell, _ in closed])]
    drawn = open_ones.head(ACCOUNTS_AT_FIRST)
    return _Plan(drawn, tuple(closed), len(open_ones) - len(drawn))


def _bundle_edges(
    graph: Gathering, members: pd.DataFrame, plan: _Plan, chosen: Mapping[str, Node]
) -> list[Edge]:
    """Edges from closed cells to the chosen identifiers, asked from the identifiers' side."""
    if not plan.closed:
        return []
    closed = {cell for cell, _ in plan.closed}
    rows = members[members["cell"].isin(closed)]
    cell_of = dict(zip(rows["account"], rows["cell"], strict=True))
    asked = [name for name, node in chosen.items() if node.counts[ACCOUNT.name] <= MOST_USERS]
    users = graph.users([NodeRef.parse(name) for name in sorted(asked)])
    names = users["kind"] + ":" + users["value"]
    counts = Counter(zip(users["account"].map(cell_of), names, strict=True))
    return [
        Edge(a=f"{CELL}:{cell}", b=name, relation=USED, count=count)
        for (cell, name), count in sorted(counts.items(), key=lambda one: str(one[0]))
        if cell in closed
    ]


def open_node(graph: Gathering, name: str) -> Command:
    """A scene that starts with one node and nothing else: expanding it shows its counts first."""
    node = node_of(graph.show(NodeRef.parse(name)), population(graph))
    return Command(do="open", node=node.id, nodes=(node,))
