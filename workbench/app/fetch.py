"""From the store to a command: what opening a community or expanding a node adds to a scene.

Every question is bounded: a scene has room for ``MAX_NODES``, and what does not fit is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from graph_models.errors import UsageError
from graph_models.inference import TIERS
from graph_models.kinds import ACCOUNT, KINDS, policy_of
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity
from graph_models.text import inert
from workbench.app.desk import Graph
from workbench.app.scene import CELL, MAX_NODES, Command, Edge, Node, Scene
from workbench.layout import Spot, first_layout, place_new

__all__ = [
    "Uses",
    "add_node",
    "bundle_of",
    "expand_node",
    "label_of",
    "laid_out",
    "lane",
    "open_community",
    "open_node",
    "shared_by",
    "uses_of",
]

ACCOUNTS_AT_FIRST = 160  # the rest is for what joins them
AT_FIRST = 240  # leaves room in a scene of MAX_NODES for the first expansions
BUNDLES_ONLY = 1000  # a community with more members opens as cells (look.md §4)
MOST_BUNDLES = 60
SAMPLE_OF_CELL = 10  # accounts of a closed cell that are asked what they share
PER_ACCOUNT = 40  # identifiers asked for per account and kind, rarest first
KIND_AT_FIRST = 22  # of one kind in a first picture; the rest is counted as truncated
WEAK_BITS = 6.0  # user agents, TLS prints and mail domains would draw a line to everybody
HUBS_AT_FIRST = 5  # parked context; more would be a second hairball
PER_KIND = 25
_LINKED = "LINKED"
_TITLES = {ACCOUNT.name: "account", **{kind.name: kind.title.lower() for kind in KINDS}}
_WHOLE = frozenset(("ip", "email_domain"))  # kinds whose value people read as it is


def label_of(kind: str, value: str) -> str:
    """A short name: "card …7f3a"; addresses, domains and accounts as they are."""
    if kind == ACCOUNT.name or kind in _WHOLE:
        return inert(value, 26)
    tail = inert(value, 200)
    tail = tail if len(tail) <= 10 else "…" + tail[-6:]
    return f"{_TITLES.get(kind, inert(kind, 20))} {tail}"


def node_of(entity: Entity, *, cell: str = "", tier: str = "") -> Node:
    """A store's entity as a node without a place."""
    kind, value = entity.node.kind, entity.node.value
    first = entity.properties.get("first_seen")
    return Node(
        id=str(entity.node),
        kind=kind,
        label=label_of(kind, value),
        cell=cell or str(entity.properties.get("cell") or ""),
        tier=tier or str(entity.properties.get("tier") or ""),
        hub=entity.hub,
        first=f"{first:%Y-%m-%d}" if first is not None else "",
        counts={key: count for key, count in entity.counts.items() if key != "community"},
        private=dict(entity.private),
    )


# ---- opening a community


@dataclass(frozen=True)
class _Plan:
    """Which members are drawn one by one, and which cells stay closed."""

    drawn: pd.DataFrame
    closed: tuple[tuple[str, int], ...]
    truncated: int


def open_community(graph: Graph, community: str) -> Command:
    """The first picture of a community: accounts, what at least two of them share, hubs parked."""
    members = graph.members(community)
    if members.empty:
        raise UsageError(f"Community {community} has no members.", fix="Analyse again.")
    plan = _plan(members)
    uses = uses_of(graph, plan.drawn["account"])
    accounts = _drawn_accounts(plan.drawn, uses)
    bundles = [bundle_of(cell, count) for cell, count in plan.closed]
    candidates = _with_closed(graph, members, plan, uses) if plan.closed else uses
    chosen, cut = shared_by(candidates, room=AT_FIRST - len(accounts) - len(bundles))
    edges = [edge for name in chosen for edge in uses.edges.get(name, ())]
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
    return tuple(sorted({node.kind for node in nodes if _is_weak(node.kind)}))


def _is_weak(kind: str) -> bool:
    return policy_of(kind).cap_bits < WEAK_BITS


def _drawn_accounts(drawn: pd.DataFrame, uses: Uses) -> list[Node]:
    rows = zip(drawn["account"], drawn["cell"], drawn["tier"], strict=True)
    return [
        replace(uses.accounts[str(account)], cell=str(cell), tier=str(tier))
        for account, cell, tier in rows
    ]


