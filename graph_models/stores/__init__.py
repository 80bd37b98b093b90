"""Where a published graph lives: stores behind one protocol, the embedded one by default."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph_models.errors import UsageError
from graph_models.stores.embedded import EmbeddedStore
from graph_models.stores.protocol import GraphStore
from graph_models.text import inert

__all__ = ["DEFAULT_STORE", "STORES", "open_store"]

DEFAULT_STORE = "embedded:"


def _embedded(place: str, workspace: Path) -> GraphStore:
    return EmbeddedStore(Path(place) if place else workspace)


def _neo4j(scheme: str) -> Callable[[str, Path], GraphStore]:
    def opened(place: str, _workspace: Path) -> GraphStore:
        # The driver is loaded only by those who use it: a look-up in a folder must not wait for it.
        from graph_models.stores.neo4j.store import Neo4jStore

        return Neo4jStore(f"{scheme}:{place}")

    return opened


# Scheme of a store's URL → how it is opened with the rest of the URL and the workspace.
STORES: tuple[tuple[str, Callable[[str, Path], GraphStore]], ...] = (
    ("embedded", _embedded),
    *((scheme, _neo4j(scheme)) for scheme in ("neo4j", "bolt", "neo4j+s", "bolt+s")),
)


def open_store(url: str, workspace: Path) -> GraphStore:
    """The store that a URL names: ``embedded:`` lives in the workspace, ``embedded:DIR`` in DIR.

    ``neo4j://host:port/name`` (or ``bolt``, or either with ``+s`` for TLS) names a Neo4j server and
    a store in it; user and password come from the environment or a secrets file.

    Raises:
        UsageError: no store has that scheme; the message lists those there are. Or the URL holds a
            password, or would send one unencrypted over a network.
    """
    scheme, _, place = url.partition(":")
    for known, opened in STORES:
        if scheme == known:
            return opened(place, workspace)
    valid = ", ".join(f"{known}:" for known, _ in STORES)
    raise UsageError(f"{inert(repr(url))} is no store of this version.", fix=f"Use one of {valid}")
