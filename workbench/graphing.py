"""Accounts, the identifiers that they share and their links as a networkx graph, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

from graph_models.errors import UsageError
from graph_models.kinds import ACCOUNT
from graph_models.nodes import NodeRef
from graph_models.stores.protocol import GraphView
from graph_models.stores.relations import COMMUNITY, LINKED
from graph_models.text import inert

if TYPE_CHECKING:
    from workbench.library import Workbench

__all__ = ["LIMIT", "graph_of", "readable"]

LIMIT = 1_000
"""Accounts of a graph unless another number is asked for: what a picture or a centrality bears."""


def graph_of(
    desk: Workbench, focus: NodeRef | str, *, limit: int = LIMIT, hubs: bool = False
) -> nx.Graph:
    """The graph around a community, an account or an identifier.

    Nodes are ``kind:value`` with ``kind``; accounts carry ``tier`` and ``exchanges``, identifiers
    ``accounts`` and ``hub``. Edges carry ``relation``, and ``bits`` (links) or ``count`` (uses).

    Args:
        desk: The open workspace.
        focus: ``cm_…`` or ``kind:value``.
        limit: Accounts at most: members by tier and id, or the strongest links first.
        hubs: Whether hubs are drawn too; they join nobody.

    Returns:
        A graph whose attribute ``counts`` says what is in it and what was left out: for accounts
        and identifiers each shown + hidden + truncated = total.
    """
    if limit < 1:
        raise UsageError(f"A graph of {limit} accounts shows nothing.", fix="Use limit=1 or more.")
    view = desk.store.view()
    node = _focus(view, str(focus))
    accounts, every = _accounts(view, node, limit)
    drawn = nx.Graph(focus=str(node), run=desk.about().get("run"))
    _add_accounts(drawn, view, accounts)
    told = _add_uses(drawn, view.uses(accounts), hubs=hubs)
    _add_links(drawn, view.linked(accounts), accounts)
    people = {"shown": len(accounts), "hidden": 0, "truncated": every - len(accounts)}
    drawn.graph["counts"] = {
        "account": {**people, "total": every},
        "identifier": told,
    }
    return drawn


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts inert; a dollar cannot begin a formula where a page draws such."""

    def shown(cell: Any) -> Any:
        return inert(cell).replace("$", "＄") if isinstance(cell, str) else cell

    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name].dtype)]
    return table.assign(**{str(name): table[name].map(shown) for name in texts})


def _focus(view: GraphView, name: str) -> NodeRef:
    node = NodeRef(COMMUNITY, name) if ":" not in name and name else NodeRef.parse(name)
    return view.entity(node).node


def _accounts(view: GraphView, node: NodeRef, limit: int) -> tuple[list[str], int]:
    """The accounts around a node, and how many there are."""
    if node.kind == COMMUNITY:
        members = view.members(node.value)
        found = members["account"].drop_duplicates()
        order = {"core": 0, "probable": 1, "possible": 2}
        ranked = members.assign(rank=members["tier"].map(order)).sort_values(["rank", "account"])
        return ranked["account"].drop_duplicates().head(limit).tolist(), len(found)
    if node.kind == ACCOUNT.name:
        links = view.links(node.value)
        return [node.value, *links["account"].head(limit - 1)], 1 + len(links)
    users = view.users([node])["account"]
    return users.head(limit).tolist(), len(users)


def _add_accounts(drawn: nx.Graph, view: GraphView, accounts: list[str]) -> None:
    known = dict(view.register(accounts)[["account", "exchanges"]].to_numpy(object).tolist())
    members = view.members().drop_duplicates("account").set_index("account")
    tiers = members.loc[members.index.intersection(accounts), ["tier", "community"]].to_dict(
        "index"
    )
    for name in accounts:
        standing = {str(key): value for key, value in tiers.get(name, {}).items()}
        told = {"kind": ACCOUNT.name, "exchanges": known.get(name, 0), **standing}
        drawn.add_node(f"{ACCOUNT.name}:{name}", **told)


def _add_uses(drawn: nx.Graph, uses: pd.DataFrame, *, hubs: bool) -> dict[str, int]:
    """What two of the accounts share; what only one of them used joins nothing and is counted."""
    both = uses.groupby(["kind", "value"])["account"].transform("size") > 1
    shown = both & (~uses["hub"] | hubs)
    for row in uses[shown].to_dict("records"):
        name = f"{row['kind']}:{row['value']}"
        drawn.add_node(name, kind=row["kind"], accounts=row["accounts"], hub=row["hub"])
        account = f"{ACCOUNT.name}:{row['account']}"
        drawn.add_edge(account, name, relation="used", count=row["count"])
    names = uses[["kind", "value"]].drop_duplicates()
    kept = uses[shown][["kind", "value"]].drop_duplicates()
    return {
        "shown": len(kept), "hidden": len(names) - len(kept), "truncated": 0, "total": len(names)
    }  # fmt: skip


def _add_links(drawn: nx.Graph, links: pd.DataFrame, accounts: list[str]) -> None:
    inside = links[links["other"].isin(set(accounts)) & (links["account"] < links["other"])]
    for row in inside.to_dict("records"):
        ends = (f"{ACCOUNT.name}:{row[end]}" for end in ("account", "other"))
        drawn.add_edge(*ends, relation=LINKED, bits=row["millibits"] / 1000)
