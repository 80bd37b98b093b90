"""The graph that a workspace holds, as ``analyse`` published it, copied into a Neo4j."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graph_models.errors import UsageError
from graph_models.stores import DEFAULT_STORE, open_store
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.graph_files import GraphFiles

__all__ = ["Publication", "publish"]

Say = Callable[..., None]


@dataclass(frozen=True)
class Publication:
    """What was copied where; ``running`` is False when the server has yet to be started."""

    store: str
    graph: str
    nodes: int
    relations: int
    running: bool


def publish(
    workspace: Path, store: str, *, bulk: bool = False, replacing: bool = False, say: Say
) -> Publication:
    """Copy the workspace's graph over Bolt, or in bulk into the stopped server of this machine.

    Args:
        workspace: The workspace in which ``analyse`` published (store ``embedded:``).
        store: The URL of the Neo4j store; in bulk only the last part, its name, counts.
        bulk: By the admin import tool; the server is ``make neo4j``'s and stays stopped.
        replacing: In bulk: what the server holds may go.
        say: Told each step.

    Raises:
        UsageError: no graph is published; or the store is no Neo4j; or the server runs, or holds
            data that may not go.
    """
    from graph_models.stores.neo4j.publishing import Neo4jWriter

    files, digest = EmbeddedStore(workspace).compiled()
    if bulk:
        return _in_bulk(files, digest, store, replacing=replacing, say=say)
    target = open_store(store, workspace)
    with target.writer() as writer:
        if not isinstance(writer, Neo4jWriter):
            raise UsageError(
                "The graph is published in the workspace already.", where=target.url,
                fix="Name a Neo4j: --store neo4j://127.0.0.1:7687, or --bulk.",
            )  # fmt: skip
        say("publishing the graph")
        writer.publish_compiled(files, digest)
    about = files.documents["about"]
    nodes, relations = (sum(about[part].values()) for part in ("nodes", "edges"))
    return Publication(target.url, digest, nodes, relations, running=True)


def _in_bulk(
    files: GraphFiles, digest: str, store: str, *, replacing: bool, say: Say
) -> Publication:
    from graph_models.stores.neo4j.bulk import bulk_load
    from graph_models.stores.neo4j.server import Server

    name = _own_store(store)
    loaded = bulk_load(Server.usual(), files, digest, store=name, replacing=replacing, say=say)
    return Publication(loaded.store, digest, loaded.nodes, loaded.relations, running=False)


def _own_store(store: str) -> str:
    """The name within this machine's own server; UsageError for a server that is elsewhere."""
    from graph_models.stores.neo4j.address import DEFAULT_NAME, Address

    if store == DEFAULT_STORE:
        return DEFAULT_NAME
    address = Address.parse(store)
    if address.scheme not in ("neo4j", "bolt"):
        raise UsageError(
            "In bulk only this machine's own server can be loaded (make neo4j).",
            where=str(address),
            fix="Leave out --bulk: it is then published over Bolt.",
        )
    return address.name
