"""What a store must answer, worked out the plain way: dictionaries, loops, no pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graph_models.inference import TIERS
from graph_models.kinds import KINDS, policy_of
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Published

Pair = tuple[str, str]


def kind_order(kind: str) -> tuple[int, str]:
    names = [known.name for known in KINDS]
    return (names.index(kind), "") if kind in names else (len(names), kind)


@dataclass
class Oracle:
    """All neighbours of every node, in order; private counts; edges with what they say."""

    neighbours: dict[NodeRef, list[NodeRef]]
    private: dict[NodeRef, Counter[str]]
    hubs: set[NodeRef]
    edges: dict[tuple[NodeRef, NodeRef], dict[str, object]]


def oracle(graph: Published) -> Oracle:
    obs = graph.observations
    accounts = [NodeRef("account", name) for name in obs.accounts["account"]]
    values = zip(obs.identifiers["kind"], obs.identifiers["value"], strict=True)
    identifiers = [NodeRef(kind, value) for kind, value in values]
    linkable = dict(zip(identifiers, obs.identifiers["linkable"], strict=True))
    users: dict[NodeRef, list[NodeRef]] = {}
    found = Oracle({account: [] for account in accounts}, {}, set(), {})
    for row in obs.sightings.itertuples():
        users.setdefault(identifiers[row.identifier], []).append(accounts[row.account])
        found.edges[accounts[row.account], identifiers[row.identifier]] = {
            "count": row[3],  # a named tuple's own ``count`` is a method
            "days": row.days,
        }
    uses: dict[NodeRef, list[NodeRef]] = {account: [] for account in accounts}
    for identifier, who in users.items():
        if len(who) == 1:
            found.private.setdefault(who[0], Counter())[identifier.kind] += 1
            del found.edges[who[0], identifier]
            continue
        found.neighbours[identifier] = sorted(who)
        if len(who) > policy_of(identifier.kind).hub_degree or not linkable[identifier]:
            found.hubs.add(identifier)
        for account in who:
            uses[account].append(identifier)
    linked, joined = _inferred(graph, accounts, found)
    for account in accounts:
        mine = sorted(uses[account], key=lambda i: (len(users[i]), kind_order(i.kind), i.value))
        found.neighbours[account] = [
            *(i for i in mine if i not in found.hubs),
            *(other for _, other in sorted(linked.get(account, []))),
            *(community for _, community in sorted(joined.get(account, []))),
            *(i for i in mine if i in found.hubs),
        ]
    return found


def _inferred(
    graph: Published, accounts: list[NodeRef], found: Oracle
) -> tuple[dict[NodeRef, list[tuple[int, NodeRef]]], dict[NodeRef, list[tuple[float, NodeRef]]]]:
    linked: dict[NodeRef, list[tuple[int, NodeRef]]] = {}
    joined: dict[NodeRef, list[tuple[float, NodeRef]]] = {}
    if graph.inference is None:
        return linked, joined
    for row in graph.inference.links.itertuples():
        a, b = accounts[row.a], accounts[row.b]
        linked.setdefault(a, []).append((-row.millibits, b))
        linked.setdefault(b, []).append((-row.millibits, a))
        found.edges[a, b] = {"bits": row.millibits / 1000}
    members: dict[NodeRef, list[tuple[int, NodeRef]]] = {}
    for community in graph.inference.communities:
        members[NodeRef("community", community.community)] = []
    for row in graph.inference.members.itertuples():
        account = NodeRef("account", row.account)
        community = NodeRef("community", row.community)
        members[community].append((TIERS.index(row.tier), account))
        joined.setdefault(account, []).append((-row.share, community))
        found.edges[account, community] = {"tier": row.tier, "share": row.share}
    for community, who in members.items():
        found.neighbours[community] = [account for _, account in sorted(who)]
    return linked, joined