def _with_closed(graph: Graph, members: pd.DataFrame, plan: _Plan, uses: Uses) -> Uses:
    """Add what joins closed cells, seen through some accounts of each: a leaf would say nothing."""
    closed = members[members["cell"].isin([cell for cell, _ in plan.closed])]
    some = closed.sort_values("account").groupby("cell").head(SAMPLE_OF_CELL)
    cell_of = {f"account:{a}": c for a, c in zip(some["account"], some["cell"], strict=True)}
    sampled = uses_of(graph, some["account"])
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


@dataclass(frozen=True)
class Uses:
    """What some accounts use: their nodes, identifiers by name, and edges by identifier."""

    accounts: dict[str, Node]
    identifiers: dict[str, Node]
    edges: dict[str, list[Edge]]


def uses_of(graph: Graph, accounts: Iterable[str]) -> Uses:
    """What these accounts use, kind by kind: one with many values must not crowd out the rest."""
    found = Uses({}, {}, defaultdict(list))
    for account in accounts:
        entity = graph.show(NodeRef(ACCOUNT.name, account))
        found.accounts[account] = node_of(entity)
        for kind in found.accounts[account].counts.keys() - {ACCOUNT.name}:
            for other in graph.expand(entity.node, kind=kind, limit=PER_ACCOUNT).nodes:
                name = str(other.node)
                if name not in found.identifiers:
                    found.identifiers[name] = node_of(other)
                found.edges[name].append(Edge(a=str(entity.node), b=name, relation="USED"))
    return found


def shared_by(uses: Uses, *, room: int) -> tuple[dict[str, Node], dict[str, int]]:
    """Identifiers of at least two of the accounts: of each kind the most telling ones, hubs apart.

    Returns them by name, and per kind how many were left out.
    """
    inside = {name: len(edges) for name, edges in uses.edges.items() if len(edges) >= 2}

    def telling(name: str) -> tuple[float, str]:
        everywhere = max(uses.identifiers[name].counts.get(ACCOUNT.name, 0), inside[name])
        return (-(inside[name] ** 2) / everywhere, name)

    by_kind: dict[str, list[str]] = defaultdict(list)
    hubs: list[str] = []
    for name in sorted(inside, key=telling):
        node = uses.identifiers[name]
        (hubs if node.hub else by_kind[node.kind]).append(name)
    hubs = hubs[:HUBS_AT_FIRST]
    chosen = [*_in_turn(by_kind, max(0, room - len(hubs))), *hubs]
    cut = Counter(uses.identifiers[name].kind for name in inside.keys() - set(chosen))
    return {name: uses.identifiers[name] for name in chosen}, dict(cut)


def _in_turn(by_kind: Mapping[str, Sequence[str]], room: int) -> list[str]:
    """One of each kind in turn, until the room or ``KIND_AT_FIRST`` of a kind is reached."""
    rounds = range(KIND_AT_FIRST)
    turns = [by_kind[kind][i] for i in rounds for kind in sorted(by_kind) if i < len(by_kind[kind])]
    return turns[:room]


def bundle_of(cell: str, count: int) -> Node:
    """A closed cell, still without a place."""
    return Node(id=f"{CELL}:{cell}", kind=CELL, label="cell", cell=cell, size=count)


def _bundle_edges(
    graph: Graph, members: pd.DataFrame, plan: _Plan, chosen: Iterable[str]
) -> list[Edge]:
    """Edges from closed cells to the chosen identifiers, asked from the identifiers' side."""
    if not plan.closed:
        return []
    closed = {cell for cell, _ in plan.closed}
    rows = members[members["cell"].isin(closed)]
    cell_of = dict(zip(rows["account"], rows["cell"], strict=True))
    edges = []
    for name in sorted(chosen):
        page = graph.expand(name, kind=ACCOUNT.name, limit=500)
        joins = Counter(cell_of[n.node.value] for n in page.nodes if n.node.value in cell_of)
        edges += [Edge(a=f"{CELL}:{cell}", b=name, count=n) for cell, n in sorted(joins.items())]
    return edges


def laid_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Node, ...]:
    """The nodes with the places of a first layout."""
    spots = [
        Spot(
            node.id,
            _role(node),
            node.cell,
            radius=15 + 1.15 * node.size**0.5,
            weight=0.0 if _is_weak(node.kind) else policy_of(node.kind).cap_bits,
        )
        for node in nodes
    ]
    places = first_layout(spots, [(edge.a, edge.b) for edge in edges])
    return tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in nodes)


