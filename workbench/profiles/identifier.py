"""The page of one identifier: what it is, who used it, and what sharing it says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from graph_models.kind import Kind
from graph_models.kinds import ACCOUNT, KINDS
from graph_models.linking.served import served_context
from graph_models.linking.shared import reuse_of
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity, GraphView
from workbench.profiles.rarity import policy_named

__all__ = [
    "USERS",
    "IdentifierProfile",
    "Worth",
    "hub_words",
    "identifier_of",
    "private_identifier",
]

USERS = 50  # accounts of one page
_KNOWN = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What sharing this very value says of two accounts with one value each, and the most it may.

    ``hub_at``: on more accounts than this a value of the kind is context and links nobody.
    """

    bits: float
    cap: float
    hub_at: int
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class IdentifierProfile:
    """What is known of an identifier.

    ``users`` is one page: account, community, tier, count, first, last. ``private``: one account
    only used it, so it is no node of the graph.
    """

    entity: Entity
    users: pd.DataFrame
    users_total: int
    cursor: str | None
    communities: tuple[tuple[str, int], ...]
    worth: Worth
    private: bool = False

    @property
    def kind(self) -> Kind | None:
        """The data sheet of its kind; None for a foreign type."""
        return _KNOWN.get(self.entity.node.kind)

    def as_json(self) -> dict[str, Any]:
        """The entity of contract §4 ``show``, with what the profile adds."""
        kind = self.kind
        return {
            **vars(self.entity),
            "means": kind.means if kind else None,
            "misleads": kind.misleads if kind else None,
            "users": self.users,
            "users_total": self.users_total,
            "cursor": self.cursor,
            "communities": [
                {"community": name, "accounts_on_page": count} for name, count in self.communities
            ],
            "worth": asdict(self.worth),
            "hub_because": hub_words(self),
            "private_to_one": self.private,
        }


def hub_words(found: IdentifierProfile) -> str:
    """Whether the value may link accounts, and by which rule."""
    told, worth = found.entity.properties, found.worth
    accounts = int(told.get("accounts") or found.users_total)
    if told.get("label"):
        return f"Context, never a bridge: a source calls it a shared service ({told['label']})."
    if told.get("linkable") is False:
        return "Context, never a bridge: values of this form are kept but may never link."
    if accounts > worth.hub_at or found.entity.hub:
        return (
            f"Context, never a bridge: {accounts:,} accounts used it, and above {worth.hub_at:,} "
            f"a value of this kind links nobody. {worth.reason}"
        )
    if accounts < 2:
        return "One account only used it: it joins nobody, and would if a second account came."
    return (
        f"May link: {accounts:,} accounts used it; above {worth.hub_at:,} it would be context. "
        f"{worth.reason}"
    )


def identifier_of(
    view: GraphView, node: NodeRef, *, limit: int = USERS, after: str | None = None
) -> IdentifierProfile:
    """Read the profile of an identifier with one page of its users."""
    entity = view.entity(node)
    page = view.expand(node, kind=ACCOUNT.name, limit=limit, after=after)
    used = {str(edge.source): edge.properties for edge in page.edges}
    used |= {str(edge.target): edge.properties for edge in page.edges if edge.target != node}
    users = pd.DataFrame(
        [
            {
                "account": one.node.value,
                "community": str(one.properties.get("community") or ""),
                "tier": str(one.properties.get("tier") or ""),
                **{name: used[str(one.node)].get(name) for name in ("count", "first", "last")},
            }
            for one in page.nodes
        ],
        columns=["account", "community", "tier", "count", "first", "last"],
    )
    inside = Counter(name for name in users["community"] if name)
    accounts = int(entity.properties.get("accounts") or len(users))
    return IdentifierProfile(
        entity=entity,
        users=users,
        users_total=int(entity.counts.get(ACCOUNT.name, 0)),
        cursor=page.cursor,
        communities=tuple(sorted(inside.items(), key=lambda one: (-one[1], one[0]))),
        worth=_worth(view, node, users["account"].head(2).tolist(), accounts),
    )


def private_identifier(view: GraphView, node: NodeRef, uses: pd.DataFrame) -> IdentifierProfile:
    """The profile of a value that is no node because one account only used it.

    Args:
        view: The published graph.
        node: The value.
        uses: Who used it (``using.USE_COLUMNS``).
    """
    kind = _KNOWN.get(node.kind)
    told = {**(kind.derive(node.value) if kind else {}), "accounts": len(uses)}
    users = uses[["account", "count", "first", "last"]].assign(community="", tier="")
    return IdentifierProfile(
        entity=Entity(node=node, properties=told, counts={ACCOUNT.name: len(uses)}),
        users=users[["account", "community", "tier", "count", "first", "last"]],
        users_total=len(users),
        cursor=None,
        communities=(),
        worth=_worth(view, node, [], len(uses)),
        private=True,
    )


def _worth(view: GraphView, node: NodeRef, users: Sequence[str], accounts: int) -> Worth:
    """What the run learned of values of this class, or else what the data sheet says."""
    policy, about = policy_named(node.kind), view.about()
    reuse, edges = _learned(view, node, users) or (policy.reuse, _uses(about, node.kind))
    hub_at = policy.hub_at(int(about.get("nodes", {}).get(ACCOUNT.name, 0)))
    raw = math.log2(reuse * max(edges, 1) / max(accounts, 2))
    bits = 0.0 if accounts > hub_at else min(max(raw, 0.0), policy.cap_bits)
    return Worth(bits=round(bits, 3), cap=policy.cap_bits, hub_at=hub_at, reason=policy.reason)


def _learned(view: GraphView, node: NodeRef, users: Sequence[str]) -> tuple[float, int] | None:
    """How often fellows share such a value, and how many uses of its kind there are."""
    facts = view.pair(users[0], users[1]) if len(users) == 2 else None
    layer = None if facts is None else served_context(facts).layer(node.kind)
    if facts is None or layer is None:
        return None
    at = np.flatnonzero(np.asarray(layer.text) == node.value)
    return (float(reuse_of(served_context(facts), layer)[at[0]]), layer.edges) if len(at) else None


def _uses(about: Mapping[str, Any], kind: str) -> int:
    sheet = _KNOWN.get(kind)
    shared = int(about.get("edges", {}).get(sheet.relation, 0)) if sheet else 0
    return shared + int(about.get("private", {}).get(kind, 0))
