"""Nodes and relations as Neo4j holds them, back as the protocol shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from graph_models.families import FAMILIES
from graph_models.inference import Community
from graph_models.kinds import ACCOUNT, relation_of
from graph_models.lineage import Lineage
from graph_models.nodes import NodeRef
from graph_models.stores.compilation import COMMUNITY, LINKED, MEMBER_OF
from graph_models.stores.drawing import OF_ACCOUNT, OF_IDENTIFIER, OF_MEMBERSHIP, OF_SIGHTING
from graph_models.stores.gathering import LINKED_COLUMNS, REGISTER_COLUMNS, USE_COLUMNS, framed
from graph_models.stores.protocol import Edge, Entity
from graph_models.stores.records import LINEAGE, community_of, lineage_of

__all__ = [
    "community_from",
    "edge_from",
    "entity_from",
    "lineage_from",
    "link_row",
    "linked_frame",
    "register_frame",
    "uses_frame",
]

Properties = Mapping[str, Any]


def entity_from(node: Properties) -> Entity:
    """The entity that a node's properties tell."""
    name = NodeRef(node["kind"], node["value"])
    return Entity(
        node=name,
        properties=_properties(node),
        counts=_paired(node, "neighbour_kinds", "neighbours"),
        private=_paired(node, "private_kinds", "private"),
        hub=node["hub"],
    )


def _paired(node: Properties, names: str, numbers: str) -> dict[str, int]:
    return dict(zip(node.get(names, ()), node.get(numbers, ()), strict=True))


def _properties(node: Properties) -> dict[str, Any]:
    if node["kind"] == COMMUNITY:
        told = community_from(node["record"]).as_json()
        del told["community"]
        return told
    names = OF_ACCOUNT if node["kind"] == ACCOUNT.name else OF_IDENTIFIER
    return {name: _native(node[name]) for name in names if name in node}


def community_from(record: str) -> Community:
    """The community that a record tells."""
    return community_of(json.loads(record))


def lineage_from(text: str | None) -> Lineage:
    """The lineage that a publication's text tells; empty for one by a version that kept none."""
    if text is None:
        return Lineage()
    tables = json.loads(text)
    return lineage_of({name: pd.DataFrame(tables[name]) for name in LINEAGE})


def edge_from(one: NodeRef, other: NodeRef, told: Properties) -> Edge:
    """The edge between two nodes, from the account, or from the account of lower id."""
    accounts = [node for node in (one, other) if node.kind == ACCOUNT.name]
    if len(accounts) == 2:
        low, high = sorted(accounts)
        return Edge(low, high, LINKED, _link(told))
    source = accounts[0]
    target = other if source == one else one
    if target.kind == COMMUNITY:
        kept = {name: told[name] for name in OF_MEMBERSHIP if told.get(name) not in (None, "")}
        return Edge(source, target, MEMBER_OF, kept)
    sighting = {name: _native(told.get(name)) for name in OF_SIGHTING}
    return Edge(source, target, relation_of(target.kind), sighting)


def _link(told: Properties) -> dict[str, Any]:
    families = {f.value: told[f.value] / 1000 for f in FAMILIES if f.value in told}
    return {"bits": told["millibits"] / 1000, "families": families}


def link_row(account: str, told: Properties) -> dict[str, Any]:
    """One row of ``GraphView.links``."""
    families = {family.value: told.get(family.value, 0) for family in FAMILIES}
    return {"account": account, "millibits": told.get("millibits", 0), **families}


def uses_frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """``GraphView.uses`` and ``users``."""
    native = [{name: _native(value) for name, value in row.items()} for row in found]
    table = pd.DataFrame(native, columns=list(USE_COLUMNS))
    return framed(table, USE_COLUMNS, ["account", "kind", "value"])


def register_frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """``GraphView.register``."""
    told = [
        {name: _native(row["told"].get(name)) for name in REGISTER_COLUMNS}
        | {"account": row["account"], "exchanges": row["told"].get("exchanges", 0)}
        for row in found
    ]
    return framed(pd.DataFrame(told, columns=list(REGISTER_COLUMNS)), REGISTER_COLUMNS, ["account"])


def linked_frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """``GraphView.linked``."""
    table = pd.DataFrame(found, columns=list(LINKED_COLUMNS))
    table = table.assign(weaker=-table["millibits"].astype("int64"))
    ordered = table.sort_values(["account", "weaker", "other"])
    return framed(ordered, LINKED_COLUMNS, ["account"])


def _native(value: Any) -> Any:
    """Neo4j's own moments as Python's; everything else as it is."""
    moment: datetime = value.to_native() if hasattr(value, "to_native") else value
    return moment
