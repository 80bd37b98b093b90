"""The community as GraphML: accounts, shared identifiers, sightings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from workbench.export.record import CaseRecord

__all__ = ["as_networkx", "write_graphml"]

# XML 1.0 forbids these; networkx would write them, and then no reader opens the file.
XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_networkx(record: CaseRecord) -> nx.Graph[str]:
    """The record as a networkx graph; nodes are named ``kind:value``."""
    graph: nx.Graph[str] = nx.Graph(title=record.title)
    for account, tier, cell in _columns(record.accounts, "account", "tier", "cell"):
        graph.add_node(_node("account", account), kind="account", tier=tier, cell=_clean(cell))
    shared = _columns(record.identifiers, "kind", "value", "accounts_everywhere")
    for kind, value, everywhere in shared:
        graph.add_node(_node(kind, value), kind=kind, accounts_everywhere=int(everywhere))
    uses = _columns(record.sightings, "account", "kind", "value", "count")
    for account, kind, value, count in uses:
        ends = _node("account", account), _node(kind, value)
        graph.add_edge(*ends, relation="used", count=int(count))
    for a, b, bits in _columns(record.links, "a", "b", "bits"):
        ends = _node("account", a), _node("account", b)
        graph.add_edge(*ends, relation="linked", bits=float(bits))
    return graph


def write_graphml(record: CaseRecord, folder: Path) -> None:
    """``graph.graphml``, readable by networkx, Gephi and yEd."""
    nx.write_graphml(as_networkx(record), folder / "graph.graphml", encoding="utf-8")


def _columns(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in names), strict=True)


def _node(kind: str, value: str) -> str:
    return _clean(f"{kind}:{value}")


def _clean(text: str) -> str:
    return XML_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