def _role(node: Node) -> str:
    if node.kind in (ACCOUNT.name, CELL):
        return "bundle" if node.kind == CELL else "account"
    return "hub" if node.hub else "identifier"


# ---- growing a scene


def open_node(graph: Graph, name: str) -> Command:
    """A scene that starts with one node and nothing else: expanding it shows its counts first."""
    node = node_of(graph.show(NodeRef.parse(name)))
    return Command(do="open", node=node.id, nodes=(node,))


def expand_node(
    graph: Graph, scene: Scene, name: str, kinds: Sequence[str], *, limit: int = PER_KIND
) -> Command:
    """Add up to ``limit`` new neighbours of each kind, and how they join what is drawn."""
    room = MAX_NODES - len(scene.nodes)
    if room <= 0:
        raise UsageError(
            f"The scene holds {MAX_NODES} nodes.",
            fix="Close a cell, collapse a node or remove some; nothing was added.",
        )
    new: dict[str, Node] = {}
    edges: list[Edge] = []
    for kind in sorted(set(kinds)):
        for entity, edge in _fresh(graph, scene, name, kind, min(limit, room - len(new))):
            new.setdefault(str(entity.node), node_of(entity))
            edges.append(edge)
    for node in new.values():
        edges += _joins(graph, node, scene.nodes.keys() | new.keys())
    placed = _placed(scene, name, list(new.values()))
    return Command(
        do="expand", node=name, names=tuple(sorted(set(kinds))), nodes=placed,
        edges=tuple({edge.id: edge for edge in edges}.values()),
    )  # fmt: skip


def add_node(graph: Graph, scene: Scene, name: str) -> Command:
    """Draw one more entity and how it joins what is drawn, in a free place near the middle."""
    if len(scene.nodes) >= MAX_NODES:
        raise UsageError(f"The scene holds {MAX_NODES} nodes.", fix="Remove some first.")
    node = node_of(graph.show(NodeRef.parse(name)))
    edges = _joins(graph, node, scene.nodes)
    anchor = edges[0].b if edges else scene.focus
    return Command(do="expand", node=name, nodes=_placed(scene, anchor, [node]), edges=tuple(edges))


def _fresh(
    graph: Graph, scene: Scene, name: str, kind: str, limit: int
) -> Iterable[tuple[Entity, Edge]]:
    """Neighbours not drawn yet; those drawn already only add their edge."""
    found, cursor = 0, None
    for _ in range(8):
        page = graph.expand(name, kind=kind, limit=100, after=cursor)
        for entity, edge in zip(page.nodes, page.edges, strict=True):
            drawn = str(entity.node) in scene.nodes
            if drawn or found < limit:
                found += not drawn
                bits = edge.properties.get("bits")
                relation = edge.relation if edge.relation == _LINKED else "USED"
                yield entity, Edge(a=name, b=str(entity.node), relation=relation, bits=bits)
        cursor = page.cursor
        if cursor is None or found >= limit:
            return


def _joins(graph: Graph, node: Node, drawn: Iterable[str]) -> list[Edge]:
    """Sightings between a new node and what is drawn; links are drawn only when asked for."""
    known = set(drawn)
    page = graph.expand(node.id, limit=60)
    return [
        Edge(a=node.id, b=str(other.node), relation="USED")
        for other, edge in zip(page.nodes, page.edges, strict=True)
        if str(other.node) in known and edge.relation not in (_LINKED, "MEMBER_OF")
    ]


def _placed(scene: Scene, anchor: str, new: Sequence[Node]) -> tuple[Node, ...]:
    fresh = [node for node in new if node.id not in scene.nodes]
    hubs = [node for node in fresh if node.hub]
    places = place_new(scene.places, anchor, [node.id for node in fresh if not node.hub])
    places |= lane(scene.places | places, [node.id for node in hubs])
    return tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in fresh)


def lane(
    drawn: Mapping[str, tuple[float, float]], hubs: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Free places at the right, where context is parked."""
    if not hubs:
        return {}
    edge = max(x for x, _ in drawn.values())
    bottom = max((y for x, y in drawn.values() if x > edge - 40), default=0.0)
    return {name: (edge, bottom + 88.0 * (step + 1)) for step, name in enumerate(hubs)}
