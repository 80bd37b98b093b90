"""The page of one account: where it stands, what it used, with whom it is linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from graph_models.families import FAMILIES
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import Entity, GraphView

__all__ = ["IDENTIFIERS", "LINKS", "AccountProfile", "account_of"]

IDENTIFIERS, LINKS = 200, 50  # of a page: rarest and strongest first, the rest is counted
_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class AccountProfile:
    """What the published graph tells of an account.

    ``identifiers``: kind, value, accounts, hub, count, first, last – the rarest first, private
    ones not among them. ``links``: account, bits, family, community – the strongest first.
    """

    entity: Entity
    assessed_as: str
    community: str
    identifiers: pd.DataFrame
    identifiers_total: int
    links: pd.DataFrame
    links_total: int

    @property
    def account(self) -> str:
        """Its id."""
        return self.entity.node.value

    @property
    def private_total(self) -> int:
        """Identifiers that nobody else used."""
        return sum(self.entity.private.values())

    def as_json(self) -> dict[str, Any]:
        """The entity of contract §4 ``show``, with what the profile adds."""
        return {
            **vars(self.entity),
            "assessed_as": self.assessed_as or None,
            "identifiers": self.identifiers,
            "identifiers_total": self.identifiers_total,
            "private_total": self.private_total,
            "links": self.links,
            "links_total": self.links_total,
        }


def account_of(view: GraphView, account: str) -> AccountProfile:
    """Read the profile of an account; one page of identifiers, one of links."""
    node = NodeRef(ACCOUNT.name, account)
    entity = view.entity(node)
    community = str(entity.properties.get("community") or "")
    assessed = view.community(community).assessment.assessed_as if community else ""
    kinds = [name for name in entity.counts if name not in (ACCOUNT.name, "community")]
    links = view.links(account)
    return AccountProfile(
        entity=entity,
        assessed_as=assessed,
        community=community,
        identifiers=_identifiers(view, node),
        identifiers_total=sum(entity.counts[kind] for kind in kinds),
        links=_links(links.head(LINKS)),
        links_total=len(links),
    )


def _identifiers(view: GraphView, node: NodeRef) -> pd.DataFrame:
    page = view.expand(node, limit=IDENTIFIERS)
    used = {str(edge.target): edge.properties for edge in page.edges}
    used |= {str(edge.source): edge.properties for edge in page.edges if edge.source != node}
    rows = [
        {
            "kind": entity.node.kind,
            "value": entity.node.value,
            "accounts": entity.properties.get("accounts"),
            "hub": entity.hub,
            **{
                name: used.get(str(entity.node), _NONE).get(name)
                for name in ("count", "first", "last")
            },
        }
        for entity in page.nodes
        if entity.node.kind not in (ACCOUNT.name, "community")
    ]
    return pd.DataFrame(
        rows, columns=["kind", "value", "accounts", "hub", "count", "first", "last"]
    )


def _links(links: pd.DataFrame) -> pd.DataFrame:
    names = [family.value for family in FAMILIES]
    if links.empty:
        return pd.DataFrame(columns=["account", "bits", "strongest", *names])
    told = links[names].to_numpy()
    table = pd.DataFrame({
        "account": links["account"].to_numpy(object),
        "bits": links["millibits"].to_numpy() / 1000,
        "strongest": [names[at] for at in told.argmax(axis=1)],
    })  # fmt: skip
    return table.assign(**{name: links[name].to_numpy() / 1000 for name in names})
