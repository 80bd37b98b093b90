"""A graph in plain Python that answers as a store does, with a hub on 50,000 accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from graph_models.errors import UsageError
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Edge, Entity, Expansion

__all__ = ["HUB", "PlainGraph"]

HUB = NodeRef("ip", "240.0.0.1")
CROWD = 50_000
KINDS = ("payment_method", "device", "ip", "prompt_cluster", "user_agent")
FIRST = datetime(2026, 5, 1)


class PlainGraph:
    """Accounts, identifiers, links and one community, made from a seed."""

    def __init__(self, seed: int, *, accounts: int = 40, identifiers: int = 24) -> None:
        rng = np.random.default_rng(seed)
        self.accounts = [f"acct_{i:05d}" for i in range(accounts)]
        values = [NodeRef(KINDS[i % len(KINDS)], f"v{i}") for i in range(identifiers)]
        self.uses_of: dict[NodeRef, set[NodeRef]] = {}
        for name in self.accounts:
            chosen = rng.choice(identifiers, size=int(rng.integers(0, 7)), replace=False)
            self.uses_of[NodeRef("account", name)] = {values[i] for i in chosen.tolist()} | {HUB}
        self.used_by: dict[NodeRef, list[NodeRef]] = {}
        for account, some in self.uses_of.items():
            for value in some:
                self.used_by.setdefault(value, []).append(account)
        crowd = (NodeRef("account", f"crowd_{i:05d}") for i in range(CROWD - accounts))
        self.used_by[HUB] += list(crowd)
        self.links_of: dict[frozenset[NodeRef], float] = {}
        for a, b in rng.integers(0, accounts, size=(accounts, 2)).tolist():
            if a != b:
                pair = frozenset(NodeRef("account", self.accounts[i]) for i in (a, b))
                self.links_of[pair] = float(rng.integers(3, 30))
        self.private = {account: int(rng.integers(0, 4)) for account in self.uses_of}

    def neighbours(self, node: NodeRef) -> list[NodeRef]:
        """All neighbours: identifiers first, then links, then hubs."""
        if node.kind != "account":
            return self.used_by[node]
        own = self.uses_of.get(node, {HUB})
        linked = {other for pair in self.links_of if node in pair for other in pair - {node}}
        return [*sorted(own - {HUB}), *sorted(linked), *sorted(own & {HUB})]

    def counts(self, node: NodeRef) -> dict[str, int]:
        """Neighbours by kind."""
        if node == HUB:
            return {"account": CROWD}
        found: dict[str, int] = {}
        for other in self.neighbours(node):
            found[other.kind] = found.get(other.kind, 0) + 1
        return found

    def show(self, node: NodeRef | str) -> Entity:
        ref = node if isinstance(node, NodeRef) else NodeRef.parse(node)
        if (
            ref not in self.used_by
            and ref not in self.uses_of
            and not ref.value.startswith("crowd_")
        ):
            raise UsageError(f"There is no {ref}.")
        told = {"first_seen": FIRST, "last_seen": FIRST} if ref.kind == "account" else {}
        private = {"device": self.private[ref]} if self.private.get(ref) else {}
        return Entity(ref, told, self.counts(ref), private, hub=ref == HUB)

    def expand(
        self,
        node: NodeRef | str,
        *,
        kind: str | None = None,
        limit: int = 25,
        after: str | None = None,
    ) -> Expansion:
        ref = self.show(node).node
        asked = [n for n in self.neighbours(ref) if kind in (None, n.kind)]
        start = int(after or 0)
        page = asked[start : start + limit]
        cursor = str(start + limit) if start + limit < len(asked) else None
        rest = len(asked) - start - len(page)
        entities, edges = [self.show(n) for n in page], [self._edge(ref, n) for n in page]
        return Expansion(ref, entities, edges, start, rest, len(asked), {}, {}, cursor)

    def _edge(self, a: NodeRef, b: NodeRef) -> Edge:
        pair = frozenset((a, b))
        if pair in self.links_of:
            low, high = sorted(pair)
            bits = self.links_of[pair]
            return Edge(low, high, "LINKED", {"bits": bits, "families": {"network": bits}})
        account, value = (a, b) if a.kind == "account" else (b, a)
        told = {"count": 1, "first": FIRST, "last": FIRST, "days": 1}
        return Edge(account, value, "USED_IT", told)

    def links(self, account: str) -> pd.DataFrame:
        ref = NodeRef("account", account)
        rows = [
            {"account": other.value, "millibits": int(1000 * bits), "network": int(1000 * bits)}
            for pair, bits in self.links_of.items()
            if ref in pair
            for other in pair - {ref}
        ]
        return pd.DataFrame(rows, columns=["account", "millibits", "network"])

    def subgraph(self, nodes: Sequence[NodeRef], *, linked: bool = True) -> Sequence[Edge]:
        here = set(nodes)
        found = [
            self._edge(a, b)
            for a in sorted(here)
            if a.kind == "account"
            for b in self.neighbours(a)
            if b in here and (b.kind != "account" or (linked and a < b))
        ]
        return sorted(found, key=lambda edge: (edge.source, edge.target))

    def uses(self, accounts: Sequence[str], *, kind: str | None = None) -> pd.DataFrame:
        asked = [NodeRef("account", name) for name in accounts]
        pairs = [(a, v) for a in asked for v in sorted(self.uses_of[a]) if kind in (None, v.kind)]
        return self._uses(pairs)

    def users(self, nodes: Sequence[NodeRef]) -> pd.DataFrame:
        return self._uses([(a, v) for v in nodes for a in self.used_by[v]])

    def _uses(self, pairs: Sequence[tuple[NodeRef, NodeRef]]) -> pd.DataFrame:
        rows = [(a.value, v.kind, v.value, len(self.used_by[v]), v == HUB) for a, v in pairs]
        return pd.DataFrame(rows, columns=["account", "kind", "value", "accounts", "hub"])

    def about(self) -> Mapping[str, Any]:
        return {"nodes": {"account": CROWD}}

    def search(self, text: str, *, limit: int = 25) -> Sequence[Entity]:
        return [self.show(n) for n in sorted(self.uses_of) if n.value.startswith(text)][:limit]

    def members(self, community: str | None = None) -> pd.DataFrame:
        """Half of the accounts, in cells of eight."""
        names = self.accounts[: len(self.accounts) // 2]
        return pd.DataFrame(
            {
                "community": community or "cm_1",
                "account": names,
                "cell": [f"ce_{i // 8}" for i in range(len(names))],
                "tier": "core",
                "member_confidence": 0.9,
                "share": 1.0,
            }
        )
