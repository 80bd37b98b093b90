"""The community as GraphML: accounts, shared identifiers, sightings and links."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx

from workbench.export.record import CaseRecord

__all__ = ["as_networkx", "write_graphml"]

# XML 1.0 forbids these; networkx would write them, and then no reader opens the file.
XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_networkx(record: CaseRecord) -> nx.Graph[str]:
    """The record as a networkx graph; nodes are named ``kind:value``."""
    graph: nx.Graph[str] = nx.Graph(title=record.title)
    for row in record.accounts.itertuples(index=False):
        name = _clean(f"account:{row.account}")
        graph.add_node(name, kind="account", tier=row.tier, cell=_clean(row.cell or ""))
    for row in record.identifiers.itertuples(index=False):
        name = _clean(f"{row.kind}:{row.value}")
        graph.add_node(name, kind=row.kind, accounts_everywhere=int(row.accounts_everywhere))
    for row in record.sightings.itertuples(index=False):
        ends = _clean(f"account:{row.account}"), _clean(f"{row.kind}:{row.value}")
        graph.add_edge(*ends, relation="used", count=int(row.count))
    for row in record.links.itertuples(index=False):
        ends = _clean(f"account:{row.a}"), _clean(f"account:{row.b}")
        graph.add_edge(*ends, relation="linked", bits=float(row.bits))
    return graph


def write_graphml(record: CaseRecord, folder: Path) -> None:
    """``graph.graphml``, readable by networkx, Gephi and yEd."""
    nx.write_graphml(as_networkx(record), folder / "graph.graphml", encoding="utf-8")


def _clean(text: str) -> str:
    return XML_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
