"""From the store to nodes: names, what accounts share, and where it all stands.

Every question is bounded, and what was left out is counted.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph_models.kinds import ACCOUNT, KINDS, policy_of
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Edge as Relation
from graph_models.stores.protocol import Entity
from graph_models.stores.relations import COMMUNITY, LINKED, MEMBER_OF
from graph_models.text import inert
from workbench.scenes.graph import Gathering, Graph
from workbench.scenes.layout import Spot, first_layout
from workbench.scenes.model import CELL, Edge, Node

__all__ = [
    "USED",
    "Uses",
    "bundle_of",
    "day_of",
    "edge_of",
    "is_weak",
    "label_of",
    "laid_out",
    "lane",
    "node_of",
    "population",
    "shared_by",
    "used_by",
    "uses_of",
    "value_bits",
]

USED = "USED"  # one word for all sightings: the kind of the identifier says the rest

KIND_AT_FIRST = 22  # of one kind in a first picture; the rest is counted as truncated
WEAK_BITS = 6.0  # user agents, TLS prints and mail domains would draw a line to everybody
HUBS_AT_FIRST = 5  # parked context; more would be a second hairball
_TITLES = {ACCOUNT.name: "account", **{kind.name: kind.title.lower() for kind in KINDS}}
_WHOLE = frozenset(("ip", "email_domain"))  # kinds whose value people read as it is


def label_of(kind: str, value: str) -> str:
    """A short name: "card …7f3a"; addresses, domains and accounts as they are."""
    if kind == ACCOUNT.name or kind in _WHOLE:
        return inert(value, 26)
    tail = inert(value, 200)
    tail = tail if len(tail) <= 10 else "…" + tail[-6:]
    return f"{_TITLES.get(kind, inert(kind, 20))} {tail}"


def population(graph: Graph) -> int:
    """How many accounts the published graph has: what makes a shared value rare or common."""
    return int(graph.about().get("nodes", {}).get(ACCOUNT.name, 0))


def value_bits(kind: str, accounts: int, among: int) -> float:
    """What one more account with this value says: log2((r + (1 - r) p) / p), at most the cap.

    The same form as linking's, with the share of all accounts as the chance p; what linking says of
    a pair also weighs how active both are.
    """
    policy = policy_of(kind)
    chance = min(1.0, max(1, accounts) / max(1, among))
    bits = math.log2((policy.reuse + (1 - policy.reuse) * chance) / chance)
    return round(min(bits, policy.cap_bits), 2)


def node_of(entity: Entity, among: int, *, cell: str = "", tier: str = "") -> Node:
    """A store's entity as a node without a place; ``among`` is the population of accounts."""
    kind, value = entity.node.kind, entity.node.value
    told = entity.properties
    counts = {key: int(count) for key, count in entity.counts.items() if key != COMMUNITY}
    actor = kind in (ACCOUNT.name, COMMUNITY)
    return Node(
        id=str(entity.node),
        kind=kind,
        label=label_of(kind, value),
        cell=cell or str(told.get("cell") or "") if kind == ACCOUNT.name else "",
        tier=tier or str(told.get("tier") or "") if kind == ACCOUNT.name else "",
        community=str(told.get("community") or "") if kind == ACCOUNT.name else "",
        hub=entity.hub,
        bits=None if actor else value_bits(kind, counts.get(ACCOUNT.name, 1), among),
        first=day_of(told.get("first_seen")),
        last=day_of(told.get("last_seen")),
        counts=counts,
        private={key: int(count) for key, count in entity.private.items()},
    )


def edge_of(edge: Relation) -> Edge:
    """A store's relation as an edge: links with their bits, sightings with their days."""
    told, a, b = edge.properties, str(edge.source), str(edge.target)
    if edge.relation == LINKED:
        families = {name: float(bits) for name, bits in told.get("families", {}).items()}
        return Edge(a=a, b=b, relation=LINKED, bits=told.get("bits"), families=families)
    if edge.relation == MEMBER_OF:
        return Edge(a=a, b=b, relation=MEMBER_OF)
    first, last = day_of(told.get("first")), day_of(told.get("last"))
    return Edge(
        a=a, b=b, relation=USED, first=first, last=last, sightings=int(told.get("count", 0))
    )


def day_of(value: object) -> str:
    """The day of a moment in the store, which is UTC; empty where there is none."""
    return value.strftime("%Y-%m-%d") if isinstance(value, datetime) else ""


def is_weak(kind: str) -> bool:
    """True for a kind that says little and joins much."""
    return policy_of(kind).cap_bits < WEAK_BITS


@dataclass(frozen=True)
class Uses:
    """What some accounts use: their nodes, identifiers by name, and edges by identifier."""

    accounts: dict[str, Node]
    identifiers: dict[str, Node]
    edges: dict[str, list[Edge]]


def uses_of(graph: Gathering, accounts: Iterable[str]) -> Uses:
    """What these accounts use, with their own nodes."""
    names, among = list(accounts), population(graph)
    nodes = {name: node_of(graph.show(NodeRef(ACCOUNT.name, name)), among) for name in names}
    return replace(used_by(graph, names), accounts=nodes)


def used_by(graph: Gathering, accounts: Sequence[str]) -> Uses:
    """What these accounts use, by one question."""
    found, among = Uses({}, {}, defaultdict(list)), population(graph)
    table = graph.uses(accounts)
    columns = (table[name] for name in ("account", "kind", "value", "accounts", "hub"))
    for account, kind, value, count, hub in zip(*columns, strict=True):
        ref = NodeRef(kind, value)
        name = str(ref)
        if name not in found.identifiers:
            told = Entity(ref, {}, {ACCOUNT.name: int(count)}, hub=bool(hub))
            found.identifiers[name] = node_of(told, among)
        found.edges[name].append(Edge(a=f"{ACCOUNT.name}:{account}", b=name, relation=USED))
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


def laid_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Node, ...]:
    """The nodes with the places of a first layout."""
    spots = [
        Spot(
            node.id,
            _role(node),
            node.cell,
            radius=15 + 1.15 * node.size**0.5,
            weight=0.0 if is_weak(node.kind) else policy_of(node.kind).cap_bits,
        )
        for node in nodes
    ]
    places = first_layout(spots, [(edge.a, edge.b) for edge in edges])
    return tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in nodes)


def _role(node: Node) -> str:
    if node.kind in (ACCOUNT.name, CELL):
        return "bundle" if node.kind == CELL else "account"
    return "hub" if node.hub else "identifier"


def lane(
    drawn: Mapping[str, tuple[float, float]], hubs: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Free places at the right, where context is parked."""
    if not hubs or not drawn:
        return {name: (0.0, 88.0 * step) for step, name in enumerate(hubs)}
    edge = max(x for x, _ in drawn.values())
    bottom = max((y for x, y in drawn.values() if x > edge - 40), default=0.0)
    return {name: (edge, bottom + 88.0 * (step + 1)) for step, name in enumerate(hubs)}
