"""Everything that a Neo4j store holds of its current graph, for comparing two of them."""

from __future__ import annotations

from typing import Any

from neo4j import GraphDatabase

from graph_models.stores.neo4j.address import Address, Credentials
from graph_models.stores.neo4j.server import Server
from graph_models.stores.neo4j.store import Neo4jStore

NODES = """
MATCH (s:GraphStore {name: $store}) MATCH (n:Entity {graph: s.graph})
RETURN labels(n) AS labels, properties(n) AS told
"""
EDGES = """
MATCH (s:GraphStore {name: $store}) MATCH (a:Entity {graph: s.graph})-[r]->(b)
RETURN a.id AS source, b.id AS target, type(r) AS type, properties(r) AS told
"""
LEFT_OVER = """
MATCH (p:Publication {store: $store}) WITH collect(p.graph) AS graphs, count(p) AS publications
OPTIONAL MATCH (b:Batch) WHERE any(graph IN graphs WHERE b.key STARTS WITH graph + '/')
WITH graphs, publications, count(b) AS markers
OPTIONAL MATCH (n:Entity) WHERE n.graph IN graphs
RETURN publications, markers, count(n) AS nodes
"""


def ask(server: Server, statement: str, **values: Any) -> list[dict[str, Any]]:
    known = Credentials.from_file(server.secrets)
    url = f"bolt://127.0.0.1:{server.running()['port']}"
    with GraphDatabase.driver(url, auth=known.pair) as driver:
        return [record.data() for record in driver.execute_query(statement, values).records]


def dump(server: Server, store: str) -> list[str]:
    """All nodes and relations as sorted text; the number of the publication is left out."""
    nodes = ask(server, NODES, store=store)
    for row in nodes:
        del row["told"]["graph"], row["told"]["key"]
        row["labels"].sort()
    return sorted(map(_text, nodes)) + sorted(map(_text, ask(server, EDGES, store=store)))


def _text(row: dict[str, Any]) -> str:
    return repr(
        sorted((k, sorted(v.items()) if isinstance(v, dict) else v) for k, v in row.items())
    )


def left_over(server: Server, store: str) -> dict[str, int]:
    """How many publications, markers and nodes the store holds, current and old."""
    return {k: int(v) for k, v in ask(server, LEFT_OVER, store=store)[0].items()}


def open_named(server: Server, name: str, *, port: int | None = None, **options: Any) -> Neo4jStore:
    """A store of that name, over bolt so that a relay is not routed around."""
    there = port or server.running()["port"]
    address = Address("bolt", "127.0.0.1", there, name)
    return Neo4jStore(str(address), Credentials.from_file(server.secrets), **options)
